//! `wait_for_connection`: waits until the host can be logged in to.

use std::time::Duration;

use cutover_kit::clock::within;
use cutover_kit::{Applied, Failure, FailureKind, Module, Note, Plan, Platform, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;
use crate::steps::ask;

/// The `wait_for_connection` module.
#[derive(Clone, Copy, Debug)]
pub struct WaitForConnection;

/// Waits until the host can be logged in to and runs commands.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// At most so many seconds.
    timeout: u64,
    /// So many seconds before the first try.
    delay: u64,
    /// So many seconds between two tries.
    sleep: u64,
    /// At most so many seconds for one try.
    connect_timeout: u64,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            timeout: 600,
            delay: 0,
            sleep: 1,
            connect_timeout: 5,
        }
    }
}

impl Module for WaitForConnection {
    const NAME: &'static str = "wait_for_connection";
    type Args = Args;
    /// Seconds it took; none in a check run.
    type Facts = Option<u64>;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            usual: "as long as it takes",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Option<u64>, Failure> {
        if reach.checking() {
            return Ok(None);
        }
        let begun = reach.clock().elapsed();
        let limit = Duration::from_secs(args.timeout);
        reach.note(Note::Waiting {
            what: format!("a connection to {}", reach.host().name),
            limit,
        });
        reach.rest(Duration::from_secs(args.delay)).await?;
        loop {
            let once = Duration::from_secs(args.connect_timeout.max(1));
            let tried = within(reach.clock(), once, ask(":", reach)).await;
            let passed = reach.clock().elapsed().saturating_sub(begun);
            let why = match tried {
                Ok(Ok(executed)) if executed.status == Some(0) => return Ok(Some(passed.as_secs())),
                Ok(Ok(_)) => "its shell fails at doing nothing".to_owned(),
                Ok(Err(failure)) => failure.message,
                Err(_) => format!("no answer within {} s", once.as_secs()),
            };
            if passed >= limit {
                let message = format!("timed out waiting for ping module test: {why}");
                return Err(Failure::new(FailureKind::Late, message).field("elapsed", passed.as_secs()));
            }
            reach.rest(Duration::from_secs(args.sleep)).await?;
        }
    }

    fn plan(&self, _: &Args, took: &Option<u64>) -> Result<Plan<Never>, Failure> {
        Ok(match took {
            None => Plan::nothing("nothing is waited for in a check run")
                .with(crate::fields([("skipped", true.into())])),
            Some(took) => {
                let elapsed = i64::try_from(*took).unwrap_or(i64::MAX);
                Plan::nothing("it answers").with(crate::fields([("elapsed", elapsed.into())]))
            }
        })
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Option<u64>,
        change: &Never,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        match *change {}
    }
}
