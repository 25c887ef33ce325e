//! Tests: what stands after `is`.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value, tests};

use super::access::member;
use super::arguments::Arguments;
use super::engine::{Entry, Takes};
use super::error::{ErrorKind, Fault};
use super::filters::{Anchor, matches, truth};
use super::leaf::is_missing;
use super::python::{text, type_name};

macro_rules! kind_is {
    ($($pattern:pat_param)|+) => {
        |value, _| Ok(Value::from(matches!(value.kind(), $($pattern)|+)))
    };
}

pub(super) const TABLE: &[Entry] = &[
    Entry::own("defined", Takes::Anything, |value, _| {
        Ok(Value::from(!is_missing(value)))
    }),
    Entry::own("undefined", Takes::Anything, |value, _| {
        Ok(Value::from(is_missing(value)))
    }),
    Entry::own("none", Takes::Members, kind_is!(ValueKind::None)),
    Entry::own("string", Takes::Members, kind_is!(ValueKind::String)),
    Entry::own(
        "number",
        Takes::Members,
        kind_is!(ValueKind::Number | ValueKind::Bool),
    ),
    Entry::own("boolean", Takes::Members, kind_is!(ValueKind::Bool)),
    Entry::own("mapping", Takes::Members, kind_is!(ValueKind::Map)),
    // Text is a sequence in Python, hence the idiom `x is sequence and x is not string`.
    Entry::own(
        "sequence",
        Takes::Members,
        kind_is!(ValueKind::Seq | ValueKind::Iterable | ValueKind::String | ValueKind::Map),
    ),
    Entry::own(
        "iterable",
        Takes::Members,
        kind_is!(ValueKind::Seq | ValueKind::Iterable | ValueKind::String | ValueKind::Map),
    ),
    Entry::own("integer", Takes::Members, |value, _| {
        Ok(Value::from(value.is_integer()))
    }),
    Entry::own("float", Takes::Members, |value, _| {
        Ok(Value::from(
            value.kind() == ValueKind::Number && !value.is_integer(),
        ))
    }),
    Entry::own("truthy", Takes::Members, |value, arguments| {
        Ok(Value::from(is_truthy(value, arguments)))
    }),
    Entry::own("falsy", Takes::Members, |value, arguments| {
        Ok(Value::from(!is_truthy(value, arguments)))
    }),
    Entry::own("changed", Takes::Members, |value, _| result(value, "changed")),
    Entry::own("change", Takes::Members, |value, _| result(value, "changed")),
    Entry::own("failed", Takes::Members, |value, _| result(value, "failed")),
    Entry::own("failure", Takes::Members, |value, _| result(value, "failed")),
    Entry::own("succeeded", Takes::Members, |value, _| {
        not(result(value, "failed"))
    }),
    Entry::own("success", Takes::Members, |value, _| not(result(value, "failed"))),
    Entry::own("successful", Takes::Members, |value, _| {
        not(result(value, "failed"))
    }),
    Entry::own("skipped", Takes::Members, |value, _| result(value, "skipped")),
    Entry::own("skip", Takes::Members, |value, _| result(value, "skipped")),
    Entry::own("unreachable", Takes::Members, |value, _| {
        result(value, "unreachable")
    }),
    Entry::own("reachable", Takes::Members, |value, _| {
        not(result(value, "unreachable"))
    }),
    Entry::own("timedout", Takes::Members, |value, _| result(value, "timedout")),
    Entry::own("started", Takes::Members, |value, _| result(value, "started")),
    Entry::own("finished", Takes::Members, |value, _| result(value, "finished")),
    Entry::own("match", Takes::Values, |value, arguments| {
        matches(value, arguments, Anchor::Start).map(Value::from)
    }),
    Entry::own("search", Takes::Values, |value, arguments| {
        matches(value, arguments, Anchor::Anywhere).map(Value::from)
    }),
    Entry::own("regex", Takes::Values, regex),
    Entry::own("version", Takes::Values, version),
    Entry::own("version_compare", Takes::Values, version),
    Entry::own("contains", Takes::Values, |value, arguments| {
        let wanted = arguments.required("value")?;
        Ok(Value::from(holds(value, &wanted)?))
    }),
    Entry::own("subset", Takes::Values, subset),
    Entry::own("issubset", Takes::Values, subset),
    Entry::own("superset", Takes::Values, superset),
    Entry::own("issuperset", Takes::Values, superset),
    Entry::own("all", Takes::Values, |value, _| {
        Ok(Value::from(items(value)?.iter().all(Value::is_true)))
    }),
    Entry::own("any", Takes::Values, |value, _| {
        Ok(Value::from(items(value)?.iter().any(Value::is_true)))
    }),
    Entry::engine("odd", Takes::Values, || Value::from_function(tests::is_odd)),
    Entry::engine("even", Takes::Values, || Value::from_function(tests::is_even)),
    Entry::engine("divisibleby", Takes::Values, || {
        Value::from_function(tests::is_divisibleby)
    }),
    Entry::engine("lower", Takes::Values, || Value::from_function(tests::is_lower)),
    Entry::engine("upper", Takes::Values, || Value::from_function(tests::is_upper)),
    Entry::engine("true", Takes::Members, || Value::from_function(tests::is_true)),
    Entry::engine("false", Takes::Members, || Value::from_function(tests::is_false)),
    Entry::own("sameas", Takes::Values, |value, arguments| {
        let other = arguments.required("other")?;
        Ok(Value::from(value.kind() == other.kind() && *value == other))
    }),
    Entry::own("in", Takes::Values, |value, arguments| {
        let container = arguments.required("seq")?;
        Ok(Value::from(holds(&container, value)?))
    }),
    Entry::own("eq", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_eq)
    }),
    Entry::own("==", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_eq)
    }),
    Entry::own("equalto", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_eq)
    }),
    Entry::own("ne", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_ne)
    }),
    Entry::own("!=", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_ne)
    }),
    Entry::own("lt", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_lt)
    }),
    Entry::own("<", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_lt)
    }),
    Entry::own("lessthan", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_lt)
    }),
    Entry::own("le", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_le)
    }),
    Entry::own("<=", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_le)
    }),
    Entry::own("gt", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_gt)
    }),
    Entry::own(">", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_gt)
    }),
    Entry::own("greaterthan", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_gt)
    }),
    Entry::own("ge", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_ge)
    }),
    Entry::own(">=", Takes::Values, |value, arguments| {
        compare(value, arguments, Ordering::is_ge)
    }),
];

