//! `certificates_from_ca`: from requests to checked certificates.
//!
//! One call stands for many hosts. It finds their requests, has those signed that have no answer
//! yet (by a CA of ours, by the site's command, or by people), puts each answer with its chain into
//! one file per slot, and checks all of them before anything touches a device.

mod apply;
mod look;
mod plan;
mod prove;
mod report;
mod strange;

use std::path::PathBuf;

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{Applied, Change, Failure, Module, Plan, Proved, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::slot::Slot;
use look::Facts;

/// The `certificates_from_ca` module.
#[derive(Clone, Copy, Debug)]
pub struct CertificatesFromCa;

/// Gets requests signed, and checks what comes back before anything touches a device.
///
/// Who signs is a matter of each host: its `ca` where that is one of ours, else its `ca_command`, else people.
/// For people the run is suspended, naming the files; the same run again, or `cutover resume`, goes on with the
/// same requests. Answers are matched by their keys, so their files may have any name and any form (PEM, DER,
/// PKCS#7), and other certificates may lie beside them. Each host stops or waits only for its own certificates.
///
/// A `ca_command` is called once with two more arguments, the folder of the requests and the folder for the
/// answers; on its standard input it reads the paths of the requests that wait, one a line.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The folder of the requests: `HOST.csr`, and `HOST-UNIT.csr` for units other than `tomcat`.
    csr_dir: PathBuf,
    /// The folder for what comes back, and for `HOST.pem`: the certificate, its intermediates, its root.
    signed_dir: PathBuf,
    /// Certificate slots to ask for. Default: each host's own `units`.
    #[serde(default)]
    units: Option<Vec<String>>,
}

/// One step towards certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A CA of ours signs.
    Sign(Slot, String),
    /// The site's command is asked, once for all.
    Ask(Vec<String>, Vec<Slot>),
    /// An answer and its chain become one file.
    Bundle(Slot),
}

impl Step {
    /// The slots whose files it makes.
    fn slots(&self) -> &[Slot] {
        match self {
            Self::Sign(slot, _) | Self::Bundle(slot) => std::slice::from_ref(slot),
            Self::Ask(_, slots) => slots,
        }
    }
}

impl Change for Step {
    fn describe(&self) -> String {
        match self {
            Self::Sign(slot, ca) => format!("sign the request of {slot} by {ca}"),
            Self::Ask(command, slots) => {
                let program = command.first().map_or("ca_command", String::as_str);
                format!("have {} signed by {program}", names(slots))
            }
            Self::Bundle(slot) => format!("put the certificate of {slot} and its chain into one file"),
        }
    }
}

fn names(slots: &[Slot]) -> String {
    slots
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Module for CertificatesFromCa {
    const NAME: &'static str = "certificates_from_ca";
    type Args = Args;
    type Facts = Facts;
    type Change = Step;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[],
            collective: true,
            repeat: Repeat::Probe,
            effects: Effects::Folders,
            free_form: None,
            usual: "at once, or until people have signed",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        look::look(args, reach).await
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Step>, Failure> {
        Ok(plan::plan(args, facts))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        step: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        apply::apply(args, facts, step, reach).await
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        prove::prove(args, facts, reach).await
    }
}

#[cfg(test)]
mod on_twins;
#[cfg(test)]
mod tests;
