//! Events: the one truth of a run.
//!
//! Everything that happens is one of these, typed, versioned and in order. The
//! journal is their durable form; the terminal, JSON lines and the recap are
//! views of them. An event holds facts and no display policy.
//!
//! Values stand in *reference form*: where a secret was there is
//! `{"$secret": origin}`, so that the same bytes may be shown and resumed from.

mod lane;
mod millis;
mod options;
mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::failure::Failure;
use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use lane::{Busy, Cause, Ending, Lane};
pub use options::{Becoming, Gathering, Options};
pub use step::{Debugged, Made, Section, Setter, Status, Step, TaskRef};

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
    /// A lane goes back through what it did in a phase.
    RollbackStarted {
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
        /// What `diff` of the task says, where it says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diff: Option<bool>,
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
    /// How that change went. On the disk before any other change is begun, and very soon anyway.
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
    /// Tasks were brought in by a task.
    Included {
        /// The task that includes.
        task: TaskRef,
        /// The hosts that go through them, in order.
        hosts: Vec<String>,
        /// The file, or the name of the role.
        what: String,
        /// The item of the loop.
        label: Option<Json>,
    },
    /// A `rescue` takes care of a failure; one event for each.
    Rescued {
        /// The host.
        host: String,
    },
    /// The play is over for a host because of others: their failure is fatal for all, or too many failed.
    Doomed {
        /// The host.
        host: String,
        /// Why, in one sentence.
        why: String,
    },
    /// More hosts have failed than `max_fail_percentage` lets: the play is over for everybody.
    TooManyFailed {
        /// Why, in one sentence.
        why: String,
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
    /// Somebody in the debugger did something at the end of a task.
    Debugged {
        /// Which task.
        task: TaskRef,
        /// The host.
        host: String,
        /// What.
        did: Debugged,
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
    /// The run added a host to the inventory, or said more of one.
    HostAdded {
        /// The host.
        host: String,
        /// The groups it was put into.
        groups: Vec<String>,
        /// What was said of it.
        variables: Json,
    },
    /// The run put a host into a group.
    HostGrouped {
        /// The host.
        host: String,
        /// The group.
        group: String,
        /// The groups that this group is in.
        parents: Vec<String>,
    },
    /// The inventory was read again.
    InventoryRefreshed,
    /// Values of the playbook's own for the report.
    StatsSet {
        /// The host they are of; those of the whole run have none.
        host: Option<String>,
        /// The values by their names.
        data: BTreeMap<String, Json>,
        /// Whether they are added to those that are there.
        aggregate: bool,
    },
    /// Random bytes were drawn, of which no secret is made.
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

impl EventKind {
    /// Whether the event must be on the disk before the run goes on.
    pub fn is_durable(&self) -> bool {
        matches!(
            self,
            Self::RunStarted { .. } | Self::Intent { .. } | Self::Outcome { .. } | Self::RunFinished { .. }
        )
    }
}
