//! `validate_argument_spec`: checks arguments against a specification, as a role's first task does.

mod check;
mod convert;
mod rules;
mod size;

use cutover_kit::{Applied, Failure, FailureKind, Map, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map as Fields, Value as Json};

use crate::settled::Never;

/// The `validate_argument_spec` module.
#[derive(Clone, Copy, Debug)]
pub struct ValidateArgumentSpec;

/// Checks arguments against a specification.
///
/// Rules between options (`mutually_exclusive`, `required_if` and the like) stand beside the `options` of an option.
/// A role whose `meta` holds `argument_specs` has such a task in front of all others. What is not given is taken from
/// the variables of the same names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The options by name: `type`, `required`, `choices`, `elements`, `options` and the like.
    argument_spec: Fields<String, Json>,
    /// What is checked; variables of the options' names fill what is missing.
    #[serde(default)]
    provided_arguments: Fields<String, Json>,
    /// What the result tells of where this comes from.
    #[serde(default)]
    validate_args_context: Fields<String, Json>,
}

impl Module for ValidateArgumentSpec {
    const NAME: &'static str = "validate_argument_spec";
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
        let errors = check::errors(&args.argument_spec, &args.provided_arguments);
        let context = Json::Object(args.validate_args_context.clone());
        if errors.is_empty() {
            let result = Map::from_iter([
                ("msg".to_owned(), Value::from("The arg spec validation passed")),
                ("validate_args_context".to_owned(), context.into()),
            ]);
            return Ok(Plan::nothing("the arguments fit").with(result));
        }
        let message = format!("Validation of arguments failed:\n{}", errors.join("\n"));
        Err(Failure::new(FailureKind::Task, message)
            .field("argument_errors", errors)
            .field("argument_spec_data", Json::Object(args.argument_spec.clone()))
            .field("validate_args_context", context))
    }

    async fn apply(&self, _: &Args, (): &(), change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}
