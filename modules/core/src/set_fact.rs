//! `set_fact`: sets variables of the host.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value};
use schemars::JsonSchema;

use crate::given::truth;
use crate::settled::Settled;

/// The `set_fact` module.
#[derive(Clone, Copy, Debug)]
pub struct SetFact;

/// Sets variables of the host, for the rest of the run: every argument but `cacheable` is one.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only described: the values themselves are taken as they are"
)]
struct Args {
    /// Makes facts of them as well, which `ansible_facts` shows and variables of the play win over.
    cacheable: Option<bool>,
}

impl AnyModule for SetFact {
    fn name(&self) -> &'static str {
        "set_fact"
    }

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        let mut facts = given.as_map().cloned().unwrap_or_default();
        let cacheable = facts.shift_remove("cacheable");
        check(&facts)?;
        let mut result = crate::fields([("ansible_facts", Value::Map(facts))]);
        if cacheable.is_some_and(|it| truth(&it)) {
            result.insert("_ansible_facts_cacheable".to_owned(), true.into());
        }
        Ok(Box::new(Settled::new("it only sets variables", result)))
    }
}

fn check(facts: &Map) -> Result<(), ArgsError> {
    if facts.is_empty() {
        let message = "No key/value pairs provided, at least one is required for this action to succeed";
        return Err(ArgsError::misfit("", message));
    }
    match facts.keys().find(|name| !is_identifier(name)) {
        None => Ok(()),
        Some(name) => Err(ArgsError::misfit(
            name,
            "a variable's name starts with a letter or underscore and holds only letters, digits and underscores",
        )),
    }
}

fn is_identifier(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(word) && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use cutover_kit::Secret;
    use cutover_kit::secret::Origin;

    use super::*;

    #[test]
    fn facts_keep_their_types_and_their_secrets() {
        let secret = Value::from(Secret::new("hunter22", Origin::environment("PASS")));
        let args = Value::map([
            ("count", Value::Int(3)),
            ("pass", secret.clone()),
            ("cacheable", false.into()),
        ]);
        let plan = AnyModule::call(&SetFact, &args).unwrap().plan().unwrap();
        let facts = Value::map([("count", Value::Int(3)), ("pass", secret)]);
        assert_eq!(Value::Map(plan.result), Value::map([("ansible_facts", facts)]));
        assert!(plan.changes.is_empty());
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let refused = |args: Value| AnyModule::call(&SetFact, &args).err().unwrap().to_string();
        assert!(refused(Value::map([("1st", 1_i64)])).starts_with("1st: a variable's name starts with"));
        assert!(refused(Value::map([("cacheable", true)])).starts_with("No key/value pairs"));
    }
}
