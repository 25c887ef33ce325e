//! Tasks that take a node out of service, and nothing proves it back.

use super::Knowing;
use crate::diagnose::Diagnostic;
use crate::playbook::{Body, Item, Phase, Play, Task};

pub(super) fn check(play: &Play, knowing: &dyn Knowing, found: &mut Vec<Diagnostic>) {
    let around = play.pre_tasks.iter().chain(&play.roles).chain(&play.post_tasks);
    match &play.body {
        Body::Tasks(items) => outside(around.chain(items), knowing, found),
        Body::Phases(phases) => {
            outside(around, knowing, found);
            for phase in phases {
                in_phase(phase, knowing, found);
            }
        }
    }
}

fn in_phase(phase: &Phase, knowing: &dyn Knowing, found: &mut Vec<Diagnostic>) {
    if !phase.gate.is_empty() {
        return;
    }
    let mut tasks = phase.tasks.iter().flat_map(Item::tasks);
    if let Some(task) = tasks.find(|task| knowing.is_disruptive(task)) {
        let message = format!(
            "`{}` takes a node out of service, and the phase `{}` has no gate",
            task.title(),
            phase.name.value
        );
        found.push(
            Diagnostic::warning("disruptive-without-gate", &task.place.first_line(), message)
                .note(&phase.name.place, "this phase")
                .help("add a `gate` that proves the node back before the next one starts"),
        );
    }
}

fn outside<'a>(items: impl Iterator<Item = &'a Item>, knowing: &dyn Knowing, found: &mut Vec<Diagnostic>) {
    let disruptive = |task: &&Task| knowing.is_disruptive(task);
    for task in items.flat_map(Item::tasks).filter(disruptive) {
        let message = format!(
            "`{}` takes a node out of service outside a phase, so that no gate follows it",
            task.title()
        );
        found.push(
            Diagnostic::warning("disruptive-without-gate", &task.place.first_line(), message)
                .help("put it into a phase with a `gate`: nodes then go one after the other"),
        );
    }
}
