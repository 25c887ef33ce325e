//! Rules between the options of one option.
//!
//! Of several groups of one rule that are broken Ansible tells the first; only of options that exclude
//! each other it tells all.

use serde_json::{Map as Fields, Value as Json};

use super::convert::text;

/// `mutually_exclusive`: at most one of each group.
pub(super) fn exclusive(option: &Json, given: &Fields<String, Json>) -> Option<String> {
    let broken: Vec<String> = groups(option, "mutually_exclusive")
        .filter(|group| present(group, given) > 1)
        .map(|group| group.join("|"))
        .collect();
    let message = format!("parameters are mutually exclusive: {}", broken.join(", "));
    (!broken.is_empty()).then_some(message)
}

/// The other rules, each broken one once.
pub(super) fn required(option: &Json, given: &Fields<String, Json>) -> impl Iterator<Item = String> {
    [
        together(option, given),
        one_of(option, given),
        on_value(option, given),
        by(option, given),
    ]
    .into_iter()
    .flatten()
}

/// `required_together`: all of a group, or none.
fn together(option: &Json, given: &Fields<String, Json>) -> Option<String> {
    let broken = groups(option, "required_together")
        .find(|group| (1..group.len()).contains(&present(group, given)))?;
    Some(format!("parameters are required together: {}", broken.join(", ")))
}

/// `required_one_of`: at least one of each group.
fn one_of(option: &Json, given: &Fields<String, Json>) -> Option<String> {
    let broken = groups(option, "required_one_of").find(|group| present(group, given) == 0)?;
    Some(format!("one of the following is required: {}", broken.join(", ")))
}

/// `required_if`: where an option has a value, all of others, or any of them.
fn on_value(option: &Json, given: &Fields<String, Json>) -> Option<String> {
    let rules = option.get("required_if").and_then(Json::as_array)?;
    rules.iter().filter_map(Json::as_array).find_map(|rule| {
        let [key, value, needed, any @ ..] = rule.as_slice() else {
            return None;
        };
        let key = key.as_str()?;
        if given.get(key) != Some(value) {
            return None;
        }
        let needed = names(needed);
        let any = any.first().and_then(Json::as_bool).unwrap_or(false);
        let missing: Vec<&str> = needed
            .iter()
            .copied()
            .filter(|name| !given.contains_key(*name))
            .collect();
        if missing.is_empty() || any && missing.len() < needed.len() {
            return None;
        }
        let how = if any { "any" } else { "all" };
        let missing = missing.join(", ");
        Some(format!(
            "{key} is {} but {how} of the following are missing: {missing}",
            text(value)
        ))
    })
}

/// `required_by`: where an option is given, others.
fn by(option: &Json, given: &Fields<String, Json>) -> Option<String> {
    let is_given = |name: &str| given.get(name).is_some_and(|value| !value.is_null());
    let rules = option.get("required_by").and_then(Json::as_object)?;
    rules
        .iter()
        .filter(|(key, _)| is_given(key))
        .find_map(|(key, needed)| {
            let missing: Vec<&str> = names(needed).into_iter().filter(|name| !is_given(name)).collect();
            let message = format!("missing parameter(s) required by '{key}': {}", missing.join(", "));
            (!missing.is_empty()).then_some(message)
        })
}

fn groups<'a>(option: &'a Json, rule: &str) -> impl Iterator<Item = Vec<&'a str>> {
    let groups = option.get(rule).and_then(Json::as_array);
    groups.into_iter().flatten().map(names)
}

/// A name, or a list of them.
fn names(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn present(group: &[&str], given: &Fields<String, Json>) -> usize {
    group.iter().filter(|name| given.contains_key(**name)).count()
}
