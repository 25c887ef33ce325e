//! Lookups: what `lookup`, `query` and `with_…` find.

mod lists;
mod local;
mod others;
mod password;
mod sequence;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::eval::Eval;
use super::leaf::{Depth, settle};
use super::python::text;
use super::roots::Root;
use super::tree::list;
use crate::diagnose::nearest;
use crate::files::{self, Found};
use crate::source::Source;

pub(super) use local::matching;

/// What is looked up, and how.
pub(super) struct Terms {
    pub(super) terms: Vec<Value>,
    pub(super) options: Arguments,
}

/// Finds the values of all terms.
pub(super) type Lookup = fn(&Arc<Eval>, &mut Terms) -> Result<Vec<Value>, Error>;

/// Every lookup.
pub(super) const TABLE: [(&str, Lookup); 26] = [
    ("config", others::config),
    ("csvfile", tables::csvfile),
    ("dict", lists::dict),
    ("env", others::env),
    ("file", local::file),
    ("fileglob", local::fileglob),
    ("first_found", local::first_found),
    ("flattened", lists::flattened),
    ("indexed_items", lists::indexed_items),
    ("ini", tables::ini),
    ("inventory_hostnames", others::inventory_hostnames),
    ("items", lists::items),
    ("lines", others::lines),
    ("list", lists::list),
    ("nested", lists::nested),
    ("password", password::password),
    ("pipe", others::pipe),
    ("random_choice", lists::random_choice),
    ("sequence", sequence::sequence),
    ("subelements", lists::subelements),
    ("template", local::template),
    ("together", lists::together),
    ("unvault", local::unvault),
    ("url", others::url),
    ("varnames", others::varnames),
    ("vars", others::vars),
];

/// The lookup of this name, with or without the prefix of Ansible's core.
pub(super) fn find(name: &str) -> Result<Lookup, Fault> {
    let plain = super::rewrite::plain_name(name);
    let plain = plain.strip_prefix("community.general.").unwrap_or(plain);
    let found = TABLE.iter().find(|(known, _)| *known == plain);
    found.map(|(_, lookup)| *lookup).ok_or_else(|| {
        let near = nearest(plain, TABLE.iter().map(|(known, _)| *known));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        Fault::new(ErrorKind::Unknown, format!("there is no lookup `{plain}`")).help(help)
    })
}

/// `lookup(name, terms, options)`; as a list for `query`.
pub(super) fn lookup(state: &State<'_, '_>, args: &[Value], as_list: bool) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let used = |value: &Value| settle(value, if value.is_kwargs() { Depth::Top } else { Depth::All });
    let args = args.iter().map(used).collect::<Result<Vec<_>, _>>()?;
    let mut arguments = Arguments::new(&args);
    let name = arguments.text("name")?;
    let find = find(&name)?;
    let wants = arguments.named("wantlist").map(|wanted| wanted.is_true());
    let as_list = wants.unwrap_or(as_list);
    let errors = arguments.named("errors").map(|errors| text(&errors));
    let mut terms = Terms {
        terms: arguments.rest(),
        options: arguments,
    };
    let found = find(&eval, &mut terms);
    let found = match found {
        Err(_) if matches!(errors.as_deref(), Some("ignore" | "warn")) => {
            return Ok(if as_list {
                list(Vec::new())
            } else {
                Value::from(())
            });
        }
        found => found?,
    };
    terms.options.finish()?;
    let is_text = |value: &Value| settle(value, Depth::Top).is_ok_and(|value| value.as_str().is_some());
    Ok(match found.as_slice() {
        _ if as_list => list(found),
        // As it is there; a join of nothing would be text.
        [] => list(found),
        [only] => only.clone(),
        all if all.iter().all(is_text) => {
            let texts = all.iter().map(|value| Ok(text(&settle(value, Depth::All)?)));
            Value::from(texts.collect::<Result<Vec<_>, Error>>()?.join(","))
        }
        _ => list(found),
    })
}

