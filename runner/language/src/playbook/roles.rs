//! From a role's folder to its tasks, handlers and variables.

mod folder;
mod meta;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use folder::{all_below, find};
use folder::{main_file, variables};
use meta::Meta;

use super::block::{handlers_in, items};
use super::directives::{Directives, Variables};
use super::fields::Fields;
use super::inclusion::looked_in;
use super::model::{Handler, Item, RoleItems};
use super::reading::Reading;
use super::role::{Identity, Own, Role};
use super::specification;
use crate::diagnose::Diagnostic;
use crate::source::Located;
use crate::yaml::{Mapping, Node};

/// A use of a role, with everything known that is known early.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) name: Located<String>,
    pub(super) tasks_from: Option<Located<String>>,
    pub(super) vars_from: Option<Located<String>>,
    pub(super) defaults_from: Option<Located<String>>,
    pub(super) handlers_from: Option<Located<String>>,
    /// `vars` of the use.
    pub(super) given: Variables,
    /// Keys that are no keywords.
    pub(super) parameters: Variables,
    pub(super) public: bool,
    pub(super) by_task: bool,
    pub(super) allow_duplicates: bool,
    pub(super) validate: bool,
}

/// A role that was read.
pub(super) struct Loaded {
    pub(super) role: Arc<Role>,
    /// Its dependencies and itself.
    pub(super) items: Vec<Item>,
    /// Theirs before its own.
    pub(super) handlers: Vec<Handler>,
}

/// The members of `roles` of a play, in order.
pub(super) fn of_play(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    outer: &Directives,
) -> (Vec<Item>, Vec<Handler>) {
    let (mut items, mut handlers) = (Vec::new(), Vec::new());
    let Some(entry) = fields.entry("roles") else {
        return (items, handlers);
    };
    for node in reading.list("`roles`", &entry.value) {
        let Some((call, directives)) = used(reading, node) else {
            continue;
        };
        if let Some(loaded) = load(reading, &call, &directives.under(outer)) {
            reading.roles.push(loaded.role);
            items.extend(loaded.items);
            handlers.extend(loaded.handlers);
        }
    }
    (items, handlers)
}

/// A member of `roles` or `dependencies`.
fn used(reading: &mut Reading<'_>, node: &Node) -> Option<(Call, Directives)> {
    let (name, directives, parameters) = match node.as_map() {
        None => {
            let Some(name) = node.written().filter(|_| !node.is_null()) else {
                reading.misfit("a role", "its name, or a mapping with `role`", node);
                return None;
            };
            let name = Node::text(name, node.place.clone());
            (name, Directives::default(), Mapping::default())
        }
        Some(map) => {
            let mut fields = Fields::new("a role", map);
            let name = fields.text(reading, "role");
            let Some(name) = name.or_else(|| fields.text(reading, "name")) else {
                let place = node.place.first_line();
                reading.fault(Diagnostic::error(
                    "role",
                    &place,
                    "a role needs its name as `role`",
                ));
                return None;
            };
            let directives = Directives::of_block(&mut fields, reading);
            (name, directives, fields.rest().cloned().collect())
        }
    };
    let mut directives = directives;
    let given = std::mem::take(&mut directives.vars);
    let text = reading.early_text("the name of this role", &name, &given)?;
    if text.contains(',') {
        let fault = Diagnostic::error("role", &name.place, "a role is named by its name alone");
        reading.fault(fault.help("the old style `role,version` is gone"));
        return None;
    }
    let call = Call {
        name: Located::new(text, name.place),
        tasks_from: None,
        vars_from: None,
        defaults_from: None,
        handlers_from: None,
        given,
        parameters,
        public: true,
        by_task: false,
        allow_duplicates: false,
        validate: true,
    };
    Some((call, directives))
}

