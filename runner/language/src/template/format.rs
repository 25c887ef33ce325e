//! Texts with places for values: `'%s-%03d' % (a, b)` and `'{} {:>5}'.format(a, b)`.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::access::member;
use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::python::{repr, text, type_name};

/// No value is made longer than this by filling it up.
const MOST_WIDTH: usize = 10_000;

fn wrong(message: impl Into<String>) -> Error {
    Fault::new(ErrorKind::Value, message).into()
}

/// How a value is laid out.
#[derive(Default)]
struct Layout {
    fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    align: Option<char>,
    plus: bool,
    blank: bool,
    /// `0x` and the like before a number.
    prefixed: bool,
    /// Between thousands.
    grouping: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

/// `template % value`: a tuple has a value for each place, a mapping one for each name.
pub(super) fn percent(template: &str, value: &Value) -> Result<String, Error> {
    let mut values: std::vec::IntoIter<Value> = match value.is_tuple() {
        true => value.try_iter()?.collect::<Vec<_>>().into_iter(),
        false => vec![value.clone()].into_iter(),
    };
    let mut named = false;
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (name, after) = match after.strip_prefix('(').and_then(|after| after.split_once(')')) {
            Some((name, after)) => (Some(name), after),
            None => (None, after),
        };
        let mut next = || {
            values
                .next()
                .ok_or_else(|| wrong("not enough arguments for format string"))
        };
        let (layout, after) = placeholder(after, &mut next)?;
        let value = match name {
            Some(name) => {
                named = true;
                super::leaf::settle(&member(value, &Value::from(name))?, super::leaf::Depth::All)?
            }
            None => next()?,
        };
        out.push_str(&layout.of_percent(&value)?);
        rest = after;
    }
    out.push_str(rest);
    let mapping = value.kind() == ValueKind::Map;
    match named || mapping || values.next().is_none() {
        true => Ok(out),
        false => Err(wrong("not all arguments converted during string formatting")),
    }
}

/// What stands between `%` and the end of its place.
fn placeholder<'a>(
    text: &'a str,
    next: &mut impl FnMut() -> Result<Value, Error>,
) -> Result<(Layout, &'a str), Error> {
    let mut layout = Layout::default();
    let flags = text.trim_start_matches(['-', '+', ' ', '#', '0']);
    for flag in text[..text.len() - flags.len()].chars() {
        match flag {
            '-' => layout.align = Some('<'),
            '+' => layout.plus = true,
            ' ' => layout.blank = true,
            '#' => layout.prefixed = true,
            _ => layout.fill = Some('0'),
        }
    }
    // Zeros at the right would make another number of it.
    if layout.align.is_some() {
        layout.fill = None;
    }
    let mut size = |text: &'a str| match text.strip_prefix('*') {
        Some(after) => Ok((next()?.as_usize().unwrap_or(0).min(MOST_WIDTH), after)),
        None => Ok::<_, Error>(digits(text)),
    };
    let (width, mut rest) = size(flags)?;
    layout.width = width;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = size(after)?;
        layout.precision = Some(precision);
        rest = after;
    }
    let rest = rest.trim_start_matches(['l', 'h', 'L']);
    layout.kind = rest.chars().next().ok_or_else(|| wrong("incomplete format"))?;
    let length = layout.kind.len_utf8();
    Ok((layout, &rest[length..]))
}

fn digits(text: &str) -> (usize, &str) {
    let rest = text.trim_start_matches(|next: char| next.is_ascii_digit());
    let number = text[..text.len() - rest.len()].parse().unwrap_or(0);
    (number.min(MOST_WIDTH), rest)
}

fn float(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok(),
        ValueKind::Number => f64::try_from(value.clone()).ok().map(|number| number as i128),
        _ => None,
    }
}