/// The values of `with_NAME`: a list is a list of terms, anything else the only one.
pub(super) fn with(eval: &Arc<Eval>, name: &str, value: &Value) -> Result<Vec<Value>, Error> {
    let find = find(name)?;
    let value = settle(value, Depth::All)?;
    let terms = match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => super::filters::items(&value)?,
        _ => vec![value],
    };
    let options = Arguments::new(&[]);
    find(eval, &mut Terms { terms, options })
}

/// A text among the variables.
fn variable(eval: &Arc<Eval>, name: &str) -> Result<Option<Value>, Error> {
    let Some(found) = eval.variable(name) else {
        return Ok(None);
    };
    Ok(settle(&found?, Depth::All).ok())
}

/// The folders of the role and of the playbook, best first.
pub(super) fn bases(eval: &Arc<Eval>) -> Result<Vec<String>, Error> {
    let mut bases = Vec::new();
    if let Some(path) = variable(eval, "ansible_search_path")? {
        bases.extend(super::filters::items(&path)?.iter().map(text));
    }
    for name in ["role_path", "playbook_dir"] {
        bases.extend(variable(eval, name)?.map(|folder| text(&folder)));
    }
    Ok(bases)
}

/// The folders in which files are looked for, best first: those of the role (its
/// `files`, `templates` or `vars` before itself), then those of the playbook.
pub(super) fn folders(eval: &Arc<Eval>, below: &str) -> Result<Vec<PathBuf>, Error> {
    let mut folders = Vec::new();
    for base in bases(eval)?.iter().map(Path::new) {
        for folder in [base.join(below), base.to_owned()] {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    Ok(folders)
}

/// Where a file of this name is, if anywhere.
pub(super) fn search(eval: &Arc<Eval>, below: &str, name: &str) -> Result<Option<PathBuf>, Error> {
    let path = Path::new(name);
    let files = &eval.shared.inner.files;
    let is_file = |path: &PathBuf| matches!(files.find(path), Some(Found::File | Found::Program));
    if path.is_absolute() {
        return Ok(Some(path.to_owned()).filter(is_file));
    }
    let mut candidates = folders(eval, below)?.into_iter().map(|folder| folder.join(path));
    Ok(candidates.find(is_file))
}

/// A file that must be there.
pub(super) fn found(eval: &Arc<Eval>, below: &str, name: &str) -> Result<PathBuf, Error> {
    let missing = || {
        let looked = folders(eval, below).unwrap_or_default();
        let looked: Vec<String> = looked.iter().map(|folder| folder.display().to_string()).collect();
        let help = (!looked.is_empty()).then(|| format!("looked in {}", looked.join(", ")));
        Fault::new(
            ErrorKind::Value,
            format!("the file {name} cannot be read: no such file"),
        )
        .help(help)
        .into()
    };
    search(eval, below, name)?.ok_or_else(missing)
}

/// Its text, opened where it is encrypted.
pub(super) fn read(eval: &Eval, path: &Path) -> Result<Arc<Source>, Error> {
    let source = files::read(&*eval.shared.inner.files, path);
    source.map_err(|fault| Fault::unreadable(*fault).into())
}

/// A text found in a file, which is a secret where the file is encrypted.
fn part_of(eval: &Eval, source: &Source, part: &str) -> Value {
    match source.is_sealed() {
        true => hidden(eval, source.path(), part),
        false => Value::from(part),
    }
}

/// A text of a file that is a secret; nothing is none.
fn hidden(eval: &Eval, path: &str, content: &str) -> Value {
    match content.is_empty() {
        true => Value::from(content),
        false => {
            let origin = Origin::File(path.to_owned());
            eval.secret(eval.shared.inner.secrets.learn(content, origin))
        }
    }
}

/// What a template makes of a file that is encrypted is secret as a whole.
pub(super) fn has_read(eval: &Eval, source: &Source) {
    if source.is_sealed() {
        let origin = Origin::File(source.path().to_owned());
        eval.shared.has_read(&Secret::new(source.text(), origin));
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Fault::new(ErrorKind::Value, message).into()
}
