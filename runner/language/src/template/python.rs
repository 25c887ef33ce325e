//! Values as Python prints them, which is what templates of Ansible show.

use std::fmt::Write;

use minijinja::Value;
use minijinja::value::{DynObject, ValueKind};

use super::group::Group;

/// As it is joined into the text of a template: nothing for null, `True` for true.
pub(super) fn joined(value: &Value) -> String {
    match value.kind() {
        ValueKind::None => String::new(),
        ValueKind::String => text(value),
        _ => {
            let mut out = String::new();
            write(&mut out, value, false);
            out
        }
    }
}

/// `str(value)`.
pub(super) fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) if value.kind() == ValueKind::String => text.to_owned(),
        _ => repr(value),
    }
}

/// `repr(value)`.
pub(super) fn repr(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, true);
    out
}

/// With `tuples` they are in parentheses; a result has lists for them, but for groups.
fn write(out: &mut String, value: &Value, tuples: bool) {
    match value.kind() {
        ValueKind::None => out.push_str("None"),
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::String => quoted(out, value.as_str().unwrap_or_default()),
        ValueKind::Number if !value.is_integer() => {
            float(out, f64::try_from(value.clone()).unwrap_or(f64::NAN));
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let is_tuple = is_group(value) || tuples && value.is_tuple();
            let (open, close) = if is_tuple { ("(", ")") } else { ("[", "]") };
            out.push_str(open);
            let mut count = 0;
            for item in value.try_iter().into_iter().flatten() {
                out.push_str(if count > 0 { ", " } else { "" });
                write(out, &item, tuples);
                count += 1;
            }
            out.push_str(if is_tuple && count == 1 { "," } else { "" });
            out.push_str(close);
        }
        ValueKind::Map => {
            out.push('{');
            let pairs = value.as_object().and_then(DynObject::try_iter_pairs);
            for (count, (key, member)) in pairs.into_iter().flatten().enumerate() {
                out.push_str(if count > 0 { ", " } else { "" });
                write(out, &key, tuples);
                out.push_str(": ");
                write(out, &member, tuples);
            }
            out.push('}');
        }
        ValueKind::Bytes => {
            out.push('b');
            let bytes = value.as_bytes().unwrap_or_default();
            quoted(
                out,
                &bytes.iter().map(|byte| char::from(*byte)).collect::<String>(),
            );
        }
        // A string takes everything.
        _ => drop(write!(out, "{value}")),
    }
}

fn is_group(value: &Value) -> bool {
    value.downcast_object_ref::<Group>().is_some()
}

/// Whether a list is one that cannot be changed.
pub(super) fn is_tuple(value: &Value) -> bool {
    value.is_tuple() || is_group(value)
}

/// In single quotes, or in double ones where that saves escaping.
fn quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for next in text.chars() {
        match next {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if next == quote => out.extend(['\\', next]),
            _ if next.is_control() => drop(write!(out, "\\x{:02x}", u32::from(next))),
            _ => out.push(next),
        }
    }
    out.push(quote);
}

/// The shortest text that reads back as the same number.
fn float(out: &mut String, number: f64) {
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        (if number > 0.0 { "inf" } else { "-inf" }).to_owned()
    } else if number != 0.0 && !(1e-4..1e16).contains(&number.abs()) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        format!("{mantissa}e{sign}{digits:0>2}")
    } else {
        format!("{number:?}")
    };
    out.push_str(&text);
}

/// The name of a value's type, as Python has it.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq | ValueKind::Iterable => "list",
        ValueKind::Map => "dict",
        ValueKind::Undefined => "Undefined",
        _ => super::moment::type_name(value).unwrap_or("object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_in_python() {
        let list = Value::from(vec![
            Value::from(1),
            Value::from("it's"),
            Value::from("a\n\"'"),
            Value::from(()),
            Value::from(true),
            Value::from(1.0),
            Value::from(1e20),
            Value::from(1.5e-7),
            Value::from_pairs([("k", 0.1)]),
        ]);
        assert_eq!(
            repr(&list),
            r#"[1, "it's", 'a\n"\'', None, True, 1.0, 1e+20, 1.5e-07, {'k': 0.1}]"#
        );
        assert_eq!(joined(&Value::from(())), "");
        assert_eq!(text(&Value::from(())), "None");
    }
}