impl Layout {
    fn of_percent(mut self, value: &Value) -> Result<String, Error> {
        match self.kind {
            's' | 'r' | 'a' => {
                let mut shown = if self.kind == 's' {
                    text(value)
                } else {
                    repr(value)
                };
                if let Some(most) = self.precision {
                    shown = shown.chars().take(most).collect();
                }
                self.align.get_or_insert('>');
                self.fill = None;
                Ok(self.padded(shown))
            }
            'c' => Ok(self.padded(text(value))),
            'i' | 'u' => {
                self.kind = 'd';
                self.number(value)
            }
            _ => self.number(value),
        }
    }

    fn number(&self, value: &Value) -> Result<String, Error> {
        let needed = || {
            wrong(format!(
                "%{} format: a real number is required, not {}",
                self.kind,
                type_name(value)
            ))
        };
        let (negative, prefix, digits) = match self.kind {
            'd' | 'x' | 'X' | 'o' | 'b' => {
                let number = whole(value).ok_or_else(needed)?;
                let size = number.unsigned_abs();
                let (prefix, digits) = match self.kind {
                    'x' => ("0x", format!("{size:x}")),
                    'X' => ("0X", format!("{size:X}")),
                    'o' => ("0o", format!("{size:o}")),
                    'b' => ("0b", format!("{size:b}")),
                    _ => ("", size.to_string()),
                };
                (number < 0, if self.prefixed { prefix } else { "" }, digits)
            }
            'f' | 'F' | '%' | 'e' | 'E' | 'g' | 'G' => {
                let number = float(value).ok_or_else(needed)?;
                (number.is_sign_negative(), "", self.float(number.abs()))
            }
            other => return Err(wrong(format!("unsupported format character '{other}'"))),
        };
        let sign = match negative {
            true => "-",
            false if self.plus => "+",
            false if self.blank => " ",
            false => "",
        };
        let digits = grouped(digits, self.grouping);
        let before = format!("{sign}{prefix}");
        let lacking = self.width.saturating_sub(before.len() + digits.len());
        if self.fill == Some('0') && self.align.is_none_or(|align| align == '=') {
            return Ok(format!("{before}{}{digits}", "0".repeat(lacking)));
        }
        Ok(self.padded(before + &digits))
    }

    fn float(&self, number: f64) -> String {
        let precision = self.precision.unwrap_or(6).min(100);
        match self.kind {
            'f' | 'F' => format!("{number:.precision$}"),
            '%' => format!("{:.precision$}%", number * 100.0),
            'e' => exponent(&format!("{number:.precision$e}")),
            'E' => exponent(&format!("{number:.precision$e}")).to_uppercase(),
            _ => general(number, precision.max(1)),
        }
    }

    /// Filled up to its width; numbers go to the right.
    fn padded(&self, text: String) -> String {
        let lacking = self.width.saturating_sub(text.chars().count());
        let fill = self.fill.unwrap_or(' ');
        let blanks = |count: usize| fill.to_string().repeat(count);
        match self.align {
            Some('<') => text + &blanks(lacking),
            Some('^') => format!("{}{text}{}", blanks(lacking / 2), blanks(lacking - lacking / 2)),
            _ => blanks(lacking) + &text,
        }
    }
}

/// An exponent of at least two digits with its sign.
fn exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    match exponent.strip_prefix('-') {
        Some(digits) => format!("{mantissa}e-{digits:0>2}"),
        None => format!("{mantissa}e+{exponent:0>2}"),
    }
}

/// So many digits that count, without zeros at the end.
fn general(number: f64, digits: usize) -> String {
    let scale = number.log10().floor();
    let most = i32::try_from(digits).unwrap_or(i32::MAX);
    let trimmed = |text: String| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    if number == 0.0 || (-4.0..f64::from(most)).contains(&scale) {
        let after = (f64::from(most) - 1.0 - if number == 0.0 { 0.0 } else { scale }).max(0.0);
        return trimmed(format!("{number:.0$}", after as usize));
    }
    let text = format!("{number:.0$e}", digits - 1);
    let (mantissa, rest) = text.split_once('e').unwrap_or((&text, "0"));
    exponent(&format!("{}e{rest}", trimmed(mantissa.to_owned())))
}

