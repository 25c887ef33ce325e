//! Lists made of several lists.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::lists::items;
use crate::template::access::member;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::leaf::{Depth, is_missing, settle};
use crate::template::python::{repr, text, type_name};
use crate::template::tree::{list, mapping};

pub(super) const TABLE: &[Entry] = &[
    Entry::own("zip", Takes::Members, |value, arguments| {
        let lists = with_others(value, arguments)?;
        let rows = lists.iter().map(Vec::len).min().unwrap_or(0);
        rows_of(&lists, rows, &Value::from(()))
    }),
    Entry::own("zip_longest", Takes::Members, |value, arguments| {
        let fill = arguments.named("fillvalue").unwrap_or_else(|| Value::from(()));
        let lists = with_others(value, arguments)?;
        let rows = lists.iter().map(Vec::len).max().unwrap_or(0);
        rows_of(&lists, rows, &fill)
    }),
    Entry::own("product", Takes::Members, |value, arguments| {
        let repeat = arguments
            .named("repeat")
            .and_then(|it| it.as_usize())
            .unwrap_or(1);
        let lists = with_others(value, arguments)?;
        product(&vec![lists; repeat.min(MOST_LISTS)].concat()).map(lists_of)
    }),
    Entry::own("permutations", Takes::Members, |value, arguments| {
        chosen(value, arguments, |taken, index| !taken.contains(&index))
    }),
    Entry::own("combinations", Takes::Members, |value, arguments| {
        chosen(value, arguments, |taken, index| {
            taken.last().is_none_or(|last| index > *last)
        })
    }),
    Entry::own("subelements", Takes::Members, |value, arguments| {
        let name = arguments.required("subelements")?;
        let skip_missing = arguments.flag("skip_missing");
        subelements(value, &name, skip_missing, Parent::Whole)
    }),
];

/// So many lists are multiplied at most, and so many rows made.
const MOST_LISTS: usize = 100;
const MOST_ROWS: usize = 250_000;

fn too_many() -> Error {
    Fault::new(ErrorKind::Limit, format!("this makes more than {MOST_ROWS} rows")).into()
}

fn with_others(value: &Value, arguments: &mut Arguments) -> Result<Vec<Vec<Value>>, Error> {
    let others = arguments.rest();
    std::iter::once(value).chain(&others).map(items).collect()
}

fn lists_of(rows: Vec<Vec<Value>>) -> Value {
    list(rows.into_iter().map(list).collect())
}

fn rows_of(lists: &[Vec<Value>], rows: usize, fill: &Value) -> Result<Value, Error> {
    let row = |at: usize| {
        let row = lists.iter().map(|list| list.get(at).unwrap_or(fill).clone());
        list(row.collect())
    };
    Ok(list((0..rows).map(row).collect()))
}

/// The members at the same positions, as far as the longest list goes.
pub(crate) fn together(lists: &[Vec<Value>]) -> Result<Value, Error> {
    let rows = lists.iter().map(Vec::len).max().unwrap_or(0);
    rows_of(lists, rows, &Value::from(()))
}

/// Every member of the first list with every one of the second, and so on.
pub(crate) fn product(lists: &[Vec<Value>]) -> Result<Vec<Vec<Value>>, Error> {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists {
        if rows.len().saturating_mul(list.len()) > MOST_ROWS {
            return Err(too_many());
        }
        let longer = rows.iter().flat_map(|row| {
            list.iter()
                .map(|item| [&row[..], std::slice::from_ref(item)].concat())
        });
        rows = longer.collect();
    }
    Ok(rows)
}

/// Choices of so many members, all where no number is given.
fn chosen(
    value: &Value,
    arguments: &mut Arguments,
    may_follow: fn(&[usize], usize) -> bool,
) -> Result<Value, Error> {
    let items = items(value)?;
    let count = arguments.number("r")?.map_or(Ok(items.len()), usize::try_from);
    let count = count.map_err(|_| Fault::new(ErrorKind::Value, "r must be non-negative"))?;
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count.min(items.len() + 1) {
        let mut longer = Vec::new();
        for row in &rows {
            for index in (0..items.len()).filter(|index| may_follow(row, *index)) {
                longer.push([&row[..], &[index]].concat());
            }
            if longer.len() > MOST_ROWS {
                return Err(too_many());
            }
        }
        rows = longer;
    }
    let rows = rows.into_iter().map(|row| {
        let row = row.into_iter().map(|index| items[index].clone());
        row.collect()
    });
    Ok(lists_of(rows.collect()))
}

/// What stands beside the members of an inner list.
#[derive(Clone, Copy)]
pub(crate) enum Parent {
    /// All of the mapping that has the list, as the filter has it.
    Whole,
    /// The mapping without the list, as the lookup has it.
    Rest,
}

/// Each member of a list with each member of a list in it.
pub(crate) fn subelements(
    value: &Value,
    name: &Value,
    skip_missing: bool,
    parent: Parent,
) -> Result<Value, Error> {
    let elements = match value.kind() {
        ValueKind::Map => items(value)?
            .iter()
            .map(|key| member(value, key))
            .collect::<Result<Vec<_>, _>>()?,
        _ => items(value)?,
    };
    let name = text(name);
    let mut rows = Vec::new();
    for element in elements {
        let element = settle(&element, Depth::Top)?;
        if element.kind() != ValueKind::Map {
            let message = format!(
                "subelements needs mappings, and this is '{}'",
                type_name(&element)
            );
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
        let found = name
            .split('.')
            .try_fold(element.clone(), |value, name| member(&value, &Value::from(name)))?;
        if is_missing(&found) {
            if skip_missing {
                continue;
            }
            let message = format!("could not find '{name}' key in iterated item");
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
        let found = settle(&found, Depth::Top)?;
        if !matches!(found.kind(), ValueKind::Seq | ValueKind::Iterable) {
            let message = format!("the key '{name}' should point to a list, got {}", repr(&found));
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
        let beside = match parent {
            Parent::Whole => element,
            Parent::Rest => without(&element, &name)?,
        };
        for inner in items(&found)? {
            rows.push(list(vec![beside.clone(), inner]));
        }
    }
    Ok(list(rows))
}

/// A mapping without the member at the end of a path.
fn without(value: &Value, path: &str) -> Result<Value, Error> {
    let (name, below) = path
        .split_once('.')
        .map_or((path, None), |(name, below)| (name, Some(below)));
    let mut pairs = Vec::new();
    for key in items(value)? {
        let found = member(value, &key)?;
        match below {
            _ if key.as_str() != Some(name) => pairs.push((key, found)),
            Some(below) => pairs.push((key, without(&settle(&found, Depth::Top)?, below)?)),
            None => {}
        }
    }
    Ok(mapping(pairs))
}
