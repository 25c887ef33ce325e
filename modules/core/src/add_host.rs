//! `add_host`: a host that the inventory did not know. The engine adds it; here is what may be asked of it.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value};
use schemars::JsonSchema;

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

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        let mut variables = given.as_map().cloned().unwrap_or_default();
        let mut take = |names: [&str; 3]| {
            names
                .map(|name| variables.shift_remove(name))
                .into_iter()
                .flatten()
                .next()
        };
        let name = take(["name", "hostname", "host"]).and_then(|name| crate::text_of(&name));
        let groups = take(["groups", "groupname", "group"]);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Err(ArgsError::Misfit {
                path: String::new(),
                message: "name, host or hostname needs to be provided".into(),
            });
        };
        let (name, port) = with_port(name);
        if let Some(port) = port {
            variables.insert("ansible_ssh_port".into(), port.into());
        }
        let added = crate::fields([
            ("host_name", name.into()),
            ("groups", crate::words_of(groups.as_ref()).into()),
            ("host_vars", Value::Map(variables)),
        ]);
        let result: Map = crate::fields([("add_host", Value::Map(added))]);
        Ok(Box::new(Settled::new("the engine adds the host", result)))
    }
}

/// `name:port`; an address with several colons is a name.
fn with_port(name: String) -> (String, Option<i64>) {
    let split = name
        .split_once(':')
        .and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match split {
        Some((host, port)) => (host.to_owned(), Some(port.into())),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_behind_the_name() {
        let table = [
            ("new:2222", "new", Some(2222)),
            ("new", "new", None),
            ("fe80::1", "fe80::1", None),
        ];
        for (written, name, port) in table {
            assert_eq!(with_port(written.to_owned()), (name.to_owned(), port));
        }
    }
}
