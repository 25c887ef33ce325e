//! What the rewritten tree calls: members, loops, printing.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::error::{ErrorKind, Fault};
use super::eval::{Host, HostVars, Root};
use super::leaf::{Depth, Leaf, is_missing, leaf, missing, settle};
use super::python::type_name;
use super::tree::Tree;
use crate::diagnose::nearest;

/// A member by name or position. What is undefined has undefined members, and
/// what is known later has members known later.
pub(super) fn member(object: &Value, key: &Value) -> Result<Value, Error> {
    match leaf(object) {
        Some(Leaf::Missing(_) | Leaf::Later(_)) => return Ok(object.clone()),
        Some(Leaf::Secret { .. } | Leaf::Omit) => return Ok(no_member(&Value::from(""), key)),
        None => {}
    }
    if is_missing(object) {
        return Ok(missing("this is undefined", None));
    }
    let key = match key.as_i64() {
        Some(index) if index < 0 => {
            Value::from(index + i64::try_from(object.len().unwrap_or(0)).unwrap_or(0))
        }
        _ => key.clone(),
    };
    let found = match object.downcast_object_ref::<Tree>() {
        Some(tree) => in_tree(tree, &key).transpose()?,
        None => Some(object.get_item(&key)?).filter(|value| !value.is_undefined()),
    };
    match found {
        Some(value) if value.kind() == ValueKind::Invalid => {
            Err(super::convert::stop_of_invalid(&value).into())
        }
        Some(value) => Ok(value),
        None => Ok(no_member(object, &key)),
    }
}

fn in_tree(tree: &Tree, key: &Value) -> Option<Result<Value, super::error::Stop>> {
    match (tree.is_map(), key.as_str()) {
        (true, Some(key)) => tree.named(key),
        (true, None) => tree.named(&super::python::text(key)),
        (false, _) => tree.at(key.as_usize()?),
    }
}

fn no_member(object: &Value, key: &Value) -> Value {
    if object.downcast_object_ref::<HostVars>().is_some() {
        let hosts: Vec<String> = names(object);
        return missing(format!("there is no host '{key}'"), near(key, &hosts));
    }
    let kind = match object.downcast_object_ref::<Host>() {
        Some(_) => {
            return missing(
                format!("'{key}' is undefined for that host"),
                near(key, &names(object)),
            );
        }
        None => type_name(object),
    };
    match key.as_str() {
        Some(name) => {
            let message = format!("object of type '{kind}' has no attribute '{name}'");
            missing(message, near(key, &names(object)))
        }
        None => missing(format!("object of type '{kind}' has no element {key}"), None),
    }
}

/// The keys of a mapping.
fn names(object: &Value) -> Vec<String> {
    let keys = (object.kind() == ValueKind::Map)
        .then(|| object.try_iter().ok())
        .flatten();
    keys.into_iter()
        .flatten()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect()
}

fn near(key: &Value, known: &[String]) -> Option<String> {
    let near = nearest(key.as_str()?, known.iter().map(String::as_str))?;
    Some(format!("did you mean `{near}`?"))
}

/// What a loop goes through.
pub(super) fn each(value: &Value) -> Result<Value, Error> {
    let value = settle(value, Depth::Top)?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::String => Ok(value),
        _ => {
            let message = format!("a loop needs a list, not '{}'", type_name(&value));
            Err(Fault::new(ErrorKind::Value, message).into())
        }
    }
}

/// A value about to be printed at the top of a template.
pub(super) fn print(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    Root::of(state)?.shared.has_printed(value);
    Ok(value.clone())
}

/// The value of `x if y` where `y` is false.
pub(super) fn neither(_: &Value) -> Value {
    let help = Some("say what it is otherwise: `x if y else z`".to_owned());
    missing("the condition of this is false, and it has no `else`", help)
}
