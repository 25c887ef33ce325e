//! Lists in order: sorted, grouped, their least and greatest.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::lists::{items, path};
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::group::Group;
use crate::template::leaf::{Depth, is_missing, missing_because, settle};
use crate::template::operators::{self, OPERATORS, compare, incomparable};
use crate::template::python::text;
use crate::template::tree::list;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("sort", Takes::Values, sort),
    Entry::own("groupby", Takes::Values, groupby),
    Entry::own("min", Takes::Values, |value, arguments| {
        extreme(value, arguments, Ordering::Less)
    }),
    Entry::own("max", Takes::Values, |value, arguments| {
        extreme(value, arguments, Ordering::Greater)
    }),
    Entry::own("sum", Takes::Values, sum),
];

/// What a value is sorted by: text in small letters, unless its case counts.
pub(super) fn key(value: &Value, case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
        _ => value.clone(),
    }
}

/// The values in the order of their keys; values with the same keys stay in
/// their order, even backwards.
pub(super) fn by_keys(mut keyed: Vec<(Vec<Value>, Value)>, reverse: bool) -> Result<Vec<Value>, Error> {
    let mut fault = None;
    keyed.sort_by(|(left, _), (right, _)| {
        let ordering = left.iter().zip(right).find_map(|(left, right)| {
            if operators::equal(left, right) {
                return None;
            }
            let ordering = compare(left, right);
            if ordering.is_none() {
                fault.get_or_insert_with(|| incomparable("<", left, right));
            }
            ordering
        });
        let ordering = ordering.unwrap_or(Ordering::Equal);
        if reverse { ordering.reverse() } else { ordering }
    });
    match fault {
        Some(fault) => Err(fault),
        None => Ok(keyed.into_iter().map(|(_, value)| value).collect()),
    }
}

/// Values in their own order.
pub(crate) fn sorted(values: Vec<Value>, reverse: bool) -> Result<Vec<Value>, Error> {
    let keyed = values.into_iter().map(|value| (vec![key(&value, true)], value));
    by_keys(keyed.collect(), reverse)
}

/// The attributes in `a,b.c`.
fn attributes(attribute: Option<Value>) -> Vec<Value> {
    match attribute.filter(|attribute| !attribute.is_none()) {
        None => Vec::new(),
        Some(attribute) => match attribute.as_str() {
            Some(names) => names.split(',').map(|name| Value::from(name.trim())).collect(),
            None => vec![attribute],
        },
    }
}

fn keys(item: &Value, attributes: &[Value], case_sensitive: bool) -> Result<Vec<Value>, Error> {
    if attributes.is_empty() {
        return Ok(vec![key(item, case_sensitive)]);
    }
    let of = |attribute: &Value| {
        let found = settle(&path(item, attribute)?, Depth::All)?;
        Ok(key(&found, case_sensitive))
    };
    attributes.iter().map(of).collect()
}

fn sort(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let reverse = arguments.flag("reverse");
    let case_sensitive = arguments.flag("case_sensitive");
    let attributes = attributes(arguments.next("attribute"));
    let keyed = items(value)?
        .into_iter()
        .map(|item| Ok((keys(&item, &attributes, case_sensitive)?, item)));
    by_keys(keyed.collect::<Result<_, Error>>()?, reverse).map(list)
}

/// Groups: an attribute's value and the list of the members that have it.
fn groupby(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let attribute = arguments.required("attribute")?;
    let otherwise = arguments.next("default").filter(|default| !default.is_none());
    let case_sensitive = arguments.flag("case_sensitive");
    let mut keyed = Vec::new();
    for item in items(value)? {
        let found = path(&item, &attribute)?;
        let found = match &otherwise {
            Some(otherwise) if is_missing(&found) => otherwise.clone(),
            _ => settle(&found, Depth::All)?,
        };
        let pair = list(vec![found.clone(), item]);
        keyed.push((vec![key(&found, case_sensitive)], pair));
    }
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for pair in by_keys(keyed, false)? {
        let (by, item) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
        let same = |known: &Value| operators::equal(&key(known, case_sensitive), &key(&by, case_sensitive));
        match groups.last_mut().filter(|(known, _)| same(known)) {
            Some((_, members)) => members.push(item),
            None => groups.push((by, vec![item])),
        }
    }
    let groups = groups.into_iter().map(|(by, members)| {
        let members = list(members);
        Value::from_object(Group { by, members })
    });
    Ok(list(groups.collect()))
}

fn extreme(value: &Value, arguments: &mut Arguments, wanted: Ordering) -> Result<Value, Error> {
    let case_sensitive = arguments.flag("case_sensitive");
    let attribute = attributes(arguments.next("attribute"));
    let mut best: Option<(Vec<Value>, Value)> = None;
    for item in items(value)? {
        let keys = keys(&item, &attribute, case_sensitive)?;
        let better = match &best {
            None => true,
            Some((known, _)) => {
                let ordering = compare(&keys[0], &known[0]);
                ordering.ok_or_else(|| incomparable("<", &keys[0], &known[0]))? == wanted
            }
        };
        if better {
            best = Some((keys, item));
        }
    }
    Ok(best.map_or_else(
        || missing_because("No aggregated item, sequence was empty."),
        |(_, item)| item,
    ))
}

fn sum(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let attribute = arguments
        .next("attribute")
        .filter(|attribute| !attribute.is_none());
    let start = arguments.next("start").unwrap_or_else(|| Value::from(0));
    if start.kind() == ValueKind::String {
        let message = format!(
            "text is joined, not summed: `| join` instead of `{}`",
            text(&start)
        );
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    let add = OPERATORS[0].1;
    items(value)?.into_iter().try_fold(start, |sum, item| {
        let item = match &attribute {
            Some(attribute) => settle(&path(&item, attribute)?, Depth::All)?,
            None => item,
        };
        add(&sum, &item)
    })
}
