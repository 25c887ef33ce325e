//! Defaults, types and numbers.

use minijinja::value::ValueKind;
use minijinja::{Error, Value, filters};

use crate::template::access::member;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::leaf::{Depth, Leaf, is_missing, leaf, settle};
use crate::template::python;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("default", Takes::Anything, default),
    Entry::own("d", Takes::Anything, default),
    Entry::own("attr", Takes::Members, |value, arguments| {
        member(value, &arguments.required("name")?)
    }),
    Entry::own("mandatory", Takes::Anything, mandatory),
    Entry::own("ternary", Takes::Anything, ternary),
    Entry::own("bool", Takes::Members, bool),
    Entry::own("int", Takes::Members, int),
    Entry::own("float", Takes::Members, float),
    Entry::own("string", Takes::Values, |value, _| {
        Ok(Value::from(python::text(value)))
    }),
    Entry::own("type_debug", Takes::Members, |value, _| {
        Ok(Value::from(python::type_name(value)))
    }),
    Entry::engine("abs", Takes::Values, || Value::from_function(filters::abs)),
    Entry::engine("round", Takes::Values, || Value::from_function(filters::round)),
];

/// Another value for what is undefined; with `boolean` also for what is false.
fn default(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let otherwise = arguments.next("default_value").unwrap_or_else(|| Value::from(""));
    let boolean = arguments.flag("boolean");
    if is_missing(value) {
        return Ok(otherwise);
    }
    match boolean && leaf(value).is_none_or(|leaf| !matches!(leaf, Leaf::Later(_) | Leaf::Omit)) {
        true if !settle(value, Depth::Top)?.is_true() => Ok(otherwise),
        _ => Ok(value.clone()),
    }
}

fn mandatory(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let message = arguments.next("msg").map(|message| python::text(&message));
    match (is_missing(value), message) {
        (true, Some(message)) => Err(Fault::new(ErrorKind::Undefined, message).into()),
        (true, None) => settle(value, Depth::Top),
        (false, _) => Ok(value.clone()),
    }
}

fn ternary(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let value = settle(value, Depth::Top)?;
    let yes = arguments.required("true_val")?;
    let no = arguments.required("false_val")?;
    let none = arguments.next("none_val");
    Ok(match none {
        Some(none) if value.is_none() && !none.is_none() => none,
        _ if value.is_true() => yes,
        _ => no,
    })
}

/// The words that are true; every other word is false.
pub(crate) fn truth(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Bool => value.is_true(),
        ValueKind::Number => f64::try_from(value.clone()).is_ok_and(|number| number == 1.0),
        _ => {
            let word = value.as_str().unwrap_or_default().to_lowercase();
            matches!(word.as_str(), "yes" | "on" | "true" | "1")
        }
    }
}

fn bool(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    Ok(Value::from(truth(value)))
}

/// A whole number; 0 or the given one for what is none. With the base 0 its prefix says which it has.
fn int(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let otherwise = arguments.next("default").unwrap_or_else(|| Value::from(0));
    let base = arguments
        .number("base")?
        .and_then(|base| u32::try_from(base).ok())
        .unwrap_or(10);
    if base != 0 && !(2..=36).contains(&base) {
        return Err(Fault::new(ErrorKind::Value, "`base` must be 0 or between 2 and 36").into());
    }
    Ok(match value.kind() {
        ValueKind::Bool => Value::from(i64::from(value.is_true())),
        ValueKind::Number if value.is_integer() => value.clone(),
        ValueKind::Number => truncated(f64::try_from(value.clone()).unwrap_or(f64::NAN)).unwrap_or(otherwise),
        ValueKind::String => from_text(value.as_str().unwrap_or_default(), base).unwrap_or(otherwise),
        _ => otherwise,
    })
}

fn from_text(text: &str, base: u32) -> Option<Value> {
    let text = text.trim().replace('_', "").to_lowercase();
    let base = match (base, text.get(..2)) {
        (0, Some("0b")) => 2,
        (0, Some("0o")) => 8,
        (0, Some("0x")) => 16,
        (0, _) => 10,
        (base, _) => base,
    };
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let digits = text.strip_prefix(prefix).unwrap_or(&text);
    match i64::from_str_radix(digits, base) {
        Ok(number) => Some(Value::from(number)),
        Err(_) if base == 10 => text.parse().ok().and_then(truncated),
        Err(_) => None,
    }
}

fn truncated(number: f64) -> Option<Value> {
    let whole = number.trunc();
    (whole.abs() < 9.2e18).then(|| Value::from(whole as i64))
}

fn float(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let otherwise = arguments.next("default").unwrap_or_else(|| Value::from(0.0));
    Ok(match value.kind() {
        ValueKind::Bool => Value::from(if value.is_true() { 1.0 } else { 0.0 }),
        ValueKind::Number => f64::try_from(value.clone()).map_or(otherwise, Value::from),
        ValueKind::String => {
            let number = value.as_str().unwrap_or_default().trim().parse::<f64>();
            number.map_or(otherwise, Value::from)
        }
        _ => otherwise,
    })
}
