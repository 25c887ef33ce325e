//! Methods that change their list or mapping.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::template::access::member;
use crate::template::arguments::Arguments;
use crate::template::error::{ErrorKind, Fault};
use crate::template::filters::{items, sorted};
use crate::template::operators::equal;
use crate::template::python::{repr, type_name};
use crate::template::tree::Tree;

/// A method of a value that can be changed.
pub(super) type Change = fn(&Value, &mut Arguments) -> Result<Value, Error>;

/// Lists and mappings grow at most so large.
const MOST_MEMBERS: usize = 250_000;

/// The method of a list of this name.
pub(super) fn of_list(method: &str) -> Option<Change> {
    Some(match method {
        "append" => |value, arguments| {
            let new = arguments.required("object")?;
            grow(value, vec![new], None)
        },
        "extend" => |value, arguments| {
            let new = items(&arguments.required("iterable")?)?;
            grow(value, new, None)
        },
        "insert" => |value, arguments| {
            let index = arguments.number("index")?.unwrap_or(0);
            let new = arguments.required("object")?;
            grow(value, vec![new], Some(index))
        },
        "pop" => pop_item,
        "remove" => remove,
        "clear" => |value, _| list(value, Vec::clear),
        "reverse" => |value, _| list(value, |list| list.reverse()),
        "sort" => |value, arguments| {
            let reverse = arguments.flag("reverse");
            let mut ordered = sorted(items(value)?, false)?;
            if reverse {
                ordered.reverse();
            }
            list(value, |list| *list = ordered)
        },
        _ => return None,
    })
}

/// The method of a mapping of this name.
pub(super) fn of_map(method: &str) -> Option<Change> {
    Some(match method {
        "update" => update,
        "setdefault" => setdefault,
        "pop" => pop_key,
        "popitem" => |value, _| {
            let last = tree(value)?.change_map(indexmap::IndexMap::pop)?.flatten();
            let pair = last.map(|(key, member)| [key, member].into_iter().collect());
            pair.ok_or_else(|| Fault::new(ErrorKind::Value, "this mapping is empty").into())
        },
        "clear" => |value, _| {
            tree(value)?.change_map(indexmap::IndexMap::clear)?;
            Ok(Value::from(()))
        },
        _ => return None,
    })
}

fn tree(value: &Value) -> Result<&Tree, Error> {
    let tree = value.downcast_object_ref::<Tree>();
    tree.ok_or_else(|| {
        let message = format!("this '{}' cannot be changed", type_name(value));
        Fault::new(ErrorKind::Value, message).into()
    })
}

fn list<T>(value: &Value, change: impl FnOnce(&mut Vec<Value>) -> T) -> Result<Value, Error> {
    tree(value)?.change_list(change)?;
    Ok(Value::from(()))
}

/// What holds itself would have no end.
fn not_itself(value: &Value, new: &[Value]) -> Result<(), Error> {
    let tree = tree(value)?;
    match new.iter().any(|new| tree.is_in(new)) {
        true => Err(Fault::new(ErrorKind::Value, "this would hold itself").into()),
        false if tree.len() + new.len() > MOST_MEMBERS => {
            let message = format!("this would have more than {MOST_MEMBERS} members");
            Err(Fault::new(ErrorKind::Limit, message).into())
        }
        false => Ok(()),
    }
}

fn grow(value: &Value, new: Vec<Value>, at: Option<i64>) -> Result<Value, Error> {
    not_itself(value, &new)?;
    list(value, |list| {
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let at = at.map_or(length, |at| {
            if at < 0 {
                (at + length).max(0)
            } else {
                at.min(length)
            }
        });
        let at = usize::try_from(at).unwrap_or(list.len());
        list.splice(at..at, new);
    })
}

fn pop_item(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let at = arguments.number("index")?.unwrap_or(-1);
    let popped = tree(value)?.change_list(|list| {
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let at = usize::try_from(if at < 0 { at + length } else { at }).ok()?;
        (at < list.len()).then(|| list.remove(at))
    });
    let fault = || Fault::new(ErrorKind::Value, "pop index out of range").into();
    popped?.flatten().ok_or_else(fault)
}

fn remove(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let old = arguments.required("value")?;
    let removed = tree(value)?.change_list(|list| {
        let at = list.iter().position(|item| equal(item, &old))?;
        Some(list.remove(at))
    })?;
    match removed.flatten() {
        Some(_) => Ok(Value::from(())),
        None => Err(Fault::new(ErrorKind::Value, format!("{} is not in list", repr(&old))).into()),
    }
}

fn update(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    if let Some(other) = arguments.next("(other)") {
        for item in items(&other)? {
            pairs.push(match other.kind() {
                ValueKind::Map => (item.clone(), member(&other, &item)?),
                _ => match items(&item)?.as_slice() {
                    [key, member] => (key.clone(), member.clone()),
                    _ => {
                        let message = "`update` takes a mapping, or a list of pairs";
                        return Err(Fault::new(ErrorKind::Value, message).into());
                    }
                },
            });
        }
    }
    let named = arguments.rest_named().into_iter();
    pairs.extend(named.map(|(name, member)| (Value::from(name), member)));
    let new: Vec<Value> = pairs.iter().map(|(_, member)| member.clone()).collect();
    not_itself(value, &new)?;
    tree(value)?.change_map(|map| map.extend(pairs))?;
    Ok(Value::from(()))
}

fn setdefault(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let key = arguments.required("key")?;
    let otherwise = arguments.next("default").unwrap_or_else(|| Value::from(()));
    not_itself(value, std::slice::from_ref(&otherwise))?;
    let member = tree(value)?.change_map(|map| map.entry(key).or_insert(otherwise).clone())?;
    Ok(member.unwrap_or_default())
}

fn pop_key(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let key = arguments.required("key")?;
    let otherwise = arguments.next("default");
    let popped = tree(value)?.change_map(|map| map.shift_remove(&key))?;
    popped.flatten().or(otherwise).ok_or_else(|| {
        let message = format!("this mapping has no key {}", repr(&key));
        Fault::new(ErrorKind::Value, message).into()
    })
}
