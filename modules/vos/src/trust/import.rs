//! `vos_trust`: chains into the trust store of the primary.

use std::path::PathBuf;

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::value::Later;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Host, Made, Module, Node, Plan, Platform, Reach, Read, Write,
};
use cutover_x509::Certificate;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::needed::{Need, Of, needed};
use super::store::{self, Found};
use super::{called, lacking};
use crate::device::Vos;
use crate::fields::{fields, value};
use crate::unit::Unit;

/// Imports the chains that a node must trust into its trust store, root first.
///
/// What is needed: the chain of its own certificate, and those of its cluster and of everybody it
/// talks to; the coming chain where a certificate is rotated in this run, else the one in use. Each
/// is looked for by its fingerprint and imported only where it is missing.
///
/// The store of the primary replicates to the secondaries (`vos_trust_replicated` waits for that),
/// so on a secondary nothing is imported unless `secondary_import` says so.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot whose trust store it is; `tomcat` and `tomcat-ECDSA` share one.
    #[serde(default = "Unit::tomcat")]
    unit: Unit,
    /// The folder with what the signing step left: `HOST.pem`, a certificate with its chain.
    signed_dir: PathBuf,
    /// Whose chains.
    #[serde(default = "Of::everybody")]
    of: Vec<Of>,
    /// Import on a secondary, too, without waiting for replication. That hides a replication
    /// that is broken.
    #[serde(default)]
    secondary_import: bool,
}

/// The module.
pub struct VosTrust;

/// What there is.
pub struct Facts {
    host: String,
    /// Why nothing is imported here whatever is missing.
    not_here: Option<String>,
    needs: Vec<(Need, Found)>,
    later: Option<Later>,
    now: Timestamp,
}

/// An import.
pub struct Import {
    certificate: Box<Certificate>,
    store: String,
    instead_of: Vec<String>,
}

impl Change for Import {
    fn describe(&self) -> String {
        let mut text = format!("import {} into {}", called(&self.certificate), self.store);
        if !self.instead_of.is_empty() {
            text.push_str(&format!(
                " in place of the older one of this name ({})",
                self.instead_of.join(", ")
            ));
        }
        text
    }
}

impl Module for VosTrust {
    const NAME: &'static str = "vos_trust";
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

    fn disruptive(&self, _: &Args, host: &Host) -> bool {
        host.products
            .iter()
            .any(|product| product.trust_import_interrupts())
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let mut facts = Facts {
            host: host.name.clone(),
            not_here: None,
            needs: Vec::new(),
            later: None,
            now: reach.clock().now(),
        };
        if host.node == Node::Secondary && !args.secondary_import {
            facts.not_here = Some("the trust store of the primary replicates to the secondaries".to_owned());
            return Ok(facts);
        }
        let needs = needed(reach, host, &args.unit, &args.signed_dir, &args.of).await?;
        let reader = reach.reader::<Vos>(&host.name).await?;
        let found = store::find(&reader, &args.unit.trust_store(), &needs.known).await?;
        facts.needs = needs.known.into_iter().zip(found).collect();
        facts.later = needs.later;
        Ok(facts)
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Import>, Failure> {
        if let Some(why) = &facts.not_here {
            return Ok(Plan::nothing(why));
        }
        let missing: Vec<&(Need, Found)> = facts.needs.iter().filter(|(_, found)| !found.held).collect();
        let refused: Vec<String> = missing.iter().filter_map(|one| refused(one, facts.now)).collect();
        if !refused.is_empty() {
            let message = format!(
                "{} of {} would not take what is needed",
                args.unit.trust_store(),
                facts.host
            );
            return Err(Failure::new(FailureKind::Preflight, message).seen_all(refused));
        }
        let changes: Vec<Import> = missing
            .iter()
            .map(|(need, found)| Import {
                certificate: Box::new(need.certificate.clone()),
                store: args.unit.trust_store(),
                instead_of: found
                    .namesakes
                    .iter()
                    .map(|it| format!("serial {}", it.serial))
                    .collect(),
            })
            .collect();
        let needed: Vec<&Certificate> = facts.needs.iter().map(|(need, _)| &need.certificate).collect();
        let result = fields([("needed", value(&needed))]);
        let makes = Made::Trust {
            host: facts.host.clone(),
            unit: args.unit.trusting().to_string(),
        };
        if let Some(later) = &facts.later {
            let why = "which certificates are needed shows when they are signed";
            let mut plan = Plan::later(later.clone(), why).with(result).making([makes]);
            plan.changes = changes;
            return Ok(plan);
        }
        let why = match changes.len() {
            0 => format!(
                "all {} needed certificates are in {}",
                needed.len(),
                args.unit.trust_store()
            ),
            n => format!("{n} of {} needed certificates are missing", needed.len()),
        };
        let makes = (!changes.is_empty()).then_some(makes);
        Ok(Plan::of(changes, why).with(result).making(makes))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        change: &Import,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let writer = reach.writer::<Vos>().await?;
        let certificate = std::slice::from_ref(&*change.certificate);
        writer.import_trust(&args.unit, &change.certificate).await?;
        let reader = writer.reading();
        let deadline = reach.clock().elapsed() + reader.timing().command;
        while !lacking(&reader, &args.unit, certificate).await?.is_empty() {
            if reach.clock().elapsed() >= deadline {
                return Err(lost(facts, change));
            }
            reach.wait(reader.timing().poll).await;
        }
        Ok(Applied::default())
    }
}

/// Why the store would not keep a certificate.
fn refused((need, found): &(Need, Found), now: Timestamp) -> Option<String> {
    let certificate = &need.certificate;
    if now > certificate.not_after {
        return Some(format!(
            "{} ended at {}, and an expired certificate is refused",
            called(certificate),
            certificate.not_after
        ));
    }
    let newer = found
        .namesakes
        .iter()
        .find(|it| it.not_before >= certificate.not_before)?;
    Some(format!(
        "{} of {} is there with the same name and begins at {}: the store keeps one per name, and not the older one",
        called(newer),
        newer.serial,
        newer.not_before
    ))
}

fn lost(facts: &Facts, change: &Import) -> Failure {
    Failure::new(
        FailureKind::NotProved,
        format!(
            "{} took {} without an error, and does not list it in {}",
            facts.host,
            called(&change.certificate),
            change.store
        ),
    )
    .hint("look at the node's certificate page; a full disk or a broken database does this")
}