/// Reads a role. `directives` are what its tasks inherit.
pub(super) fn load(reading: &mut Reading<'_>, call: &Call, directives: &Directives) -> Option<Loaded> {
    let path = match find(reading, &call.name) {
        Ok(path) => path,
        Err(tried) => {
            unknown(reading, call, &tried);
            return None;
        }
    };
    if reading.dependents.contains(&path) {
        let message = format!("the role `{}` depends on itself", call.name.value);
        reading.fault(Diagnostic::error("endless-dependency", &call.name.place, message));
        return None;
    }
    let parents: Vec<Arc<Role>> = match &reading.around.role {
        Some(parent) => parent.parents.iter().cloned().chain([parent.clone()]).collect(),
        None => Vec::new(),
    };
    let own = own(reading, call, &path);
    let who = Identity {
        name: called(&call.name, &path),
        path: path.clone(),
        shown: reading.shown(&path),
        identity: identity(call, &path, directives),
        public: call.public,
        by_task: call.by_task,
    };
    // What the dependencies see of it; what it sees of them comes after.
    let above = Role::new(who.clone(), own.clone(), parents.clone(), Vec::new());
    let meta = Meta::read(reading, &path);
    let outside = reading.around.clone();
    reading.around.role = Some(above);
    reading.dependents.push(path.clone());
    let below: Vec<Loaded> = meta
        .dependencies
        .iter()
        .filter_map(|node| {
            let (call, own) = used(reading, node)?;
            load(reading, &call, &own.under(directives))
        })
        .collect();
    reading.dependents.pop();
    let mut dependencies: Vec<Arc<Role>> = Vec::new();
    let (mut before, mut handlers) = (Vec::new(), Vec::new());
    for loaded in below {
        dependencies.extend(loaded.role.dependencies.iter().cloned());
        dependencies.push(loaded.role);
        before.extend(loaded.items);
        handlers.extend(loaded.handlers);
    }
    let role = Role::new(who, own, parents, dependencies);
    reading.around.role = Some(role.clone());
    let mut mine = Vec::new();
    if call.validate {
        mine.extend(specification::task(
            reading,
            call,
            &path,
            meta.specifications.as_ref(),
            directives,
        ));
    }
    mine.extend(tasks(reading, call, &path, directives));
    handlers.extend(self::handlers(reading, call, &path, directives));
    reading.around = outside;
    let itself = RoleItems {
        place: call.name.place.clone(),
        role: role.clone(),
        items: mine,
        repeats: call.allow_duplicates || meta.allow_duplicates,
    };
    before.push(Item::Role(Box::new(itself)));
    Some(Loaded {
        role,
        items: before,
        handlers,
    })
}

fn unknown(reading: &mut Reading<'_>, call: &Call, tried: &[PathBuf]) {
    let message = format!("there is no role called `{}`", call.name.value);
    let mut fault = Diagnostic::error("unknown-role", &call.name.place, message);
    let folders = tried.iter().filter_map(|path| path.parent());
    let known: Vec<String> = folders
        .filter_map(|folder| reading.origin.files.list(folder).ok())
        .flatten()
        .collect();
    fault = match crate::diagnose::nearest(&call.name, known.iter().map(String::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(looked_in(tried)),
    };
    reading.fault(fault);
}

/// The name as titles show it: without the folders before it.
fn called(name: &str, path: &Path) -> String {
    match name.contains('/') {
        true => path
            .file_name()
            .map_or(name.into(), |name| name.to_string_lossy().into_owned()),
        false => name.to_owned(),
    }
}

fn identity(call: &Call, path: &Path, directives: &Directives) -> String {
    let mut hasher = DefaultHasher::new();
    let from = [
        &call.tasks_from,
        &call.vars_from,
        &call.defaults_from,
        &call.handlers_from,
    ];
    for name in from {
        name.as_ref().map(|name| name.value.as_str()).hash(&mut hasher);
    }
    for entry in call.given.iter().chain(call.parameters.iter()) {
        entry.key.value.hash(&mut hasher);
        plain(&entry.value).hash(&mut hasher);
    }
    for node in directives.when.iter().chain(&directives.tags) {
        plain(node).hash(&mut hasher);
    }
    format!("{}#{:016x}", path.display(), hasher.finish())
}

fn plain(node: &Node) -> String {
    match node.to_value() {
        Some(value) => value.reveal().to_string(),
        None => node.place.to_string(),
    }
}

fn own(reading: &mut Reading<'_>, call: &Call, path: &Path) -> Own {
    let name = called(&call.name, path);
    let defaults = variables(reading, path, "defaults", call.defaults_from.as_ref());
    let vars = variables(reading, path, "vars", call.vars_from.as_ref());
    Own::new(&name, &defaults, &vars, &call.given, &call.parameters)
}

fn tasks(reading: &mut Reading<'_>, call: &Call, role: &Path, directives: &Directives) -> Vec<Item> {
    let Some(path) = main_file(reading, role, "tasks", call.tasks_from.as_ref()) else {
        return Vec::new();
    };
    let read = reading.inside(&path, Some(&call.name.place), |reading, root| {
        items(reading, "a file of tasks", Some(root), directives)
    });
    read.unwrap_or_default()
}

fn handlers(reading: &mut Reading<'_>, call: &Call, role: &Path, directives: &Directives) -> Vec<Handler> {
    let Some(path) = main_file(reading, role, "handlers", call.handlers_from.as_ref()) else {
        return Vec::new();
    };
    reading.around.in_handlers = true;
    let read = reading.inside(&path, Some(&call.name.place), |reading, root| {
        handlers_in(reading, root, directives)
    });
    reading.around.in_handlers = false;
    read.unwrap_or_default()
}
