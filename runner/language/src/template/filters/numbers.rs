//! Numbers and sizes.

use minijinja::{Error, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::{text, type_name};

pub(super) const TABLE: &[Entry] = &[
    Entry::own("log", Takes::Values, |value, arguments| {
        let number = float(value)?;
        let base = arguments.next("base").map(|base| float(&base)).transpose()?;
        // Python's has exact answers for these two.
        let log = match base {
            None => number.ln(),
            Some(10.0) => number.log10(),
            Some(2.0) => number.log2(),
            Some(base) => number.ln() / base.ln(),
        };
        sound(log)
    }),
    Entry::own("pow", Takes::Values, |value, arguments| {
        let power = float(&arguments.required("y")?)?;
        sound(float(value)?.powf(power))
    }),
    Entry::own("root", Takes::Values, |value, arguments| {
        let base = arguments.next("base").map_or(Ok(2.0), |base| float(&base))?;
        let number = float(value)?;
        sound(if base == 2.0 {
            number.sqrt()
        } else {
            number.powf(1.0 / base)
        })
    }),
    Entry::own("human_readable", Takes::Values, human_readable),
    Entry::own("human_to_bytes", Takes::Values, human_to_bytes),
    Entry::own("filesizeformat", Takes::Values, filesizeformat),
];

fn float(value: &Value) -> Result<f64, Error> {
    let number = match value.kind() {
        minijinja::value::ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    };
    let message = || format!("must be real number, not {}", type_name(value));
    number.ok_or_else(|| Fault::new(ErrorKind::Value, message()).into())
}

fn sound(number: f64) -> Result<Value, Error> {
    match number.is_nan() || number.is_infinite() {
        true => Err(Fault::new(ErrorKind::Value, "math domain error").into()),
        false => Ok(Value::from(number)),
    }
}

/// The letters of units, greatest first, and what they stand for.
const UNITS: [(char, f64); 8] = [
    ('Y', 1208925819614629174706176.0),
    ('Z', 1180591620717411303424.0),
    ('E', 1152921504606846976.0),
    ('P', 1125899906842624.0),
    ('T', 1099511627776.0),
    ('G', 1073741824.0),
    ('M', 1048576.0),
    ('K', 1024.0),
];

/// A number of bytes (or bits) as people write it.
fn human_readable(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let size = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => float(value).ok(),
    };
    let size = size.ok_or_else(|| {
        let message = format!(
            "human_readable() can't interpret following string: {}",
            text(value)
        );
        Fault::new(ErrorKind::Value, message)
    })?;
    let bits = arguments.flag("isbits");
    let unit = arguments
        .next("unit")
        .filter(|unit| !unit.is_none())
        .map(|unit| text(&unit));
    let base = if bits { "b" } else { "B" };
    let wanted = unit
        .and_then(|unit| unit.chars().next())
        .map(|unit| unit.to_ascii_uppercase());
    let fits = |(letter, limit): &&(char, f64)| match wanted {
        None => size >= *limit,
        Some(wanted) => wanted == *letter,
    };
    Ok(Value::from(match UNITS.iter().find(fits) {
        Some((letter, limit)) => format!("{:.2} {letter}{base}", size / limit),
        None => format!("{size:.2} {}", if bits { "bits" } else { "Bytes" }),
    }))
}

/// The number of bytes (or bits) in `10M`, `2.5 GB`.
fn human_to_bytes(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let written = text(value);
    let otherwise = arguments.next("default_unit").filter(|unit| !unit.is_none());
    let bits = arguments.flag("isbits");
    let wrong = |why: &str| Error::from(Fault::new(ErrorKind::Value, format!("human_to_bytes() {why}")));
    let trimmed = written.trim();
    let end = trimmed
        .find(|next: char| !next.is_ascii_digit() && next != '.')
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let number: f64 = number
        .parse()
        .map_err(|_| wrong(&format!("can't interpret following string: {written}")))?;
    let otherwise = otherwise.map(|unit| text(&unit)).unwrap_or_default();
    let unit = if unit.trim().is_empty() {
        otherwise.as_str()
    } else {
        unit.trim()
    };
    let base = if bits { 'b' } else { 'B' };
    let Some(first) = unit.chars().next() else {
        return Ok(Value::from(number.round() as i64));
    };
    let letter = first.to_ascii_uppercase();
    let known = UNITS
        .iter()
        .find(|(known, _)| *known == letter)
        .map(|(_, limit)| *limit);
    let limit = known.or_else(|| (letter == 'B').then_some(1.0));
    let Some(limit) = limit else {
        return Err(wrong(&format!(
            "failed to convert {written} (unit = {unit}). The suffix must be one of Y, Z, E, P, T, G, M, K, B"
        )));
    };
    let rest = &unit[first.len_utf8()..];
    let words = if bits { ["bit", "bits"] } else { ["byte", "bytes"] };
    let whole = words
        .iter()
        .any(|word| unit.eq_ignore_ascii_case(word) || rest.eq_ignore_ascii_case(word));
    if !(rest.is_empty() || rest == base.to_string() || whole) {
        return Err(wrong(&format!(
            "failed to convert {written}. Value is not a valid string ({base} expected after {letter})"
        )));
    }
    Ok(Value::from((number * limit).round() as i64))
}

fn filesizeformat(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let bytes = match value.as_str() {
        Some(text) => text.trim().parse().unwrap_or(f64::NAN),
        None => float(value)?,
    };
    let binary = arguments.flag("binary");
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok(Value::from("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::from(format!("{} Bytes", bytes.trunc())));
    }
    let names = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    let mut unit = base;
    let mut name = names[0];
    for next in &names[1..] {
        if bytes < unit * base {
            break;
        }
        unit *= base;
        name = next;
    }
    let unit_name = match (binary, name) {
        (true, "k") => "KiB".to_owned(),
        (true, _) => format!("{name}iB"),
        (false, _) => format!("{name}B"),
    };
    Ok(Value::from(format!("{:.1} {unit_name}", bytes / unit)))
}
