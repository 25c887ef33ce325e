//! What the rewritten tree calls: members, loops, printing.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::error::{ErrorKind, Fault};
use super::group::Group;
use super::leaf::{Depth, Leaf, is_missing, leaf, missing, missing_because, settle};
use super::python::{text, type_name};
use super::roots::{Host, HostVars, Root};
use super::tree::{self, Tree};
use crate::diagnose::nearest;

/// A member by name or position. What is undefined has undefined members, and
/// what is known later has members known later.
pub(super) fn member(object: &Value, key: &Value) -> Result<Value, Error> {
    match leaf(object) {
        Some(Leaf::Missing(_) | Leaf::Later(_)) => return Ok(object.clone()),
        Some(Leaf::Secret { .. } | Leaf::Omit) => return Ok(no_member(&Value::from(""), key)),
        Some(Leaf::Nothing) => {
            return Ok(missing_because("this `if` does not hold and has no `else`"));
        }
        None => {}
    }
    if is_missing(object) {
        return Ok(missing_because("this is undefined"));
    }
    let key = match key.as_i64() {
        Some(index) if index < 0 => {
            Value::from(index + i64::try_from(object.len().unwrap_or(0)).unwrap_or(0))
        }
        _ => key.clone(),
    };
    if let (Some(group), Some(name)) = (object.downcast_object_ref::<Group>(), key.as_str())
        && let Some(half) = group.half(name)
    {
        return Ok(half.clone());
    }
    let found = match object.downcast_object_ref::<Tree>() {
        Some(tree) => tree.get(&key).transpose()?,
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

fn no_member(object: &Value, key: &Value) -> Value {
    let (object, key) = (object.clone(), key.clone());
    missing(move || {
        let message = if object.downcast_object_ref::<HostVars>().is_some() {
            format!("there is no host '{}'", text(&key))
        } else if object.downcast_object_ref::<Host>().is_some() {
            format!("'{}' is undefined for that host", text(&key))
        } else {
            let kind = type_name(&object);
            match key.as_str() {
                Some(name) => format!("object of type '{kind}' has no attribute '{name}'"),
                None => format!("object of type '{kind}' has no attribute {}", text(&key)),
            }
        };
        let near = near(&key, &names(&object));
        Fault::new(ErrorKind::Undefined, message).help(near).into()
    })
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

/// A value that a template may change, where it can: literals of lists and
/// mappings, and whatever a name is set to.
pub(super) fn own(value: &Value) -> Result<Value, Error> {
    // A literal of a mapping is made by the engine, and of its type only.
    match value.downcast_object_ref::<indexmap::IndexMap<Value, Value>>() {
        Some(map) => Ok(tree::mapping(
            map.iter().map(|(key, member)| (key.clone(), member.clone())),
        )),
        None => tree::owned(value),
    }
}
