//! Tests: what stands after `is`.

mod controller;
mod versions;

use minijinja::value::ValueKind;
use minijinja::{Error, Value, tests};

use super::access::member;
use super::arguments::Arguments;
use super::engine::{self, Entry, Takes};
use super::error::{ErrorKind, Fault};
use super::filters::{Anchor, matches, truth};
use super::leaf::is_missing;
use super::operators::{OPERATORS, equal, holds};
use super::python::{text, type_name};
use super::rewrite::plain_name;

macro_rules! kind_is {
    ($($pattern:pat_param)|+) => {
        |value, _| Ok(Value::from(matches!(value.kind(), $($pattern)|+)))
    };
}

/// Every test.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    TABLE.iter().chain(controller::TABLE)
}

const TABLE: &[Entry] = &[
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
    Entry::own("changed", Takes::Members, |value, _| changed(value)),
    Entry::own("change", Takes::Members, |value, _| changed(value)),
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
    Entry::own("timedout", Takes::Members, |value, _| timedout(value)),
    Entry::own("started", Takes::Members, |value, _| {
        result_or(value, "started", true)
    }),
    Entry::own("finished", Takes::Members, |value, _| {
        result_or(value, "finished", true)
    }),
    Entry::own("match", Takes::Values, |value, arguments| {
        matches(value, arguments, Anchor::Start).map(Value::from)
    }),
    Entry::own("search", Takes::Values, |value, arguments| {
        matches(value, arguments, Anchor::Anywhere).map(Value::from)
    }),
    Entry::own("regex", Takes::Values, regex),
    Entry::own("version", Takes::Values, versions::version),
    Entry::own("version_compare", Takes::Values, versions::version),
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
        operator("(==)", value, arguments)
    }),
    Entry::own("==", Takes::Values, |value, arguments| {
        operator("(==)", value, arguments)
    }),
    Entry::own("equalto", Takes::Values, |value, arguments| {
        operator("(==)", value, arguments)
    }),
    Entry::own("ne", Takes::Values, |value, arguments| {
        operator("(!=)", value, arguments)
    }),
    Entry::own("!=", Takes::Values, |value, arguments| {
        operator("(!=)", value, arguments)
    }),
    Entry::own("lt", Takes::Values, |value, arguments| {
        operator("(<)", value, arguments)
    }),
    Entry::own("<", Takes::Values, |value, arguments| {
        operator("(<)", value, arguments)
    }),
    Entry::own("lessthan", Takes::Values, |value, arguments| {
        operator("(<)", value, arguments)
    }),
    Entry::own("le", Takes::Values, |value, arguments| {
        operator("(<=)", value, arguments)
    }),
    Entry::own("<=", Takes::Values, |value, arguments| {
        operator("(<=)", value, arguments)
    }),
    Entry::own("gt", Takes::Values, |value, arguments| {
        operator("(>)", value, arguments)
    }),
    Entry::own(">", Takes::Values, |value, arguments| {
        operator("(>)", value, arguments)
    }),
    Entry::own("greaterthan", Takes::Values, |value, arguments| {
        operator("(>)", value, arguments)
    }),
    Entry::own("ge", Takes::Values, |value, arguments| {
        operator("(>=)", value, arguments)
    }),
    Entry::own(">=", Takes::Values, |value, arguments| {
        operator("(>=)", value, arguments)
    }),
    Entry::own("callable", Takes::Anything, |_, _| Ok(Value::from(false))),
    Entry::own("escaped", Takes::Members, |_, _| Ok(Value::from(false))),
    Entry::own("filter", Takes::Members, |value, _| {
        Ok(Value::from(engine::is_filter(plain_name(&text(value)))))
    }),
    Entry::own("test", Takes::Members, |value, _| {
        Ok(Value::from(engine::is_test(plain_name(&text(value)))))
    }),
    Entry::own("nan", Takes::Members, nan),
    Entry::own("isnan", Takes::Members, nan),
];

fn nan(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let number = (value.kind() == ValueKind::Number).then(|| f64::try_from(value.clone()).ok());
    Ok(Value::from(number.flatten().is_some_and(f64::is_nan)))
}

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
    result_or(value, field, false)
}

fn result_or(value: &Value, field: &str, otherwise: bool) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        let message = format!(
            "the '{field}' test expects the result of a task, not '{}'",
            type_name(value)
        );
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    let found = member(value, &Value::from(field))?;
    if is_missing(&found) {
        return Ok(Value::from(otherwise));
    }
    super::leaf::settle(&found, super::leaf::Depth::Top).map(|found| Value::from(found.is_true()))
}

/// Whether a result changed something; where it does not say so, whether one of its `results` did.
fn changed(value: &Value) -> Result<Value, Error> {
    let own = result(value, "changed")?;
    let said = |value: &Value| Ok::<_, Error>(!is_missing(&member(value, &Value::from("changed"))?));
    let parts = member(value, &Value::from("results"))?;
    if said(value)? || !matches!(parts.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Ok(own);
    }
    for part in items(&parts)? {
        if part.kind() == ValueKind::Map && result(&part, "changed")?.is_true() {
            return Ok(Value::from(true));
        }
    }
    Ok(own)
}

/// Whether a task that ran in the background took longer than it may.
fn timedout(value: &Value) -> Result<Value, Error> {
    let said = result(value, "timedout")?;
    match said.is_true() {
        true => result(&member(value, &Value::from("timedout"))?, "period"),
        false => Ok(said),
    }
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

fn operator(name: &str, value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let other = arguments.required("other")?;
    let operator = OPERATORS.iter().find(|(known, _)| *known == name);
    operator.map_or(Ok(Value::from(false)), |(_, operator)| operator(value, &other))
}

fn has(list: &[Value], wanted: &Value) -> bool {
    list.iter().any(|item| equal(item, wanted))
}

fn subset(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let other = items(&arguments.required("b")?)?;
    Ok(Value::from(items(value)?.iter().all(|item| has(&other, item))))
}

fn superset(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let own = items(value)?;
    let other = items(&arguments.required("b")?)?;
    Ok(Value::from(other.iter().all(|item| has(&own, item))))
}
