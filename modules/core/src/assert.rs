//! `assert`: fails where a condition does not hold.

use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;

/// The `assert` module.
///
/// The engine evaluates the conditions, one after the other, and hands each in as [`Judged`].
#[derive(Clone, Copy, Debug)]
pub struct Assert;

/// Fails where one of the conditions does not hold. Runs in check mode too.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// Conditions as `when` takes them, without braces; all must hold.
    #[schemars(with = "Conditions")]
    that: Vec<Judged>,
    /// What to say where one does not hold.
    #[serde(default)]
    fail_msg: Option<String>,
    /// Another name for `fail_msg`.
    #[serde(default)]
    msg: Option<String>,
    /// What to say where all hold.
    #[serde(default)]
    success_msg: Option<String>,
    /// Do not show the result where all hold.
    #[serde(default)]
    quiet: bool,
}

/// Says of a result whether it is shown at any verbosity; no playbook sees it.
const VERBOSE: &str = "_ansible_verbose_always";

/// A condition and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The condition as written.
    pub assertion: String,
    /// Whether it holds.
    pub holds: bool,
}

/// What a playbook may write for the conditions.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described: the engine evaluates what is written")]
enum Conditions {
    One(Condition),
    Several(Vec<Condition>),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described: the engine evaluates what is written")]
enum Condition {
    Expression(String),
    Literal(bool),
}

impl Module for Assert {
    const NAME: &'static str = "assert";
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
        if let Some(broken) = args.that.iter().find(|judged| !judged.holds) {
            let said = args.fail_msg.as_deref().or(args.msg.as_deref());
            let message = said.unwrap_or("Assertion failed");
            return Err(Failure::new(FailureKind::Task, message)
                .field("assertion", broken.assertion.as_str())
                .field("evaluated_to", false));
        }
        let message = args.success_msg.as_deref().unwrap_or("All assertions passed");
        let mut result = crate::fields([("msg", message.into())]);
        if args.quiet {
            result.insert(VERBOSE.into(), false.into());
        }
        Ok(Plan::nothing("every condition holds").with(result))
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

    fn judged(assertion: &str, holds: bool) -> Value {
        Value::map([("assertion", Value::from(assertion)), ("holds", holds.into())])
    }

    #[tokio::test]
    async fn all_conditions_hold() {
        let that = Value::List(vec![judged("a == 1", true), judged("b", true)]);
        let plan = Bench::local()
            .plan(&Assert, Value::map([("that", that.clone())]))
            .await
            .unwrap();
        assert_eq!(
            Value::Map(plan.result),
            Value::map([("msg", "All assertions passed")])
        );

        let args = Value::map([
            ("that", that),
            ("quiet", true.into()),
            ("success_msg", "fine".into()),
        ]);
        let plan = Bench::local().plan(&Assert, args).await.unwrap();
        assert_eq!(
            Value::Map(plan.result),
            Value::map([("msg", Value::from("fine")), (VERBOSE, false.into())])
        );
    }

    #[tokio::test]
    async fn the_first_that_does_not_hold_is_named() {
        let that = Value::List(vec![
            judged("a == 1", true),
            judged("b == 2", false),
            judged("c", false),
        ]);
        let args = Value::map([("that", that), ("msg", "look at b".into())]);
        let failure = Bench::local().plan(&Assert, args).await.unwrap_err();
        assert_eq!(failure.message, "look at b");
        assert_eq!(
            serde_json::Value::Object(*failure.fields),
            serde_json::json!({"assertion": "b == 2", "evaluated_to": false})
        );
    }

    #[test]
    fn the_schema_shows_what_a_playbook_writes() {
        let schema = AnyModule::schema(&Assert);
        let that = serde_json::to_string(&schema["properties"]["that"]).unwrap();
        assert!(
            that.contains("string") && that.contains("boolean") && !that.contains("holds"),
            "{that}"
        );
    }
}
