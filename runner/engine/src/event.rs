//! Events: the one truth of a run.
//!
//! Everything that happens is one of these, typed, versioned and in order. The
//! journal is their durable form; the terminal, JSON lines and the recap are
//! views of them. An event holds facts and no display policy.
//!
//! Values stand in *reference form*: where a secret was there is
//! `{"$secret": origin}`, so that the same bytes may be shown and resumed from.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::failure::Failure;
use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Version of the event format; grows when a reader of the old one would be misled.
pub const FORMAT: u32 = 1;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the run, from 1.
    pub seq: u64,
    /// Wall clock.
    pub at: Timestamp,
    /// Since the run began.
    #[serde(with = "millis")]
    pub elapsed: Duration,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run begins.
    RunStarted {
        /// [`FORMAT`].
        format: u32,
        /// Name and version of the program.
        tool: String,
        /// The run's id.
        run: String,
        /// Everything given on the command line that a resume needs.
        options: Options,
    },
    /// A file was read.
    FileRead {
        /// Its path as it was asked for.
        path: String,
        /// HMAC-SHA-256 of its bytes under the state folder's own key, hex: it tells a
        /// changed file, and nobody can guess a password in it by trying.
        hash: String,
        /// Its text with secrets masked; absent for password and key files.
        content: Option<String>,
    },
    /// Something the engineer should know before anything runs.
    Warned {
        /// Where it stands: `path:line:column`.
        place: Option<String>,
        /// One sentence.
        message: String,
    },
    /// A play begins.
    PlayStarted {
        /// Its place in the run, from 0.
        play: usize,
        /// Its name, or its hosts.
        name: String,
        /// The lanes, in order; a play without phases has one.
        lanes: Vec<Lane>,
        /// The names of its phases, in order.
        phases: Vec<String>,
    },
    /// A pattern matched no host.
    NoHosts {
        /// The pattern.
        pattern: String,
    },
    /// A lane enters a phase.
    PhaseStarted {
        /// The lane.
        lane: String,
        /// The phase.
        phase: String,
    },
    /// A node of a lane begins its part of a phase.
    NodeStarted {
        /// The lane.
        lane: String,
        /// The phase.
        phase: String,
        /// The host.
        host: String,
    },
    /// A node has done its tasks and passed its gate.
    NodeFinished {
        /// The lane.
        lane: String,
        /// The phase.
        phase: String,
        /// The host.
        host: String,
    },
    /// A lane waits for something that is not a device.
    LaneWaiting {
        /// The lane.
        lane: String,
        /// What for.
        cause: Cause,
    },
    /// A lane ended.
    LaneFinished {
        /// The lane.
        lane: String,
        /// How.
        ending: Ending,
    },
    /// A task begins on a host.
    TaskStarted {
        /// Which task.
        task: TaskRef,
        /// The host.
        host: String,
    },
    /// A module decided what to do.
    Planned {
        /// Which step.
        step: Step,
        /// The changes, in order.
        changes: Vec<Described>,
        /// Why these, or why none.
        why: String,
    },
    /// A change is about to be made. Durable before it is.
    Intent {
        /// Which step.
        step: Step,
        /// The module's arguments.
        arguments: Json,
        /// The change.
        change: Described,
        /// Its number among the task's changes, from 0.
        index: usize,
    },
    /// How that change went. Durable before anything else is done.
    Outcome {
        /// Which step.
        step: Step,
        /// Its number among the task's changes, from 0.
        index: usize,
        /// How.
        made: Made,
    },
    /// Something a module told.
    Noted {
        /// Which task.
        task: TaskRef,
        /// The host it works on.
        host: String,
        /// What it told.
        note: Note,
    },
    /// A `rescue` took care of a failure.
    Rescued {
        /// The host.
        host: String,
    },
    /// A try of an `until` task failed; it is tried again.
    Retrying {
        /// Which task.
        task: TaskRef,
        /// The host.
        host: String,
        /// Tries left.
        left: u32,
    },
    /// One item of a loop is done.
    ItemFinished {
        /// Which task.
        task: TaskRef,
        /// The host.
        host: String,
        /// The host it was delegated to.
        delegate: Option<String>,
        /// The item's label.
        label: Json,
        /// How it ended.
        status: Status,
        /// Its result.
        result: Json,
    },
    /// A task ended on a host.
    TaskFinished {
        /// Which task.
        task: TaskRef,
        /// The host.
        host: String,
        /// The host it was delegated to.
        delegate: Option<String>,
        /// How it ended.
        status: Status,
        /// Its result, as registered.
        result: Json,
        /// Whether it was a loop, whose items were told one by one.
        looped: bool,
        /// How long it took.
        #[serde(with = "millis")]
        took: Duration,
        /// The failure, where it was one.
        failure: Option<Failure>,
    },
    /// A variable of a host was set by the run.
    Set {
        /// The host.
        host: String,
        /// The variable.
        name: String,
        /// Its value.
        value: Json,
        /// Whether by `register` or as a fact.
        by: Setter,
    },
    /// Random bytes were drawn.
    Drawn {
        /// The host they were drawn for.
        host: String,
        /// The bytes, hex.
        hex: String,
    },
    /// What a slot or the like held when this run first asked.
    AtStart {
        /// What was asked for.
        key: String,
        /// The answer.
        value: String,
    },
    /// A turn was taken: the engine looked and every other member is in service.
    TurnTaken {
        /// The host.
        host: String,
        /// The cluster and pool it holds.
        of: Vec<String>,
        /// The others it looked at, and how each stood.
        looked: BTreeMap<String, String>,
    },
    /// A turn was given back.
    TurnReleased {
        /// The host.
        host: String,
        /// Whether it was proved back in service.
        proved: bool,
    },
    /// An outage that the engineer accepted was passed over.
    OutageAccepted {
        /// The host that is out.
        host: String,
        /// Why that is accepted.
        reason: String,
    },
    /// Nothing happened for a while; these still run. Never written to the journal.
    Heartbeat {
        /// What each busy host does, and for how long.
        busy: Vec<Busy>,
    },
    /// The first Ctrl-C: the current change is finished, then the run is suspended.
    StopRequested,
    /// The run ended.
    RunFinished {
        /// The exit code.
        exit: u8,
        /// Certificates and the like that are waited for.
        awaiting: Vec<String>,
        /// How to go on, where it was suspended.
        go_on: Option<String>,
    },
}

