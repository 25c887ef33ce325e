//! `vos_identity`: a node's own certificate, the answer to its request.

use std::path::PathBuf;

use cutover_kit::module::{Diff, Effects, Repeat, Traits};
use cutover_kit::value::Later;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Host, Known, Made, Module, Plan, Platform, Proved, Reach, Read,
    Write,
};
use cutover_x509::{AltName, Certificate, Chain, Request};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::bundle::{self, Bundle};
use crate::ca;
use crate::device::Vos;
use crate::fields::{fields, value};
use crate::slot::Slot;
use crate::trust::lacking;
use crate::unit::Unit;

/// Imports a node's own certificate.
///
/// Only where the slot is due, and only after checks that send nothing: the certificate must have
/// the key and exactly the alternative names of the request that waits on the node, be in date,
/// and chain to certificates that this node trusts.
///
/// A point of no return: the old key goes away with the old certificate. The new certificate is in
/// force after a restart (`vos_restart`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot: `tomcat` or `tomcat-ECDSA`.
    #[serde(default = "Unit::tomcat")]
    unit: Unit,
    /// The file with the certificate and its chain.
    cert: PathBuf,
}

/// The module.
pub struct VosIdentity;

/// What there is.
pub struct Facts {
    slot: Slot,
    file: Option<Known<Bundle>>,
    request: Option<Request>,
    /// Certificates of the chain that the node's trust store lacks.
    untrusted: Vec<Certificate>,
    /// An earlier step of this check run would import the chain on the cluster.
    trust_later: Option<Later>,
    now: Timestamp,
}

/// The import.
pub struct Import {
    unit: Unit,
    leaf: Box<Certificate>,
    before: Option<Certificate>,
    host: String,
}

impl Change for Import {
    fn describe(&self) -> String {
        format!(
            "import \"{}\", issued by \"{}\", valid until {}, into {}",
            self.leaf.subject.short(),
            self.leaf.issuer.short(),
            self.leaf.not_after,
            self.unit
        )
    }

    fn diff(&self) -> Option<Diff> {
        Some(Diff {
            title: format!("{} {}", self.host, self.unit),
            before: Some(self.before.as_ref().map(page).unwrap_or_default()),
            after: page(&self.leaf),
        })
    }

    fn no_return(&self) -> Option<String> {
        Some(format!(
            "the private key of today's certificate in {} of {} goes away with it and cannot be exported: \
             there is no way back, only a new request",
            self.unit, self.host
        ))
    }
}

/// A certificate in a few lines.
fn page(certificate: &Certificate) -> String {
    let names: Vec<String> = certificate.names().iter().map(ToString::to_string).collect();
    format!(
        "subject: {}\nissuer: {}\nserial: {}\nvalid: {} to {}\nnames: {}\nkey: {}\nsha256: {}\n",
        certificate.subject,
        certificate.issuer,
        certificate.serial,
        certificate.not_before,
        certificate.not_after,
        names.join(", "),
        certificate.public_key.key,
        certificate.fingerprint
    )
}

