//! The shapes of results, as Ansible's playbooks expect them.

use std::borrow::Cow;

use cutover_kit::module::Diff;
use cutover_kit::registry::Described;
use cutover_kit::{Failure, FailureKind, Map, Platform, Secrets, Value};
use serde_json::{Value as Json, json};

use super::perform::Performed;
use super::roster::Route;
use crate::reference::reference;

/// What stands where `no_log` hides something.
pub(super) const HIDDEN: &str =
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/// Why something cannot be brought in.
pub(super) const REASON: &str = "reason";

/// A failure as it may be told: where it is hidden, only what sort of trouble it is.
pub(super) fn told(failure: &Failure, hidden: bool) -> Failure {
    match hidden {
        true => Failure::new(failure.kind, HIDDEN),
        false => failure.clone(),
    }
}

/// A value as events hold it.
pub(super) fn value(value: &Value, secrets: &Secrets, hidden: bool) -> Json {
    match hidden {
        true => json!({"$hidden": true}),
        false => reference(value, secrets),
    }
}

/// The result as events hold it; where it is hidden, only whether something changed.
pub(super) fn shown(result: &Value, hidden: bool, secrets: &Secrets) -> Json {
    if hidden {
        let changed = result.get("changed").and_then(Value::as_bool).unwrap_or(false);
        return json!({"censored": HIDDEN, "changed": changed});
    }
    reference(result, secrets)
}

/// The result as playbooks see it: without what is meant for those who show it.
pub(super) fn for_playbooks(result: &Value) -> Cow<'_, Value> {
    let inner = |name: &String| name.starts_with("_ansible_");
    let has_inner = |result: &Value| result.as_map().is_some_and(|map| map.keys().any(inner));
    let items = result.get("results").and_then(Value::as_list).unwrap_or_default();
    if !has_inner(result) && !items.iter().any(has_inner) {
        return Cow::Borrowed(result);
    }
    let without = |mut result: Value| {
        if let Value::Map(map) = &mut result {
            map.retain(|name, _| !inner(name));
        }
        result
    };
    let mut result = without(result.clone());
    if let Value::Map(map) = &mut result
        && let Some(Value::List(items)) = map.get_mut("results")
    {
        *items = std::mem::take(items).into_iter().map(without).collect();
    }
    Cow::Owned(result)
}

/// The label of an item that is hidden.
pub(super) const HIDDEN_LABEL: &str = "(censored due to no_log)";

fn pairs<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// A condition was false.
pub(super) fn skipped(condition: Value) -> Map {
    pairs([
        ("changed", false.into()),
        ("skipped", true.into()),
        ("skip_reason", "Conditional result was False".into()),
        ("false_condition", condition),
    ])
}

/// `debug` is for runs that say more.
pub(super) fn too_verbose() -> Map {
    pairs([
        ("skipped", true.into()),
        ("skipped_reason", "Verbosity threshold not met.".into()),
    ])
}

/// There was nothing to loop over.
pub(super) fn no_items() -> Map {
    pairs([
        ("changed", false.into()),
        ("skipped", true.into()),
        ("skipped_reason", "No items in the list".into()),
        ("results", Value::List(Vec::new())),
    ])
}

/// A check run or a rehearsal lists it and does not run it.
pub(super) fn listed(why: &str) -> Map {
    pairs([
        ("changed", false.into()),
        ("skipped", true.into()),
        ("msg", why.into()),
    ])
}

/// A command that a check run leaves out.
pub(super) fn would_have_run() -> Map {
    pairs([
        ("changed", false.into()),
        ("skipped", true.into()),
        ("rc", 0_i64.into()),
        ("stdout", "".into()),
        ("stdout_lines", Value::List(Vec::new())),
        ("stderr", "".into()),
        ("stderr_lines", Value::List(Vec::new())),
        ("msg", "Command would have run if not in check mode".into()),
    ])
}

/// What a module's call came to.
pub(super) fn performed(done: &Performed) -> Map {
    let mut result = done.fields.clone();
    result.insert("changed".into(), done.changed.into());
    match &done.failure {
        Some(failure) => result.extend(failed(failure)),
        None => drop(result.entry("failed".into()).or_insert(Value::Bool(false))),
    }
    result
}

