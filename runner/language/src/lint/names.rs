//! Tasks that say nothing of themselves.

use crate::diagnose::Diagnostic;
use crate::playbook::{Action, Task};

/// Modules whose call says itself what it is for.
const PLAIN: [&str; 4] = ["debug", "assert", "fail", "set_fact"];

pub(super) fn check(task: &Task, found: &mut Vec<Diagnostic>) {
    let Action::Module(call) = &task.action else {
        return;
    };
    if task.name.is_some() || PLAIN.contains(&call.module.as_str()) {
        return;
    }
    let message = format!(
        "this task has no name: `{}` is all that reports will say of it",
        call.written.value
    );
    found.push(
        Diagnostic::warning("unnamed-task", &call.written.place, message)
            .help("add a `name` that says what it is for"),
    );
}
