//! Lists as sets. The order is that of first appearance.

use minijinja::{Error, Value};

use super::lists::{items, path};
use super::order::key;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::leaf::{Depth, settle};
use crate::template::operators::equal;
use crate::template::tree::list;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("unique", Takes::Values, unique),
    Entry::own("union", Takes::Values, |value, arguments| {
        let other = items(&arguments.required("b")?)?;
        Ok(once(items(value)?.into_iter().chain(other)))
    }),
    Entry::own("intersect", Takes::Values, |value, arguments| {
        let other = items(&arguments.required("b")?)?;
        Ok(once(items(value)?.into_iter().filter(|item| has(&other, item))))
    }),
    Entry::own("difference", Takes::Values, |value, arguments| {
        let other = items(&arguments.required("b")?)?;
        Ok(once(items(value)?.into_iter().filter(|item| !has(&other, item))))
    }),
    Entry::own("symmetric_difference", Takes::Values, |value, arguments| {
        let left = items(value)?;
        let right = items(&arguments.required("b")?)?;
        let all = left.iter().chain(&right);
        Ok(once(
            all.filter(|item| has(&left, item) != has(&right, item)).cloned(),
        ))
    }),
];

fn has(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| equal(item, wanted))
}

/// Each member once.
fn once(items: impl Iterator<Item = Value>) -> Value {
    let mut seen: Vec<Value> = Vec::new();
    for item in items {
        if !has(&seen, &item) {
            seen.push(item);
        }
    }
    list(seen)
}

fn unique(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let case_sensitive = arguments.flag("case_sensitive");
    let attribute = arguments
        .next("attribute")
        .filter(|attribute| !attribute.is_none());
    let mut seen: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    for item in items(value)? {
        let by = match &attribute {
            Some(attribute) => settle(&path(&item, attribute)?, Depth::All)?,
            None => item.clone(),
        };
        let by = key(&by, case_sensitive);
        if !has(&seen, &by) {
            seen.push(by);
            kept.push(item);
        }
    }
    Ok(list(kept))
}
