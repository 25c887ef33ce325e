//! Loops: what `loop` and `with_…` go through, and what their items come to together.

use cutover_kit::{Failure, FailureKind, Map, Value};
use cutover_language::playbook::LoopControl;

use super::scope::Terms;
use super::task::TaskRun;
use super::verdict::Tried;
use crate::bytes::hex;
use crate::event::Status;
use crate::reference::reference;

impl TaskRun<'_> {
    /// Enough of an item's hash to tell it from others, in hex. Of one that is hidden there is
    /// none: whoever can guess could find it out.
    pub(super) fn hash_of(&self, item: &Value, terms: &Terms) -> String {
        if self.hides(terms) {
            return String::new();
        }
        let json = reference(item, &self.walk.play.world.secrets).to_string();
        hex(&openssl::sha::sha256(json.as_bytes())[..8])
    }
}

/// The items of `loop`. A fault is one sentence.
pub(super) fn items(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(format!(
            "the `loop` value must resolve to a list, and is {}",
            other.kind()
        )),
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
        Some(FailureKind::Awaiting | FailureKind::Stopped) => 2,
        Some(FailureKind::Turn | FailureKind::Invalid) => 3,
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
pub(super) fn variables(
    control: &LoopControl,
    items: &[Value],
    index: usize,
    terms: &Terms,
) -> Result<Map, Failure> {
    let mut variables = Map::new();
    variables.insert(control.variable().to_owned(), items[index].clone());
    if let Some(name) = &control.index {
        variables.insert(name.value.clone(), index.into());
        variables.insert("ansible_index_var".into(), name.value.as_str().into());
    }
    if terms.setting(control.extended.as_ref())?.unwrap_or(false) {
        let count = items.len();
        let mut extended = Value::map([
            ("index", Value::from(index + 1)),
            ("index0", index.into()),
            ("first", (index == 0).into()),
            ("last", (index + 1 == count).into()),
            ("length", count.into()),
            ("revindex", (count - index).into()),
            ("revindex0", (count - index - 1).into()),
        ]);
        if let Value::Map(map) = &mut extended {
            let near = [
                ("previtem", index.checked_sub(1)),
                ("nextitem", index.checked_add(1)),
            ];
            if terms
                .setting(control.extended_all_items.as_ref())?
                .unwrap_or(true)
            {
                map.insert("allitems".into(), Value::List(items.to_vec()));
            }
            for (name, at) in near {
                if let Some(item) = at.and_then(|at| items.get(at)) {
                    map.insert(name.into(), item.clone());
                }
            }
        }
        variables.insert("ansible_loop".into(), extended);
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_goes_through_a_list_and_nothing_else() {
        let nested = Value::List(vec![vec![1_i64, 2].into(), 3_i64.into()]);
        assert_eq!(items(nested).unwrap().len(), 2);
        assert_eq!(
            items("one".into()).unwrap_err(),
            "the `loop` value must resolve to a list, and is text"
        );
    }
}
