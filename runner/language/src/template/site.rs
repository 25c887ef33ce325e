//! Filters of the site: macros in files `filters/*.j2` beside the playbook and in roles.
//!
//! The first argument of a macro is the value that is filtered. What it prints is the result,
//! without line ends around it.

mod shelf;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::machinery::ast::Stmt;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use cutover_kit::Value as Known;
pub(super) use shelf::{Compiled, Shelf, SiteFile};

use super::arguments::Arguments;
use super::compile::{self, bytes, parsed};
use super::convert::known;
use super::engine::{self, STRING_SYNTAX};
use super::error::{ErrorKind, Fault, Stop, TemplateError};
use super::eval::Eval;
use super::leaf::{Leaf, leaf};
use super::lookups::bases;
use super::roots::Root;
use crate::diagnose::{Diagnostic, nearest};
use crate::files::{self, Files};
use crate::scope::{Layer, Rank, Variable};
use crate::source::{Place, Source};
use crate::yaml::Node;

/// The folder of such files.
const FOLDER: &str = "filters";
const ENDS: [&str; 2] = ["j2", "jinja2"];

/// A macro that is a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteFilter {
    /// Its name.
    pub name: String,
    /// Where the macro is written.
    pub place: Place,
    /// The folder of the playbook or role that it is for.
    pub base: PathBuf,
}

/// The filters of a folder that holds a playbook or a role, and what is wrong in their files.
pub fn site_filters(files: &dyn Files, base: &Path) -> (Vec<SiteFilter>, Vec<Diagnostic>) {
    let (mut filters, mut faults) = (Vec::new(), Vec::new());
    for path in paths(files, base) {
        let found = files::read(files, &path).and_then(|source| {
            let found = in_source(&source, base);
            found.map_err(|error| Box::new(error.to_diagnostic()))
        });
        match found {
            Ok(found) => filters.extend(found),
            Err(fault) => faults.push(*fault),
        }
    }
    for filter in &filters {
        if engine::is_filter(&filter.name) {
            let message = format!("`{}` is a filter already, and stays what it is", filter.name);
            let fault = Diagnostic::warning("filter-name", &filter.place, message);
            faults.push(fault.help("give the macro another name"));
        }
    }
    (filters, faults)
}

fn paths(files: &dyn Files, base: &Path) -> Vec<PathBuf> {
    let folder = base.join(FOLDER);
    let names = files.list(&folder).unwrap_or_default();
    let fits = |path: &PathBuf| {
        let end = path.extension().and_then(|end| end.to_str());
        end.is_some_and(|end| ENDS.contains(&end))
    };
    names
        .into_iter()
        .map(|name| folder.join(name))
        .filter(fits)
        .collect()
}

fn in_source(source: &Arc<Source>, base: &Path) -> Result<Vec<SiteFilter>, TemplateError> {
    let whole = Node::text(source.text(), source.place(0..source.text().len()));
    let tree = parsed(source.text(), &STRING_SYNTAX).map_err(|fault| fault.at(&whole))?;
    let Stmt::Template(tree) = tree else {
        return Ok(Vec::new());
    };
    let macros = tree.children.iter().filter_map(|stmt| match stmt {
        Stmt::Macro(it) => Some(SiteFilter {
            name: it.name.to_owned(),
            place: source.place(bytes(it.span())).first_line(),
            base: base.to_owned(),
        }),
        _ => None,
    });
    Ok(macros.collect())
}

/// What a filter that the engine does not have makes of a value: `value | name(arguments)`.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let name = arguments.text("name")?;
    let eval = Root::of(state)?;
    let file = found(&eval, &name)?;
    let (layer, call) = given(value, arguments)?;
    let call = format!("{name}({call})");
    let eval = eval.with_layer(layer);
    let label = format!("filter {name}");
    let made = eval
        .shared
        .once(label.clone(), || run(&eval, &file, &name, &call))?;
    let made = eval.within(label, made)?;
    let bare = |text: &str| text.trim_matches(['\r', '\n']).to_owned();
    Ok(match (leaf(&made), made.as_str()) {
        (Some(Leaf::Secret { secret, .. }), _) => {
            let origin = secret.origin().clone();
            let secrets = &eval.shared.inner.secrets;
            eval.secret(secrets.learn(bare(secret.expose()), origin))
        }
        (None, Some(text)) => Value::from(bare(text)),
        _ => made,
    })
}

/// The file with the macro of this name: a role's own before the playbook's.
fn found(eval: &Arc<Eval>, name: &str) -> Result<Arc<SiteFile>, Error> {
    let mut others = BTreeSet::new();
    for base in bases(eval)? {
        let shelf = eval.shared.shelf(Path::new(&base));
        if let Some(file) = shelf.with(name) {
            return Ok(Arc::clone(file));
        }
        others.extend(shelf.names().map(str::to_owned));
        if let Some(fault) = shelf.fault() {
            return Err(Fault::unreadable(fault.clone()).into());
        }
    }
    Err(unknown(name, others.iter().map(String::as_str)).into())
}

/// There is no such filter, neither of the engine nor of the site.
fn unknown<'a>(name: &str, of_site: impl Iterator<Item = &'a str>) -> Fault {
    let near = nearest(
        name,
        of_site.chain(engine::filters().map(|name| -> &'a str { name })),
    );
    let help = near.map(|near| format!("did you mean `{near}`?"));
    Fault::new(ErrorKind::Unknown, format!("there is no filter `{name}`")).help(help)
}

/// The arguments of a macro as variables, and how they are handed over. What is `omit` is left out.
fn given(value: &Value, mut arguments: Arguments) -> Result<(Layer, String), Stop> {
    let mut layer = Layer::new(Rank::Magic, "arguments of a filter");
    let mut call = Vec::new();
    let mut pass = |keyword: &str, value: Known| {
        let variable = format!("site_filter_{}", call.len());
        call.push(format!("{keyword}{variable}"));
        layer.variables.insert(variable, Variable::from(value));
    };
    let mut gap = false;
    for value in std::iter::once(value.clone()).chain(arguments.rest()) {
        match known(&value)? {
            Some(_) if gap => {
                let message = "`omit` stands before another argument, which would take its place";
                let help = Some("name the arguments after it: `filter(name=value)`".to_owned());
                return Err(Fault::new(ErrorKind::Value, message).help(help).into());
            }
            Some(value) => pass("", value),
            None => gap = true,
        }
    }
    for (name, value) in arguments.rest_named() {
        if let Some(value) = known(&value)? {
            pass(&format!("{name}="), value);
        }
    }
    Ok((layer, call.join(", ")))
}

/// Runs the macro in a template of its own that imports it.
fn run(eval: &Arc<Eval>, file: &Arc<SiteFile>, name: &str, call: &str) -> Result<Value, TemplateError> {
    let path = file.source().path();
    let from = serde_json::Value::from(path);
    let text = format!("{{% from {from} import {name} %}}{{{{ {call} }}}}");
    let place = Source::new(path, "").place(0..0);
    let node = Node::text(text.as_str(), place);
    let program = compile::template(&text, &STRING_SYNTAX).map_err(|fault| fault.at(&node))?;
    eval.run_with(&node, &program, Some(file))
}

/// `map('name')` and the like call a filter of the site by its name.
pub(super) fn apply(state: &mut State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
    if engine::is_filter(name) {
        return state.apply_filter(name, args);
    }
    let (value, rest) = args
        .split_first()
        .map_or((Value::UNDEFINED, args), |(value, rest)| (value.clone(), rest));
    let call = [&[value, Value::from(name)], rest].concat();
    state.apply_filter(super::rewrite::SITE, &call)
}
