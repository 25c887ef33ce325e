//! `add_host`: a host that the inventory did not know. The engine adds it; here is what may be asked of it.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value, address};
use schemars::JsonSchema;

use crate::given::{text, words};
use crate::settled::Settled;

/// The `add_host` module.
#[derive(Clone, Copy, Debug)]
pub struct AddHost;

/// Adds a host to the inventory of this run, or says more of one that is there, for later plays and for
/// `delegate_to`. Every other argument is a variable of the host. It runs once for all hosts of a task, and in a
/// check run too: nothing outside the run is changed.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described: the engine adds the host")]
struct Args {
    /// The name of the host, with `:PORT` after it where that is not 22.
    #[schemars(extend("aliases" = ["hostname", "host"]))]
    name: String,
    /// The groups it is in: a list, or text with commas. Those that are not there are made.
    #[schemars(extend("aliases" = ["groupname", "group"]))]
    groups: Option<serde_json::Value>,
}

impl AnyModule for AddHost {
    fn name(&self) -> &'static str {
        "add_host"
    }

    fn traits(&self) -> Traits {
        Traits {
            collective: true,
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        const NAMES: [&str; 3] = ["name", "hostname", "host"];
        const GROUPS: [&str; 3] = ["groups", "groupname", "group"];
        // A variable of the host may be known later, as any other variable.
        args::known(given, |name| NAMES.contains(&name) || GROUPS.contains(&name))?;
        let mut variables = given.as_map().cloned().unwrap_or_default();
        let mut take = |names: [&'static str; 3]| {
            let given = names.map(|name| Some((name, variables.shift_remove(name)?)));
            given.into_iter().flatten().next()
        };
        let name = match take(NAMES) {
            Some((_, Value::Null)) | None => String::new(),
            Some((argument, name)) => text(argument, &name)?,
        };
        if name.is_empty() {
            let message = "name, host or hostname needs to be provided";
            return Err(ArgsError::misfit("", message));
        }
        let groups = match take(GROUPS) {
            Some((argument, groups)) => words(argument, &groups)?,
            None => Vec::new(),
        };
        let (name, port) = address::split(&name);
        if let Some(port) = port {
            variables.insert("ansible_ssh_port".into(), i64::from(port).into());
        }
        let added = crate::fields([
            ("host_name", name.into()),
            ("groups", groups.into()),
            ("host_vars", Value::Map(variables)),
        ]);
        let result: Map = crate::fields([("add_host", Value::Map(added))]);
        Ok(Box::new(Settled::new("the engine adds the host", result)))
    }
}

#[cfg(test)]
mod tests {
    use cutover_kit::Later;

    use super::*;

    fn added(given: &Value) -> Result<Value, ArgsError> {
        let plan = AnyModule::call(&AddHost, given)?.plan();
        Ok(plan.unwrap().result["add_host"].clone())
    }

    #[test]
    fn a_port_stands_behind_the_name_and_an_address_in_brackets() {
        let table = [
            ("new:2222", "new", Some(2222)),
            ("new", "new", None),
            ("fe80::1", "fe80::1", None),
            ("[fe80::1]:2222", "fe80::1", Some(2222)),
        ];
        for (written, name, port) in table {
            let added = added(&Value::map([("name", written)])).unwrap();
            assert_eq!(added.get("host_name"), Some(&name.into()));
            let port = port.map(Value::Int);
            assert_eq!(
                added.get("host_vars").unwrap().get("ansible_ssh_port"),
                port.as_ref()
            );
        }
    }

    #[test]
    fn a_name_is_known_now_and_a_variable_may_be_later() {
        let later = Value::Later(Later { after: "sign".into() });
        let refused = added(&Value::map([("host", later.clone())])).unwrap_err();
        assert_eq!(refused.to_string(), "host is known after sign");
        let given = Value::map([("name", "new".into()), ("serial_number", later.clone())]);
        let added = added(&given).unwrap();
        assert_eq!(added.get("host_vars").unwrap().get("serial_number"), Some(&later));
    }

    #[test]
    fn nobody_is_added_without_a_name() {
        let refused = added(&Value::map([("groups", "web")])).unwrap_err();
        assert_eq!(refused.to_string(), "name, host or hostname needs to be provided");
    }
}
