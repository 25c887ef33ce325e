//! Lookups of files of this machine.

use std::path::Path;
use std::sync::Arc;

use globset::GlobBuilder;
use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Terms, folders, found, hidden, part_of, read, search, wrong};
use crate::files::Found;
use crate::scope::{Layer, Rank, Variable};
use crate::secrecy::is_secret_name;
use crate::source::Source;
use crate::template::convert::known;
use crate::template::eval::Eval;
use crate::template::file::{FileOptions, render_in};
use crate::template::filters::{items, truth};
use crate::template::python::text;

type Values = Result<Vec<Value>, Error>;

/// The text of files; a secret where the name says so.
pub(super) fn file(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let on = |option: Option<Value>, otherwise| option.map_or(otherwise, |option| truth(&option));
    let rstrip = on(terms.options.named("rstrip"), true);
    let lstrip = on(terms.options.named("lstrip"), false);
    let of = |term: &Value| {
        let name = text(term);
        let source = read(eval, &found(eval, "files", &name)?)?;
        let content = source.text();
        let content = if rstrip { content.trim_end() } else { content };
        let content = if lstrip { content.trim_start() } else { content };
        Ok(of_name(eval, &name, &source, content))
    };
    terms.terms.iter().map(of).collect()
}

/// A text of a file; a secret where the file is encrypted or its name says so.
fn of_name(eval: &Eval, name: &str, source: &Source, content: &str) -> Value {
    match is_secret_name(name) {
        true => hidden(eval, source.path(), content),
        false => part_of(eval, source, content),
    }
}

/// The text of files as they are, opened where they are encrypted.
pub(super) fn unvault(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let of = |term: &Value| {
        let name = text(term);
        let source = read(eval, &found(eval, "files", &name)?)?;
        Ok(of_name(eval, &name, &source, source.text()))
    };
    terms.terms.iter().map(of).collect()
}

/// Files of a folder that a pattern fits, sorted.
pub(in crate::template) fn matching(eval: &Eval, pattern: &Path) -> Result<Vec<String>, Error> {
    let files = &eval.shared.inner.files;
    let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else {
        return Ok(Vec::new());
    };
    let glob = GlobBuilder::new(&name.to_string_lossy())
        .literal_separator(true)
        .build();
    let glob = glob.map_err(|error| wrong(error.to_string()))?.compile_matcher();
    let names = files.list(folder).unwrap_or_default();
    let fits = |name: &String| glob.is_match(name) && (!name.starts_with('.') || pattern.ends_with(name));
    let paths = names.into_iter().filter(fits).map(|name| folder.join(name));
    let paths = paths.filter(|path| matches!(files.find(path), Some(Found::File | Found::Program)));
    Ok(paths.map(|path| path.display().to_string()).collect())
}

pub(super) fn fileglob(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let mut all = Vec::new();
    for term in &terms.terms {
        let pattern = text(term);
        let pattern = Path::new(&pattern);
        let bases = match pattern.is_absolute() {
            true => vec![Path::new("/").to_owned()],
            false => folders(eval, "files")?,
        };
        for base in bases {
            let hits = matching(eval, &base.join(pattern))?;
            if !hits.is_empty() {
                all.extend(hits.into_iter().map(Value::from));
                break;
            }
        }
    }
    Ok(all)
}

/// Names in a list, or in a text with commas, semicolons or colons.
fn names(value: &Value) -> Result<Vec<String>, Error> {
    Ok(match value.as_str() {
        Some(text) => text
            .split([',', ';', ':'])
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        None => items(value)?.iter().map(text).collect(),
    })
}

/// The path of the first file that is there.
pub(super) fn first_found(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let mut wanted: Vec<String> = Vec::new();
    let mut skip = terms.options.named("skip").is_some_and(|skip| truth(&skip));
    let mut add = |files: Option<Value>, paths: Option<Value>| {
        let files = files.map(|files| names(&files)).transpose()?.unwrap_or_default();
        let paths = paths.map(|paths| names(&paths)).transpose()?.unwrap_or_default();
        if paths.is_empty() {
            wanted.extend(files);
        } else {
            let joined = |path: &String| {
                let below = |file: &String| Path::new(path).join(file).display().to_string();
                files.iter().map(below).collect::<Vec<_>>()
            };
            wanted.extend(paths.iter().flat_map(joined));
        }
        Ok::<(), Error>(())
    };
    let mut flat = Vec::new();
    for term in &terms.terms {
        match term.kind() {
            ValueKind::Seq | ValueKind::Iterable => flat.extend(items(term)?),
            _ => flat.push(term.clone()),
        }
    }
    let (files, paths) = (terms.options.named("files"), terms.options.named("paths"));
    if files.is_some() {
        flat.iter().try_for_each(|term| add(Some(term.clone()), None))?;
        add(files, paths)?;
    } else {
        for term in flat {
            if term.kind() != ValueKind::Map {
                add(Some(super::list(vec![term])), paths.clone())?;
                continue;
            }
            let of = |name: &str| term.get_attr(name).ok().filter(|found| !found.is_undefined());
            skip |= of("skip").is_some_and(|skip| truth(&skip));
            add(of("files"), of("paths"))?;
        }
    }
    for name in &wanted {
        for below in ["files", "templates", "vars", "tasks"] {
            if let Some(path) = search(eval, below, name)? {
                return Ok(vec![Value::from(path.display().to_string())]);
            }
        }
    }
    match skip {
        true => Ok(Vec::new()),
        false => Err(wrong("No file was found when using first_found.")),
    }
}

/// The text of template files.
pub(super) fn template(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let mut options = FileOptions::default();
    let mut mark = |name: &str, place: &mut String| {
        if let Some(value) = terms.options.named(name) {
            *place = text(&value);
        }
    };
    mark("variable_start_string", &mut options.variable_start);
    mark("variable_end_string", &mut options.variable_end);
    mark("block_start_string", &mut options.block_start);
    mark("block_end_string", &mut options.block_end);
    mark("comment_start_string", &mut options.comment_start);
    mark("comment_end_string", &mut options.comment_end);
    let mut flag = |name: &str, place: &mut bool| {
        if let Some(value) = terms.options.named(name) {
            *place = truth(&value);
        }
    };
    flag("trim_blocks", &mut options.trim_blocks);
    flag("lstrip_blocks", &mut options.lstrip_blocks);
    // What it makes is always text.
    for accepted in ["convert_data", "jinja2_native"] {
        terms.options.named(accepted);
    }
    let mut layer = Layer::new(Rank::Magic, "template_vars");
    if let Some(variables) = terms.options.named("template_vars") {
        let known = known(&variables)?.unwrap_or_default();
        if let cutover_kit::Value::Map(map) = known {
            let pairs = map.into_iter().map(|(name, value)| (name, Variable::from(value)));
            layer.variables.extend(pairs);
        }
    }
    let eval = eval.with_layer(layer);
    let of = |term: &Value| {
        let path = found(&eval, "templates", &text(term))?;
        let source = read(&eval, &path)?;
        let path = source.path().to_owned();
        let made = eval
            .shared
            .once(path.clone(), || render_in(&eval, &source, &options))?;
        let made = eval.within(path.clone(), made)?;
        Ok(match made.as_str() {
            Some(text) => part_of(&eval, &source, text),
            None => made,
        })
    };
    terms.terms.iter().map(of).collect()
}
