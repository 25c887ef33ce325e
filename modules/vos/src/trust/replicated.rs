//! `vos_trust_replicated`: a gate that waits until the secondaries hold what the primary got.

use std::path::PathBuf;

use cutover_kit::value::Later;
use cutover_kit::{
    Applied, Failure, FailureKind, Host, Module, Node, Note, Plan, Platform, Reach, Read, Traits, Write,
};
use cutover_x509::Certificate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::needed::{Of, needed};
use super::{called, lacking};
use crate::device::Vos;
use crate::nothing::Nothing;
use crate::unit::Unit;

/// Waits until every secondary of the cluster trusts what `vos_trust` imported on the primary.
///
/// Only looks. Replication takes seconds to half an hour; where it is broken it never comes, and
/// the gate says which node lacks which certificates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot whose trust store it is.
    #[serde(default = "Unit::tomcat")]
    unit: Unit,
    /// The folder with what the signing step left.
    signed_dir: PathBuf,
    /// Whose chains.
    #[serde(default = "Of::everybody")]
    of: Vec<Of>,
}

/// The module.
pub struct VosTrustReplicated;

/// How the waiting went.
pub struct Facts {
    nodes: usize,
    later: Option<Later>,
}

impl Module for VosTrustReplicated {
    const NAME: &'static str = "vos_trust_replicated";
    type Args = Args;
    type Facts = Facts;
    type Change = Nothing;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            usual: "1 min",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let secondaries: Vec<&Host> = reach
            .estate()
            .cluster(&host.cluster)
            .into_iter()
            .filter(|member| member.node == Node::Secondary)
            .collect();
        let mut facts = Facts {
            nodes: secondaries.len(),
            later: None,
        };
        if secondaries.is_empty() {
            return Ok(facts);
        }
        let needs = needed(reach, host, &args.unit, &args.signed_dir, &args.of).await?;
        facts.later = needs.later;
        if facts.later.is_none() {
            let certificates: Vec<Certificate> =
                needs.known.into_iter().map(|need| need.certificate).collect();
            wait(reach, host, &secondaries, &args.unit, &certificates).await?;
        }
        Ok(facts)
    }

    fn plan(&self, _: &Args, facts: &Facts) -> Result<Plan<Nothing>, Failure> {
        if let Some(later) = &facts.later {
            let why = "what has to arrive shows when it is signed";
            return Ok(Plan::later(later.clone(), why));
        }
        Ok(Plan::nothing(match facts.nodes {
            0 => "there is no secondary".to_owned(),
            1 => "the secondary trusts all of it".to_owned(),
            n => format!("all {n} secondaries trust all of it"),
        }))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Facts,
        change: &Nothing,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        change.never()
    }
}

/// Looks at all of them again and again, until none lacks anything or the time is up.
async fn wait(
    reach: &Reach<Read>,
    host: &Host,
    secondaries: &[&Host],
    unit: &Unit,
    certificates: &[Certificate],
) -> Result<(), Failure> {
    let timing = &host.timing;
    let deadline = reach.clock().elapsed() + timing.replication;
    let mut told = false;
    loop {
        let mut missing = Vec::new();
        for secondary in secondaries {
            missing.extend(missing_on(reach, secondary, unit, certificates).await);
        }
        if missing.is_empty() {
            return Ok(());
        }
        if reach.clock().elapsed() + timing.poll > deadline {
            let limit = timing.replication;
            let message = format!(
                "{} has not reached every secondary within {limit:?}",
                unit.trust_store()
            );
            return Err(Failure::new(FailureKind::Late, message).seen_all(missing).hint(
                "look at `utils dbreplication runtimestate` and the service Cisco Certificate Change Notification; \
                 `vos_trust: {secondary_import: true}` on the secondary goes around a broken replication",
            ));
        }
        if !std::mem::replace(&mut told, true) {
            reach.note(Note::Waiting {
                what: format!("{} on the secondaries", unit.trust_store()),
                limit: timing.replication,
            });
        }
        reach.rest(timing.poll).await?;
    }
}

/// What a node lacks, in words; a node that cannot be read lacks proof.
async fn missing_on(
    reach: &Reach<Read>,
    node: &Host,
    unit: &Unit,
    certificates: &[Certificate],
) -> Option<String> {
    let looked = async {
        let reader = reach.reader::<Vos>(&node.name).await?;
        lacking(&reader, unit, certificates).await
    };
    match looked.await {
        Ok(lacking) if lacking.is_empty() => None,
        Ok(lacking) => {
            let names: Vec<String> = lacking.iter().map(called).collect();
            Some(format!("{} lacks {}", node.name, names.join(", ")))
        }
        Err(failure) => Some(format!("{} cannot be read: {failure}", node.name)),
    }
}
