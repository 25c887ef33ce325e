//! How a try ended: what its module did, and the playbook's own verdict on that.

use std::collections::BTreeMap;

use cutover_kit::{Failure, FailureKind, Later, Map, Value};
use cutover_language::playbook::{Task, Until};

use super::looping::weight;
use super::scope::{Terms, Verdict};
use super::shapes;
use super::task::status_of;
use crate::event::Status;

/// How it went.
pub(super) struct Tried {
    pub(super) status: Status,
    pub(super) result: Value,
    pub(super) failure: Option<Failure>,
    pub(super) delegate: Option<String>,
    pub(super) hosts: BTreeMap<String, Failure>,
}

impl Tried {
    pub(super) fn of(status: Status, result: Map) -> Self {
        Self {
            status,
            result: Value::Map(result),
            failure: None,
            delegate: None,
            hosts: BTreeMap::new(),
        }
    }

    /// It has failed after all; what its module said is kept. Where that was worse than this
    /// failure, it stays what it is, and this one is only told beside it.
    pub(super) fn fail(&mut self, failure: Failure) {
        let said = self.result.as_map().and_then(|result| result.get("msg")).cloned();
        let message = Value::from(failure.message.as_str());
        let stays = self.take_lighter(failure);
        if let Value::Map(result) = &mut self.result {
            result.insert("failed".into(), true.into());
            result.insert("msg".into(), said.filter(|_| stays).unwrap_or(message));
        }
    }

    /// Becomes this failure, unless the one it has is worse. Whether that stays.
    fn take_lighter(&mut self, failure: Failure) -> bool {
        let stays = weight(self.failure.as_ref()) > weight(Some(&failure));
        match &mut self.failure {
            Some(worse) if stays => worse.seen.push(failure.message),
            known => {
                self.status = Status::Failed;
                *known = Some(failure);
            }
        }
        stays
    }

    /// This failure in the place of all that its module said, unless that was worse.
    pub(super) fn or_failed(mut self, failure: Failure) -> Self {
        if weight(self.failure.as_ref()) > weight(Some(&failure)) {
            self.fail(failure);
            return self;
        }
        Self::failed(failure)
    }

    pub(super) fn later(later: Later) -> Self {
        Self {
            result: Value::Later(later),
            ..Self::of(Status::Later, Map::new())
        }
    }

    pub(super) fn failed(failure: Failure) -> Self {
        let mut result = shapes::failed(&failure);
        let status = status_of(&failure);
        result.insert("changed".into(), false.into());
        Self {
            failure: Some(failure),
            ..Self::of(status, result)
        }
    }
}

impl Tried {
    /// `changed_when` and `failed_when`, with the result visible.
    pub(super) fn judged(mut self, task: &Task, terms: &Terms) -> Self {
        if matches!(
            self.status,
            Status::Unreachable | Status::Awaiting | Status::Skipped | Status::Later
        ) {
            return self;
        }
        if !task.changed_when.is_empty() {
            match terms.verdict(&task.changed_when) {
                Ok(verdict) => set_changed(&mut self, verdict == Verdict::Holds),
                Err(failure) => return undecided(self, "changed_when_result", failure),
            }
        }
        let out_of_reach = self.failure.as_ref().is_some_and(|failure| {
            matches!(
                failure.kind,
                FailureKind::Unknown | FailureKind::Turn | FailureKind::Internal
            )
        });
        if !task.failed_when.is_empty() && !out_of_reach {
            match terms.verdict(&task.failed_when) {
                Ok(verdict) => set_failed(&mut self, verdict == Verdict::Holds),
                Err(failure) => return undecided(self, "failed_when_result", failure),
            }
        }
        self
    }
}

/// Whether `until` holds, or where it says nothing, nothing has failed.
pub(super) fn is_enough(until: &Until, terms: &Terms, tried: &Tried) -> Result<bool, Failure> {
    if until.conditions.is_empty() {
        return Ok(tried.failure.is_none());
    }
    let verdict = terms.verdict(&until.conditions)?;
    Ok(matches!(verdict, Verdict::Holds | Verdict::Later(_)))
}

/// A condition on the result cannot be told: the task fails, and keeps what its module said.
fn undecided(mut tried: Tried, condition: &str, failure: Failure) -> Tried {
    let message = format!("Error while evaluating conditional: {}", failure.message);
    if let Value::Map(result) = &mut tried.result {
        result.insert("failed".into(), true.into());
        result.insert(condition.into(), message.as_str().into());
    }
    tried.take_lighter(Failure { message, ..failure });
    tried
}

fn set_changed(tried: &mut Tried, changed: bool) {
    if let Value::Map(result) = &mut tried.result {
        result.insert("changed".into(), changed.into());
    }
    if tried.failure.is_none() {
        tried.status = if changed { Status::Changed } else { Status::Ok };
    }
}

fn set_failed(tried: &mut Tried, failed: bool) {
    let Value::Map(result) = &mut tried.result else {
        return;
    };
    result.insert("failed".into(), failed.into());
    result.insert("failed_when_result".into(), failed.into());
    if failed && tried.failure.is_none() {
        tried.failure = Some(Failure::new(FailureKind::Task, "failed_when holds"));
        tried.status = Status::Failed;
    } else if !failed && tried.failure.take().is_some() {
        let changed = result.get("changed").and_then(Value::as_bool).unwrap_or(false);
        tried.status = if changed { Status::Changed } else { Status::Ok };
    }
}

/// Whether it is not tried again: that would be in vain, or repeat a change of which nobody knows
/// whether it was made.
pub(super) fn ends_tries(tried: &Tried) -> bool {
    let unknown = |failure: &Failure| failure.kind == FailureKind::Unknown;
    tried.failure.as_ref().is_some_and(unknown)
        || matches!(
            tried.status,
            Status::Unreachable | Status::Awaiting | Status::Later | Status::Skipped | Status::Listed
        )
}

/// The tries are used up.
pub(super) fn exhausted(mut tried: Tried) -> Tried {
    if let Value::Map(result) = &mut tried.result {
        result.insert("failed".into(), true.into());
    }
    // A verdict of the playbook's own stands.
    let judged = tried.result.get("failed_when_result").is_some();
    if tried.failure.is_none() && !judged {
        tried.failure = Some(Failure::new(
            FailureKind::Late,
            "the tries are used up and `until` does not hold",
        ));
        tried.status = Status::Failed;
    }
    tried
}
