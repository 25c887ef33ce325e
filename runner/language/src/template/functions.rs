//! Functions, and the lookups that `lookup` and `query` call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::secret::Origin;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value, functions};

use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::eval::Eval;
use super::leaf::{Depth, missing, settle};
use super::python::text;
use super::roots::Root;
use crate::diagnose::nearest;
use crate::files::Found;
use crate::secrecy::is_secret_name;

/// The names of all functions.
pub(super) const NAMES: [&str; 8] = [
    "lookup",
    "query",
    "q",
    "range",
    "dict",
    "namespace",
    "undef",
    "now",
];

/// The names of all lookups.
pub(super) fn lookup_names() -> impl Iterator<Item = &'static str> {
    LOOKUPS.iter().map(|(name, _)| *name)
}

/// Adds them to an engine.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.remove_global("debug");
    engine.add_function(
        "lookup",
        |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| lookup(state, &args.into_values(), false),
    );
    for name in ["query", "q"] {
        engine.add_function(name, |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            lookup(state, &args.into_values(), true)
        });
    }
    let range = Value::from_function(functions::range);
    engine.add_function("range", move |state: &mut State<'_, '_>, args: Rest<Value>| {
        let args = args
            .iter()
            .map(|arg| settle(arg, Depth::Top))
            .collect::<Result<Vec<_>, _>>()?;
        range.call(state, &args)
    });
    engine.add_function("dict", dict);
    engine.add_function("now", now);
    engine.add_function("undef", |hint: Option<String>| {
        let message = hint.unwrap_or_else(|| "this is undefined on purpose".to_owned());
        missing(move || Fault::new(ErrorKind::Undefined, message.clone()).into())
    });
}

/// `now(utc=False, fmt=None)`: the time as text, in the given format.
fn now(state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let mut arguments = Arguments::new(&args.into_values());
    let utc = arguments.flag("utc");
    let format = arguments.text_or("fmt", "%Y-%m-%d %H:%M:%S.%f");
    arguments.finish()?;
    let now = eval.shared.inner.surroundings.now();
    let now = now.ok_or_else(|| Fault::new(ErrorKind::Value, "there is no clock here"))?;
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    let text = strtime::format(format.replace("%f", "%6f"), &now.to_zoned(zone));
    let text = text.map_err(|error| Fault::new(ErrorKind::Value, error.to_string()))?;
    Ok(Value::from(text))
}

/// `dict(pairs, key=value)`.
fn dict(args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for arg in args.into_values() {
        let arg = settle(&arg, Depth::Top)?;
        let is_mapping = arg.kind() == ValueKind::Map;
        for item in arg.try_iter()?.checked() {
            let item = item?;
            pairs.push(match is_mapping {
                true => (item.clone(), arg.get_item(&item)?),
                false => (item.get_item_by_index(0)?, item.get_item_by_index(1)?),
            });
        }
    }
    Ok(Value::from_pairs(pairs))
}

/// A lookup: one function for one term.
type Lookup = fn(&Arc<Eval>, &str, &mut Arguments) -> Result<Value, Error>;

const LOOKUPS: [(&str, Lookup); 3] = [("env", env), ("file", file), ("vars", vars)];

