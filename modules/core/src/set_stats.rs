//! `set_stats`: numbers and words of one's own for the end of the run.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value};
use schemars::JsonSchema;

use crate::given::truth;
use crate::settled::Settled;

/// The `set_stats` module.
#[derive(Clone, Copy, Debug)]
pub struct SetStats;

/// Sets values of one's own for the report of the run. They are shown after the recap where `show_custom_stats`
/// is set, and are events always.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "only described: the values themselves are taken as they are"
)]
struct Args {
    /// The values by their names.
    data: serde_json::Map<String, serde_json::Value>,
    /// Whether they are of the host instead of the run.
    per_host: Option<bool>,
    /// Whether a value is added to the one that is there: numbers are summed up, texts and lists put together,
    /// mappings merged. Else it replaces it.
    aggregate: Option<bool>,
}

impl AnyModule for SetStats {
    fn name(&self) -> &'static str {
        "set_stats"
    }

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        args::known(given, |_| true)?;
        let data = match given.get("data") {
            None => Map::new(),
            Some(Value::Map(data)) => data.clone(),
            Some(Value::Secret(_)) => return Err(ArgsError::misfit("data", "it must not be a secret")),
            Some(_) => {
                let message = "The 'data' option needs to be a dictionary/hash";
                return Err(ArgsError::misfit("data", message));
            }
        };
        let truth = |name: &str, unset: bool| given.get(name).map_or(unset, truth);
        let stats = crate::fields([
            ("data", Value::Map(data)),
            ("per_host", truth("per_host", false).into()),
            ("aggregate", truth("aggregate", true).into()),
        ]);
        let result = crate::fields([("ansible_stats", Value::Map(stats))]);
        Ok(Box::new(Settled::new(
            "it only sets values for the report",
            result,
        )))
    }
}

#[cfg(test)]
mod tests {
    use cutover_kit::secret::Origin;
    use cutover_kit::{Later, Secret};

    use super::*;

    #[test]
    fn data_that_cannot_be_set_is_refused_for_what_it_is() {
        let refused = |data: Value| {
            let args = Value::map([("data", data)]);
            AnyModule::call(&SetStats, &args).err().unwrap().to_string()
        };
        let later = Later { after: "sign".into() };
        assert_eq!(refused(Value::Later(later)), "data is known after sign");
        let secret = Secret::new("hunter22", Origin::Argument);
        assert_eq!(refused(secret.into()), "data: it must not be a secret");
        assert_eq!(
            refused("x".into()),
            "data: The 'data' option needs to be a dictionary/hash"
        );
    }
}
