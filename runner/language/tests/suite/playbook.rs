//! Playbooks: what they mean, and the picture of every mistake.

mod composition;
mod meaning;
mod mistakes;
mod tasks;

use std::path::Path;

use cutover_language::files::Memory;
use cutover_language::playbook::{Action, Play, Playbook, Task};
use cutover_language::{Node, load_playbook};

use crate::modules::Modules;
use crate::pictures;

fn read(text: &str) -> Playbook {
    let files = Memory::of([("site.yml", text)]);
    load_playbook(Path::new("site.yml"), &files, &Modules)
        .unwrap_or_else(|faults| panic!("{}", pictures(&faults)))
}

fn mistakes(text: &str) -> String {
    let files = Memory::of([("site.yml", text)]);
    pictures(&load_playbook(Path::new("site.yml"), &files, &Modules).expect_err("this is wrong"))
}

/// The mistakes of one task.
fn task_mistakes(task: &str) -> String {
    mistakes(&format!(
        "- hosts: all\n  tasks:\n    - {}\n",
        task.replace('\n', "\n      ")
    ))
}

fn play(text: &str) -> Play {
    read(text).plays().next().expect("it has a play").clone()
}

fn only_task(task: &str) -> Task {
    let play = play(&format!(
        "- hosts: all\n  tasks:\n    - {}\n",
        task.replace('\n', "\n      ")
    ));
    play.tasks()[0].clone()
}

fn texts(nodes: &[Node]) -> Vec<String> {
    nodes
        .iter()
        .map(|node| node.written().unwrap_or_default())
        .collect()
}

fn arguments(task: &Task) -> String {
    let Action::Module(call) = &task.action else {
        panic!("no module: {:?}", task.action);
    };
    format!(
        "{} {}",
        call.module,
        serde_json::to_string(&call.args.to_value()).unwrap()
    )
}