/// Everything given on the command line that a resume needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The verb.
    pub verb: String,
    /// The playbooks.
    pub playbooks: Vec<String>,
    /// The inventories.
    pub inventories: Vec<String>,
    /// `--limit`.
    pub limit: Option<String>,
    /// `--extra-vars`, in reference form.
    pub extra_vars: Json,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--skip-tags`.
    pub skip_tags: Vec<String>,
    /// `--check`.
    pub check: bool,
    /// `--diff`.
    pub diff: bool,
    /// `--forks`.
    pub forks: usize,
    /// `--user`.
    pub user: Option<String>,
    /// `--become` and what goes with it.
    pub becoming: Becoming,
    /// `--accept-outage`.
    pub accept_outage: BTreeMap<String, String>,
    /// The setting `gathering`.
    pub gathering: Gathering,
}

/// Whether a play that does not say so gathers facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gathering {
    /// It does.
    #[default]
    Implicit,
    /// It does not.
    Explicit,
    /// It does, of hosts whose facts are not there yet; also a play that says so.
    Smart,
}

/// As whom tasks work where playbook and inventory say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Becoming {
    /// `--become`.
    pub on: bool,
    /// `--become-user`.
    pub user: Option<String>,
    /// `--become-method`.
    pub method: Option<String>,
}

/// One lane of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Its name: the cluster's.
    pub name: String,
    /// Its hosts, primary first.
    pub hosts: Vec<String>,
}

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

/// Who set a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setter {
    /// `register`.
    Register,
    /// `set_fact` or a module's `ansible_facts`.
    Fact,
}

/// What a lane waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Cause {
    /// The other lanes, at a barrier.
    Barrier {
        /// The phase that begins then.
        phase: String,
    },
    /// Its turn.
    Turn {
        /// The host that wants it.
        host: String,
        /// The host that has it.
        holder: String,
    },
    /// The waves before it.
    Wave {
        /// The phase.
        phase: String,
    },
}

/// How a lane ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ending")]
pub enum Ending {
    /// Every phase is done and every gate passed.
    Done,
    /// It failed there.
    Stopped {
        /// The phase.
        phase: String,
        /// The host.
        host: String,
        /// Why, in one sentence.
        reason: String,
    },
    /// It waits for somebody, or for the window.
    Suspended {
        /// The phase.
        phase: String,
        /// Why, in one sentence.
        reason: String,
    },
}

/// A host that is busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// The host.
    pub host: String,
    /// What it does.
    pub what: String,
    /// Since when, counted from now.
    #[serde(with = "millis")]
    pub since: Duration,
}

impl EventKind {
    /// Whether the event must be on the disk before the run goes on.
    pub fn is_durable(&self) -> bool {
        matches!(
            self,
            Self::RunStarted { .. } | Self::Intent { .. } | Self::Outcome { .. } | Self::RunFinished { .. }
        )
    }
}

/// Durations stand as whole milliseconds.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(it: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
