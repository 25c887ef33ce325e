//! `trusted_by_callers`: no leaf is switched before its callers trust its chain.

use std::path::PathBuf;
use std::time::Duration;

use cutover_kit::module::Effects;
use cutover_kit::{
    Applied, Failure, FailureKind, Host, Known, Later, Made, Module, Note, Plan, Reach, Read, Traits, Value,
    Write,
};
use cutover_x509::{Certificate, read_certificates};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Caller, Trust, ask, callers, primary};
use crate::device;
use crate::each::each;
use crate::never::Never;
use crate::slot::Slot;

/// The `trusted_by_callers` module.
#[derive(Clone, Copy, Debug)]
pub struct TrustedByCallers;

/// Looks whether everybody who calls this host trusts the chain of its new certificate.
///
/// Stands before the step that switches the certificate. Callers in the play are waited for, since what was imported
/// for them may still replicate. A caller outside the play that lacks the chain stops the host, unless the site has
/// decided to `callers_outside: warn`. A slot that is not due has nothing to be trusted anew.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot.
    #[serde(default = "tomcat")]
    unit: String,
    /// The folder with what the signing step left.
    signed_dir: PathBuf,
}

fn tomcat() -> String {
    "tomcat".to_owned()
}

/// What look found.
#[derive(Debug, Default)]
pub struct Facts {
    slot: String,
    /// Why there is nothing to look at.
    settled: Option<String>,
    later: Option<Later>,
    rows: Vec<(Caller, Trust)>,
    /// Callers outside only get a warning.
    only_warn: bool,
}

impl Module for TrustedByCallers {
    const NAME: &'static str = "trusted_by_callers";
    type Args = Args;
    type Facts = Facts;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            effects: Effects::Nothing,
            usual: "a few seconds",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let slot = Slot::new(&host.name, &args.unit);
        let mut facts = Facts {
            slot: slot.to_string(),
            only_warn: host.decisions.callers_outside_only_warn,
            ..Facts::default()
        };
        let device = device::read(reach, &slot).await;
        if device.due == Some(false) {
            facts.settled = Some(format!("{slot} is not due: nothing new to trust"));
            return Ok(facts);
        }
        if let (None, Some(unread)) = (device.due, device.unread) {
            return Err(unread);
        }
        let chain = match chain(reach, &slot.bundle(&args.signed_dir))? {
            Known::Now(chain) => chain,
            Known::Later(later) => {
                facts.later = Some(later);
                return Ok(facts);
            }
            Known::Absent if device.due.is_none() => {
                facts.settled = Some(format!("there is no new certificate for {slot}"));
                return Ok(facts);
            }
            Known::Absent => return Err(absent(&slot, args)),
        };
        for (caller, trust) in rows(reach, host, &args.unit, chain).await? {
            facts.later = facts
                .later
                .or_else(|| promised(reach, &caller, &args.unit, &trust));
            facts.rows.push((caller, trust));
        }
        warn(reach, &facts);
        Ok(facts)
    }

    fn plan(&self, _args: &Args, facts: &Facts) -> Result<Plan<Never>, Failure> {
        if let Some(why) = &facts.settled {
            return Ok(Plan::nothing(why));
        }
        if let Some(later) = &facts.later {
            return Ok(Plan::later(later.clone(), "who trusts it shows then"));
        }
        verdict(facts)
    }

    async fn apply(&self, _: &Args, _: &Facts, change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}

/// The certificates of CAs in a slot's file, root first.
fn chain(reach: &Reach<Read>, path: &std::path::Path) -> Result<Known<Vec<Certificate>>, Failure> {
    let bytes = match reach.read(path)? {
        Known::Now(bytes) => bytes,
        Known::Later(later) => return Ok(Known::Later(later)),
        Known::Absent => return Ok(Known::Absent),
    };
    let mut all = read_certificates(&bytes)
        .map_err(|error| Failure::new(FailureKind::Arguments, format!("{}: {error}", path.display())))?;
    all.retain(Certificate::is_ca);
    all.reverse();
    Ok(Known::Now(all))
}

fn absent(slot: &Slot, args: &Args) -> Failure {
    let path = slot.bundle(&args.signed_dir);
    let message = format!("{slot} is due, and {} is not there", path.display());
    Failure::new(FailureKind::Preflight, message)
        .hint("`certificates_from_ca` leaves the certificate and its chain there")
}

