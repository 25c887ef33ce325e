//! `async` and `poll`: what goes on by itself on its host, and what is only bounded.

use std::time::Duration;

use cutover_kit::reach::Background;
use cutover_kit::{AnyModule, Failure, FailureKind};
use cutover_language::Diagnostic;
use cutover_language::playbook::{Action, Play, Task};

use super::modules::Modules;
use super::request::Chosen;
use super::scope::Terms;

/// Seconds between two looks where `poll` is not set, as Ansible has it.
const POLL: u64 = 15;

/// How a task is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// While the connection holds.
    Attached,
    /// As a job of its host.
    Job(Background),
    /// While the connection holds, and no longer than these seconds of `async`.
    Bounded(u64),
}

impl Way {
    /// How `task` is carried out by `module`.
    pub(super) fn of(task: &Task, terms: &Terms, module: &dyn AnyModule) -> Result<Self, Failure> {
        let seconds = terms.setting(task.background.as_ref())?.unwrap_or(0);
        if seconds == 0 {
            return Ok(Self::Attached);
        }
        let poll = terms.setting(task.poll.as_ref())?.unwrap_or(POLL);
        match (module.detaches(), poll) {
            (true, poll) => Ok(Self::Job(Background {
                limit: Duration::from_secs(seconds),
                poll: (poll > 0).then(|| Duration::from_secs(poll)),
            })),
            (false, 0) => Err(Failure::new(FailureKind::Arguments, cannot(module.name()))),
            (false, _) => Ok(Self::Bounded(seconds)),
        }
    }

    /// The job it is, where it is one.
    pub(super) fn job(self) -> Option<Background> {
        match self {
            Self::Job(background) => Some(background),
            Self::Attached | Self::Bounded(_) => None,
        }
    }

    /// Within how many seconds it must be done, with `timeout` of the task, and what to say if it is not.
    pub(super) fn bound(self, timeout: Option<u64>) -> Option<(u64, String)> {
        let timeout = timeout.filter(|seconds| *seconds > 0);
        match (self, timeout) {
            (Self::Bounded(seconds), None) => Some((seconds, late(seconds))),
            (Self::Bounded(seconds), Some(timeout)) if seconds < timeout => Some((seconds, late(seconds))),
            (_, Some(timeout)) => Some((timeout, format!("Timed out after {timeout} second(s)."))),
            (_, None) => None,
        }
    }
}

fn late(seconds: u64) -> String {
    format!("async task did not complete within the requested time - {seconds}s.")
}

fn cannot(module: &str) -> String {
    format!("`{module}` works step by step from here, so it cannot be left behind with `poll: 0`")
}

/// Tasks that would be refused on the way, found before anything runs.
pub(super) fn check(plays: &[Chosen], modules: &Modules) -> Vec<Diagnostic> {
    let plays = plays.iter().map(|chosen| &chosen.play);
    let tasks = plays.flat_map(|play| play.tasks().into_iter().map(move |task| (task, play)));
    let faults = tasks.filter_map(|(task, play)| left_behind(task, play, modules));
    faults.collect()
}

fn left_behind(task: &Task, play: &Play, modules: &Modules) -> Option<Diagnostic> {
    let background = task.background.as_ref()?;
    let poll = task.poll.as_ref()?;
    let Action::Module(call) = &task.action else {
        return None;
    };
    let module = modules.meant(&call.module, task, play)?;
    let left = background.literal().is_none_or(|seconds| *seconds > 0) && poll.literal() == Some(&0);
    (left && !module.detaches()).then(|| {
        Diagnostic::error("async", poll.place(), cannot(module.name())).help(
            "command, shell, script and raw can; with `poll` above 0 `async` bounds the time of any task",
        )
    })
}