fn lookup(state: &State<'_, '_>, args: &[Value], as_list: bool) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let args = args
        .iter()
        .map(|arg| settle(arg, Depth::Top))
        .collect::<Result<Vec<_>, _>>()?;
    let mut arguments = Arguments::new(&args);
    let name = arguments.text("name")?;
    let plain = name.strip_prefix("ansible.builtin.").unwrap_or(&name);
    let Some((_, find)) = LOOKUPS.iter().find(|(known, _)| *known == plain) else {
        let near = nearest(plain, LOOKUPS.iter().map(|(known, _)| *known));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        return Err(
            Fault::new(ErrorKind::Unknown, format!("there is no lookup `{plain}`"))
                .help(help)
                .into(),
        );
    };
    let as_list = arguments
        .named("wantlist")
        .map_or(as_list, |wanted| wanted.is_true());
    let errors = arguments.named("errors").map(|errors| text(&errors));
    let terms = arguments.rest();
    let mut found = Vec::new();
    for term in &terms {
        let mut options =
            Arguments::new(&args[args.len() - usize::from(args.last().is_some_and(Value::is_kwargs))..]);
        for shared in ["wantlist", "errors"] {
            options.named(shared);
        }
        match find(&eval, &text(&settle(term, Depth::All)?), &mut options) {
            Ok(value) => found.push(value),
            Err(_) if errors.as_deref().is_some_and(|errors| errors != "strict") => {}
            Err(error) => return Err(error),
        }
        options.finish()?;
    }
    match found.as_slice() {
        _ if as_list => Ok(Value::from(found)),
        [only] => Ok(only.clone()),
        _ => {
            let settled = found.iter().map(|value| Ok(text(&settle(value, Depth::All)?)));
            Ok(Value::from(settled.collect::<Result<Vec<_>, Error>>()?.join(",")))
        }
    }
}

/// An environment variable; a secret where its name says so.
fn env(eval: &Arc<Eval>, name: &str, options: &mut Arguments) -> Result<Value, Error> {
    let otherwise = options.named("default").unwrap_or_else(|| Value::from(""));
    Ok(match eval.scope.world().environment(name) {
        None => otherwise,
        Some(value) if is_secret_name(name) && !value.is_empty() => {
            let secrets = &eval.shared.inner.secrets;
            eval.secret(secrets.learn(value, Origin::environment(name)))
        }
        Some(value) => Value::from(value),
    })
}

/// A variable, by a name that is found out.
fn vars(eval: &Arc<Eval>, name: &str, options: &mut Arguments) -> Result<Value, Error> {
    let otherwise = options.named("default");
    match eval.variable(name) {
        Some(value) => Ok(value?),
        None => otherwise.ok_or_else(|| {
            let near = nearest(name, eval.scope.names()).map(|near| format!("did you mean `{near}`?"));
            Fault::new(
                ErrorKind::Undefined,
                format!("there is no variable named '{name}'"),
            )
            .help(near)
            .into()
        }),
    }
}

/// The text of a file beside the playbook, in `files` beside it, or anywhere.
fn file(eval: &Arc<Eval>, name: &str, options: &mut Arguments) -> Result<Value, Error> {
    let on = |option: Option<Value>, otherwise| option.map_or(otherwise, |option| option.is_true());
    let rstrip = on(options.named("rstrip"), true);
    let lstrip = on(options.named("lstrip"), false);
    let files = &eval.shared.inner.files;
    let path = search(eval, name)?
        .into_iter()
        .find(|path| matches!(files.find(path), Some(Found::File | Found::Program)));
    let content = path
        .ok_or_else(|| "no such file".to_owned())
        .and_then(|path| files.read(&path).map_err(|error| error.to_string()));
    let content = content.map_err(|reason| {
        Fault::new(
            ErrorKind::Value,
            format!("the file {name} cannot be read: {reason}"),
        )
    })?;
    let content = if rstrip { content.trim_end() } else { &content };
    let content = if lstrip { content.trim_start() } else { content };
    Ok(match is_secret_name(name) && !content.is_empty() {
        true => eval.secret(
            eval.shared
                .inner
                .secrets
                .learn(content, Origin::File(name.to_owned())),
        ),
        false => Value::from(content),
    })
}

/// Where a file of this name may be, best first.
fn search(eval: &Arc<Eval>, name: &str) -> Result<Vec<PathBuf>, Error> {
    let path = Path::new(name);
    if path.is_absolute() {
        return Ok(vec![path.to_owned()]);
    }
    let folder = match eval.variable("playbook_dir") {
        Some(folder) => text(&settle(&folder?, Depth::Top)?),
        None => String::new(),
    };
    let folder = Path::new(&folder);
    Ok(vec![folder.join("files").join(path), folder.join(path)])
}
