//! Tasks that say nothing of themselves.

use crate::diagnose::Diagnostic;
use crate::playbook::{Action, Task};

/// Modules whose name does not say what a call of them is for.
const MUTE: [&str; 7] = [
    "command",
    "expect",
    "raw",
    "script",
    "shell",
    "uri",
    "vos_command",
];

pub(super) fn check(task: &Task, found: &mut Vec<Diagnostic>) {
    let Action::Module(call) = &task.action else {
        return;
    };
    if task.name.is_some() || !MUTE.contains(&call.module.as_str()) {
        return;
    }
    let written = &call.written;
    let message = format!(
        "this task has no name: `{}` is all that reports will say of it",
        written.value
    );
    found.push(
        Diagnostic::warning("unnamed-task", &written.place, message)
            .help("add a `name` that says what it is for"),
    );
}
