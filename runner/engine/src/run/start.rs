//! `--start-at-task`: where a run begins.

use std::collections::BTreeSet;
use std::sync::Mutex;

use cutover_language::diagnose::Diagnostic;
use cutover_language::playbook::{Body, Item, Play, Task};
use globset::{Glob, GlobMatcher};

use super::request::{Chosen, Refusal};
use crate::exit::Exit;
use crate::sync::lock;

/// Where a run begins. Every host comes to it by itself.
pub(super) struct Start {
    wanted: Wanted,
    /// The play that holds the task.
    play: usize,
    /// The hosts that have come to it.
    begun: Mutex<BTreeSet<String>>,
}

/// A name as it was typed, which may be a glob.
struct Wanted {
    name: String,
    glob: Option<GlobMatcher>,
}

impl Start {
    /// The first task of this name in the plays that have hosts. Only what is known before the
    /// run can be found: the same as Ansible's rule.
    pub(super) fn of(name: Option<&str>, plays: &[Chosen]) -> Result<Option<Self>, Refusal> {
        let Some(name) = name else { return Ok(None) };
        let wanted = Wanted {
            name: name.to_owned(),
            glob: Glob::new(name).ok().map(|glob| glob.compile_matcher()),
        };
        let found = plays
            .iter()
            .enumerate()
            .filter(|(_, chosen)| !chosen.hosts.is_empty())
            .find(|(_, chosen)| reached(&chosen.play).iter().any(|task| wanted.is(task)));
        match found {
            Some((play, _)) => Ok(Some(Self {
                wanted,
                play,
                begun: Mutex::default(),
            })),
            None => Err(unknown(name, plays)),
        }
    }

    /// Whether a host of this play has not come to the task yet.
    pub(super) fn is_ahead(&self, play: usize, host: &str, task: &Task) -> bool {
        if play != self.play {
            return play < self.play;
        }
        let mut begun = lock(&self.begun);
        if !begun.contains(host) && self.wanted.is(task) {
            begun.insert(host.to_owned());
        }
        !begun.contains(host)
    }

    /// Whether this play is left out altogether.
    pub(super) fn is_after(&self, play: usize) -> bool {
        play < self.play
    }
}

impl Wanted {
    fn is(&self, task: &Task) -> bool {
        let title = task.title();
        let bare = task.name.as_ref().and_then(cutover_language::Node::as_text);
        let named =
            |title: &str| title == self.name || self.glob.as_ref().is_some_and(|glob| glob.is_match(title));
        named(title.as_ref()) || bare.is_some_and(named)
    }
}

/// The tasks that a host comes to where nothing fails, in order.
fn reached(play: &Play) -> Vec<&Task> {
    let mut sections = vec![&play.pre_tasks, &play.roles];
    match &play.body {
        Body::Tasks(items) => sections.push(items),
        Body::Phases(phases) => {
            sections.extend(phases.iter().flat_map(|phase| [&phase.tasks, &phase.gate]));
        }
    }
    sections.push(&play.post_tasks);
    sections.into_iter().flatten().flat_map(of_item).collect()
}

fn of_item(item: &Item) -> Vec<&Task> {
    match item {
        Item::Block(block) => [&block.items, &block.always]
            .into_iter()
            .flatten()
            .flat_map(of_item)
            .collect(),
        other => other.tasks(),
    }
}

fn unknown(name: &str, plays: &[Chosen]) -> Refusal {
    let message =
        format!("No matching task \"{name}\" found. Note: --start-at-task can only follow static includes.");
    let titles: Vec<String> = plays
        .iter()
        .flat_map(|chosen| reached(&chosen.play))
        .map(|task| task.title().to_string())
        .collect();
    let fault = Diagnostic::nowhere("no-such-task", message)
        .help("`--list-tasks` shows the names")
        .did_you_mean(name, titles.iter().map(String::as_str));
    Refusal {
        diagnostics: vec![fault],
        exit: Exit::Error,
    }
}
