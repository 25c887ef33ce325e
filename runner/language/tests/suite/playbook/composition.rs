//! Playbooks made of several files: imports, roles and what their tasks inherit.

mod imports;
mod mistakes;
mod roles;
mod variables_files;

use std::path::{Path, PathBuf};

use cutover_language::Node;
use cutover_language::files::Memory;
use cutover_language::playbook::{Body, Item, Loader, Play, Playbook, Task};

use crate::modules::Modules;
use crate::pictures;

fn load(files: &[(&str, &str)]) -> Result<Playbook, String> {
    let files = Memory::of(files.iter().copied());
    let loader = Loader::new(&files, &Modules)
        .roles_path([PathBuf::from("/srv/roles")])
        .here("/plays");
    let read = loader.playbook(Path::new("site.yml"));
    read.map_err(|faults| pictures(&faults))
}

fn loaded(files: &[(&str, &str)]) -> Playbook {
    load(files).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(files: &[(&str, &str)]) -> String {
    load(files).expect_err("this is wrong")
}

/// What the tasks of a play are called, with their conditions and tags.
fn outline(play: &Play) -> String {
    let mut lines = Vec::new();
    for items in [&play.pre_tasks, &play.roles, tasks(play), &play.post_tasks] {
        lines.extend(items.iter().flat_map(Item::tasks).map(line));
    }
    lines.extend(
        play.handlers
            .iter()
            .map(|handler| format!("handler {}", line(&handler.task))),
    );
    lines.join("\n")
}

fn tasks(play: &Play) -> &Vec<Item> {
    match &play.body {
        Body::Tasks(items) => items,
        Body::Phases(phases) => &phases[0].tasks,
    }
}

fn line(task: &Task) -> String {
    let written = |nodes: &[Node]| {
        let texts: Vec<_> = nodes.iter().filter_map(Node::written).collect();
        texts.join(", ")
    };
    let vars: Vec<_> = task.directives.vars.keys().collect();
    let parts = [
        ("when", written(&task.directives.when)),
        ("tags", written(&task.directives.tags)),
        ("vars", vars.join(", ")),
        ("notify", written(&task.directives.notify)),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let parts: String = parts.map(|(name, text)| format!(" [{name}: {text}]")).collect();
    format!("{}{parts}", task.title())
}
