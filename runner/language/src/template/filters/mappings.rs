//! Mappings.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::lists::items;
use super::order;
use crate::template::access::member;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::leaf::{Depth, is_missing, settle};
use crate::template::operators::equal;
use crate::template::python::{text, type_name};
use crate::template::tree::{list, mapping};

pub(super) const TABLE: &[Entry] = &[
    Entry::own("dict2items", Takes::Members, dict2items),
    Entry::own("items2dict", Takes::Members, items2dict),
    Entry::own("combine", Takes::Members, combine),
    Entry::own("rekey_on_member", Takes::Members, rekey_on_member),
    Entry::own("extract", Takes::Members, extract),
    Entry::own("items", Takes::Members, |value, _| {
        let pairs = pairs(value)?
            .into_iter()
            .map(|(key, value)| list(vec![key, value]));
        Ok(list(pairs.collect()))
    }),
    Entry::own("dictsort", Takes::Values, dictsort),
];

pub(super) type Pairs = Vec<(Value, Value)>;

/// Keys and values of a mapping.
pub(super) fn pairs(value: &Value) -> Result<Pairs, Error> {
    if value.kind() != ValueKind::Map {
        let message = format!("this needs a mapping, not '{}'", type_name(value));
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    items(value)?
        .into_iter()
        .map(|key| Ok((key.clone(), member(value, &key)?)))
        .collect()
}

fn dict2items(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let key_name = arguments.text_or("key_name", "key");
    let value_name = arguments.text_or("value_name", "value");
    let rows = pairs(value)?.into_iter().map(|(key, value)| {
        mapping([
            (Value::from(key_name.as_str()), key),
            (Value::from(value_name.as_str()), value),
        ])
    });
    Ok(list(rows.collect()))
}

fn items2dict(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let key_name = Value::from(arguments.text_or("key_name", "key"));
    let value_name = Value::from(arguments.text_or("value_name", "value"));
    let wanted = |row: &Value, name: &Value| {
        let found = member(row, name)?;
        match is_missing(&found) {
            // It is there, and undefined: why, it knows itself.
            true if items(row)?.contains(name) => settle(&found, Depth::Top),
            true => {
                let (key, value) = (text(&key_name), text(&value_name));
                let message = format!("each member needs `{key}` and `{value}`");
                Err(Fault::new(ErrorKind::Value, message).into())
            }
            false => Ok(found),
        }
    };
    let rows = items(value)?;
    let rows = rows
        .iter()
        .map(|row| Ok((wanted(row, &key_name)?, wanted(row, &value_name)?)));
    rows.collect::<Result<Pairs, Error>>().map(mapping)
}

/// How lists under the same key are combined.
#[derive(Clone, Copy)]
enum Lists {
    Replace,
    Keep,
    Append,
    Prepend,
    AppendNew,
    PrependNew,
}

fn combine(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let recursive = arguments.named("recursive").is_some_and(|it| it.is_true());
    let lists = match arguments.named("list_merge").map(|word| text(&word)).as_deref() {
        None | Some("replace") => Lists::Replace,
        Some("keep") => Lists::Keep,
        Some("append") => Lists::Append,
        Some("prepend") => Lists::Prepend,
        Some("append_rp") => Lists::AppendNew,
        Some("prepend_rp") => Lists::PrependNew,
        Some(_) => {
            let message = "`list_merge` takes replace, keep, append, prepend, append_rp or prepend_rp";
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
    };
    let all = std::iter::once(value.clone()).chain(arguments.rest());
    let mut flat = Vec::new();
    for value in all {
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => flat.extend(items(&value)?),
            _ => flat.push(value),
        }
    }
    flat.retain(|value| !value.is_none());
    let mut combined: Pairs = Vec::new();
    for value in flat {
        merge(&mut combined, pairs(&value)?, recursive, lists)?;
    }
    Ok(mapping(combined))
}

fn merge(into: &mut Pairs, from: Pairs, recursive: bool, lists: Lists) -> Result<(), Error> {
    for (key, new) in from {
        let Some((_, old)) = into.iter_mut().find(|(known, _)| *known == key) else {
            into.push((key, new));
            continue;
        };
        let is_list = |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
        if recursive && old.kind() == ValueKind::Map && new.kind() == ValueKind::Map {
            let mut inner = pairs(old)?;
            merge(&mut inner, pairs(&new)?, recursive, lists)?;
            *old = mapping(inner);
        } else if is_list(old) && is_list(&new) {
            *old = list(merge_lists(items(old)?, items(&new)?, lists));
        } else {
            *old = new;
        }
    }
    Ok(())
}

fn merge_lists(old: Vec<Value>, new: Vec<Value>, lists: Lists) -> Vec<Value> {
    let without = |list: Vec<Value>, other: &[Value]| -> Vec<Value> {
        list.into_iter()
            .filter(|item| !other.iter().any(|other| equal(other, item)))
            .collect()
    };
    match lists {
        Lists::Replace => new,
        Lists::Keep => old,
        Lists::Append => [old, new].concat(),
        Lists::Prepend => [new, old].concat(),
        Lists::AppendNew => [without(old, &new), new].concat(),
        Lists::PrependNew => {
            let old = without(old, &new);
            [new, old].concat()
        }
    }
}

/// The member of a container that the value names, and further ones in it.
fn extract(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let container = arguments.required("container")?;
    let more = arguments.next("morekeys").filter(|more| !more.is_none());
    let first = member(&container, value)?;
    let more = match more {
        None => Vec::new(),
        Some(more) if matches!(more.kind(), ValueKind::Seq | ValueKind::Iterable) => items(&more)?,
        Some(more) => vec![more],
    };
    more.iter().try_fold(first, |value, key| member(&value, key))
}

/// Pairs of key and value in the order of either.
fn dictsort(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let case_sensitive = arguments.flag("case_sensitive");
    let by = arguments.text_or("by", "key");
    let reverse = arguments.flag("reverse");
    let by_value = match by.as_str() {
        "key" => false,
        "value" => true,
        _ => {
            return Err(Fault::new(
                ErrorKind::Value,
                "You can only sort by either \"key\" or \"value\"",
            )
            .into());
        }
    };
    let keyed = pairs(value)?.into_iter().map(|(key, value)| {
        let by = if by_value { &value } else { &key };
        (vec![order::key(by, case_sensitive)], list(vec![key, value]))
    });
    order::by_keys(keyed.collect(), reverse).map(list)
}

/// The members of a list or mapping under one of their own members.
fn rekey_on_member(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let name = arguments.required("key")?;
    let overwrite = match arguments.text_or("duplicates", "error").as_str() {
        "error" => false,
        "overwrite" => true,
        _ => return Err(Fault::new(ErrorKind::Value, "`duplicates` takes error or overwrite").into()),
    };
    let rows = match value.kind() {
        ValueKind::Map => pairs(value)?.into_iter().map(|(_, row)| row).collect(),
        _ => items(value)?,
    };
    let mut keyed: Pairs = Vec::new();
    for row in rows {
        let key = settle(&member(&row, &name)?, Depth::All)?;
        if !overwrite && keyed.iter().any(|(known, _)| equal(known, &key)) {
            let message = format!(
                "Key {} is not unique, cannot correctly turn into dict",
                text(&key)
            );
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
        keyed.push((key, row));
    }
    Ok(mapping(keyed))
}
