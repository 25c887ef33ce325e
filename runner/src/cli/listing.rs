//! `--list-hosts`, `--list-tasks`, `--syntax-check`: what a run would be, without one.

use cutover_kit::Node as Place;
use cutover_language::Node;
use cutover_language::playbook::{Body, Item, Nodes, Phase, Play, Task};

use super::options::PlayArgs;
use super::ui;
use crate::exit::Exit;
use crate::run::{Chosen, Run};

/// Shows what was asked for, in Ansible's form.
pub(super) fn show(args: &PlayArgs, run: &Run) -> Exit {
    ui::diagnostics(run.warnings());
    let mut text = String::new();
    for (index, chosen) in run.plays().iter().enumerate() {
        if args.list.list_hosts || args.list.list_tasks {
            let tags = tags(&chosen.play.directives.tags);
            text.push_str(&format!(
                "\n  play #{} ({})\t{tags}\n",
                index + 1,
                chosen.play.title()
            ));
        }
        if args.list.list_hosts {
            hosts(&mut text, chosen);
        }
        if args.list.list_tasks {
            play(&mut text, &chosen.play);
        }
    }
    if args.list.syntax_check {
        text.extend(
            args.playbooks
                .iter()
                .map(|playbook| format!("playbook: {playbook}\n")),
        );
    }
    ui::print(&text);
    Exit::Done
}

fn hosts(text: &mut String, chosen: &Chosen) {
    text.push_str(&format!("    hosts ({}):\n", chosen.hosts.len()));
    text.extend(chosen.hosts.iter().map(|host| format!("      {host}\n")));
}

fn play(text: &mut String, play: &Play) {
    section(text, "pre_tasks", &play.pre_tasks);
    section(text, "roles", &play.roles);
    match &play.body {
        Body::Tasks(items) => section(text, "tasks", items),
        Body::Phases(phases) => phases.iter().for_each(|phase| self::phase(text, phase)),
    }
    section(text, "post_tasks", &play.post_tasks);
    let handlers: Vec<&Task> = play.handlers.iter().map(|handler| &handler.task).collect();
    tasks(text, "handlers", &handlers);
}

fn phase(text: &mut String, phase: &Phase) {
    let order = match &phase.nodes {
        Nodes::All => "all nodes side by side".to_owned(),
        Nodes::InTurn(nodes) => nodes
            .iter()
            .map(|node| role(*node))
            .collect::<Vec<_>>()
            .join(", then "),
    };
    let marks = [
        (phase.barrier, "after a barrier"),
        (phase.window, "inside the window"),
    ];
    let marks = marks
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, mark)| format!(", {mark}"));
    let name = &phase.name.value;
    text.push_str(&format!(
        "    phase {name}: {order}{}\n",
        marks.collect::<String>()
    ));
    section(text, "tasks", &phase.tasks);
    section(text, "gate", &phase.gate);
    section(text, "rollback", &phase.rollback);
}

fn role(node: Place) -> &'static str {
    match node {
        Place::Primary => "primary",
        Place::Secondary => "each secondary in turn",
    }
}

fn section(text: &mut String, name: &str, items: &[Item]) {
    let all: Vec<&Task> = items.iter().flat_map(Item::tasks).collect();
    tasks(text, name, &all);
}

fn tasks(text: &mut String, name: &str, tasks: &[&Task]) {
    if tasks.is_empty() {
        return;
    }
    text.push_str(&format!("    {name}:\n"));
    for task in tasks {
        text.push_str(&format!(
            "      {}\t{}\n",
            task.title(),
            self::tags(&task.directives.tags)
        ));
    }
}

fn tags(tags: &[Node]) -> String {
    let names: Vec<&str> = tags.iter().filter_map(Node::as_text).collect();
    format!("TAGS: [{}]", names.join(", "))
}
