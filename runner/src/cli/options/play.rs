//! What makes sense for playbooks only.

use super::super::fault::Fault;
use super::super::start::Ground;
use super::{Given, RunArgs};
use crate::event::Options;

/// Everything that says which playbooks to run, where, and how to show it.
#[derive(clap::Args, Clone, Debug)]
pub(in super::super) struct PlayArgs {
    /// The playbooks, run one after the other; the first that does not end well stops the rest.
    #[arg(required = true, value_name = "PLAYBOOK")]
    pub(in super::super) playbooks: Vec<String>,

    #[command(flatten)]
    pub(in super::super) run: RunArgs,

    /// Only tasks with these tags (comma-separated). A gate still runs where a task of its phase ran.
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    tags: Vec<String>,

    /// No tasks with these tags (comma-separated).
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    skip_tags: Vec<String>,

    /// Begin at the first task of this name; `*` and `?` stand for anything. What dynamic includes bring in cannot be named.
    #[arg(long, value_name = "NAME")]
    start_at_task: Option<String>,

    /// Ask before each task: yes, no, or go on without asking. The keyword `debugger` asks at the end of one.
    #[arg(long)]
    step: bool,

    /// Run handlers of hosts that failed too.
    #[arg(long)]
    force_handlers: bool,

    /// Accepted for habit: facts are not kept from run to run, so that there is nothing to forget.
    #[arg(long)]
    flush_cache: bool,

    #[command(flatten)]
    pub(in super::super) list: ListArgs,
}

/// What to show instead of running.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in super::super) struct ListArgs {
    /// List the tasks that would run, in order, and stop.
    #[arg(long)]
    pub(in super::super) list_tasks: bool,

    /// List the hosts of each play and stop.
    #[arg(long)]
    pub(in super::super) list_hosts: bool,

    /// List the tags of each play and stop.
    #[arg(long)]
    pub(in super::super) list_tags: bool,

    /// Check the files and stop.
    #[arg(long)]
    pub(in super::super) syntax_check: bool,
}

impl PlayArgs {
    /// What they mean to the engine. Files of `-e` are read here.
    pub(in super::super) fn understand(&self, verb: &str, ground: &Ground) -> Result<Given, Fault> {
        let settings = &ground.settings;
        let given = |words: &[String], name| match words {
            [] => settings.words(name),
            words => trimmed(words),
        };
        let tags = given(&self.tags, "TAGS_RUN");
        let Given { options, extra } = self.run.understand(verb, ground)?;
        let options = Options {
            playbooks: self.playbooks.clone(),
            tags: if self.list.list_tags && tags.is_empty() {
                vec!["all".into(), "never".into()]
            } else {
                tags
            },
            skip_tags: given(&self.skip_tags, "TAGS_SKIP"),
            start_at_task: self.start_at_task.clone(),
            step: self.step,
            debugger: settings.truth("ENABLE_TASK_DEBUGGER").unwrap_or_default(),
            force_handlers: self.force_handlers
                || settings.truth("DEFAULT_FORCE_HANDLERS").unwrap_or_default(),
            forgive_handlers: settings.truth("ERROR_ON_MISSING_HANDLER") == Some(false),
            flush_cache: self.flush_cache,
            ..options
        };
        Ok(Given { options, extra })
    }

    /// Whether nothing is run at all.
    pub(in super::super) fn only_lists(&self) -> bool {
        let list = &self.list;
        list.list_tasks || list.list_hosts || list.list_tags || list.syntax_check
    }
}

/// The words without the blanks around them: `"a, b"` is `a` and `b`.
fn trimmed(words: &[String]) -> Vec<String> {
    let words = words.iter().map(|word| word.trim());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_belong_to_no_tag() {
        assert_eq!(trimmed(&["a".into(), " b ".into(), " ".into()]), ["a", "b"]);
    }
}
