//! Checking everything that came back, host by host, with all findings at once.

use std::collections::BTreeMap;

use cutover_kit::estate::Decisions;
use cutover_kit::{Failure, FailureKind, Host, Map, Note, Platform, Product, Proved, Reach, Read, Value};
use cutover_x509::matching::Sorted;
use cutover_x509::preflight::{Allowed, Case, Finding, System, preflight};
use cutover_x509::{AltName, Certificate, Chain};

use super::look::{Asked, Facts, Folder};
use super::{Args, plan};
use crate::ca::{self, Signer};
use crate::callers;
use crate::device;
use crate::each::each;

pub(super) async fn prove(args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
    let sorted = Folder::read(reach, &args.signed_dir)?.sort(facts);
    let settled = settled_names(facts, reach);
    let mut report = Report::default();
    // What was there at the look may have been put in order since.
    for sorted in [&facts.folder.sort(facts), &sorted] {
        report.warn(oddities(facts, sorted, &settled));
    }
    for (host, failure) in &facts.broken {
        report.fail(host, failure.clone());
    }
    for asked in &facts.asked {
        if plan::answer(&sorted, asked).is_none() {
            report.fail(&asked.slot.host, unanswered(args, asked, facts, &sorted));
        }
    }
    let cases = cases(facts, &sorted, reach)?;
    let stores = stores(&cases, reach).await?;
    for (case, store) in cases.iter().zip(&stores) {
        check(case, store, &sorted.authorities, facts, reach, &mut report);
    }
    callers_outside(&cases, reach, &mut report).await?;
    for message in &report.warnings {
        reach.note(Note::Warning {
            message: message.clone(),
        });
    }
    Ok(report.proved())
}

/// What comes together for all hosts.
#[derive(Default)]
struct Report {
    certificates: Vec<Value>,
    hosts: BTreeMap<String, Failure>,
    warnings: Vec<String>,
}

impl Report {
    /// Each warning is told once.
    fn warn(&mut self, messages: impl IntoIterator<Item = String>) {
        for message in messages {
            if !self.warnings.contains(&message) {
                self.warnings.push(message);
            }
        }
    }

    /// The host fails. What one of its slots waits for counts for less than what another is refused for.
    fn fail(&mut self, host: &str, failure: Failure) {
        match self.hosts.get_mut(host) {
            None => drop(self.hosts.insert(host.to_owned(), failure)),
            Some(known) if known.kind == FailureKind::Awaiting && failure.kind != FailureKind::Awaiting => {
                let waits = std::mem::replace(known, failure);
                known.seen.push(waits.message);
            }
            Some(known) => {
                known.seen.push(failure.message);
                known.seen.extend(failure.seen);
            }
        }
    }

    fn proved(self) -> Proved {
        Proved {
            fields: Map::from_iter([("certificates".to_owned(), Value::List(self.certificates))]),
            hosts: self.hosts,
        }
    }
}

/// An answered request and the CA behind it.
struct Answered<'a> {
    asked: &'a Asked,
    host: &'a Host,
    leaf: &'a Certificate,
    ca: Vec<Certificate>,
    /// Root first; empty where there is no whole chain.
    issuers: Vec<Certificate>,
}

fn cases<'a>(
    facts: &'a Facts,
    sorted: &'a Sorted,
    reach: &'a Reach<Read>,
) -> Result<Vec<Answered<'a>>, Failure> {
    let mut cases = Vec::new();
    for asked in &facts.asked {
        let (Some(leaf), Some(host)) = (plan::answer(sorted, asked), reach.estate().host(&asked.slot.host))
        else {
            continue;
        };
        // A CA of ours may have come into being since the look.
        let ca = ca::chain(reach, host)?;
        let chain = Chain::build(
            leaf,
            &sorted.authorities,
            &ca,
            asked.device.now.unwrap_or(facts.now),
        );
        let issuers = chain
            .map(|chain| chain.issuers().cloned().collect())
            .unwrap_or_default();
        cases.push(Answered {
            asked,
            host,
            leaf,
            ca,
            issuers,
        });
    }
    Ok(cases)
}

