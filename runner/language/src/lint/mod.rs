//! What works and should be written otherwise: the rules beyond the check.
//!
//! The check says what is wrong; these rules say what will surprise somebody in
//! a change window. [`RULES`] lists every kind of finding of either.

mod gates;
mod names;
mod old;
mod rules;
mod tags;

pub use rules::{RULES, Rule};

use crate::diagnose::Diagnostic;
use crate::playbook::{Play, Task};

/// What a rule may ask of those who know modules, hosts and the command line.
pub trait Knowing {
    /// Whether a task takes a host of its play out of service, as far as that is known.
    fn is_disruptive(&self, task: &Task) -> bool;

    /// The tags of a task or play that are known before a run.
    fn tags(&self, tags: &[crate::yaml::Node]) -> Vec<String>;
}

/// Everything the rules say of a play.
pub fn lint(play: &Play, knowing: &dyn Knowing) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    gates::check(play, knowing, &mut found);
    tags::check(play, knowing, &mut found);
    for task in play.tasks() {
        names::check(task, &mut found);
        old::check(task, &mut found);
    }
    found
}

/// `--tags` and `--skip-tags` that no task has. `tags` are those of all tasks.
pub fn unknown_tags<'a>(
    asked: impl IntoIterator<Item = &'a str>,
    tags: &std::collections::BTreeSet<String>,
) -> Vec<Diagnostic> {
    tags::unknown(asked, tags)
}
