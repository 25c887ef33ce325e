//! `group_by`: groups of hosts by what is known of them. The engine makes them; here is what may be asked of it.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Traits, Value};
use schemars::JsonSchema;

use crate::given::{text, texts};
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

    fn sets_variables(&self) -> bool {
        true
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        args::known(given, |_| true)?;
        let Some(key) = given.get("key") else {
            let message = "the 'key' param is required when using group_by";
            return Err(ArgsError::misfit("", message));
        };
        let named = |name: String| name.replace(' ', "-");
        let key = text("key", key)?;
        let parents = match given.get("parents") {
            Some(given) => texts("parents", given)?.into_iter().map(named).collect(),
            None => vec!["all".to_owned()],
        };
        let result = crate::fields([
            ("add_group", named(key).into()),
            ("parent_groups", parents.into()),
        ]);
        Ok(Box::new(Settled::new("the engine makes the group", result)))
    }
}

#[cfg(test)]
mod tests {
    use cutover_kit::secret::Origin;
    use cutover_kit::{Later, Secret};

    use super::*;

    #[test]
    fn a_key_that_cannot_be_one_is_refused_for_what_it_is() {
        let refused = |args: Value| AnyModule::call(&GroupBy, &args).err().unwrap().to_string();
        let later = Later { after: "sign".into() };
        assert_eq!(refused(Value::map([("key", later)])), "key is known after sign");
        let secret = Secret::new("hunter22", Origin::Argument);
        assert_eq!(
            refused(Value::map([("key", secret)])),
            "key: it must not be a secret"
        );
        assert_eq!(
            refused(Value::map([("parents", "all")])),
            "the 'key' param is required when using group_by"
        );
    }
}
