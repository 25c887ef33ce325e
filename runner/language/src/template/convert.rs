//! From the engine's values to ours.

use cutover_kit::Value as Known;
use minijinja::Value;
use minijinja::value::{DynObject, ValueKind};

use super::error::{ErrorKind, Fault, Stop, engine_fault, stop_in};
use super::leaf::{Leaf, leaf};
use super::roots;
use super::tree::Tree;
use super::{moment, python};

/// A result may hold at most so many values.
const MOST_VALUES: usize = 250_000;

/// The value as ours: secrets in it stay secrets, what is known later stays
/// that, members that are `omit` are left out. `None` is `omit` itself.
pub(super) fn known(value: &Value) -> Result<Option<Known>, Stop> {
    let mut left = MOST_VALUES;
    convert(value, &mut left)
}

fn convert(value: &Value, left: &mut usize) -> Result<Option<Known>, Stop> {
    *left = left.checked_sub(1).ok_or_else(|| {
        Fault::new(
            ErrorKind::Limit,
            format!("this has more than {MOST_VALUES} members"),
        )
    })?;
    if let Some(leaf) = leaf(value) {
        return match leaf {
            Leaf::Missing(why) => Err(why()),
            Leaf::Later(later) => Ok(Some(Known::Later(later.clone()))),
            Leaf::Secret { secret, .. } => Ok(Some(Known::Secret(secret.clone()))),
            Leaf::Omit => Ok(None),
            Leaf::Nothing => Ok(Some(Known::String(String::new()))),
        };
    }
    if let Some(tree) = value.downcast_object_ref::<Tree>() {
        return from_tree(tree, left).map(Some);
    }
    if let Some(variables) = roots::variables(value) {
        return all_variables(variables, left).map(Some);
    }
    Ok(Some(match value.kind() {
        ValueKind::None => Known::Null,
        ValueKind::Bool => Known::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::String => Known::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bytes => {
            let bytes = value.as_bytes().unwrap_or_default();
            Known::String(String::from_utf8_lossy(bytes).into_owned())
        }
        ValueKind::Seq | ValueKind::Iterable => Known::List(list(value, left)?),
        ValueKind::Map => Known::Map(map(value, left)?),
        ValueKind::Undefined => return Err(Fault::undefined().into()),
        ValueKind::Invalid => return Err(stop_of_invalid(value)),
        _ => match (moment::iso(value), moment::type_name(value)) {
            (Some(iso), _) => Known::String(iso),
            (None, Some(_)) => {
                let message = "a span of time is no value";
                let help = Some("take its `.days`, or `.total_seconds()`".to_owned());
                return Err(Fault::new(ErrorKind::Value, message).help(help).into());
            }
            (None, None) => {
                let message = "a function is no value; call it with `()`";
                return Err(Fault::new(ErrorKind::Value, message).into());
            }
        },
    }))
}

fn from_tree(tree: &Tree, left: &mut usize) -> Result<Known, Stop> {
    let mut list = Vec::new();
    let mut map = cutover_kit::Map::new();
    for member in tree.members() {
        let (key, value) = member?;
        let Some(value) = convert(&value, left)? else {
            continue;
        };
        match key {
            Some(key) => {
                map.insert(python::text(&key), value);
            }
            None => list.push(value),
        }
    }
    Ok(match tree.is_map() {
        true => Known::Map(map),
        false => Known::List(list),
    })
}

/// All variables of a host. One that cannot be told says why in its place, as Ansible does: it is not what
/// was asked for.
fn all_variables(variables: roots::Variables, left: &mut usize) -> Result<Known, Stop> {
    let mut map = cutover_kit::Map::new();
    let mut errors = 0;
    for (name, value) in variables {
        match value.and_then(|value| convert(&value, left)) {
            Ok(Some(value)) => drop(map.insert(name, value)),
            Ok(None) => {}
            Err(Stop::Later(later)) => drop(map.insert(name, Known::Later(later))),
            Err(Stop::Here(fault)) if fault.kind == ErrorKind::Limit => return Err(fault.into()),
            Err(stop) => {
                errors += 1;
                map.insert(name, Known::String(format!("<< error {errors} - {stop} >>")));
            }
        }
    }
    Ok(Known::Map(map))
}

/// Whole numbers that fit stay whole.
fn number(value: &Value) -> Known {
    let whole = value
        .is_integer()
        .then(|| i64::try_from(value.clone()).ok())
        .flatten();
    whole.map_or_else(
        || Known::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        Known::Int,
    )
}

fn list(value: &Value, left: &mut usize) -> Result<Vec<Known>, Stop> {
    let items = value.try_iter().map_err(|error| stop_of(&error))?;
    let mut list = Vec::new();
    for item in items.checked() {
        let item = item.map_err(|error| stop_of(&error))?;
        list.extend(convert(&item, left)?);
    }
    Ok(list)
}

fn map(value: &Value, left: &mut usize) -> Result<cutover_kit::Map, Stop> {
    let mut map = cutover_kit::Map::new();
    let object = value.as_object();
    for (key, member) in object.and_then(DynObject::try_iter_pairs).into_iter().flatten() {
        let key = python::text(&key);
        if let Some(member) = convert(&member, left)? {
            map.insert(key, member);
        }
    }
    Ok(map)
}

/// The reason in a value that is an error.
pub(super) fn stop_of_invalid(value: &Value) -> Stop {
    let error = Value::from(vec![value.clone()])
        .try_iter()
        .ok()
        .and_then(|items| items.checked().next()?.err());
    error.map_or_else(|| Fault::undefined().into(), |error| stop_of(&error))
}

/// Why an engine's error happened, in our words.
pub(super) fn stop_of(error: &minijinja::Error) -> Stop {
    stop_in(error)
        .cloned()
        .unwrap_or_else(|| engine_fault(error).into())
}