fn grouped(digits: String, grouping: Option<char>) -> String {
    let Some(separator) = grouping else {
        return digits;
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + rest
}

/// `template.format(values, name=value)`.
pub(super) fn braces(template: &str, arguments: &mut Arguments) -> Result<String, Error> {
    let values = arguments.rest();
    let mut automatic = 0;
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let (sign, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(sign) {
            out.push_str(sign);
            rest = after;
            continue;
        }
        let ("{", Some((field, after))) = (sign, after.split_once('}')) else {
            return Err(wrong("single brace in format string"));
        };
        rest = after;
        let (path, spec) = field.split_once(':').unwrap_or((field, ""));
        let (path, conversion) = path.split_once('!').unwrap_or((path, ""));
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let value = match &path[..end] {
            "" => {
                automatic += 1;
                values.get(automatic - 1).cloned()
            }
            name => match name.parse::<usize>() {
                Ok(index) => values.get(index).cloned(),
                Err(_) => arguments.peek(name),
            },
        };
        let value = value.ok_or_else(|| wrong(format!("there is no value for `{{{field}}}`")))?;
        let value = path[end..]
            .split(['.', '[', ']'])
            .filter(|name| !name.is_empty())
            .try_fold(value, |value, name| {
                let key = name
                    .parse::<i64>()
                    .map_or_else(|_| Value::from(name), Value::from);
                super::leaf::settle(&member(&value, &key)?, super::leaf::Depth::All)
            })?;
        let value = match conversion {
            "" => value,
            "s" => Value::from(text(&value)),
            _ => Value::from(repr(&value)),
        };
        out.push_str(&laid_out(&value, spec)?);
    }
    out.push_str(rest);
    arguments.rest_named();
    Ok(out)
}

/// A value by a format like `*>8,.2f`.
fn laid_out(value: &Value, spec: &str) -> Result<String, Error> {
    let mut layout = Layout::default();
    let characters: Vec<char> = spec.chars().collect();
    let mut rest = spec;
    let is_align = |next: Option<&char>| next.is_some_and(|next| "<>^=".contains(*next));
    if is_align(characters.get(1)) {
        (layout.fill, layout.align) = (characters.first().copied(), characters.get(1).copied());
        rest = &spec[characters[0].len_utf8() + 1..];
    } else if is_align(characters.first()) {
        layout.align = characters.first().copied();
        rest = &spec[1..];
    }
    let flags = rest.trim_start_matches(['+', '-', ' ', '#']);
    let set = &rest[..rest.len() - flags.len()];
    (layout.plus, layout.blank, layout.prefixed) = (set.contains('+'), set.contains(' '), set.contains('#'));
    rest = flags;
    if let Some(after) = rest.strip_prefix('0') {
        layout.fill.get_or_insert('0');
        rest = after;
    }
    (layout.width, rest) = digits(rest);
    if let Some(next) = rest.chars().next().filter(|next| ",_".contains(*next)) {
        layout.grouping = Some(next);
        rest = &rest[1..];
    }
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after);
        layout.precision = Some(precision);
        rest = after;
    }
    let is_number = float(value).is_some() && value.kind() != ValueKind::Bool;
    layout.kind = match rest {
        "" if is_number && value.is_integer() => 'd',
        "" if is_number && layout.precision.is_some() => 'g',
        "" | "s" => 's',
        one => one.chars().next().unwrap_or('s'),
    };
    if layout.kind != 's' {
        return layout.number(value);
    }
    let mut shown = text(value);
    if let Some(most) = layout.precision {
        shown = shown.chars().take(most).collect();
    }
    layout.align.get_or_insert(if is_number { '>' } else { '<' });
    Ok(layout.padded(shown))
}
