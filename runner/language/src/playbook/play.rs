//! From the root of a playbook to its plays.

use std::path::Path;
use std::sync::Arc;

use super::block::{handlers, items};
use super::directives::{Directives, Variables, variable_name, variables};
use super::fields::Fields;
use super::model::{Body, Encrypt, OnFailure, Play, Prompt};
use super::reading::Reading;
use super::setting::Setting;
use super::{phase, roles, vars_files};
use crate::crypt::Scheme;
use crate::diagnose::Diagnostic;
use crate::files;
use crate::scope::{Layer, Rank};
use crate::yaml::{Mapping, Node};

/// The plays of a playbook, those it imports among them.
pub(super) fn plays(root: &Node, reading: &mut Reading<'_>, outer: &Import) -> Vec<Play> {
    let Some(plays) = root.as_seq().filter(|plays| !plays.is_empty()) else {
        let place = root.place.first_line();
        reading.fault(Diagnostic::error(
            "playbook",
            &place,
            format!("a playbook is a list of plays, not {}", root.describe()),
        ));
        return Vec::new();
    };
    plays.iter().flat_map(|node| part(reading, node, outer)).collect()
}

/// What `import_playbook` hands to the plays it brings in.
#[derive(Default)]
pub(super) struct Import {
    /// `when` and `tags`.
    directives: Directives,
    /// `vars`, over those of the plays.
    vars: Variables,
}

fn part(reading: &mut Reading<'_>, node: &Node, outer: &Import) -> Vec<Play> {
    let Some(map) = reading.mapping("a play", node) else {
        return Vec::new();
    };
    let import = ["import_playbook", "ansible.builtin.import_playbook"]
        .into_iter()
        .find(|name| map.get(name).is_some());
    match import {
        Some(name) => import_playbook(reading, map, name, outer).unwrap_or_default(),
        None => play(reading, node, map, outer).into_iter().collect(),
    }
}

fn import_playbook(
    reading: &mut Reading<'_>,
    map: &Mapping,
    name: &'static str,
    outer: &Import,
) -> Option<Vec<Play>> {
    let mut fields = Fields::new("`import_playbook`", map);
    fields.entry("name");
    let file = fields.text(reading, name)?;
    let own = Directives::of_phase(&mut fields, reading);
    fields.finish(reading);
    let text = reading.early_text("this file", &file, &own.vars)?;
    let vars: Variables = own.vars.iter().chain(outer.vars.iter()).cloned().collect();
    let directives = Directives {
        vars: Variables::default(),
        ..own
    };
    let inner = Import {
        directives: directives.under(&outer.directives),
        vars,
    };
    let path = files::join(&reading.around.folder, &text);
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let outside = std::mem::replace(&mut reading.around.folder, folder);
    let plays = reading.inside(&path, Some(&file.place), |reading, root| {
        plays(root, reading, &inner)
    });
    reading.around.folder = outside;
    plays
}

fn play(reading: &mut Reading<'_>, node: &Node, map: &Mapping, outer: &Import) -> Option<Play> {
    let mut fields = Fields::new("a play", map);
    let name = fields.text(reading, "name");
    let hosts = hosts(reading, &mut fields, node);
    let on_failure = fields
        .literal(reading, "on_failure")
        .map_or(OnFailure::Stop, |it| it.value);
    let own = variables(&mut fields, reading, "vars");
    let vars: Variables = own.iter().chain(outer.vars.iter()).cloned().collect();
    begin(reading, &vars);
    let vars_files = vars_files::read(reading, &mut fields);
    let mut directives = Directives::of_play(&mut fields, reading).under(&outer.directives);
    old_user(reading, &mut fields, &mut directives);
    let (roles, of_roles) = roles::of_play(reading, &mut fields, &directives);
    let body = body(reading, &mut fields, &directives, on_failure);
    let serial = serial(reading, &mut fields, &body);
    let [pre_tasks, post_tasks] = ["pre_tasks", "post_tasks"].map(|section| {
        let node = fields.node(section);
        items(reading, section, node, &directives)
    });
    let handler_nodes = fields.node("handlers");
    let own_handlers = handlers(reading, handler_nodes, &directives);
    let brought = std::mem::take(&mut reading.brought);
    let play = Play {
        place: node.place.first_line(),
        name,
        hosts,
        order: fields.setting(reading, "order"),
        serial,
        max_fail_percentage: fields.setting(reading, "max_fail_percentage"),
        strategy: fields.setting(reading, "strategy"),
        gather_facts: gather_facts(reading, &mut fields),
        gather_subset: fields
            .node("gather_subset")
            .map_or(Vec::new(), |node| reading.texts("`gather_subset`", node)),
        gather_timeout: fields.setting(reading, "gather_timeout"),
        fact_path: fields.text(reading, "fact_path"),
        vars,
        vars_files,
        vars_prompt: prompts(reading, &mut fields),
        force_handlers: fields.setting(reading, "force_handlers"),
        on_failure,
        pre_tasks,
        roles,
        used: std::mem::take(&mut reading.roles),
        body,
        post_tasks,
        handlers: of_roles.into_iter().chain(own_handlers).chain(brought).collect(),
        directives,
    };
    fields.finish(reading);
    Some(play)
}

