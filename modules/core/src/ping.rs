//! `ping`: whether the host runs commands.

use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Platform, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;
use crate::steps::ask;

/// The `ping` module.
#[derive(Clone, Copy, Debug)]
pub struct Ping;

/// Logs in, runs a command that does nothing, and answers `pong`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// What to answer instead; `crash` fails.
    data: Option<String>,
}

impl Module for Ping {
    const NAME: &'static str = "ping";
    type Args = Args;
    type Facts = ();
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<(), Failure> {
        let executed = ask(":", reach).await?;
        match (executed.status, args.data.as_deref()) {
            (_, Some("crash")) => Err(Failure::new(FailureKind::Task, "boom")),
            (Some(0), _) => Ok(()),
            _ => Err(Failure::new(
                FailureKind::Task,
                "the host's shell does nothing, and fails at it",
            )),
        }
    }

    fn plan(&self, args: &Args, (): &()) -> Result<Plan<Never>, Failure> {
        let pong = args.data.as_deref().unwrap_or("pong");
        Ok(Plan::nothing("it only asks").with(crate::fields([("ping", pong.into())])))
    }

    async fn apply(&self, _: &Args, (): &(), change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}
