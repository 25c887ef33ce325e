//! `import_...` and `include_...`: their arguments, and what an import brings in.

use std::path::{Path, PathBuf};

use super::action::{Inclusion, InclusionKind, RoleOptions};
use super::block::{handlers_in, items};
use super::directives::Directives;
use super::fields::Fields;
use super::model::{Handler, Item, Task};
use super::reading::Reading;
use super::roles::{self, Call};
use super::setting::Literal;
use crate::diagnose::Diagnostic;
use crate::files;
use crate::source::{Located, Place};
use crate::yaml::{Kind, Mapping, Node};

/// The inclusion called `short` with its arguments, a mapping.
pub(super) fn read(
    reading: &mut Reading<'_>,
    written: Located<String>,
    short: &str,
    args: &Node,
    own: &Directives,
    around: &Directives,
) -> Option<Inclusion> {
    let map = reading.mapping(&format!("`{short}`"), args)?;
    let mut fields = Fields::new(what(short), map);
    let is_role = short.ends_with("_role");
    let target = match is_role {
        true => fields
            .text(reading, "name")
            .or_else(|| fields.text(reading, "role")),
        false => fields
            .text(reading, "file")
            .or_else(|| fields.text(reading, "_raw_params")),
    };
    let kind = match short {
        "import_tasks" => InclusionKind::ImportTasks,
        "include_tasks" => InclusionKind::IncludeTasks,
        "import_role" => InclusionKind::ImportRole(options(reading, &mut fields, true)),
        _ => InclusionKind::IncludeRole(options(reading, &mut fields, false)),
    };
    let apply = match kind.is_early() {
        true => Directives::default(),
        false => apply(reading, &mut fields),
    };
    fields.finish(reading);
    let named = target.filter(|name| name.as_text().is_some_and(|text| !text.trim().is_empty()));
    let Some(target) = named else {
        let wanted = if is_role { "the name of a role" } else { "a file" };
        let message = format!("`{short}` needs {wanted}");
        reading.fault(Diagnostic::error("inclusion", &written.place, message));
        return None;
    };
    Some(Inclusion {
        written,
        target,
        kind,
        vars: own.vars.clone(),
        apply,
        around: around.clone(),
    })
}

fn what(short: &str) -> &'static str {
    match short {
        "import_tasks" => "`import_tasks`",
        "include_tasks" => "`include_tasks`",
        "import_role" => "`import_role`",
        _ => "`include_role`",
    }
}

fn options(reading: &mut Reading<'_>, fields: &mut Fields<'_>, public: bool) -> RoleOptions {
    let [tasks_from, vars_from, defaults_from, handlers_from] =
        ["tasks_from", "vars_from", "defaults_from", "handlers_from"].map(|name| fields.text(reading, name));
    let mut switch = |name, otherwise| fields.literal(reading, name).map_or(otherwise, |it| it.value);
    RoleOptions {
        tasks_from,
        vars_from,
        defaults_from,
        handlers_from,
        public: switch("public", public),
        allow_duplicates: switch("allow_duplicates", true),
        validate: switch("rolespec_validate", true),
    }
}

