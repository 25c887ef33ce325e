//! `sequence`: numbers as text.

use std::sync::Arc;

use minijinja::value::Tuple;
use minijinja::{Error, Value};

use super::{Terms, wrong};
use crate::template::eval::Eval;
use crate::template::format;
use crate::template::python::text;

/// A sequence has at most so many numbers.
const MOST: i128 = 250_000;

#[derive(Default)]
struct Sequence {
    start: Option<i64>,
    end: Option<i64>,
    stride: Option<i64>,
    count: Option<i64>,
    format: Option<String>,
}

pub(super) fn sequence(_: &Arc<Eval>, terms: &mut Terms) -> Result<Vec<Value>, Error> {
    let mut given = Sequence::default();
    for name in ["start", "end", "stride", "count", "format"] {
        if let Some(value) = terms.options.named(name) {
            given.set(name, &text(&value))?;
        }
    }
    if terms.terms.is_empty() {
        return given.numbers();
    }
    let mut all = Vec::new();
    for term in &terms.terms {
        let term = text(term);
        let mut sequence = Sequence {
            format: given.format.clone(),
            ..Sequence::default()
        };
        if !sequence.short(&term)? {
            for word in term.split_whitespace() {
                let (name, value) = word.split_once('=').ok_or_else(|| {
                    wrong(format!("unknown error parsing with_sequence arguments: {term:?}"))
                })?;
                sequence.set(name, value)?;
            }
        }
        all.extend(sequence.numbers()?);
    }
    Ok(all)
}

/// Numbers may be hexadecimal or octal.
fn number(written: &str) -> Result<i64, Error> {
    let (sign, digits) = written
        .strip_prefix('-')
        .map_or((1, written), |digits| (-1, digits));
    let (digits, base) = match (digits.strip_prefix("0x"), digits.strip_prefix("0o")) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) => (octal, 8),
        (None, None) => (digits, 10),
    };
    // A further sign is none.
    let digits = digits
        .bytes()
        .all(|next| next.is_ascii_hexdigit())
        .then_some(digits);
    let parsed = digits.and_then(|digits| i128::from_str_radix(digits, base).ok());
    let number = parsed.and_then(|number| i64::try_from(sign * number).ok());
    number.ok_or_else(|| wrong(format!("can't parse `{written}` as integer")))
}

impl Sequence {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "start" => self.start = Some(number(value)?),
            "end" => self.end = Some(number(value)?),
            "stride" => self.stride = Some(number(value)?),
            "count" => self.count = Some(number(value)?),
            "format" => self.format = Some(value.to_owned()),
            _ => return Err(wrong(format!("unrecognized arguments to with_sequence: {name}"))),
        }
        Ok(())
    }

    /// `start-end/stride:format`, of which only the end is needed.
    fn short(&mut self, term: &str) -> Result<bool, Error> {
        if term.contains('=') {
            return Ok(false);
        }
        let (range, format) = term.split_once(':').map_or((term, None), |(a, b)| (a, Some(b)));
        let (range, stride) = range.split_once('/').map_or((range, None), |(a, b)| (a, Some(b)));
        let dash = range.char_indices().skip(1).find(|(_, next)| *next == '-');
        let (start, end) = match dash {
            Some((at, _)) => (Some(&range[..at]), &range[at + 1..]),
            None => (None, range),
        };
        self.start = start.map(number).transpose()?;
        self.end = Some(number(end)?);
        self.stride = stride.map(number).transpose()?;
        if let Some(format) = format {
            self.format = Some(format.to_owned());
        }
        Ok(true)
    }

    fn numbers(&self) -> Result<Vec<Value>, Error> {
        // Wide enough for the product of any two.
        let start = i128::from(self.start.unwrap_or(1));
        let stride = i128::from(self.stride.unwrap_or(1));
        let end = match (self.count.map(i128::from), self.end.map(i128::from)) {
            (None, None) => return Err(wrong("must specify count or end in with_sequence")),
            (Some(_), Some(_)) => return Err(wrong("can't specify both count and end in with_sequence")),
            (Some(0), None) => return Ok(Vec::new()),
            (Some(count), None) => start + stride * (count - 1),
            (None, Some(end)) => end,
        };
        if stride > 0 && end < start {
            return Err(wrong("to count backwards make stride negative"));
        }
        if stride < 0 && end > start {
            return Err(wrong("to count forward don't make stride negative"));
        }
        if stride == 0 {
            return Ok(Vec::new());
        }
        if (end - start) / stride >= MOST {
            return Err(wrong(format!("this sequence has more than {MOST} numbers")));
        }
        let format = self.format.as_deref().unwrap_or("%d");
        (0..=(end - start) / stride)
            .map(|index| {
                let number = i64::try_from(start + index * stride);
                let number = number.map_err(|_| wrong("a number of this sequence is too large"))?;
                let number = Value::from(Tuple::from(vec![Value::from(number)]));
                format::percent(format, &number).map(Value::from)
            })
            .collect()
    }
}
