//! Lookups in files of rows: `csvfile` and `ini`.

use std::sync::Arc;

use minijinja::{Error, Value};

use super::{Terms, found, part_of, read, wrong};
use crate::template::arguments::Arguments;
use crate::template::eval::Eval;
use crate::template::python::text;

/// A term is what is looked for, and may set options after it (`key file=x col=2`).
fn words(term: &str, options: &mut Arguments) -> (String, Vec<(String, String)>) {
    let mut set: Vec<(String, String)> = Vec::new();
    let mut wanted = Vec::new();
    for word in term.split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) => set.push((name.to_owned(), value.to_owned())),
            None => wanted.push(word),
        }
    }
    let named = options.rest_named();
    let named = named.iter().map(|(name, value)| (name.clone(), text(value)));
    set.extend(named);
    let wanted = if wanted.is_empty() {
        term.to_owned()
    } else {
        wanted.join(" ")
    };
    (wanted, set)
}

fn option<'a>(set: &'a [(String, String)], name: &str) -> Option<&'a str> {
    set.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn known(set: &[(String, String)], names: &[&str]) -> Result<(), Error> {
    match set.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        Some((name, _)) => Err(wrong(format!("there is no argument `{name}` here"))),
        None => Ok(()),
    }
}

pub(super) fn csvfile(eval: &Arc<Eval>, terms: &mut Terms) -> Result<Vec<Value>, Error> {
    let named: Vec<(String, Value)> = terms.options.rest_named();
    let mut values = Vec::new();
    for term in &terms.terms {
        let pairs = named.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let kwargs: minijinja::value::Kwargs = pairs.collect();
        let (key, set) = words(&text(term), &mut Arguments::new(&[Value::from(kwargs)]));
        known(
            &set,
            &["file", "delimiter", "col", "keycol", "default", "encoding"],
        )?;
        let delimiter = match option(&set, "delimiter").unwrap_or("TAB") {
            "TAB" | "t" | "\\t" => '\t',
            other => other.chars().next().unwrap_or('\t'),
        };
        let column = |name, otherwise| {
            option(&set, name)
                .and_then(|at| at.parse().ok())
                .unwrap_or(otherwise)
        };
        let (col, key_col): (usize, usize) = (column("col", 1), column("keycol", 0));
        let path = found(eval, "files", option(&set, "file").unwrap_or("ansible.csv"))?;
        let content = read(eval, &path)?;
        let mut rows = rows(content.text(), delimiter).into_iter();
        let row = rows.find(|row| row.get(key_col).is_some_and(|found| *found == key));
        match row {
            Some(row) => {
                let cell = row.get(col);
                let cell = cell.ok_or_else(|| wrong(format!("there is no column {col}")))?;
                values.push(part_of(eval, &content, cell));
            }
            None => values.extend(option(&set, "default").map(Value::from)),
        }
    }
    Ok(values)
}

/// The rows of a file with a delimiter; a cell may be in double quotes.
fn rows(content: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = content.chars().peekable();
    while let Some(next) = characters.next() {
        match next {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ if next == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            _ => cell.push(next),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

pub(super) fn ini(eval: &Arc<Eval>, terms: &mut Terms) -> Result<Vec<Value>, Error> {
    let named: Vec<(String, Value)> = terms.options.rest_named();
    let mut values = Vec::new();
    for term in &terms.terms {
        let pairs = named.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let kwargs: minijinja::value::Kwargs = pairs.collect();
        let (key, set) = words(&text(term), &mut Arguments::new(&[Value::from(kwargs)]));
        known(
            &set,
            &[
                "file",
                "section",
                "type",
                "re",
                "default",
                "encoding",
                "case_sensitive",
                "allow_no_value",
            ],
        )?;
        let is_properties = option(&set, "type") == Some("properties");
        let section = if is_properties {
            ""
        } else {
            option(&set, "section").unwrap_or("global")
        };
        let path = found(eval, "files", option(&set, "file").unwrap_or("ansible.ini"))?;
        let content = read(eval, &path)?;
        let pairs = settings(content.text(), section);
        if option(&set, "re").is_some_and(|re| re.eq_ignore_ascii_case("true")) {
            let regex = fancy_regex::Regex::new(&key).map_err(|error| wrong(error.to_string()))?;
            let hits = pairs
                .iter()
                .filter(|(name, _)| regex.is_match(name.as_str()).unwrap_or(false));
            values.extend(hits.map(|(_, value)| part_of(eval, &content, value)));
            continue;
        }
        let case_sensitive = option(&set, "case_sensitive").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let same = |name: &str| match case_sensitive {
            true => name == key,
            false => name.eq_ignore_ascii_case(&key),
        };
        let value = pairs
            .iter()
            .rev()
            .find(|(name, _)| same(name))
            .map(|(_, value)| value.as_str());
        values.push(match value {
            Some(value) => part_of(eval, &content, value),
            None => Value::from(option(&set, "default").unwrap_or_default()),
        });
    }
    Ok(values)
}

/// The settings of a section; those before any section belong to the one without a name.
fn settings(content: &str, section: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut current = String::new();
    for line in content.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name.trim().to_owned();
            continue;
        }
        if current != section && !current.eq_ignore_ascii_case("default") {
            continue;
        }
        let is_more = line.starts_with([' ', '\t']);
        match (
            pairs.last_mut().filter(|_| is_more),
            trimmed.split_once(['=', ':']),
        ) {
            (Some((_, value)), _) => {
                value.push('\n');
                value.push_str(trimmed);
            }
            (None, Some((name, value))) => pairs.push((name.trim().to_owned(), value.trim().to_owned())),
            (None, None) => pairs.push((trimmed.to_owned(), String::new())),
        }
    }
    pairs
}