/// What changes say of before and after, as `diff` of a result; no secret is in it.
pub(super) fn differences(changes: &[Described], secrets: &Secrets) -> Value {
    let side = |text: &str| Value::from(secrets.mask(text).into_owned());
    let one = |diff: &Diff| {
        let before = diff.before.as_deref();
        let mut told = pairs([
            ("before", side(before.unwrap_or_default())),
            ("after", side(&diff.after)),
        ]);
        if !diff.title.is_empty() {
            told.insert("after_header".into(), side(&diff.title));
            before.map(|_| told.insert("before_header".into(), side(&diff.title)));
        }
        Value::Map(told)
    };
    Value::List(
        changes
            .iter()
            .filter_map(|change| change.diff.as_ref())
            .map(one)
            .collect(),
    )
}

/// A failure.
pub(super) fn failed(failure: &Failure) -> Map {
    let key = if failure.kind == FailureKind::Unreachable {
        "unreachable"
    } else {
        "failed"
    };
    let mut result = pairs([(key, true.into())]);
    // What cannot be brought in says why in a word of its own.
    if !failure.fields.contains_key(REASON) {
        result.insert("msg".into(), failure.message.as_str().into());
    }
    if !failure.seen.is_empty() {
        result.insert("seen".into(), failure.seen.clone().into());
    }
    if let Some(hint) = &failure.hint {
        result.insert("hint".into(), hint.as_str().into());
    }
    for (name, value) in failure.fields.iter() {
        result.insert(name.clone(), value.clone().into());
    }
    result
}

/// What `ansible_delegated_vars` says of the host that does the work.
pub(super) fn delegated(name: &str, way: &Route) -> Value {
    let mut seen = pairs([
        ("inventory_hostname", name.into()),
        ("ansible_host", way.host.ssh.host.as_str().into()),
        ("ansible_port", i64::from(way.host.ssh.port).into()),
    ]);
    if way.host.platform == Platform::Local {
        seen.insert("ansible_connection".into(), "local".into());
    }
    if let Ok(settings) = &way.settings {
        seen.insert("ansible_user".into(), settings.user.as_str().into());
    }
    Value::Map(seen)
}

/// The sum of a loop's items.
pub(super) fn looped(items: Vec<Map>) -> Map {
    let is = |item: &Map, key: &str| item.get(key).and_then(Value::as_bool).unwrap_or(false);
    let changed = items.iter().any(|item| is(item, "changed"));
    let failed = items
        .iter()
        .any(|item| is(item, "failed") || is(item, "unreachable"));
    let skipped = items.iter().all(|item| is(item, "skipped"));
    let msg = match (failed, skipped) {
        (true, _) => "One or more items failed",
        (false, true) => "All items skipped",
        (false, false) => "All items completed",
    };
    let mut result = pairs([("changed", changed.into()), ("msg", msg.into())]);
    if failed {
        result.insert("failed".into(), true.into());
    }
    result.insert("skipped".into(), skipped.into());
    result.insert(
        "results".into(),
        Value::List(items.into_iter().map(Value::Map).collect()),
    );
    result
}

#[cfg(test)]
mod tests {
    use cutover_kit::secret::Origin;

    use super::*;

    #[test]
    fn a_playbook_sees_no_mark_for_those_who_show_results() {
        let marked = || {
            Value::map([
                ("msg", Value::from("fine")),
                ("_ansible_verbose_always", false.into()),
            ])
        };
        let plain = || Value::map([("msg", "fine")]);
        assert_eq!(*for_playbooks(&marked()), plain());
        let looped = |item: Value| Value::map([("results", Value::List(vec![item, Value::Int(1)]))]);
        assert_eq!(*for_playbooks(&looped(marked())), looped(plain()));
        assert!(matches!(for_playbooks(&looped(plain())), Cow::Borrowed(_)));
    }

    #[test]
    fn differences_are_told_without_secrets() {
        let secrets = Secrets::default();
        secrets.learn("hunter22", Origin::environment("PASS"));
        let diff = Diff {
            title: "file".into(),
            before: None,
            after: "pass hunter22".into(),
        };
        let change = |diff| Described {
            text: "write".into(),
            diff,
            no_return: None,
        };
        let told = differences(&[change(Some(diff)), change(None)], &secrets);
        let expected = json!([{"before": "", "after": "pass ********", "after_header": "file"}]);
        assert_eq!(told.reveal(), expected);
    }
}
