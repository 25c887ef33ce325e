//! `debug`: shows a text or a variable.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value};
use schemars::JsonSchema;

use crate::settled::Settled;

/// The `debug` module.
///
/// For `var` the engine hands in what the expression means as one more argument, `value`; it
/// leaves that out where the variable is not defined.
#[derive(Clone, Copy, Debug)]
pub struct Debug;

/// Shows a text or a variable in the output. Changes nothing and runs in check mode too.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "only described: the values themselves are taken as they are"
)]
struct Args {
    /// What to show; `Hello world!` where neither this nor `var` is given.
    msg: Option<serde_json::Value>,
    /// The name of a variable, or an expression without braces, whose value is shown under that name.
    var: Option<String>,
    /// Show it only when the run is at least this verbose (`-v` is 1).
    verbosity: Option<u8>,
}

const UNDEFINED: &str = "VARIABLE IS NOT DEFINED!";

impl AnyModule for Debug {
    fn name(&self) -> &'static str {
        "debug"
    }

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        let empty = Map::new();
        let result = result(given.as_map().unwrap_or(&empty))?;
        Ok(Box::new(Settled::new("it only shows", result)))
    }
}

fn result(given: &Map) -> Result<Map, ArgsError> {
    let known = ["msg", "var", "value", "verbosity"];
    if let Some(name) = given.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(ArgsError::misfit(name, "debug knows msg, var and verbosity"));
    }
    let (name, value) = match (given.get("msg"), given.get("var")) {
        (Some(_), Some(_)) => {
            return Err(ArgsError::misfit(
                "var",
                "'msg' and 'var' are incompatible options",
            ));
        }
        (Some(msg), None) => ("msg", msg.clone()),
        (None, None) => ("msg", Value::from("Hello world!")),
        (None, Some(var)) => {
            let name = var
                .as_str()
                .ok_or_else(|| ArgsError::misfit("var", "it must be a name"))?;
            (
                name,
                given.get("value").cloned().unwrap_or_else(|| UNDEFINED.into()),
            )
        }
    };
    Ok(crate::fields([(name, value)]))
}

#[cfg(test)]
mod tests {
    use cutover_kit::secret::Origin;
    use cutover_kit::{Later, Secret};

    use super::*;

    fn shown(args: &Value) -> Value {
        let mut task = AnyModule::call(&Debug, args).unwrap();
        Value::Map(task.plan().unwrap().result)
    }

    #[test]
    fn a_message_keeps_its_type() {
        let list = Value::from(vec![1_i64, 2]);
        assert_eq!(
            shown(&Value::map([("msg", list.clone())])),
            Value::map([("msg", list)])
        );
        assert_eq!(shown(&Value::Null), Value::map([("msg", "Hello world!")]));
    }

    #[test]
    fn a_variable_is_shown_under_its_name() {
        let args = Value::map([("var", Value::from("a.b")), ("value", Value::Int(3))]);
        assert_eq!(shown(&args), Value::map([("a.b", 3_i64)]));
        let undefined = Value::map([("var", "nosuch")]);
        assert_eq!(
            shown(&undefined),
            Value::map([("nosuch", "VARIABLE IS NOT DEFINED!")])
        );
    }

    #[test]
    fn secrets_and_what_is_known_later_pass_through_as_such() {
        let secret = Secret::new("hunter22", Origin::environment("PASS"));
        assert_eq!(
            serde_json::to_string(&shown(&Value::map([("msg", secret)]))).unwrap(),
            r#"{"msg":"********"}"#
        );
        let later = Later { after: "sign".into() };
        assert_eq!(shown(&Value::map([("msg", later.clone())])).later(), Some(&later));
    }

    #[test]
    fn what_it_does_not_know_is_refused() {
        let refused = |args: Value| AnyModule::call(&Debug, &args).err().unwrap().to_string();
        assert_eq!(
            refused(Value::map([("mesg", "x")])),
            "mesg: debug knows msg, var and verbosity"
        );
        assert_eq!(
            refused(Value::map([("msg", "x"), ("var", "y")])),
            "var: 'msg' and 'var' are incompatible options"
        );
    }
}
