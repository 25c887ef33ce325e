//! From a mapping to a task.

use super::action::Action;
use super::call;
use super::directives::{Directives, conditions, variable_name};
use super::fields::Fields;
use super::model::{Handler, Loop, LoopControl, Rehearse, Task, Until};
use super::reading::Reading;
use crate::diagnose::Diagnostic;
use crate::source::{Located, Place};
use crate::yaml::{Kind, Node};

/// The task that `node` is, inside of what holds around it.
pub(super) fn task(reading: &mut Reading<'_>, node: &Node, outer: &Directives) -> Option<Task> {
    let map = reading.mapping("a task", node)?;
    let mut fields = Fields::new("a task", map);
    read(reading, &mut fields, node, outer)
}

/// The handler that `node` is.
pub(super) fn handler(reading: &mut Reading<'_>, node: &Node, outer: &Directives) -> Option<Handler> {
    let map = reading.mapping("a handler", node)?;
    if map.get("block").is_some() {
        reading.fault(Diagnostic::error(
            "handler",
            &node.place,
            "a block cannot be a handler",
        ));
        return None;
    }
    let mut fields = Fields::new("a handler", map);
    let listen = fields.node("listen");
    let listen = listen.map_or(Vec::new(), |node| reading.names("`listen`", node));
    let task = read(reading, &mut fields, node, outer)?;
    let is_import = matches!(&task.action, Action::Inclusion(import) if import.is_early());
    if task.name.is_none() && listen.is_empty() && !is_import {
        reading.fault(Diagnostic::error(
            "handler",
            &task.place,
            "a handler needs a `name` or `listen`, else nothing can notify it",
        ));
    }
    Some(Handler { task, listen })
}

fn read(reading: &mut Reading<'_>, fields: &mut Fields<'_>, node: &Node, outer: &Directives) -> Option<Task> {
    let name = fields.text(reading, "name");
    let mut directives = Directives::of_block(fields, reading);
    let register = fields.literal(reading, "register");
    if let Some(register) = &register {
        variable_name(reading, register);
    }
    let looping = looping(reading, fields);
    let until = until(reading, fields);
    let changed_when = conditions(fields, reading, "changed_when");
    let failed_when = conditions(fields, reading, "failed_when");
    let background = fields.setting(reading, "async");
    let poll = fields.setting(reading, "poll");
    let disruptive = fields.setting(reading, "disruptive");
    let rehearse = fields.node("rehearse").and_then(|node| rehearse(reading, node));
    let action = call::action(reading, fields, node, &mut directives, outer)?;
    Some(Task {
        place: node.place.first_line(),
        name,
        action,
        looping,
        register,
        until,
        changed_when,
        failed_when,
        background,
        poll,
        disruptive,
        rehearse,
        role: reading.around.role.clone(),
        through: reading.around.through.clone(),
        directives: directives.under(outer),
    })
}

fn rehearse(reading: &mut Reading<'_>, node: &Node) -> Option<Rehearse> {
    match &node.kind {
        Kind::Bool(true) => Some(Rehearse::Run(node.place.clone())),
        Kind::Bool(false) | Kind::Null => None,
        Kind::Map(_) => Some(Rehearse::Assume(node.clone())),
        _ => {
            reading.misfit(
                "`rehearse`",
                "true or the result to assume (`{rc: 0, stdout: ...}`)",
                node,
            );
            None
        }
    }
}

fn until(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Option<Until> {
    let conditions = conditions(fields, reading, "until");
    let retries = fields.setting(reading, "retries");
    let delay = fields.setting(reading, "delay");
    let wanted = !conditions.is_empty() || retries.is_some();
    wanted.then_some(Until {
        conditions,
        retries,
        delay,
    })
}

fn looping(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Option<Loop> {
    let control = fields.node("loop_control");
    let mut found: Vec<(Option<Located<String>>, &Node, &Place)> = Vec::new();
    // `loop:` with nothing behind it is none.
    if let Some(entry) = fields.entry("loop").filter(|entry| !entry.value.is_null()) {
        found.push((None, &entry.value, &entry.key.place));
    }
    for entry in fields.rest() {
        if let Some(lookup) = entry.key.strip_prefix("with_") {
            let lookup = Located::new(lookup.to_owned(), entry.key.place.clone());
            found.push((Some(lookup), &entry.value, &entry.key.place));
        }
    }
    if let [(.., first), (.., second), ..] = found.as_slice() {
        let fault = Diagnostic::error(
            "two-loops",
            second,
            "a task has one loop, and this is a second one",
        );
        reading.fault(fault.note(first, "the first one"));
    }
    let (lookup, items, _) = found.into_iter().next()?;
    let literal_misfit = lookup.is_none() && items.as_seq().is_none() && !items.is_template();
    if literal_misfit {
        reading.misfit("`loop`", "a list", items);
    }
    let control = control
        .and_then(|node| loop_control(reading, node))
        .unwrap_or_default();
    Some(Loop {
        lookup,
        items: items.clone(),
        control,
    })
}

fn loop_control(reading: &mut Reading<'_>, node: &Node) -> Option<LoopControl> {
    let map = reading.mapping("`loop_control`", node)?;
    let mut fields = Fields::new("`loop_control`", map);
    let control = LoopControl {
        variable: fields.literal(reading, "loop_var"),
        index: fields.literal(reading, "index_var"),
        label: fields.node("label").cloned(),
        pause: fields.setting(reading, "pause"),
        extended: fields.setting(reading, "extended"),
        extended_all_items: fields.setting(reading, "extended_allitems"),
        break_when: conditions(&mut fields, reading, "break_when"),
    };
    for name in [&control.variable, &control.index].into_iter().flatten() {
        variable_name(reading, name);
    }
    fields.finish(reading);
    Some(control)
}
