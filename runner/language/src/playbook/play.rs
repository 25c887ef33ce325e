//! From the root of a playbook to its plays.

use super::block::{handlers, items};
use super::directives::{Directives, variable_name, variables};
use super::fields::{Fields, Reading};
use super::model::{Body, ImportPlaybook, OnFailure, Part, Play, Prompt, RoleUse};
use super::phase;
use super::setting::Setting;
use crate::diagnose::Diagnostic;
use crate::source::Located;
use crate::yaml::{Kind, Mapping, Node};

/// The parts of a playbook.
pub(super) fn parts(root: &Node, reading: &mut Reading<'_>) -> Vec<Part> {
    let Some(plays) = root.as_seq().filter(|plays| !plays.is_empty()) else {
        let place = root.place.first_line();
        reading.fault(Diagnostic::error(
            "playbook",
            &place,
            format!("a playbook is a list of plays, not {}", root.describe()),
        ));
        return Vec::new();
    };
    plays.iter().filter_map(|node| part(reading, node)).collect()
}

fn part(reading: &mut Reading<'_>, node: &Node) -> Option<Part> {
    let map = reading.mapping("a play", node)?;
    let import = ["import_playbook", "ansible.builtin.import_playbook"]
        .into_iter()
        .find(|name| map.get(name).is_some());
    match import {
        Some(name) => import_playbook(reading, map, name).map(|import| Part::Import(Box::new(import))),
        None => play(reading, node, map).map(|play| Part::Play(Box::new(play))),
    }
}

fn import_playbook(reading: &mut Reading<'_>, map: &Mapping, name: &'static str) -> Option<ImportPlaybook> {
    let mut fields = Fields::new("`import_playbook`", map);
    fields.entry("name");
    let place = &map.entry(name)?.key.place;
    reading.not_yet(place, "`import_playbook`");
    let file = fields.text(reading, name)?;
    let directives = Directives::of_block(&mut fields, reading);
    fields.finish(reading);
    Some(ImportPlaybook { file, directives })
}

fn play(reading: &mut Reading<'_>, node: &Node, map: &Mapping) -> Option<Play> {
    let mut fields = Fields::new("a play", map);
    let name = fields.text(reading, "name");
    let hosts = hosts(reading, &mut fields, node);
    let on_failure = fields
        .literal(reading, "on_failure")
        .map_or(OnFailure::Stop, |it| it.value);
    let vars = variables(&mut fields, reading, "vars");
    let mut directives = Directives::of_play(&mut fields, reading);
    if let Some(user) = fields.setting(reading, "user") {
        directives.remote_user.get_or_insert(user);
    }
    let body = body(reading, &mut fields, &directives, on_failure);
    let serial = serial(reading, &mut fields, &body);
    let [pre_tasks, post_tasks] = ["pre_tasks", "post_tasks"].map(|section| {
        let node = fields.node(section);
        items(reading, section, node, &directives)
    });
    let handler_nodes = fields.node("handlers");
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
        vars_files: vars_files(reading, &mut fields),
        vars_prompt: prompts(reading, &mut fields),
        force_handlers: fields.setting(reading, "force_handlers"),
        on_failure,
        pre_tasks,
        roles: roles(reading, &mut fields),
        body,
        post_tasks,
        handlers: handlers(reading, handler_nodes, &directives),
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
    let gather: Option<Setting<bool>> = fields.setting(reading, "gather_facts");
    if let Some(entry) = fields.entry("force_handlers") {
        reading.no_effect_yet(&entry.key.place, "force_handlers");
    }
    gather
}

/// A file, or a list whose members are files or lists of which the first that exists is read.
fn vars_files(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<Vec<Node>> {
    let Some(entry) = fields.entry("vars_files").filter(|entry| !entry.value.is_null()) else {
        return Vec::new();
    };
    reading.not_yet(&entry.key.place, "`vars_files`");
    let node = &entry.value;
    let members = match &node.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    };
    let choices = members.iter().map(|member| reading.texts("`vars_files`", member));
    choices.filter(|choices| !choices.is_empty()).collect()
}

fn prompts(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<Prompt> {
    let Some(entry) = fields.entry("vars_prompt") else {
        return Vec::new();
    };
    reading.not_yet(&entry.key.place, "`vars_prompt`");
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
    for other in ["encrypt", "salt", "salt_size", "unsafe"] {
        fields.entry(other);
    }
    fields.finish(reading);
    let name = name?;
    variable_name(reading, &name);
    Some(Prompt {
        name,
        prompt,
        default,
        private,
        confirm,
    })
}

fn roles(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<RoleUse> {
    let Some(entry) = fields.entry("roles").filter(|entry| !entry.value.is_null()) else {
        return Vec::new();
    };
    reading.not_yet(&entry.key.place, "`roles`");
    let nodes = reading.list("`roles`", &entry.value);
    nodes.iter().filter_map(|node| role(reading, node)).collect()
}

fn role(reading: &mut Reading<'_>, node: &Node) -> Option<RoleUse> {
    let Some(map) = node.as_map() else {
        return Some(RoleUse {
            name: reading.literal("a role", node)?,
            parameters: Mapping::default(),
            directives: Directives::default(),
        });
    };
    let mut fields = Fields::new("a role", map);
    let name: Option<Located<String>> = fields.literal(reading, "role");
    let name = name.or(fields.literal(reading, "name"));
    if name.is_none() {
        let place = node.place.first_line();
        reading.fault(Diagnostic::error(
            "role",
            &place,
            "a role needs its name as `role`",
        ));
    }
    let directives = Directives::of_block(&mut fields, reading);
    let parameters = fields.rest().cloned().collect();
    Some(RoleUse {
        name: name?,
        parameters,
        directives,
    })
}
