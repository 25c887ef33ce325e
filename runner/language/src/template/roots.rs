//! What names are looked up in: the variables of the host at hand, and through
//! `hostvars` those of every other.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use super::engine;
use super::error::{ErrorKind, Fault, Stop};
use super::eval::Eval;
use super::leaf::{Leaf, missing};
use crate::diagnose::nearest;

/// The names a template can use.
#[derive(Clone)]
pub(super) struct Root(pub(super) Arc<Eval>);

/// The name under which functions find the evaluation they are called in; no
/// template can spell it.
const SELF: &str = "(evaluation)";

impl Root {
    /// The evaluation a function is called in.
    pub(super) fn of(state: &minijinja::State<'_, '_>) -> Result<Arc<Eval>, Fault> {
        let root = state.lookup(SELF).and_then(|root| root.downcast_object::<Root>());
        root.map(|root| Arc::clone(&root.0))
            .ok_or_else(|| Fault::new(ErrorKind::Value, "this works inside of a template only"))
    }
}

impl Root {
    fn undefined(&self, name: &str) -> Value {
        let (name, eval) = (name.to_owned(), Arc::clone(&self.0));
        missing(move || {
            let near = nearest(&name, eval.scope.names()).map(|near| format!("did you mean `{near}`?"));
            let message = format!("'{name}' is undefined");
            Fault::new(ErrorKind::Undefined, message).help(near).into()
        })
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("variables")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            SELF | "vars" => return Some(Value::from_dyn_object(Arc::clone(self))),
            "omit" => return Some(Leaf::Omit.into()),
            "hostvars" => return Some(Value::from_object(HostVars(Arc::clone(&self.0)))),
            _ => {}
        }
        match self.0.variable(name) {
            Some(Ok(value)) => Some(value),
            Some(Err(stop)) => Some(Value::from(minijinja::Error::from(stop))),
            None if engine::is_global(name) => None,
            None => Some(self.undefined(name)),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.scope.names().into_iter().map(Value::from);
        Enumerator::Values(names.collect())
    }
}

/// `hostvars`: every host's variables, each rendered with that host's own.
pub(super) struct HostVars(Arc<Eval>);

impl fmt::Debug for HostVars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hostvars")
    }
}

impl Object for HostVars {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let host = self.0.for_host(key.as_str()?)?;
        Some(Value::from_object(Host(host)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let hosts = self.0.scope.world().hosts();
        Enumerator::Values(hosts.into_iter().map(Value::from).collect())
    }
}

/// The variables of one host, as a mapping.
pub(super) struct Host(Arc<Eval>);

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("variables of a host")
    }
}

/// Variables by their names, each as it renders.
pub(super) type Variables = Vec<(String, Result<Value, Stop>)>;

/// All variables that `vars` or a host of `hostvars` stands for.
pub(super) fn variables(value: &Value) -> Option<Variables> {
    let root = value.downcast_object_ref::<Root>().map(|root| &root.0);
    let eval = root.or_else(|| value.downcast_object_ref::<Host>().map(|host| &host.0))?;
    let names = eval.scope.names().into_iter();
    let told = names.filter_map(|name| Some((name.to_owned(), eval.variable(name)?)));
    Some(told.collect())
}

impl Object for Host {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let value = self.0.variable(key.as_str()?)?;
        Some(value.unwrap_or_else(|stop| Value::from(minijinja::Error::from(stop))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.scope.names().into_iter().map(Value::from);
        Enumerator::Values(names.collect())
    }
}