fn not(truth: Result<Value, Error>) -> Result<Value, Error> {
    truth.map(|truth| Value::from(!truth.is_true()))
}

fn items(value: &Value) -> Result<Vec<Value>, Error> {
    value.try_iter()?.checked().collect()
}

fn is_truthy(value: &Value, arguments: &mut Arguments) -> bool {
    match arguments.flag("convert_bool") && value.kind() == ValueKind::String {
        true => truth(value),
        false => value.is_true(),
    }
}

/// A field of a registered result.
fn result(value: &Value, field: &str) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        let message = format!("this test needs the result of a task, not '{}'", type_name(value));
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    let found = member(value, &Value::from(field))?;
    if is_missing(&found) {
        return Ok(Value::from(false));
    }
    super::leaf::settle(&found, super::leaf::Depth::Top).map(|found| Value::from(found.is_true()))
}

fn regex(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let anchor = match arguments.named("match_type").map(|kind| text(&kind)).as_deref() {
        None | Some("search") => Anchor::Anywhere,
        Some("match") => Anchor::Start,
        Some("fullmatch") => Anchor::Whole,
        Some(_) => {
            return Err(Fault::new(ErrorKind::Value, "`match_type` takes search, match or fullmatch").into());
        }
    };
    matches(value, arguments, anchor).map(Value::from)
}

fn compare(value: &Value, arguments: &mut Arguments, wanted: fn(Ordering) -> bool) -> Result<Value, Error> {
    let other = arguments.required("other")?;
    let ordering = match *value == other {
        true => Ordering::Equal,
        false => value.cmp(&other).then(Ordering::Less),
    };
    Ok(Value::from(wanted(ordering)))
}

/// Whether a list has a member, a mapping a key, a text a part.
fn holds(container: &Value, wanted: &Value) -> Result<bool, Error> {
    match (container.as_str(), wanted.as_str()) {
        (Some(text), Some(part)) => Ok(text.contains(part)),
        _ => Ok(items(container)?.contains(wanted)),
    }
}

fn subset(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let other = items(&arguments.required("b")?)?;
    Ok(Value::from(items(value)?.iter().all(|item| other.contains(item))))
}

fn superset(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let own = items(value)?;
    let other = items(&arguments.required("b")?)?;
    Ok(Value::from(other.iter().all(|item| own.contains(item))))
}

/// `version(other, op)`: runs of digits compare as numbers, of letters as text.
fn version(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let (left, right) = (text(value), arguments.text("version")?);
    let operator = arguments.text_or("operator", "eq");
    for accepted in ["strict", "version_type"] {
        arguments.next(accepted);
    }
    if left.is_empty() || right.is_empty() {
        return Err(Fault::new(ErrorKind::Value, "a version is empty").into());
    }
    let ordering = version_parts(&left).cmp(&version_parts(&right));
    let holds = match operator.as_str() {
        "==" | "=" | "eq" => ordering.is_eq(),
        "!=" | "<>" | "ne" => ordering.is_ne(),
        "<" | "lt" => ordering.is_lt(),
        "<=" | "le" => ordering.is_le(),
        ">" | "gt" => ordering.is_gt(),
        ">=" | "ge" => ordering.is_ge(),
        _ => {
            let message = format!("`{operator}` compares no versions; use ==, !=, <, <=, > or >=");
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
    };
    Ok(Value::from(holds))
}

/// One part of a version; a number comes after a word, as `1.0.1` after `1.0.rc1`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum VersionPart<'a> {
    Word(&'a str),
    Number(u128),
}

fn version_parts(version: &str) -> Vec<VersionPart<'_>> {
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(next) = rest.chars().next() {
        let digits = next.is_ascii_digit();
        let same = |other: char| other.is_ascii_digit() == digits && !".-_+() ".contains(other);
        let end = match same(next) {
            true => rest.find(|other| !same(other)).unwrap_or(rest.len()),
            false => next.len_utf8(),
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        match (same(next), digits) {
            (false, _) => {}
            (true, true) => parts.push(VersionPart::Number(part.parse().unwrap_or(u128::MAX))),
            (true, false) => parts.push(VersionPart::Word(part)),
        }
    }
    parts
}
