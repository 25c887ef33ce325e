//! Methods of text that the engine's own list lacks or has otherwise.

use minijinja::{Error, Value};

use super::items;
use crate::template::arguments::Arguments;
use crate::template::error::{ErrorKind, Fault};
use crate::template::format;
use crate::template::python::{self, type_name};
use crate::template::tree;

/// The methods of text, the engine's among them.
pub(super) const NAMES: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isdigit",
    "islower",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// No text is made longer than this by filling it up.
const MOST_WIDTH: i64 = 10_000;

type Made = Result<Value, Error>;

/// Calls the method of this name, if it is one of these.
pub(super) fn call(text: &str, method: &str, arguments: &mut Arguments) -> Option<Made> {
    Some(match method {
        "removeprefix" => arguments
            .text("prefix")
            .map(|prefix| Value::from(text.strip_prefix(&prefix).unwrap_or(text))),
        "removesuffix" => arguments
            .text("suffix")
            .map(|suffix| Value::from(text.strip_suffix(&suffix).unwrap_or(text))),
        "zfill" => arguments.number("width").map(|width| zero_filled(text, width)),
        "ljust" => padded(text, arguments, |fill, count| format!("{text}{}", fill(count))),
        "rjust" => padded(text, arguments, |fill, count| format!("{}{text}", fill(count))),
        "center" => padded(text, arguments, |fill, count| {
            // Python puts the odd one before the text if the width is odd.
            let width = text.chars().count() + count;
            let before = count / 2 + (count & width & 1);
            format!("{}{text}{}", fill(before), fill(count - before))
        }),
        "partition" => arguments.text("sep").map(|separator| {
            let parts = text.split_once(&separator);
            triple(parts.map_or([text, "", ""], |(before, after)| [before, &separator, after]))
        }),
        "rpartition" => arguments.text("sep").map(|separator| {
            let parts = text.rsplit_once(&separator);
            triple(parts.map_or(["", "", text], |(before, after)| [before, &separator, after]))
        }),
        "split" => split(text, arguments, false),
        "rsplit" => split(text, arguments, true),
        "join" => join(text, arguments),
        "format" => format::braces(text, arguments).map(Value::from),
        "casefold" => Ok(Value::from(text.to_lowercase())),
        "swapcase" => Ok(Value::from(swapped(text))),
        "encode" => {
            arguments.next("encoding");
            Ok(Value::from_bytes(text.as_bytes().to_vec()))
        }
        "expandtabs" => arguments
            .number("tabsize")
            .map(|size| Value::from(expanded(text, size.unwrap_or(8)))),
        "translate" => arguments
            .required("table")
            .and_then(|table| translated(text, &table)),
        "find" => {
            position(text, arguments, |text, part| text.find(part)).map(|at| Value::from(at.unwrap_or(-1)))
        }
        "rfind" => {
            position(text, arguments, |text, part| text.rfind(part)).map(|at| Value::from(at.unwrap_or(-1)))
        }
        "index" => position(text, arguments, |text, part| text.find(part)).and_then(found),
        "rindex" => position(text, arguments, |text, part| text.rfind(part)).and_then(found),
        _ => return None,
    })
}

fn triple(parts: [&str; 3]) -> Value {
    parts.into_iter().collect()
}

fn zero_filled(text: &str, width: Option<i64>) -> Value {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    Value::from(format!("{sign}{}{digits}", "0".repeat(lacking(text, width))))
}

fn padded(
    text: &str,
    arguments: &mut Arguments,
    join: impl Fn(&dyn Fn(usize) -> String, usize) -> String,
) -> Made {
    let width = arguments.number("width")?;
    let fill = arguments.text_or("fillchar", " ");
    Ok(Value::from(join(
        &|count| fill.repeat(count),
        lacking(text, width),
    )))
}

fn lacking(text: &str, width: Option<i64>) -> usize {
    let width = usize::try_from(width.unwrap_or(0).min(MOST_WIDTH)).unwrap_or(0);
    width.saturating_sub(text.chars().count())
}

