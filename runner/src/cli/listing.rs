//! `--list-hosts`, `--list-tasks`, `--list-tags`, `--syntax-check`: what a run would
//! be, without one. In Ansible's form; a play's phases are shown as well.

use std::collections::BTreeSet;

use cutover_kit::Node as Place;
use cutover_language::Node;
use cutover_language::playbook::{Body, Item, Nodes, Phase, Task};

use super::options::{ListArgs, PlayArgs};
use super::ui;
use crate::event::EventKind;
use crate::exit::Exit;
use crate::report::words::harmless;
use crate::run::{Chosen, Run};

/// Shows what was asked for.
pub(super) fn show(args: &PlayArgs, run: &Run) -> Exit {
    ui::diagnostics(run.warnings());
    for event in run.early() {
        if let EventKind::Warned { place, message } = event {
            let place = place.map_or(String::new(), |place| format!(" ({place})"));
            ui::say(&harmless(&format!("[WARNING]: {message}{place}")));
        }
    }
    let mut text = String::new();
    for playbook in &args.playbooks {
        text.push_str(&format!("\nplaybook: {playbook}\n"));
        let plays = run.plays().iter().filter(|chosen| chosen.playbook == *playbook);
        for (index, chosen) in plays.enumerate() {
            let listing = Listing { run, chosen };
            text.push_str(&listing.play(&args.list, index + 1));
        }
    }
    // Titles and tags are templates of the author, filled with what devices may have said.
    ui::print(&harmless(&text));
    Exit::Done
}

/// One play of a run.
struct Listing<'a> {
    run: &'a Run,
    chosen: &'a Chosen,
}

impl Listing<'_> {
    fn play(&self, wanted: &ListArgs, number: usize) -> String {
        if !(wanted.list_hosts || wanted.list_tasks || wanted.list_tags) {
            return String::new();
        }
        let play = &self.chosen.play;
        let patterns: Vec<&str> = play.hosts.iter().filter_map(Node::as_text).collect();
        let mut text = format!(
            "\n  play #{number} ({}): {}\tTAGS: [{}]\n",
            patterns.join(","),
            play.title(),
            self.run.tags(self.chosen, &play.directives.tags).join(",")
        );
        if wanted.list_hosts {
            text.push_str(&self.hosts(&patterns));
        }
        if wanted.list_tasks {
            text.push_str(&self.tasks());
        }
        if wanted.list_tags {
            let own = self.run.tags(self.chosen, &play.directives.tags);
            let all = self.chosen_tasks().flat_map(|task| self.tags(task));
            let all: BTreeSet<String> = own.into_iter().chain(all).collect();
            let all: Vec<String> = all.into_iter().collect();
            text.push_str(&format!("      TASK TAGS: [{}]\n", all.join(", ")));
        }
        text
    }

    fn hosts(&self, patterns: &[&str]) -> String {
        let patterns: Vec<String> = patterns.iter().map(|pattern| format!("'{pattern}'")).collect();
        let hosts = &self.chosen.hosts;
        let names: String = hosts.iter().map(|host| format!("      {host}\n")).collect();
        format!(
            "    pattern: [{}]\n    hosts ({}):\n{names}",
            patterns.join(", "),
            hosts.len()
        )
    }

    fn tasks(&self) -> String {
        let play = &self.chosen.play;
        let Body::Phases(phases) = &play.body else {
            return format!("    tasks:\n{}", self.lines(&sections(self.chosen)));
        };
        let mut text = self.section("pre_tasks", &[&play.pre_tasks, &play.roles]);
        for phase in phases {
            text.push_str(&format!("    {}\n", heading(phase)));
            text.push_str(&self.section("tasks", &[&phase.tasks]));
            text.push_str(&self.section("gate", &[&phase.gate]));
            text.push_str(&self.section("rollback", &[&phase.rollback]));
        }
        text + &self.section("post_tasks", &[&play.post_tasks])
    }

    /// The tasks of a section under its name; nothing where it has none.
    fn section(&self, name: &str, sections: &[&Vec<Item>]) -> String {
        match self.lines(sections) {
            lines if lines.is_empty() => lines,
            lines => format!("    {name}:\n{lines}"),
        }
    }

    fn lines(&self, sections: &[&Vec<Item>]) -> String {
        let tasks = sections.iter().flat_map(|items| items.iter()).flat_map(reached);
        tasks
            .filter(|task| self.run.chooses(self.chosen, task))
            .map(|task| format!("      {}\tTAGS: [{}]\n", task.title(), self.tags(task).join(", ")))
            .collect()
    }

    fn tags(&self, task: &Task) -> Vec<String> {
        self.run.tags(self.chosen, &task.directives.tags)
    }

    fn chosen_tasks(&self) -> impl Iterator<Item = &Task> {
        let all = sections(self.chosen);
        let tasks = all.into_iter().flatten().flat_map(reached);
        tasks.filter(|task| self.run.chooses(self.chosen, task))
    }
}

/// All lists of tasks of a play, in the order in which they run.
fn sections(chosen: &Chosen) -> Vec<&Vec<Item>> {
    let play = &chosen.play;
    let mut all = vec![&play.pre_tasks, &play.roles];
    match &play.body {
        Body::Tasks(items) => all.push(items),
        Body::Phases(phases) => all.extend(
            phases
                .iter()
                .flat_map(|phase| [&phase.tasks, &phase.gate, &phase.rollback]),
        ),
    }
    all.push(&play.post_tasks);
    all
}

/// The tasks of a member; of a block those that run where nothing fails, as Ansible lists them.
fn reached(item: &Item) -> Vec<&Task> {
    match item {
        Item::Block(block) => block.items.iter().flat_map(reached).collect(),
        other => other.tasks(),
    }
}

/// `phase trust: primary, inside the window`.
fn heading(phase: &Phase) -> String {
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
    let marks = marks.iter().filter(|(on, _)| *on);
    let marks: String = marks.map(|(_, mark)| format!(", {mark}")).collect();
    format!("phase {}: {order}{marks}", phase.name.value)
}

fn role(node: Place) -> &'static str {
    match node {
        Place::Primary => "primary",
        Place::Secondary => "each secondary in turn",
    }
}
