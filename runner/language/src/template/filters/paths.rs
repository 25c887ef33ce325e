//! Paths, as text only.

use minijinja::{Error, Value};

use super::lists::items;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::python::text;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("basename", Takes::Values, |value, _| {
        Ok(Value::from(cut(&text(value), &['/']).1))
    }),
    Entry::own("dirname", Takes::Values, |value, _| {
        Ok(Value::from(folder(&text(value), &['/'])))
    }),
    Entry::own("win_basename", Takes::Values, |value, _| {
        Ok(Value::from(cut(&text(value), &['/', '\\']).1))
    }),
    Entry::own("win_dirname", Takes::Values, |value, _| {
        Ok(Value::from(folder(&text(value), &['/', '\\'])))
    }),
    Entry::own("splitext", Takes::Values, splitext),
    Entry::own("path_join", Takes::Values, path_join),
];

/// What is before the last separator, with it, and what is after.
fn cut<'a>(path: &'a str, separators: &[char]) -> (&'a str, &'a str) {
    let at = path.rfind(separators).map_or(0, |at| at + 1);
    path.split_at(at)
}

/// Without the separators at the end, unless there is nothing else.
fn folder<'a>(path: &'a str, separators: &[char]) -> &'a str {
    let (head, _) = cut(path, separators);
    match head.trim_end_matches(separators) {
        "" => head,
        trimmed => trimmed,
    }
}

/// The path and its ending; dots at the beginning of the name do not count.
fn splitext(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let path = text(value);
    let name = cut(&path, &['/']).1;
    let at = name.trim_start_matches('.').rfind('.').map_or(path.len(), |at| {
        path.len() - name.trim_start_matches('.').len() + at
    });
    Ok([&path[..at], &path[at..]].into_iter().collect())
}

/// A part that is absolute begins the path anew.
fn path_join(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let parts = match value.as_str() {
        Some(text) => vec![Value::from(text)],
        None => items(value)?,
    };
    let joined = parts
        .iter()
        .map(text)
        .fold(String::new(), |path, part| match path {
            _ if part.starts_with('/') || path.is_empty() => part,
            path if path.ends_with('/') => path + &part,
            path => format!("{path}/{part}"),
        });
    Ok(Value::from(joined))
}