/// `apply: {tags: ..., become: ...}`.
fn apply(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Directives {
    let Some(node) = fields.node("apply").filter(|node| !node.is_null()) else {
        return Directives::default();
    };
    let Some(map) = reading.mapping("`apply`", node) else {
        return Directives::default();
    };
    let mut fields = Fields::new("`apply`", map);
    fields.entry("name");
    let directives = Directives::of_block(&mut fields, reading);
    fields.finish(reading);
    directives
}

/// What an `import_...` brings in, in its place.
pub(super) fn imported(reading: &mut Reading<'_>, task: &Task, import: &Inclusion) -> Vec<Item> {
    refuse_what_imports_cannot(reading, task, import);
    match &import.kind {
        InclusionKind::ImportRole(options) => role(reading, task, import, options),
        _ => {
            let Some((path, place)) = tasks_file(reading, import) else {
                return Vec::new();
            };
            reading
                .inside(&path, Some(&place), |reading, root| {
                    items(reading, "a file of tasks", Some(root), &task.directives)
                })
                .unwrap_or_default()
        }
    }
}

/// The handlers that `import_tasks` brings in among handlers.
pub(super) fn imported_handlers(reading: &mut Reading<'_>, task: &Task, import: &Inclusion) -> Vec<Handler> {
    refuse_what_imports_cannot(reading, task, import);
    if matches!(import.kind, InclusionKind::ImportRole(_)) {
        let message = "a role cannot be brought in as a handler";
        reading.fault(Diagnostic::error("handler", &import.written.place, message));
        return Vec::new();
    }
    let Some((path, place)) = tasks_file(reading, import) else {
        return Vec::new();
    };
    reading
        .inside(&path, Some(&place), |reading, root| {
            handlers_in(reading, root, &task.directives)
        })
        .unwrap_or_default()
}

fn refuse_what_imports_cannot(reading: &mut Reading<'_>, task: &Task, import: &Inclusion) {
    if let Some(looping) = &task.looping {
        let place = looping
            .lookup
            .as_ref()
            .map_or(&looping.items.place, |name| &name.place);
        let message = format!(
            "`{}` is read before any host is known, and cannot loop",
            import.written.value
        );
        let instead = import.written.value.replace("import_", "include_");
        reading.fault(Diagnostic::error("import-loop", place, message).help(format!("`{instead}` can")));
    }
}

/// The file that an import names.
fn tasks_file(reading: &mut Reading<'_>, import: &Inclusion) -> Option<(PathBuf, Place)> {
    let name = reading.early_text("this file", &import.target, &import.vars)?;
    let place = import.target.place.clone();
    let from = import.written.place.source.path().to_owned();
    match find_tasks(reading, &name, Path::new(&from)) {
        Ok(path) => Some((path, place)),
        Err(tried) => {
            let fault = Diagnostic::error("no-such-file", &place, format!("there is no file `{name}`"));
            reading.fault(fault.help(looked_in(&tried)));
            None
        }
    }
}

/// The file of tasks called `name` in the file `from`, or where it was looked for:
/// beside that file, in the role's folder of handlers where a handler names it, in that of tasks,
/// beside the playbook.
pub(super) fn find_tasks(reading: &Reading<'_>, name: &str, from: &Path) -> Result<PathBuf, Vec<PathBuf>> {
    let beside = from.parent().map(Path::to_owned).unwrap_or_default();
    let kinds = match reading.around.in_handlers {
        true => &["handlers", "tasks"][..],
        false => &["tasks"],
    };
    let of_role = reading.around.role.as_ref().map(|role| {
        let kinds = kinds.iter().map(|kind| role.path.join(kind));
        kinds.chain([role.path.clone()])
    });
    let folders = std::iter::once(beside)
        .chain(of_role.into_iter().flatten())
        .chain([reading.around.folder.clone()]);
    let mut tried: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let path = files::join(&folder, name);
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    reading.first_file(tried.iter().cloned()).ok_or(tried)
}

/// Where something was looked for, as a hint.
pub(super) fn looked_in(tried: &[PathBuf]) -> String {
    let tried: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
    format!("looked for {}", tried.join(", "))
}

fn role(reading: &mut Reading<'_>, task: &Task, import: &Inclusion, options: &RoleOptions) -> Vec<Item> {
    let early = |reading: &mut Reading<'_>, node: &Option<Node>| {
        let node = node.as_ref()?;
        let text = reading.early_text("this name", node, &import.vars)?;
        Some(Located::new(text, node.place.clone()))
    };
    let Some(name) = reading.early_text("the name of this role", &import.target, &import.vars) else {
        return Vec::new();
    };
    let call = Call {
        name: Located::new(name, import.target.place.clone()),
        tasks_from: early(reading, &options.tasks_from),
        vars_from: early(reading, &options.vars_from),
        defaults_from: early(reading, &options.defaults_from),
        handlers_from: early(reading, &options.handlers_from),
        given: import.vars.clone(),
        parameters: Mapping::default(),
        public: options.public,
        by_task: true,
        allow_duplicates: options.allow_duplicates,
        validate: options.validate,
    };
    let Some(loaded) = roles::load(reading, &call, &task.directives) else {
        return Vec::new();
    };
    reading.roles.push(loaded.role);
    reading.brought.extend(loaded.handlers);
    loaded.items
}

/// The arguments of an inclusion as a mapping: one free string is a file or a name, and
/// the rest of it `k=v`.
pub(super) fn free_form(short: &str) -> &'static str {
    if short.ends_with("_role") { "name" } else { "file" }
}

/// Whether something is a truth that is written out.
pub(super) fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match &node.kind {
        Kind::Bool(truth) => *truth,
        _ => node
            .written()
            .and_then(|text| bool::from_text(&text))
            .unwrap_or(false),
    })
}
