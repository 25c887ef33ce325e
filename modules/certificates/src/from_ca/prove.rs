//! Checking everything that came back, host by host, with all findings at once.

use std::time::Duration;

use cutover_kit::estate::Decisions;
use cutover_kit::{Failure, FailureKind, Host, Map, Note, Platform, Product, Proved, Reach, Read};
use cutover_x509::matching::Sorted;
use cutover_x509::preflight::{Allowed, Case, System, preflight};
use cutover_x509::{Certificate, Chain};
use jiff::SignedDuration;

use super::look::{Asked, Facts, Folder};
use super::report::Report;
use super::{Args, plan, strange};
use crate::ca::{self, Signer};
use crate::callers;
use crate::device;
use crate::each::each;

pub(super) async fn prove(args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
    begin(args, facts, reach).await?;
    let report = judge(args, facts, reach, |_| true).await?;
    report.tell(reach);
    Ok(report.proved())
}

/// The longest that an answer may lie ahead of a host's clock and be waited for.
///
/// A CA that dates its certificates from the moment of signing is often a few seconds ahead of a
/// node. What lies further ahead is a clock to be mended.
const SHORTLY: SignedDuration = SignedDuration::from_secs(60);

/// Waits until every host's clock has reached the beginning of its answer, where that is shortly.
async fn begin(args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<(), Failure> {
    let sorted = Folder::read(reach, &args.signed_dir)?.sort(facts);
    let now = reach.clock().now();
    let ahead = facts.asked.iter().filter_map(|asked| {
        let leaf = plan::answer(&sorted, asked)?;
        Some(leaf.not_before.duration_since(asked.device.clock(now)))
    });
    let shortly = ahead
        .filter(|ahead| ahead.is_positive() && *ahead <= SHORTLY)
        .max();
    if let Some(limit) = shortly.and_then(|shortly| Duration::try_from(shortly).ok()) {
        reach.note(Note::Waiting {
            what: "the nodes' clocks to reach the beginning of the new certificates".to_owned(),
            limit,
        });
        reach.wait(limit).await;
    }
    Ok(())
}

/// What a check run can say beforehand: everything about answers that are there already, and who
/// would wait for people. Comes back as fields of the result.
pub(super) async fn foresee(args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Map, Failure> {
    let by_hand = |asked: &Asked| asked.signer == Signer::Hand;
    let mut report = judge(args, facts, reach, by_hand).await?;
    report.turn_to_warnings();
    report.tell(reach);
    Ok(report.proved().fields)
}

/// Judges every answer; requests without one count where `counts` says so.
async fn judge(
    args: &Args,
    facts: &Facts,
    reach: &Reach<Read>,
    counts: impl Fn(&Asked) -> bool,
) -> Result<Report, Failure> {
    let sorted = Folder::read(reach, &args.signed_dir)?.sort(facts);
    let settled = strange::settled_names(facts, reach);
    let mut report = Report::default();
    // What was there at the look may have been put in order since.
    for sorted in [&facts.folder.sort(facts), &sorted] {
        report.warn(strange::oddities(facts, sorted, &settled));
    }
    for (host, failure) in &facts.broken {
        report.fail(host, failure.clone());
    }
    for asked in &facts.asked {
        if plan::answer(&sorted, asked).is_none() && counts(asked) {
            report.fail(&asked.slot.host, unanswered(args, asked, facts, &sorted));
        }
    }
    let cases = cases(facts, &sorted, reach)?;
    let stores = stores(&cases, reach).await?;
    for (case, store) in cases.iter().zip(&stores) {
        check(case, store, &sorted.authorities, reach, &mut report);
    }
    callers_outside(&cases, reach, &mut report).await?;
    Ok(report)
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
            asked.device.clock(reach.clock().now()),
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
        now: asked.device.clock(reach.clock().now()),
        until: None,
        allowed: allowed(&host.decisions),
    });
    report.judged(asked, host, leaf, &findings);
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
    failure.seen_all(strange::older(asked, sorted))
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