/// As Python: without a separator at blanks, of which several count as one.
pub(in crate::template) fn split(text: &str, arguments: &mut Arguments, from_end: bool) -> Made {
    let separator = arguments.next("sep").filter(|it| !it.is_none());
    let most = arguments
        .number("maxsplit")?
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(usize::MAX);
    let separator = separator.map(|separator| python::text(&separator));
    let parts: Vec<&str> = match (&separator, from_end) {
        (Some(separator), _) if separator.is_empty() => {
            return Err(Fault::new(ErrorKind::Value, "empty separator").into());
        }
        (Some(separator), false) => text.splitn(most.saturating_add(1), separator.as_str()).collect(),
        (Some(separator), true) => {
            let mut parts: Vec<&str> = text.rsplitn(most.saturating_add(1), separator.as_str()).collect();
            parts.reverse();
            parts
        }
        (None, from_end) => at_blanks(text, most, from_end),
    };
    Ok(tree::list(parts.into_iter().map(Value::from).collect()))
}

fn at_blanks(text: &str, most: usize, from_end: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let at = match from_end {
            true => rest.rfind(char::is_whitespace),
            false => rest.find(char::is_whitespace),
        };
        let Some(at) = at.filter(|_| parts.len() < most) else {
            parts.push(rest);
            break;
        };
        let (before, after) = rest.split_at(at);
        match from_end {
            true => {
                parts.push(after.trim_start());
                rest = before.trim_end();
            }
            false => {
                parts.push(before);
                rest = after.trim_start();
            }
        }
    }
    if from_end {
        parts.reverse();
    }
    parts
}

fn join(text: &str, arguments: &mut Arguments) -> Made {
    let parts = items(&arguments.required("iterable")?)?;
    let mut texts = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let part = crate::template::leaf::settle(part, crate::template::leaf::Depth::All)?;
        let found = part.as_str().map(str::to_owned).ok_or_else(|| {
            let kind = type_name(&part);
            let message = format!("sequence item {index}: expected str instance, {kind} found");
            Fault::new(ErrorKind::Value, message)
        });
        texts.push(found?);
    }
    Ok(Value::from(texts.join(text)))
}

fn swapped(text: &str) -> String {
    let mut out = String::new();
    for next in text.chars() {
        match next.is_uppercase() {
            true => out.extend(next.to_lowercase()),
            false => out.extend(next.to_uppercase()),
        }
    }
    out
}

fn expanded(text: &str, size: i64) -> String {
    let size = usize::try_from(size.clamp(0, 100)).unwrap_or(0);
    let mut out = String::new();
    let mut column = 0;
    for next in text.chars() {
        let blanks = if size == 0 { 0 } else { size - column % size };
        match next {
            '\t' => {
                out.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                out.push(next);
                column = 0;
            }
            _ => {
                out.push(next);
                column += 1;
            }
        }
    }
    out
}

/// Characters by their numbers; null takes one away.
fn translated(text: &str, table: &Value) -> Made {
    let mut out = String::new();
    for next in text.chars() {
        match table.get_item(&Value::from(u32::from(next))) {
            Ok(found) if found.is_none() => {}
            Ok(found) if !found.is_undefined() => out.push_str(&python::text(&found)),
            _ => out.push(next),
        }
    }
    Ok(Value::from(out))
}

/// Where a part stands, in characters.
fn position(
    text: &str,
    arguments: &mut Arguments,
    find: fn(&str, &str) -> Option<usize>,
) -> Result<Option<i64>, Error> {
    let part = arguments.text("sub")?;
    let start = arguments
        .number("start")?
        .and_then(|start| usize::try_from(start).ok())
        .unwrap_or(0);
    let from = text.char_indices().nth(start).map_or(text.len(), |(at, _)| at);
    let at = find(&text[from..], &part).map(|at| text[..from + at].chars().count());
    Ok(at.and_then(|at| i64::try_from(at).ok()))
}

fn found(at: Option<i64>) -> Made {
    at.map(Value::from)
        .ok_or_else(|| Fault::new(ErrorKind::Value, "substring not found").into())
}
