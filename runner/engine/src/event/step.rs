//! Tasks and steps: which ones, and how they end.

use cutover_kit::failure::Failure;
use serde::{Deserialize, Serialize};

/// A task of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskRef {
    /// Its identity in the playbook: play, phase, section and path, as in `0/trust/gate/2`.
    pub id: String,
    /// Its name, templated where it could be.
    pub name: String,
    /// The module's canonical name.
    pub module: String,
    /// Where it stands: `path:line`.
    pub at: String,
    /// Which part of the play it belongs to.
    pub section: Section,
}

/// A step: one try of one item of a task on one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Step {
    /// The task's id.
    pub task: String,
    /// The host.
    pub host: String,
    /// The loop's index and the hash of the item, where it loops.
    pub item: Option<(usize, String)>,
    /// Which try, from 1.
    pub attempt: u32,
}

/// The parts of a play or phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// `pre_tasks`.
    PreTasks,
    /// `tasks`.
    Tasks,
    /// `gate`.
    Gate,
    /// `rollback`.
    Rollback,
    /// `post_tasks`.
    PostTasks,
    /// `handlers`.
    Handlers,
}

/// How a task ended on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    Ok,
    /// Changed, or in check mode: would change.
    Changed,
    /// Its condition was false, or check mode does not run it.
    Skipped,
    /// It would change or decide only after an earlier step; check mode only.
    Later,
    /// A gate or the like that check mode or a rehearsal lists and does not run.
    Listed,
    /// It failed.
    Failed,
    /// It failed, and that is ignored.
    Ignored,
    /// The host cannot be reached.
    Unreachable,
    /// Somebody else has to act first.
    Awaiting,
}

/// How a change went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "made")]
pub enum Made {
    /// It was made.
    Yes,
    /// It was not.
    No {
        /// Why.
        failure: Failure,
    },
    /// Nobody knows; it has to be probed.
    Unknown {
        /// What happened.
        failure: Failure,
    },
}

/// What somebody in the debugger did. Values are not among it: they may be secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "debugged")]
pub enum Debugged {
    /// Looked at the value of an expression.
    Looked {
        /// The expression.
        expression: String,
    },
    /// Gave something a value for the next try.
    Set {
        /// What: `task.args['msg']`, `task_vars['x']`.
        what: String,
    },
    /// Took the arguments as they are written again.
    Updated,
    /// Had the task run again: its last end does not count.
    Redone {
        /// How it had ended.
        status: Status,
        /// Whether it had changed something.
        changed: bool,
    },
    /// Went on.
    WentOn,
    /// Asked the run to stop.
    Quit,
}

/// Who set a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setter {
    /// `register`.
    Register,
    /// `set_fact` or a module's `ansible_facts`.
    Fact,
}
