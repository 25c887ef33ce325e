//! Regular expressions, with Python's syntax.

use fancy_regex::{Captures, Regex, RegexBuilder};
use minijinja::{Error, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("regex_replace", Takes::Values, regex_replace),
    Entry::own("regex_search", Takes::Values, regex_search),
    Entry::own("regex_findall", Takes::Values, regex_findall),
    Entry::own("regex_escape", Takes::Values, regex_escape),
];

/// Where an expression must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// At the beginning.
    Start,
    /// Anywhere.
    Anywhere,
    /// From beginning to end.
    Whole,
}

/// Whether an expression matches; takes `ignorecase` and `multiline`.
pub(crate) fn matches(value: &Value, arguments: &mut Arguments, anchor: Anchor) -> Result<bool, Error> {
    let pattern = arguments.text("pattern")?;
    let pattern = match anchor {
        Anchor::Start => format!(r"\A(?:{pattern})"),
        Anchor::Anywhere => pattern,
        Anchor::Whole => format!(r"\A(?:{pattern})\z"),
    };
    let regex = regex(&pattern, arguments)?;
    regex
        .is_match(text(value).as_str())
        .map_err(|error| failed(&error))
}

fn regex(pattern: &str, arguments: &mut Arguments) -> Result<Regex, Error> {
    let ignore_case = arguments.next("ignorecase").is_some_and(|it| it.is_true());
    let multi_line = arguments.next("multiline").is_some_and(|it| it.is_true());
    RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .multi_line(multi_line)
        .build()
        .map_err(|error| {
            Fault::new(
                ErrorKind::Value,
                format!("this is no regular expression: {error}"),
            )
            .into()
        })
}

fn failed(error: &fancy_regex::Error) -> Error {
    Fault::new(
        ErrorKind::Limit,
        format!("this regular expression gave up: {error}"),
    )
    .into()
}

fn all<'t>(regex: &Regex, whole: &'t str) -> Result<Vec<Captures<'t, str>>, Error> {
    regex
        .captures_iter(whole)
        .collect::<Result<_, _>>()
        .map_err(|error| failed(&error))
}

fn regex_replace(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let pattern = arguments.text_or("pattern", "");
    let replacement = arguments.text_or("replacement", "");
    let regex = regex(&pattern, arguments)?;
    let count = arguments
        .number("count")?
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(0);
    let wanted = arguments.number("mandatory_count")?.unwrap_or(0);
    let whole = text(value);
    let mut found = all(&regex, &whole)?;
    if count > 0 {
        found.truncate(count);
    }
    if wanted > 0 && i64::try_from(found.len()).is_ok_and(|found| found != wanted) {
        let message = format!(
            "this was to be replaced {wanted} times and is found {} times",
            found.len()
        );
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    let mut out = String::new();
    let mut from = 0;
    for captures in found {
        let Some(hit) = captures.get(0) else { continue };
        out.push_str(&whole[from..hit.start()]);
        expand(&mut out, &replacement, &regex, &captures)?;
        from = hit.end();
    }
    out.push_str(&whole[from..]);
    Ok(Value::from(out))
}

/// `\1`, `\g<1>` and `\g<name>` are groups; `\n` and the like are characters.
fn expand(
    out: &mut String,
    template: &str,
    regex: &Regex,
    captures: &Captures<'_, str>,
) -> Result<(), Error> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let named = after.strip_prefix("g<").and_then(|name| name.split_once('>'));
        let (name, left) = match (digits, named) {
            (0, Some(named)) => named,
            (0, None) => {
                rest = expand_character(out, after);
                continue;
            }
            (digits, _) => after.split_at(digits),
        };
        out.push_str(group(name, regex, captures)?.unwrap_or_default());
        rest = left;
    }
    out.push_str(rest);
    Ok(())
}

/// The text of a group by its number or name; `None` where it took no part in the match.
fn group<'t>(name: &str, regex: &Regex, captures: &Captures<'t, str>) -> Result<Option<&'t str>, Error> {
    let number: Option<usize> = name.parse().ok();
    let is_there = match number {
        Some(number) => number < regex.captures_len(),
        None => regex.capture_names().any(|known| known == Some(name)),
    };
    if !is_there {
        let message = format!("this regular expression has no group `{name}`");
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    let found = number.map_or_else(|| captures.name(name), |number| captures.get(number));
    Ok(found.map(|found| found.as_str()))
}

/// What a backslash before a character means; returns what is after that.
fn expand_character<'a>(out: &mut String, after: &'a str) -> &'a str {
    let Some(next) = after.chars().next() else {
        out.push('\\');
        return after;
    };
    match next {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        _ if next.is_ascii_alphanumeric() => out.extend(['\\', next]),
        _ => out.push(next),
    }
    &after[next.len_utf8()..]
}

/// The match, the named groups of it, or null.
fn regex_search(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let pattern = arguments.text("pattern")?;
    let groups = arguments.rest();
    let regex = regex(&pattern, arguments)?;
    let whole = text(value);
    let Some(captures) = regex.captures(whole.as_str()).map_err(|error| failed(&error))? else {
        return Ok(Value::from(()));
    };
    if groups.is_empty() {
        return Ok(Value::from(captures.get(0).map_or("", |hit| hit.as_str())));
    }
    let values = groups.iter().map(|wanted| {
        let wanted = text(wanted);
        let name = wanted
            .strip_prefix("\\g<")
            .and_then(|name| name.strip_suffix('>'));
        let name = name.or_else(|| wanted.strip_prefix('\\'));
        let name =
            name.ok_or_else(|| Fault::new(ErrorKind::Value, "a group is written `\\\\1` or `\\\\g<name>`"))?;
        let found = group(name, &regex, &captures)?;
        Ok(found.map_or_else(|| Value::from(()), Value::from))
    });
    values.collect::<Result<Vec<_>, Error>>().map(Value::from)
}

/// Every match: its text, its one group, or a list of its groups.
fn regex_findall(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let pattern = arguments.text("regex")?;
    let multi_line = arguments.next("multiline").unwrap_or_else(|| Value::from(false));
    let ignore_case = arguments.next("ignorecase").unwrap_or_else(|| Value::from(false));
    let regex = regex(&pattern, &mut Arguments::new(&[ignore_case, multi_line]))?;
    let whole = text(value);
    let group = |captures: &Captures<'_, str>, number| {
        Value::from(captures.get(number).map_or("", |group| group.as_str()))
    };
    let rows = all(&regex, &whole)?
        .into_iter()
        .map(|captures| match captures.len() {
            1 => group(&captures, 0),
            2 => group(&captures, 1),
            groups => (1..groups).map(|number| group(&captures, number)).collect(),
        });
    Ok(rows.collect())
}

fn regex_escape(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let kind = arguments.text_or("re_type", "python");
    let special = match kind.as_str() {
        "python" => r"\.^$*+?{}[]|()-&#~ ",
        "posix_basic" => r"\.[*^$",
        _ => return Err(Fault::new(ErrorKind::Value, "`re_type` takes python or posix_basic").into()),
    };
    let mut out = String::new();
    for next in text(value).chars() {
        if special.contains(next) || kind == "python" && next.is_ascii_whitespace() {
            out.push('\\');
        }
        out.push(next);
    }
    Ok(Value::from(out))
}
