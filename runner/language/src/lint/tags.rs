//! Tags that choose nothing, and tasks that no tag chooses.

use std::collections::BTreeSet;

use super::Knowing;
use crate::diagnose::{Diagnostic, nearest};
use crate::playbook::Play;

/// Words of `--tags` and `--skip-tags` that stand for many tasks.
const SPECIAL: [&str; 5] = ["all", "tagged", "untagged", "always", "never"];

pub(super) fn check(play: &Play, knowing: &dyn Knowing, found: &mut Vec<Diagnostic>) {
    for task in play.tasks() {
        let tags: BTreeSet<String> = knowing.tags(&task.directives.tags).into_iter().collect();
        if !tags.contains("never") {
            continue;
        }
        let others = tags.iter().filter(|tag| !SPECIAL.contains(&tag.as_str())).count();
        let templates = task.directives.tags.iter().any(crate::yaml::Node::is_template);
        if others == 0 && !templates {
            let message = format!(
                "`{}` has the tag `never` and no other that could ask for it",
                task.title()
            );
            found.push(
                Diagnostic::warning("never-runs", &task.place.first_line(), message)
                    .help("give it a second tag, and ask for that with `--tags`"),
            );
        }
    }
}

pub(super) fn unknown<'a>(
    asked: impl IntoIterator<Item = &'a str>,
    tags: &BTreeSet<String>,
) -> Vec<Diagnostic> {
    let unknown = asked
        .into_iter()
        .filter(|tag| !SPECIAL.contains(tag) && !tags.contains(*tag));
    unknown
        .map(|tag| {
            let fault = Diagnostic {
                severity: crate::Severity::Warning,
                ..Diagnostic::nowhere("no-such-tag", format!("no task has the tag `{tag}`"))
            };
            match nearest(tag, tags.iter().map(String::as_str)) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("`--list-tags` shows them all"),
            }
        })
        .collect()
}
