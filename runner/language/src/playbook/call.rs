//! What a task calls: its module with the arguments, however they are written.

use std::sync::Arc;

use super::action::{Action, InclusionKind, Meta, ModuleCall};
use super::arguments::OTHER_ARGUMENTS;
use super::directives::Directives;
use super::fields::Fields;
use super::reading::Reading;
use super::{arguments, inclusion, schema};
use crate::catalog::short;
use crate::diagnose::{Diagnostic, nearest};
use crate::source::{Located, Place};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// What makes a module everybody's.
const ELSEWHERE: &str = "a module in `library/` beside the playbook is meant for all tasks";

/// The name of an action, its place and the value beside it.
struct Named<'n> {
    name: Located<String>,
    value: Node,
    /// `args`, which fill what the action's own arguments leave open.
    more: Option<&'n Node>,
    /// Whether `module_defaults` may give what is missing.
    defaulted: bool,
}

/// What a task does: the one module, inclusion or `meta` that it names.
pub(super) fn action(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    node: &Node,
    directives: &mut Directives,
    outer: &Directives,
) -> Option<Action> {
    let more = fields.node("args");
    let explicit = fields.entry("action");
    let local = fields.entry("local_action");
    if let Some(entry) = local {
        let place = entry.key.place.clone();
        let localhost = Located::new("localhost".to_owned(), place);
        directives.delegate_to = Some(super::setting::Setting::Literal(localhost));
    }
    let is_loop = |entry: &&Entry| entry.key.starts_with("with_");
    let candidates: Vec<_> = fields.rest().filter(|entry| !is_loop(entry)).collect();
    let explicit: Vec<_> = explicit.into_iter().chain(local).collect();
    let named = match (explicit.as_slice(), candidates.as_slice()) {
        ([entry], []) => explicit_action(reading, entry)?,
        ([], [entry]) => (entry.key.clone(), entry.value.clone()),
        ([], []) => {
            reading.fault(Diagnostic::error(
                "no-module",
                &node.place.first_line(),
                "this task names no module",
            ));
            return None;
        }
        _ => {
            let all: Vec<_> = explicit
                .iter()
                .chain(&candidates)
                .map(|entry| &entry.key)
                .collect();
            let index = which(reading, fields, &all)?;
            let entry = explicit.iter().chain(&candidates).nth(index)?;
            (entry.key.clone(), entry.value.clone())
        }
    };
    let (name, value) = named;
    let named = Named {
        name,
        value,
        more,
        defaulted: !directives.module_defaults.is_empty() || !outer.module_defaults.is_empty(),
    };
    let short = short(&named.name).to_owned();
    if InclusionKind::NAMES.contains(&short.as_str()) {
        let free_form = inclusion::free_form(&short);
        let args = arguments(reading, &named.value, Some(free_form), named.more, &|_| true)?;
        let read = inclusion::read(reading, named.name, &short, &args, directives, outer);
        return read.map(|inclusion| Action::Inclusion(Box::new(inclusion)));
    }
    resolve(reading, fields, named)
}

/// Which of several keys that are no keywords is the module; the others are faults.
fn which(reading: &mut Reading<'_>, fields: &Fields<'_>, keys: &[&Located<String>]) -> Option<usize> {
    let known = |key: &&Located<String>| {
        let short = short(key);
        short == "meta" || InclusionKind::NAMES.contains(&short) || reading.module(short).is_some()
    };
    let modules: Vec<_> = (0..keys.len()).filter(|&index| known(&keys[index])).collect();
    match modules.as_slice() {
        [first, second, ..] => {
            let fault = Diagnostic::error(
                "two-modules",
                &keys[*second].place,
                format!(
                    "a task calls one module, and `{}` is a second one",
                    keys[*second].value
                ),
            );
            reading.fault(fault.note(&keys[*first].place, "the first one"));
            Some(*first)
        }
        found => {
            let module = found.first().copied();
            for (index, key) in keys.iter().enumerate() {
                if Some(index) != module {
                    unknown(reading, fields, key);
                }
            }
            module
        }
    }
}

/// Neither a keyword nor a module.
fn unknown(reading: &mut Reading<'_>, fields: &Fields<'_>, key: &Located<String>) {
    let short = short(key);
    let keyword = nearest(short, fields.known());
    let modules = reading.catalog.names();
    let builtin = InclusionKind::NAMES.into_iter().chain(["meta"]);
    let module = nearest(short, modules.iter().map(String::as_str).chain(builtin));
    let message = format!("`{}` is neither a keyword of a task nor a module", key.value);
    let fault = Diagnostic::error("unknown-module", &key.place, message);
    reading.fault(match keyword.or(module) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    });
}

/// `action: name k=v`, `action: {module: name, ...}`.
fn explicit_action(reading: &mut Reading<'_>, entry: &Entry) -> Option<(Located<String>, Node)> {
    let value = &entry.value;
    match &value.kind {
        Kind::Map(map) => {
            let Some(module) = map.entry("module") else {
                no_module(reading, &entry.key.value, value);
                return None;
            };
            let Some(name) = module.value.as_text() else {
                reading.misfit("`module`", "the name of a module", &module.value);
                return None;
            };
            let name = Located::new(name.to_owned(), module.value.place.clone());
            let rest: Mapping = map
                .iter()
                .filter(|entry| entry.key.value != "module")
                .cloned()
                .collect();
            Some((name, Node::new(Kind::Map(Arc::new(rest)), value.place.clone())))
        }
        Kind::Text(text) if !text.trim_start().starts_with("{{") => {
            let Some(name) = text.split_whitespace().next() else {
                no_module(reading, &entry.key.value, value);
                return None;
            };
            let start = text.find(name)?;
            let place = crate::yaml::inside(value, start..start + name.len());
            let rest = text[start + name.len()..].trim_start();
            let from = text.len() - rest.len();
            let rest_place = crate::yaml::inside(value, from..text.len());
            let args = match rest {
                "" => Node::new(Kind::Null, place.clone()),
                _ => Node::text(rest, rest_place),
            };
            Some((Located::new(name.to_owned(), place), args))
        }
        Kind::Text(text) => Some((
            Located::new(text.to_string(), value.place.clone()),
            Node::new(Kind::Null, value.place.clone()),
        )),
        _ => {
            reading.misfit(
                &format!("`{}`", entry.key.value),
                "the name of a module with its arguments",
                value,
            );
            None
        }
    }
}

