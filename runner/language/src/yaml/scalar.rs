//! What a scalar without quotes means: PyYAML's table, which is YAML 1.1 with
//! corners of its own (an exponent needs a dot and a sign).
//!
//! Two things are left out on purpose: numbers to base 60, so that `12:30` stays
//! text, and dates, which stay text as well.

use super::tree::Kind;

/// The meaning of a plain scalar.
pub(super) fn resolve(text: &str) -> Kind {
    word(text)
        .or_else(|| integer(text).map(Kind::Int))
        .or_else(|| float(text).map(Kind::Float))
        .unwrap_or_else(|| Kind::Text(text.into()))
}

fn word(text: &str) -> Option<Kind> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Kind::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ => return None,
    })
}

/// `None` too where the number does not fit 64 bits: such a number stays text.
fn integer(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'b', ..] => (&unsigned[2..], 2),
        [b'0', b'x', ..] => (&unsigned[2..], 16),
        [b'0', _, ..] => (&unsigned[1..], 8),
        [b'0'..=b'9', ..] => (unsigned, 10),
        _ => return None,
    };
    let digits = digits.replace('_', "");
    let sign = if text.starts_with('-') { "-" } else { "" };
    let signless = !digits.starts_with(['-', '+']);
    signless
        .then(|| i64::from_str_radix(&format!("{sign}{digits}"), radix).ok())
        .flatten()
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => return Some(f64::NAN),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let starts = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    let mantissa_right =
        digits(whole) && digits(fraction) && (starts(whole) || whole.is_empty() && starts(fraction));
    let exponent_right = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['-', '+'])
            .is_some_and(|power| !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if !mantissa_right || !exponent_right {
        return None;
    }
    let number: f64 = unsigned.replace('_', "").parse().ok()?;
    Some(sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_they_mean_to_ansible() {
        let table = [
            ("yes", Kind::Bool(true)),
            ("Off", Kind::Bool(false)),
            ("y", Kind::Text("y".into())),
            ("~", Kind::Null),
            ("", Kind::Null),
            ("0644", Kind::Int(420)),
            ("0o14", Kind::Text("0o14".into())),
            ("0899", Kind::Text("0899".into())),
            ("0x1F", Kind::Int(31)),
            ("-0b101", Kind::Int(-5)),
            ("1_000", Kind::Int(1000)),
            ("+12", Kind::Int(12)),
            ("0", Kind::Int(0)),
            ("-9223372036854775808", Kind::Int(i64::MIN)),
            ("9223372036854775808", Kind::Text("9223372036854775808".into())),
            ("12:30", Kind::Text("12:30".into())),
            ("12:30:00", Kind::Text("12:30:00".into())),
            ("2026-11-21", Kind::Text("2026-11-21".into())),
            ("12.6", Kind::Float(12.6)),
            ("12.6.2", Kind::Text("12.6.2".into())),
            ("1e3", Kind::Text("1e3".into())),
            ("1.0e+3", Kind::Float(1000.0)),
            (".5", Kind::Float(0.5)),
            ("5.", Kind::Float(5.0)),
            (".", Kind::Text(".".into())),
            ("-.inf", Kind::Float(f64::NEG_INFINITY)),
            ("-.nan", Kind::Text("-.nan".into())),
            ("--1", Kind::Text("--1".into())),
            ("0x-1", Kind::Text("0x-1".into())),
            ("1.2_3", Kind::Float(1.23)),
            ("-", Kind::Text("-".into())),
        ];
        for (text, meaning) in table {
            assert_eq!(resolve(text), meaning, "{text:?}");
        }
    }
}