fn hosts(reading: &mut Reading<'_>, fields: &mut Fields<'_>, node: &Node) -> Vec<Node> {
    let Some(entry) = fields.entry("hosts") else {
        let place = node.place.first_line();
        reading.fault(Diagnostic::error("hosts", &place, "a play needs `hosts`"));
        return Vec::new();
    };
    let hosts = reading.texts("`hosts`", &entry.value);
    let blank = hosts
        .iter()
        .all(|pattern| pattern.as_text().is_none_or(|text| text.trim().is_empty()));
    if blank {
        let fault = Diagnostic::error("hosts", &entry.key.place, "`hosts` is empty");
        reading.fault(fault.help("`all` means every host of the inventory"));
    }
    hosts
}

fn body(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    outer: &Directives,
    on_failure: OnFailure,
) -> Body {
    let tasks = fields.entry("tasks");
    let phases = fields.entry("phases");
    if let (Some(tasks), Some(phases)) = (tasks, phases) {
        let fault = Diagnostic::error(
            "play",
            &phases.key.place,
            "a play has `tasks` or `phases`, not both",
        );
        reading.fault(
            fault
                .note(&tasks.key.place, "`tasks` stand here")
                .help("`pre_tasks` and `post_tasks` may stand around phases"),
        );
    }
    let phases = phases.map(|entry| phase::phases(reading, &entry.value, outer, on_failure));
    let tasks = items(reading, "tasks", tasks.map(|entry| &entry.value), outer);
    phases.map_or(Body::Tasks(tasks), Body::Phases)
}

fn serial(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    body: &Body,
) -> Vec<Setting<super::setting::Share>> {
    let place = fields.entry("serial").map(|entry| entry.key.place.clone());
    if let (Some(place), Body::Phases(_)) = (place, body) {
        let message = "`serial` cannot stand on a play with phases, whose lanes run side by side";
        let fault = Diagnostic::error("serial-with-phases", &place, message);
        reading.fault(fault.help("put `serial` on a phase: it cuts the lanes into waves there"));
        return Vec::new();
    }
    phase::serial(reading, fields)
}

fn gather_facts(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Option<Setting<bool>> {
    fields.setting(reading, "gather_facts")
}

/// `user`, the old name of `remote_user`.
fn old_user(reading: &mut Reading<'_>, fields: &mut Fields<'_>, directives: &mut Directives) {
    let Some(entry) = fields.entry("user") else { return };
    if fields.entry("remote_user").is_some() {
        let message = "`user` is the old name of `remote_user`: a play has one of them";
        reading.fault(Diagnostic::error("two-users", &entry.key.place, message));
    }
    directives.remote_user = fields.setting(reading, "user");
}

/// What is known of a play before any host is, for names that are needed then.
fn begin(reading: &mut Reading<'_>, vars: &Variables) {
    reading.around.role = None;
    reading.around.layers = vec![Arc::new(Layer::written(Rank::Play, "vars of the play", vars))];
    reading.roles.clear();
    reading.brought.clear();
}

fn prompts(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<Prompt> {
    let Some(entry) = fields.entry("vars_prompt") else {
        return Vec::new();
    };
    let nodes = reading.list("`vars_prompt`", &entry.value);
    nodes.iter().filter_map(|node| prompt(reading, node)).collect()
}

fn prompt(reading: &mut Reading<'_>, node: &Node) -> Option<Prompt> {
    let map = reading.mapping("a prompt", node)?;
    let mut fields = Fields::new("a prompt", map);
    let name = fields.literal(reading, "name");
    if name.is_none() {
        let place = node.place.first_line();
        reading.fault(Diagnostic::error("prompt", &place, "a prompt needs a `name`"));
    }
    let switch = |fields: &mut Fields<'_>, reading: &mut Reading<'_>, name, otherwise| {
        fields.literal(reading, name).map_or(otherwise, |it| it.value)
    };
    let prompt = fields.text(reading, "prompt");
    let default = fields.node("default").cloned();
    let private = switch(&mut fields, reading, "private", true);
    let confirm = switch(&mut fields, reading, "confirm", false);
    let encrypt = encrypt(reading, &mut fields);
    // An answer is never a template, whatever this says.
    fields.entry("unsafe");
    fields.finish(reading);
    let name = name?;
    variable_name(reading, &name);
    Some(Prompt {
        name,
        prompt,
        default,
        private,
        confirm,
        encrypt,
    })
}

/// `encrypt`, `salt` and `salt_size` of a prompt.
fn encrypt(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Option<Encrypt> {
    let name = fields.literal::<String>(reading, "encrypt");
    let salt = fields.node("salt").cloned();
    let salt_size = fields.literal::<u64>(reading, "salt_size");
    let name = name.filter(|name| !name.value.is_empty())?;
    let Some(scheme) = Scheme::named(&name.value) else {
        let message = format!("there is no scheme `{}` for password hashes", name.value);
        let fault = Diagnostic::error("prompt", &name.place, message);
        let help = format!("there are {}", Scheme::NAMES.join(", "));
        reading.fault(fault.help(help));
        return None;
    };
    let salt_size = match salt_size {
        None => scheme.salt_length(),
        Some(size) => usize::try_from(size.value)
            .ok()
            .filter(|size| (1..=scheme.salt_length()).contains(size))
            .or_else(|| {
                let message = format!("a salt here has 1 to {} characters", scheme.salt_length());
                reading.fault(Diagnostic::error("prompt", &size.place, message));
                None
            })?,
    };
    Some(Encrypt {
        scheme,
        salt,
        salt_size,
    })
}