impl Module for VosIdentity {
    const NAME: &'static str = "vos_identity";
    type Args = Args;
    type Facts = Facts;
    type Change = Import;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Probe,
            effects: Effects::Device,
            free_form: None,
            usual: "1 min",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let slot = Slot::read(reach, host, &args.unit).await?;
        let mut facts = Facts {
            slot,
            file: None,
            request: None,
            untrusted: Vec::new(),
            trust_later: trust_later(reach, host, &args.unit),
            now: reach.clock().now(),
        };
        if !facts.slot.is_due() {
            return Ok(facts);
        }
        let reader = reach.reader::<Vos>(&host.name).await?;
        facts.request = reader.request(&args.unit).await?;
        let key = facts.request.as_ref().map(|request| &request.public_key);
        let file = bundle::read(reach, &args.cert, key)?;
        if let Known::Now(bundle) = &file {
            let issuers = issuers(reach, host, bundle)?;
            facts.untrusted = lacking(&reader, &args.unit, &issuers).await?;
        }
        facts.file = Some(file);
        Ok(facts)
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Import>, Failure> {
        let slot = &facts.slot;
        let made = || Made::Identity {
            host: slot.host.clone(),
            unit: args.unit.to_string(),
        };
        let bundle = match &facts.file {
            None => return Ok(Plan::nothing(slot.why_not()).with(fields([("due", value(&slot.due))]))),
            Some(Known::Later(later)) => {
                let why = format!("{} is due: {}", args.unit, slot.due);
                return Ok(Plan::later(later.clone(), why).making([made()]));
            }
            Some(Known::Absent) => return Err(absent(args, slot)),
            Some(Known::Now(bundle)) => bundle,
        };
        let wrong = findings(facts, &bundle.leaf);
        if !wrong.is_empty() {
            let message = format!(
                "{} must not go into {} of {}",
                args.cert.display(),
                args.unit,
                slot.host
            );
            return Err(Failure::new(FailureKind::Preflight, message).seen_all(wrong));
        }
        if !facts.untrusted.is_empty() {
            let untrusted = untrusted(args, facts);
            return match &facts.trust_later {
                Some(later) => Ok(Plan::later(later.clone(), untrusted.message).making([made()])),
                None => Err(untrusted),
            };
        }
        let import = Import {
            unit: args.unit.clone(),
            leaf: Box::new(bundle.leaf.clone()),
            before: slot.installed.clone(),
            host: slot.host.clone(),
        };
        let result = fields([("due", value(&slot.due)), ("certificate", value(&bundle.leaf))]);
        let why = format!("{} is due: {}", args.unit, slot.due);
        Ok(Plan::of(vec![import], why).with(result).making([made()]))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        change: &Import,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let writer = reach.writer::<Vos>().await?;
        writer.import_own(&args.unit, &change.leaf).await?;
        Ok(Applied::default())
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let Some(Known::Now(bundle)) = &facts.file else {
            return Ok(Proved::default());
        };
        let reader = reach.reader::<Vos>(&facts.slot.host).await?;
        let shown = reader.own_certificate(&args.unit).await?;
        if shown.is_some_and(|shown| shown.is(&bundle.leaf)) {
            return Ok(Proved::default());
        }
        Err(Failure::new(
            FailureKind::NotProved,
            format!(
                "{} took the certificate without an error, and does not show it in {}",
                facts.slot.host, args.unit
            ),
        ))
    }
}

/// The step of a check run that would make trust on this host's cluster: the primary's import
/// replicates to the secondaries.
fn trust_later(reach: &Reach<Read>, host: &Host, unit: &Unit) -> Option<Later> {
    reach.estate().cluster(&host.cluster).iter().find_map(|member| {
        reach.promised(&Made::Trust {
            host: member.name.clone(),
            unit: unit.trusting().to_string(),
        })
    })
}

/// The issuers of the leaf, as far as they are known: those in the file, and those of the `ca`.
fn issuers(reach: &Reach<Read>, host: &Host, bundle: &Bundle) -> Result<Vec<Certificate>, Failure> {
    let mut pool = bundle.issuers.clone();
    pool.extend(ca::signer(reach, host)?.into_chain());
    let built = Chain::build(&bundle.leaf, &pool, &[], reach.clock().now());
    Ok(match built {
        Ok(chain) => chain.issuers().cloned().collect(),
        Err(_) => bundle.issuers.clone(),
    })
}

fn absent(args: &Args, slot: &Slot) -> Failure {
    Failure::new(
        FailureKind::Preflight,
        format!(
            "{} of {} is due ({}), and {} is not there",
            args.unit,
            slot.host,
            slot.due,
            args.cert.display()
        ),
    )
    .hint("the signing step leaves the certificate and its chain there")
}

fn untrusted(args: &Args, facts: &Facts) -> Failure {
    let names = facts
        .untrusted
        .iter()
        .map(|one| format!("{} is missing, serial {}", one.subject, one.serial));
    let message = format!(
        "{} of {} does not hold the whole chain of the new certificate",
        args.unit.trust_store(),
        facts.slot.host
    );
    Failure::new(FailureKind::Preflight, message)
        .seen_all(names)
        .hint("vos_trust imports it on the primary, and vos_trust_replicated waits for it on the secondaries")
}

/// Everything that speaks against a certificate, told in one go; nothing has been sent yet.
fn findings(facts: &Facts, leaf: &Certificate) -> Vec<String> {
    let mut wrong = Vec::new();
    match &facts.request {
        None => wrong.push("no request waits on the node: it holds no key for any certificate".to_owned()),
        Some(request) => {
            if request.public_key.sha256 != leaf.public_key.sha256 {
                wrong.push("its key is not that of the request on the node: somebody made another request since, or the answer is another's".to_owned());
            }
            if !request.names().is_empty() && request.names() != leaf.names() {
                wrong.push(format!(
                    "its alternative names are {}, and the request's are {}: they must be the same",
                    list(leaf.names()),
                    list(request.names())
                ));
            }
        }
    }
    if !leaf.is_valid_at(facts.now) {
        wrong.push(format!(
            "it is valid from {} to {}, and now it is {}",
            leaf.not_before, leaf.not_after, facts.now
        ));
    }
    wrong
}

fn list<'a>(names: impl IntoIterator<Item = &'a AltName>) -> String {
    let names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