fn no_module(reading: &mut Reading<'_>, keyword: &str, value: &Node) {
    let message = format!("`{keyword}` names no module");
    let fault = Diagnostic::error("no-module", &value.place.first_line(), message);
    reading.fault(fault.help(format!(
        "`{keyword}: {{module: NAME, ...}}`, or the module as the task's own key"
    )));
}

fn resolve(reading: &mut Reading<'_>, fields: &Fields<'_>, named: Named<'_>) -> Option<Action> {
    let Named {
        name,
        value,
        more,
        defaulted,
    } = named;
    let short = short(&name).to_owned();
    if crate::yaml::has_template(&name) {
        let place = name.place.clone();
        let args = arguments(reading, &value, None, more, &|_| true)?;
        return Some(Action::Template {
            name: Node::text(name.value, place),
            args,
        });
    }
    if short == "meta" {
        return reading.literal::<Meta>("`meta`", &value).map(Action::Meta);
    }
    let Some(info) = reading.module(&short) else {
        unknown(reading, fields, &name);
        return None;
    };
    if let Some(why) = info.unusable {
        reading.fault(Diagnostic::error("unusable-module", &name.place, why));
        return None;
    }
    if let Some(doubt) = info.doubt {
        reading.fault(Diagnostic::warning("module-twice", &name.place, doubt).help(ELSEWHERE));
    }
    let properties = info.schema.get("properties");
    let open = info.schema.get("additionalProperties") == Some(&true.into());
    let listed = |key: &str| properties.is_some_and(|properties| properties.get(key).is_some());
    // In the free text of a command `cmd=` is a word of the command, as Ansible has it.
    let known = |key: &str| key != "cmd" && (open || listed(key));
    let args = arguments(reading, &value, info.free_form.as_deref(), more, &known)?;
    let mut schema = info.schema;
    if let Some(schema) = schema.as_object_mut().filter(|_| defaulted) {
        schema.remove("required");
    }
    schema::check(reading, &name, &args, &schema);
    Some(Action::Module(ModuleCall {
        written: name,
        module: info.name,
        sets_variables: info.sets_variables,
        args,
    }))
}

/// The arguments as a mapping, or the template of one.
fn arguments(
    reading: &mut Reading<'_>,
    value: &Node,
    free_form: Option<&str>,
    more: Option<&Node>,
    known: &dyn Fn(&str) -> bool,
) -> Option<Node> {
    let own = match &value.kind {
        Kind::Null => Node::new(Kind::Map(Arc::default()), value.place.clone()),
        Kind::Text(text) if free_form.is_none() && arguments::is_template_of_all(text) => value.clone(),
        Kind::Text(_) => match arguments::from_string(value, free_form, known) {
            Ok(args) => args,
            Err(fault) => {
                reading.fault(*fault);
                return None;
            }
        },
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) if free_form.is_some() => {
            let text = Node::text(value.written().unwrap_or_default(), value.place.clone());
            arguments::from_string(&text, free_form, known).ok()?
        }
        _ => value.clone(),
    };
    let Some(more) = more.filter(|more| !more.is_null()) else {
        return Some(own);
    };
    if more.is_template() {
        return whole_template(reading, more, &own);
    }
    let below = reading.mapping("`args`", more)?;
    Some(match own.as_map() {
        None => with_others(below, &own, more),
        Some(above) => {
            let merged: Mapping = below.iter().chain(above.iter()).cloned().collect();
            Node::new(Kind::Map(Arc::new(merged)), own.place)
        }
    })
}

/// `args: "{{ arguments }}"`: understood, and checked no earlier than it runs.
fn whole_template(reading: &mut Reading<'_>, args: &Node, own: &Node) -> Option<Node> {
    let warning = Diagnostic::warning(
        "arguments",
        &args.place,
        "arguments that come out of a template are checked no earlier than the task runs",
    );
    reading.fault(warning.help("write them one by one"));
    match own.as_map() {
        None => {
            not_both(reading, &args.place);
            None
        }
        Some(written) if written.is_empty() => Some(args.clone()),
        Some(written) => Some(with_others(written, args, own)),
    }
}

/// Arguments as they are written in `node`, beside a template of others.
fn with_others(written: &Mapping, template: &Node, node: &Node) -> Node {
    let others = Entry {
        key: Located::new(OTHER_ARGUMENTS.to_owned(), template.place.clone()),
        value: template.clone(),
    };
    let all: Mapping = written.iter().cloned().chain([others]).collect();
    Node::new(Kind::Map(Arc::new(all)), node.place.clone())
}

fn not_both(reading: &mut Reading<'_>, place: &Place) {
    let message = "a task takes one template for all its arguments, not two";
    let fault = Diagnostic::error("arguments", place, message);
    reading.fault(fault.help("`combine` them in the template"));
}
