//! From a role's folder to its tasks, handlers and variables.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{handlers_in, items};
use super::directives::{Directives, Variables};
use super::fields::Fields;
use super::inclusion::{is_true, looked_in};
use super::model::{Handler, Item, RoleItems};
use super::reading::Reading;
use super::role::{Identity, Own, Role};
use super::specification;
use crate::diagnose::Diagnostic;
use crate::files::{self, Found};
use crate::source::Located;
use crate::yaml::{Kind, Mapping, Node};

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

/// The folder of a role, or where it was looked for.
fn find(reading: &Reading<'_>, name: &str) -> Result<PathBuf, Vec<PathBuf>> {
    let around = &reading.around;
    let beside = around
        .role
        .iter()
        .filter_map(|role| role.path.parent().map(Path::to_owned));
    let folders = [around.folder.join("roles")]
        .into_iter()
        .chain(reading.origin.roles_path.iter().cloned())
        .chain(beside)
        .chain([around.folder.clone()]);
    let mut tried: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let path = files::join(&folder, name);
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    let is_folder = |path: &&PathBuf| reading.origin.files.find(path) == Some(Found::Folder);
    tried.iter().find(is_folder).cloned().ok_or(tried)
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

const ENDS: [&str; 3] = ["yml", "yaml", "json"];

/// The file of a role's folder `sub`: `main`, or the one that was asked for.
pub(super) fn main_file(
    reading: &mut Reading<'_>,
    role: &Path,
    sub: &str,
    from: Option<&Located<String>>,
) -> Option<PathBuf> {
    let folder = role.join(sub);
    let name = from.map_or("main", |from| from.value.as_str());
    let wanted = files::join(&folder, name);
    let with_end = ENDS.map(|end| PathBuf::from(format!("{}.{end}", wanted.display())));
    let candidates: Vec<PathBuf> = match from {
        Some(_) => [wanted.clone()].into_iter().chain(with_end).collect(),
        None => with_end.into_iter().chain([wanted.clone()]).collect(),
    };
    if let Some(from) = from.filter(|_| !wanted.starts_with(&folder)) {
        let message = format!("`{name}` leads out of `{sub}` of the role");
        reading.fault(Diagnostic::error("outside-role", &from.place, message));
        return None;
    }
    let found = reading.first_file(candidates.clone());
    if let (None, Some(from)) = (&found, from) {
        let folder = reading.origin.files.find(&wanted) == Some(Found::Folder);
        if !(folder && matches!(sub, "vars" | "defaults")) {
            let message = format!("there is no `{name}` in `{sub}` of the role");
            let fault = Diagnostic::error("no-such-file", &from.place, message);
            reading.fault(fault.help(looked_in(&candidates)));
        }
    }
    found
}

/// The variables of a role's folder: a file, or a folder of files in order of their names.
fn variables(reading: &mut Reading<'_>, role: &Path, sub: &str, from: Option<&Located<String>>) -> Mapping {
    let place = from.map(|from| from.place.clone());
    if let Some(path) = main_file(reading, role, sub, from) {
        return reading.variables_of(&path, place.as_ref()).unwrap_or_default();
    }
    let name = from.map_or("main", |from| from.value.as_str());
    let mut merged = Mapping::default();
    for path in below(reading, &role.join(sub).join(name)) {
        if let Some(map) = reading.variables_of(&path, place.as_ref()) {
            map.iter().for_each(|entry| merged.insert(entry.clone()));
        }
    }
    merged
}

/// As [`below`], whatever the files are called.
pub(super) fn all_below(reading: &Reading<'_>, folder: &Path) -> Vec<PathBuf> {
    let files = reading.origin.files;
    let mut found = Vec::new();
    for name in files.list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        match files.find(&path) {
            Some(Found::Folder) => found.extend(all_below(reading, &path)),
            Some(_) => found.push(path),
            None => {}
        }
    }
    found
}

/// The files of variables in a folder and its folders, in order of their names.
fn below(reading: &Reading<'_>, folder: &Path) -> Vec<PathBuf> {
    let files = reading.origin.files;
    if files.find(folder) != Some(Found::Folder) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for name in files.list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        let hidden = name.starts_with('.') || name.ends_with('~');
        let ours = path
            .extension()
            .is_some_and(|end| ENDS.iter().any(|known| end == *known));
        match files.find(&path) {
            Some(Found::Folder) if !hidden => found.extend(below(reading, &path)),
            Some(Found::File | Found::Program) if !hidden && ours => found.push(path),
            _ => {}
        }
    }
    found
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

/// `meta/main.yml` of a role.
#[derive(Default)]
struct Meta {
    dependencies: Vec<Node>,
    allow_duplicates: bool,
    specifications: Option<Node>,
}

impl Meta {
    fn read(reading: &mut Reading<'_>, role: &Path) -> Self {
        let own_file = [".yml", ".yaml", ".json"].map(|end| role.join(format!("meta/argument_specs{end}")));
        let own_file = reading.first_file(own_file);
        let own_specifications = own_file.and_then(|path| reading.tree(&path, None));
        let own_specifications =
            own_specifications.and_then(|tree| tree.as_map()?.get("argument_specs").cloned());
        let Some(path) = main_file(reading, role, "meta", None) else {
            return Self {
                specifications: own_specifications,
                ..Self::default()
            };
        };
        let tree = reading.tree(&path, None).filter(|tree| !tree.is_null());
        let map = tree
            .as_ref()
            .and_then(|tree| reading.mapping("`meta` of a role", tree));
        let Some(map) = map else {
            return Self {
                specifications: own_specifications,
                ..Self::default()
            };
        };
        let dependencies = map.get("dependencies").map_or(&[][..], |node| match &node.kind {
            Kind::Seq(items) => items,
            _ => reading.list("`dependencies`", node),
        });
        Self {
            dependencies: dependencies.to_vec(),
            allow_duplicates: is_true(map.get("allow_duplicates")),
            specifications: own_specifications.or_else(|| map.get("argument_specs").cloned()),
        }
    }
}
