//! `group_by`: groups of hosts by what is known of them. The engine makes them; here is what may be asked of it.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Traits, Value};
use schemars::JsonSchema;

use crate::settled::Settled;

/// The `group_by` module.
#[derive(Clone, Copy, Debug)]
pub struct GroupBy;

/// Puts the host into a group of this name, for the rest of the run: the group's variables hold from the next
/// task on, and later plays can name it. It does so in a check run too: nothing outside the run is changed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only described: the engine makes the group")]
struct Args {
    /// The group; spaces in it become `-`.
    key: String,
    /// The groups that this one is in: a name, or a list of them (`all`).
    parents: Option<serde_json::Value>,
}

impl AnyModule for GroupBy {
    fn name(&self) -> &'static str {
        "group_by"
    }

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        let Some(key) = given.get("key").and_then(crate::text_of) else {
            return Err(ArgsError::Misfit {
                path: String::new(),
                message: "the 'key' param is required when using group_by".into(),
            });
        };
        let named = |name: String| name.replace(' ', "-");
        let parents = match given.get("parents") {
            Some(Value::List(items)) => items.iter().filter_map(crate::text_of).map(named).collect(),
            Some(one) => crate::text_of(one).map(named).into_iter().collect(),
            None => vec!["all".to_owned()],
        };
        let result = crate::fields([
            ("add_group", named(key).into()),
            ("parent_groups", parents.into()),
        ]);
        Ok(Box::new(Settled::new("the engine makes the group", result)))
    }
}
