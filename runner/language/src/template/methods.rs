//! Python's methods of values: `text.split()`, `mapping.get('key')`, `list.append(1)`.

mod changing;
mod text;

pub(super) use text::split;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind as Engine, State, Value};
use minijinja_contrib::pycompat;

use super::access::member;
use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::filters::items;
use super::leaf::{Depth, is_missing, settle};
use super::operators::equal;
use super::python::{repr, type_name};
use super::roots::Root;
use super::tree::{self, Tree};

/// The methods of every type, for the manual.
pub(super) const NAMES: [(&str, &[&str]); 4] = [
    ("str", text::NAMES),
    (
        "list",
        &[
            "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
            "sort",
        ],
    ),
    (
        "dict",
        &[
            "clear",
            "copy",
            "get",
            "items",
            "keys",
            "pop",
            "popitem",
            "setdefault",
            "update",
            "values",
        ],
    ),
    ("int and float", &["bit_length", "is_integer"]),
];

/// Calls a method that the engine does not know.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    // Only what is put into a list or mapping is not used by that.
    let depth = Depth::Top;
    let args = args
        .iter()
        .map(|arg| {
            if arg.is_kwargs() {
                Ok(arg.clone())
            } else {
                settle(arg, depth)
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut arguments = Arguments::new(&args);
    let result = match value.kind() {
        ValueKind::String => text::call(value.as_str().unwrap_or_default(), method, &mut arguments),
        ValueKind::Map => of_map(state, value, method, &mut arguments),
        ValueKind::Seq | ValueKind::Iterable => of_list(state, value, method, &mut arguments),
        ValueKind::Number => of_number(value, method),
        _ => None,
    };
    if let Some(result) = result {
        let result = result?;
        arguments.finish()?;
        return Ok(result);
    }
    match pycompat::unknown_method_callback(state, value, method, &args) {
        Err(error) if error.kind() == Engine::UnknownMethod => {}
        done => return done,
    }
    let has_member = || member(value, &Value::from(method)).is_ok_and(|found| !is_missing(&found));
    if has_member() {
        return Err(Error::from(Engine::UnknownMethod));
    }
    let kind = type_name(value);
    let message = format!("object of type '{kind}' has no attribute '{method}'");
    Err(Fault::new(ErrorKind::Undefined, message).into())
}

fn of_number(value: &Value, method: &str) -> Option<Result<Value, Error>> {
    Some(Ok(match method {
        "bit_length" if value.is_integer() => {
            let size = i128::try_from(value.clone()).unwrap_or(0).unsigned_abs();
            Value::from(128 - size.leading_zeros())
        }
        "is_integer" => {
            let number = f64::try_from(value.clone()).unwrap_or(f64::NAN);
            Value::from(value.is_integer() || number.fract() == 0.0)
        }
        _ => return None,
    }))
}

/// What can be changed, and that it is; a list of the engine is nobody else's.
fn changed(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    Root::of(state)?.shared.has_changed();
    match value.downcast_object_ref::<Tree>() {
        Some(_) => Ok(value.clone()),
        None => tree::owned(value),
    }
}

fn of_list(
    state: &State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &mut Arguments,
) -> Option<Result<Value, Error>> {
    Some(match method {
        "copy" => items(value).map(tree::list),
        "count" => arguments.required("value").and_then(|wanted| {
            let found = items(value)?.iter().filter(|item| equal(item, &wanted)).count();
            Ok(Value::from(found))
        }),
        "index" => arguments.required("value").and_then(|wanted| {
            let at = items(value)?.iter().position(|item| equal(item, &wanted));
            let message = || format!("{} is not in list", repr(&wanted));
            at.map(Value::from)
                .ok_or_else(|| Fault::new(ErrorKind::Value, message()).into())
        }),
        _ if value.is_tuple() => return None,
        _ => {
            let change = changing::of_list(method)?;
            changed(state, value).and_then(|value| change(&value, arguments))
        }
    })
}

fn of_map(
    state: &State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &mut Arguments,
) -> Option<Result<Value, Error>> {
    let member_of = |key: &Value| member(value, key);
    Some(match method {
        "get" => get(value, arguments),
        "copy" => items(value).and_then(|keys| {
            let pairs = keys.into_iter().map(|key| Ok((key.clone(), member_of(&key)?)));
            pairs.collect::<Result<Vec<_>, Error>>().map(tree::mapping)
        }),
        _ => {
            value.downcast_object_ref::<Tree>()?;
            let change = changing::of_map(method)?;
            changed(state, value).and_then(|value| change(&value, arguments))
        }
    })
}

/// `mapping.get(key, otherwise)`: null or the other value where there is none.
fn get(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let key = arguments.required("key")?;
    let otherwise = arguments.next("default").unwrap_or_else(|| Value::from(()));
    let found = member(value, &key)?;
    Ok(if is_missing(&found) { otherwise } else { found })
}
