//! `fail`: fails on purpose.

use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;

/// The `fail` module.
#[derive(Clone, Copy, Debug)]
pub struct Fail;

/// Fails with a message of one's own; with `when` it guards what follows. Runs in check mode too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// Why.
    #[serde(default = "requested")]
    msg: String,
}

fn requested() -> String {
    "Failed as requested from task".to_owned()
}

impl Module for Fail {
    const NAME: &'static str = "fail";
    type Args = Args;
    type Facts = ();
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    async fn look(&self, _args: &Args, _reach: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, args: &Args, (): &()) -> Result<Plan<Never>, Failure> {
        Err(Failure::new(FailureKind::Task, &args.msg))
    }

    async fn apply(&self, _: &Args, (): &(), change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}

#[cfg(test)]
mod tests {
    use cutover_kit::{AnyModule, Value};

    use super::*;
    use crate::bench::Bench;

    #[tokio::test]
    async fn it_fails_with_its_message() {
        let said = async |args: Value| Bench::local().plan(&Fail, args).await.unwrap_err().message;
        assert_eq!(said(Value::map([("msg", "no quorum")])).await, "no quorum");
        assert_eq!(said(Value::Null).await, "Failed as requested from task");
        assert!(AnyModule::call(&Fail, &Value::map([("mgs", "x")])).is_err());
    }
}