/// What every caller says, those in the play as soon as they say yes.
async fn rows(
    reach: &Reach<Read>,
    host: &Host,
    unit: &str,
    chain: Vec<Certificate>,
) -> Result<Vec<(Caller, Trust)>, Failure> {
    each(reach, callers(reach, host), |reach, caller| {
        let (unit, chain) = (unit.to_owned(), chain.clone());
        async move {
            let until = match caller.within && !reach.checking() {
                true => reach.clock().elapsed() + caller.replication,
                false => Duration::ZERO,
            };
            let trust = settle(&reach, &caller, &unit, &chain, until).await?;
            Ok((caller, trust))
        }
    })
    .await?
    .into_iter()
    .collect()
}

async fn settle(
    reach: &Reach<Read>,
    caller: &Caller,
    unit: &str,
    chain: &[Certificate],
    until: Duration,
) -> Result<Trust, Failure> {
    let mut told = false;
    loop {
        let trust = ask(reach, caller, unit, chain).await;
        let left = until.saturating_sub(reach.clock().elapsed());
        if matches!(trust, Trust::Held | Trust::Unknown) || left.is_zero() {
            return Ok(trust);
        }
        if !std::mem::replace(&mut told, true) {
            reach.note(Note::Waiting {
                what: format!("the trust of {}", caller.name),
                limit: left,
            });
        }
        reach.rest(caller.poll.min(left)).await?;
    }
}

/// In a check run, what a caller lacks may be what an earlier step would import for its cluster.
fn promised(reach: &Reach<Read>, caller: &Caller, unit: &str, trust: &Trust) -> Option<Later> {
    if !matches!(trust, Trust::Lacks(_)) {
        return None;
    }
    let estate = reach.estate();
    let primary = estate.host(&caller.name).and_then(|host| primary(estate, host));
    let hosts = [Some(caller.name.as_str()), primary.map(|host| host.name.as_str())];
    // Both units of a kind share one store.
    let stores = [unit, unit.strip_suffix("-ECDSA").unwrap_or(unit)];
    hosts.into_iter().flatten().find_map(|host| {
        stores.iter().find_map(|unit| {
            reach.promised(&Made::Trust {
                host: host.to_owned(),
                unit: (*unit).to_owned(),
            })
        })
    })
}

fn warn(reach: &Reach<Read>, facts: &Facts) {
    for (caller, trust) in &facts.rows {
        let message = match trust {
            Trust::Unknown => format!(
                "whether {} trusts {} is not known: nothing here reads a {} host's trust",
                caller.name, facts.slot, caller.platform
            ),
            _ if facts.only_warn && !caller.within => match trust.complaint(&caller.name) {
                Some(complaint) => format!(
                    "calls to {} will fail: {complaint} (`callers_outside: warn`)",
                    facts.slot
                ),
                None => continue,
            },
            _ => continue,
        };
        reach.note(Note::Warning { message });
    }
}

fn verdict(facts: &Facts) -> Result<Plan<Never>, Failure> {
    let rows: serde_json::Value = facts.rows.iter().map(row).collect();
    let complaints = |within: bool| {
        let rows = facts
            .rows
            .iter()
            .filter(move |(caller, _)| caller.within == within);
        rows.filter_map(|(caller, trust)| trust.complaint(&caller.name))
            .collect::<Vec<_>>()
    };
    let (within, outside) = (complaints(true), complaints(false));
    if within.is_empty() && (outside.is_empty() || facts.only_warn) {
        let why = match facts.rows.len() {
            0 => format!("nobody in the inventory calls {}", facts.slot),
            _ => format!("the callers of {} trust its chain", facts.slot),
        };
        return Ok(Plan::nothing(why).with(crate::fields([("callers", Value::from(rows))])));
    }
    let stop = !facts.only_warn && !outside.is_empty();
    let (kind, hint) = if stop {
        (
            FailureKind::Preflight,
            "import the chain into the trust store of those outside the play, or take them into it; \
             `callers_outside: warn` goes on without them",
        )
    } else {
        (
            FailureKind::Late,
            "look at the replication of those clusters (`utils dbreplication runtimestate`) and at the step that \
             imports their trust",
        )
    };
    let message = format!("not everybody who calls {} trusts its new chain", facts.slot);
    let seen = within.into_iter().chain(outside.into_iter().filter(|_| stop));
    Err(Failure::new(kind, message)
        .seen_all(seen)
        .hint(hint)
        .field("callers", rows))
}

fn row((caller, trust): &(Caller, Trust)) -> serde_json::Value {
    let names = |lacking: &[Certificate]| {
        lacking
            .iter()
            .map(|one| one.subject.to_string())
            .collect::<Vec<_>>()
    };
    let (trusts, lacks) = match trust {
        Trust::Held => (Some(true), Vec::new()),
        Trust::Lacks(lacking) => (Some(false), names(lacking)),
        Trust::Unread(_) | Trust::Unknown => (None, Vec::new()),
    };
    json!({"caller": caller.name, "in_play": caller.within, "trusts": trusts, "lacks": lacks})
}
