//! Paths on this machine.

use minijinja::{Error, State, Value};

use super::lists::items;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::lookups::matching;
use crate::template::python::text;
use crate::template::roots::Root;
use crate::template::tree::list;

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
    Entry::own("win_splitdrive", Takes::Values, |value, _| {
        let path = text(value);
        let is_drive = path.get(1..2) == Some(":");
        let (drive, rest) = path.split_at(if is_drive { 2 } else { 0 });
        Ok(list(vec![Value::from(drive), Value::from(rest)]))
    }),
    Entry::own("path_join", Takes::Values, path_join),
    Entry::own("normpath", Takes::Values, |value, _| {
        Ok(Value::from(normal(&text(value))))
    }),
    Entry::own("commonpath", Takes::Values, commonpath),
    Entry::engine("relpath", Takes::Values, || Value::from_function(relpath)),
    Entry::engine("realpath", Takes::Values, || Value::from_function(realpath)),
    Entry::engine("expanduser", Takes::Values, || Value::from_function(expanduser)),
    Entry::engine("expandvars", Takes::Values, || Value::from_function(expandvars)),
    Entry::engine("fileglob", Takes::Values, || Value::from_function(fileglob)),
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
    Ok(list(vec![Value::from(&path[..at]), Value::from(&path[at..])]))
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

/// Without `.`, `..` and double separators, as text.
pub(crate) fn normal(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

fn commonpath(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let paths: Vec<String> = items(value)?.iter().map(|path| normal(&text(path))).collect();
    let parts: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let Some(first) = parts.first() else {
        return Err(Fault::new(ErrorKind::Value, "commonpath() arg is an empty sequence").into());
    };
    let same = |at: &usize| parts.iter().all(|path| path.get(*at) == first.get(*at));
    let count = (0..first.len()).take_while(same).count();
    let common = first[..count].join("/");
    let rooted = common.is_empty() && paths[0].starts_with('/');
    Ok(Value::from(if rooted { "/".to_owned() } else { common }))
}

/// The path from where relative ones begin.
fn absolute(path: &str) -> Result<String, Error> {
    let path = std::path::absolute(path);
    let path = path.map_err(|error| Fault::new(ErrorKind::Value, error.to_string()))?;
    Ok(normal(&path.to_string_lossy()))
}

fn relpath(value: &Value, start: Option<&str>) -> Result<Value, Error> {
    let (path, start) = (absolute(&text(value))?, absolute(start.unwrap_or("."))?);
    let split = |path: &str| {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (path, start): (Vec<String>, Vec<String>) = (split(&path), split(&start));
    let shared = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), start.len() - shared);
    let parts: Vec<String> = up.chain(path[shared..].iter().cloned()).collect();
    Ok(Value::from(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }))
}

/// Without links; parts that are not there stay as they are.
fn realpath(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let path = absolute(&text(value))?;
    let path = std::path::Path::new(&path);
    let real = path.ancestors().find_map(|known| {
        let real = eval.shared.inner.files.real(known)?;
        Some(real.join(path.strip_prefix(known).ok()?))
    });
    let real = real.unwrap_or_else(|| path.to_owned());
    Ok(Value::from(normal(&real.to_string_lossy())))
}

/// `~` at the beginning is the user's home; those of others are not looked up.
fn expanduser(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let path = text(value);
    let home = Root::of(state)?.scope.world().environment("HOME");
    Ok(Value::from(match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => home + rest,
        _ => path,
    }))
}

/// `$NAME` and `${NAME}` are variables of the environment.
fn expandvars(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let path = text(value);
    let mut out = String::new();
    let mut rest = path.as_str();
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let end = after
            .find(|next: char| !next.is_ascii_alphanumeric() && next != '_')
            .unwrap_or(after.len());
        let (name, left) = braced.unwrap_or_else(|| after.split_at(end));
        match eval.scope.world().environment(name).filter(|_| !name.is_empty()) {
            Some(value) => out.push_str(&value),
            None => {
                out.push('$');
                out.push_str(&after[..after.len() - left.len()]);
            }
        }
        rest = left;
    }
    out.push_str(rest);
    Ok(Value::from(out))
}

fn fileglob(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let found = matching(&eval, std::path::Path::new(&text(value)))?;
    Ok(list(found.into_iter().map(Value::from).collect()))
}
