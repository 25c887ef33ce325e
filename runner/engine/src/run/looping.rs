//! Loops: what `loop` and `with_…` go through, and what their items come to together.

use cutover_kit::{Failure, FailureKind, Map, Value};
use cutover_language::playbook::LoopControl;

use super::attempt::Tried;
use crate::event::Status;

/// The items of `loop` (no lookup) or `with_LOOKUP`. A fault is one sentence.
pub(super) fn items(lookup: Option<&str>, value: Value) -> Result<Vec<Value>, String> {
    match (lookup, value) {
        (None, Value::List(items)) => Ok(items),
        (None, other) => Err(format!(
            "the `loop` value must resolve to a list, and is {}",
            other.kind()
        )),
        (Some("list"), Value::List(items)) => Ok(items),
        (Some("items"), Value::List(items)) => Ok(items.into_iter().flat_map(flat).collect()),
        (Some("items"), one) => Ok(vec![one]),
        (Some("dict"), Value::Map(map)) => Ok(map
            .into_iter()
            .map(|(key, value)| Value::map([("key", Value::from(key)), ("value", value)]))
            .collect()),
        (Some("indexed_items"), Value::List(items)) => Ok((0_i64..)
            .zip(items.into_iter().flat_map(flat))
            .map(|(index, item)| Value::List(vec![index.into(), item]))
            .collect()),
        (Some(name @ ("list" | "dict" | "indexed_items")), other) => {
            Err(format!("`with_{name}` cannot go through {}", other.kind()))
        }
        (Some(name), _) => Err(format!("`with_{name}` is not supported yet")),
    }
}

/// One level is flattened.
fn flat(item: Value) -> Vec<Value> {
    match item {
        Value::List(inner) => inner,
        one => vec![one],
    }
}

/// The worst of a loop's items; all skipped only if every one was.
pub(super) fn sum(statuses: &[Status]) -> Status {
    let has = |status: Status| statuses.contains(&status);
    let order = [
        Status::Unreachable,
        Status::Failed,
        Status::Awaiting,
        Status::Changed,
        Status::Later,
        Status::Ok,
        Status::Listed,
    ];
    order
        .into_iter()
        .find(|status| has(*status))
        .unwrap_or(Status::Skipped)
}

/// After such a failure no further item is begun.
pub(super) fn ends(failure: &Failure) -> bool {
    weight(Some(failure)) > 1
}

/// How bad a failure is; what an engineer must hear first weighs most.
pub(super) fn weight(failure: Option<&Failure>) -> u8 {
    match failure.map(|failure| failure.kind) {
        None => 0,
        Some(FailureKind::Awaiting) => 2,
        Some(FailureKind::Turn) => 3,
        Some(FailureKind::Unreachable) => 4,
        Some(FailureKind::Unknown | FailureKind::Internal) => 5,
        Some(_) => 1,
    }
}

pub(super) fn failure(tried: Tried, items: usize) -> Failure {
    let failure = tried
        .failure
        .unwrap_or_else(|| Failure::new(FailureKind::Internal, "an item failed"));
    if items == 1 || failure.kind != FailureKind::Task {
        return failure;
    }
    Failure {
        message: "One or more items failed".into(),
        ..failure.clone()
    }
    .seen(failure.message)
}

/// The variables of one turn of a loop.
pub(super) fn variables(control: &LoopControl, items: &[Value], index: usize) -> Map {
    let mut variables = Map::new();
    variables.insert(control.variable().to_owned(), items[index].clone());
    if let Some(name) = &control.index {
        variables.insert(name.value.clone(), index.into());
        variables.insert("ansible_index_var".into(), name.value.as_str().into());
    }
    if control
        .extended
        .as_ref()
        .and_then(|extended| extended.literal())
        .copied()
        .unwrap_or(false)
    {
        let count = items.len();
        let mut extended = Value::map([
            ("index", Value::from(index + 1)),
            ("index0", index.into()),
            ("first", (index == 0).into()),
            ("last", (index + 1 == count).into()),
            ("length", count.into()),
            ("revindex", (count - index).into()),
            ("revindex0", (count - index - 1).into()),
            ("allitems", Value::List(items.to_vec())),
        ]);
        if let Value::Map(map) = &mut extended {
            let near = [
                ("previtem", index.checked_sub(1)),
                ("nextitem", index.checked_add(1)),
            ];
            for (name, at) in near {
                if let Some(item) = at.and_then(|at| items.get(at)) {
                    map.insert(name.into(), item.clone());
                }
            }
        }
        variables.insert("ansible_loop".into(), extended);
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_items_flattens_one_level_and_loop_does_not() {
        let nested = || {
            Value::List(vec![
                vec![1_i64, 2].into(),
                3_i64.into(),
                Value::List(vec![vec![4_i64].into()]),
            ])
        };
        let flat = items(Some("items"), nested()).unwrap();
        assert_eq!(
            flat,
            [1_i64.into(), 2_i64.into(), 3_i64.into(), Value::from(vec![4_i64])]
        );
        assert_eq!(items(None, nested()).unwrap().len(), 3);
        assert_eq!(items(Some("items"), "one".into()).unwrap(), [Value::from("one")]);
        assert_eq!(
            items(None, "one".into()).unwrap_err(),
            "the `loop` value must resolve to a list, and is text"
        );
    }
}
