//! Sizes as people write them: `10M`, `1.5 KB`, `2 megabit`.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Byte,
    Bit,
}

/// The names of the powers of 1024, from the second on.
const NAMES: [&str; 8] = ["kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta"];

/// How many; nothing where it is no size in this unit. `B` counts bytes and `b` bits, so that `Mb` is
/// no number of bytes.
pub(super) fn size(written: &str, unit: Unit) -> Option<i64> {
    let written = written.trim_end();
    let end = written.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (digits, suffix) = written.split_at(end.unwrap_or(written.len()));
    if digits.ends_with('.') {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    let size = number * factor(suffix.trim_start(), unit)?;
    (size < 9e18).then_some(size.round() as i64)
}

fn factor(suffix: &str, unit: Unit) -> Option<f64> {
    let Some(first) = suffix.chars().next() else {
        return Some(1.0);
    };
    let first = first.to_ascii_uppercase();
    let at = NAMES
        .iter()
        .position(|name| name.starts_with(first.to_ascii_lowercase()));
    let power = match at {
        Some(at) => i32::try_from(at).ok()? + 1,
        None if first == 'B' => 0,
        None => return None,
    };
    let (word, letter) = match unit {
        Unit::Byte => ("byte", 'B'),
        Unit::Bit => ("bit", 'b'),
    };
    let prefix = at.map_or("", |at| NAMES[at]);
    let short = match at {
        Some(_) => format!("{first}{letter}"),
        None => letter.to_string(),
    };
    let fits =
        suffix.len() == 1 || suffix == short || suffix.to_ascii_lowercase() == format!("{prefix}{word}");
    fits.then(|| 1024_f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_their_own_kind() {
        let table = [
            ("10", Some(10), Some(10)),
            ("1.5k", Some(1536), Some(1536)),
            (".5K", Some(512), Some(512)),
            ("10M", Some(10 << 20), Some(10 << 20)),
            ("1 MB", Some(1 << 20), None),
            ("1Mb", None, Some(1 << 20)),
            ("2 Gigabyte", Some(2 << 30), None),
            ("3b", Some(3), Some(3)),
            ("3 bit", None, Some(3)),
            ("5 parsec", None, None),
            ("1.", None, None),
            ("-1", None, None),
            ("M", None, None),
            ("", None, None),
        ];
        for (written, bytes, bits) in table {
            assert_eq!(size(written, Unit::Byte), bytes, "{written} in bytes");
            assert_eq!(size(written, Unit::Bit), bits, "{written} in bits");
        }
    }
}
