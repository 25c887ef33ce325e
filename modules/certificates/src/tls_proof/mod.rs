//! `tls_proof`: what a host's listeners serve, seen from outside.

mod look;
mod verdict;

use std::path::PathBuf;

use cutover_kit::module::Effects;
use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::never::Never;
use look::Facts;

/// The `tls_proof` module.
#[derive(Clone, Copy, Debug)]
pub struct TlsProof;

/// Proves from outside that every listener of the host serves its certificate.
///
/// For each port the RSA and the ECDSA certificate are asked for separately. That of the unit must be the one that
/// is installed (read back from the device where there is a reader for its platform), name the host, be in date,
/// and come with the chain up to its root. Where this run installed it, it must be the one in `cert` as well. The
/// other kind of certificate is reported only. A port that is not up yet is waited for, up to `timing.service`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file of the new certificate; read only where this run installed it.
    #[serde(default)]
    cert: Option<PathBuf>,
    /// The certificate slot.
    #[serde(default = "tomcat")]
    unit: String,
    /// The ports to look at. Default: the host's `tls_ports`.
    #[serde(default)]
    ports: Option<Vec<u16>>,
}

fn tomcat() -> String {
    "tomcat".to_owned()
}

impl Module for TlsProof {
    const NAME: &'static str = "tls_proof";
    type Args = Args;
    type Facts = Facts;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            effects: Effects::Nothing,
            usual: "a few seconds, or until the services are up",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        look::look(args, reach).await
    }

    fn plan(&self, _args: &Args, facts: &Facts) -> Result<Plan<Never>, Failure> {
        verdict::plan(facts)
    }

    async fn apply(&self, _: &Args, _: &Facts, change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}

#[cfg(test)]
mod tests;