/// What each host's trust store holds under the names of its coming chain. What cannot be read is
/// told of with the slot.
async fn stores(cases: &[Answered<'_>], reach: &Reach<Read>) -> Result<Vec<Vec<Certificate>>, Failure> {
    let readable =
        |case: &Answered<'_>| case.host.platform == Platform::Vos && case.asked.device.unread.is_none();
    let wanted: Vec<_> = cases
        .iter()
        .map(|case| readable(case).then(|| (case.asked.slot.clone(), case.issuers.clone())))
        .collect();
    each(reach, wanted, |reach, wanted| async move {
        let Some((slot, issuers)) = wanted else {
            return Vec::new();
        };
        let held = device::namesakes(&reach, &slot.host, &slot.unit, &issuers).await;
        held.unwrap_or_else(|failure| {
            let message = format!("the trust store of {slot} could not be read: {failure}");
            reach.note(Note::Warning { message });
            Vec::new()
        })
    })
    .await
}

/// Nobody imports the new chain for callers outside the play: before the window is the time to say so.
async fn callers_outside(
    cases: &[Answered<'_>],
    reach: &Reach<Read>,
    report: &mut Report,
) -> Result<(), Failure> {
    let chains: Vec<_> = cases
        .iter()
        .map(|case| (case.asked.slot.clone(), case.issuers.clone()))
        .collect();
    for found in callers::outside(reach, &chains).await? {
        let (slot, complaint) = (&found.slot, &found.complaint);
        let host = reach.estate().host(&slot.host);
        if host.is_some_and(|host| host.decisions.callers_outside_only_warn) {
            report.warn([format!(
                "calls to {slot} will fail: {complaint} (`callers_outside: warn`)"
            )]);
        } else {
            let message = format!("{slot} has callers outside this play that will not trust it");
            report.fail(&slot.host, Failure::new(FailureKind::Preflight, message).seen(complaint).hint(
                "import the chain there or take them into the play; `callers_outside: warn` goes on without them",
            ));
        }
    }
    Ok(())
}

fn check(
    case: &Answered<'_>,
    store: &[Certificate],
    offered: &[Certificate],
    facts: &Facts,
    reach: &Reach<Read>,
    report: &mut Report,
) {
    let Answered {
        asked,
        host,
        leaf,
        ca,
        ..
    } = case;
    let products: Vec<_> = host.products.iter().map(|product| product.name()).collect();
    let cluster = reach.estate().cluster(&host.cluster);
    let members: Vec<_> = cluster
        .iter()
        .filter(|member| member.name != host.name)
        .map(|member| member.fqdn.as_str())
        .collect();
    let findings = preflight(&Case {
        request: &asked.request,
        leaf,
        offered,
        ca,
        today: asked.device.installed.as_ref(),
        store,
        system: system(host),
        products: &products,
        slot: &asked.slot.unit,
        fqdn: &host.fqdn,
        members: &members,
        now: asked.device.now.unwrap_or(facts.now),
        until: None,
        allowed: allowed(&host.decisions),
    });
    report.certificates.push(row(asked, leaf, &findings));
    tell(asked, host, &findings, report);
}

fn tell(asked: &Asked, host: &Host, findings: &[Finding], report: &mut Report) {
    let slot = &asked.slot;
    let warnings = findings.iter().filter(|finding| !finding.is_error());
    report
        .warnings
        .extend(warnings.map(|finding| format!("{slot}: {finding}")));
    if let Some(unread) = &asked.device.unread {
        report.warn([format!(
            "{slot} could not be read, so not everything was checked: {unread}"
        )]);
    }
    if host.platform == Platform::Vos && !host.decisions.backup_confirmed {
        report.warn([format!(
            "{slot}: nobody has confirmed a backup (`backup_confirmed: true`); an identity import cannot be undone"
        )]);
    }
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    if !errors.is_empty() {
        let count = match errors.len() {
            1 => "a reason".to_owned(),
            many => format!("{many} reasons"),
        };
        let message = format!("the certificate for {slot} must not be installed, for {count}");
        let failure = Failure::new(FailureKind::Preflight, message);
        report.fail(
            &slot.host,
            failure.seen_all(errors.iter().map(ToString::to_string)),
        );
    }
}

fn row(asked: &Asked, leaf: &Certificate, findings: &[Finding]) -> Value {
    let certificate = serde_json::to_value(leaf).unwrap_or_default();
    let findings = serde_json::to_value(findings).unwrap_or_default();
    Value::map([
        ("host", Value::from(asked.slot.host.as_str())),
        ("unit", asked.slot.unit.as_str().into()),
        ("certificate", certificate.into()),
        ("findings", findings.into()),
    ])
}

fn unanswered(args: &Args, asked: &Asked, facts: &Facts, sorted: &Sorted) -> Failure {
    let (slot, request) = (&asked.slot, asked.slot.request(&args.csr_dir));
    let (request, folder) = (request.display(), args.signed_dir.display());
    let failure = match &asked.signer {
        Signer::Ours(spec) => {
            let message = format!("the CA {} has not signed {request}", spec.name);
            Failure::new(FailureKind::NotProved, message)
        }
        Signer::Command(command) => {
            let refused = facts
                .refused
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            match refused.iter().find(|(known, _)| known == command) {
                Some((_, failure)) => failure.clone(),
                None => {
                    let message = format!("{slot} waits: ca_command has brought no answer to {request} yet");
                    Failure::new(FailureKind::Awaiting, message).hint(format!(
                        "it is asked again by the same run; or put the answer into {folder}"
                    ))
                }
            }
        }
        Signer::Hand => {
            let message = format!("{slot} waits for its certificate: have {request} signed");
            Failure::new(FailureKind::Awaiting, message).hint(format!(
                "put the answer into {folder} under any name, with its intermediates; then run the same again"
            ))
        }
    };
    failure.seen_all(older(asked, sorted))
}

/// Certificates with the names of a request and another key: answers to an older one.
fn older(asked: &Asked, sorted: &Sorted) -> Vec<String> {
    let names = asked.request.names();
    let same = sorted.strangers.iter().filter(|stranger| {
        let theirs = stranger.certificate.names();
        !names.is_empty() && theirs == names
    });
    same.map(|stranger| {
        format!(
            "{} is for the same names, but its key is not the request's: it answers an older request",
            stranger.file
        )
    })
    .collect()
}

/// What lies in the folder and is not what its name says, or belongs to nobody.
fn oddities(facts: &Facts, sorted: &Sorted, settled: &[AltName]) -> Vec<String> {
    let mut said = Vec::new();
    for answer in &sorted.answers {
        let file = &answer.found.file;
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let other = facts.asked.iter().find(|asked| asked.slot.stem() == stem);
        if other.is_some() && stem != answer.name {
            said.push(format!(
                "{file} holds the certificate of {}: taken by its key",
                answer.name
            ));
        }
    }
    for (file, error) in &sorted.unreadable {
        said.push(format!("{file} is passed over: {error}"));
    }
    for stranger in &sorted.strangers {
        if !is_explained(&stranger.certificate, facts, settled) {
            let subject = stranger.certificate.subject.short();
            said.push(format!(
                "{} holds a certificate of {subject} that answers no request",
                stranger.file
            ));
        }
    }
    said
}

/// The names of hosts for which nothing is to be signed.
fn settled_names(facts: &Facts, reach: &Reach<Read>) -> Vec<AltName> {
    let hosts = facts
        .settled
        .iter()
        .filter_map(|(slot, _)| reach.estate().host(&slot.host));
    hosts.map(|host| AltName::dns(&host.fqdn)).collect()
}

/// What is installed may lie there, a settled host's certificate may stay, and what answers an
/// older request is told of where the new one waits.
fn is_explained(certificate: &Certificate, facts: &Facts, settled: &[AltName]) -> bool {
    let names = certificate.names();
    let known = |asked: &Asked| {
        asked.device.installed.as_ref() == Some(certificate) || asked.request.names() == names
    };
    facts.asked.iter().any(known) || settled.iter().any(|name| names.contains(name))
}

fn system(host: &Host) -> System {
    let cvp = [Product::Cvp, Product::CvpReporting, Product::CvpOamp];
    match host.platform {
        Platform::Vos => System::Vos,
        _ if cvp.into_iter().any(|product| host.runs(product)) => System::Cvp,
        _ => System::Windows,
    }
}

fn allowed(decisions: &Decisions) -> Allowed {
    Allowed {
        missing_client_auth: decisions.allow_missing_client_auth,
        lost_names: decisions.accept_lost_names,
        smaller_key: decisions.accept_smaller_key,
        multi_server: decisions.accept_multi_server,
    }
}
