//! The pure fold of events into what every view needs: counts per host, where
//! each lane stands, what is busy, and how it all ended.

mod counts;

use std::collections::BTreeMap;
use std::time::Duration;

pub use counts::Counts;
use cutover_kit::note::Note;
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::stats::Stats;
use crate::event::{Cause, Debugged, Ending, Event, EventKind, Lane, Status, Step, TaskRef};

/// Modules that only say something: their result is always shown, and why they
/// change nothing is no news.
pub const SHOWING: [&str; 2] = ["debug", "assert"];

/// Whether a result only says that something was brought in, which an event of its own tells for all
/// hosts together.
pub fn is_told_as_included(task: &TaskRef, status: Status) -> bool {
    matches!(task.module.as_str(), "include_tasks" | "include_role") && status == Status::Ok
}

/// Everything folded so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Counts of every host that had a result, by name.
    pub hosts: BTreeMap<String, Counts>,
    /// The name of the play that runs, or ran last.
    pub play: Option<String>,
    /// The phases of that play.
    pub phases: Vec<String>,
    /// The lanes of that play, in order.
    pub lanes: IndexMap<String, LaneView>,
    /// What each busy host does.
    pub busy: BTreeMap<String, Doing>,
    /// The lanes of earlier plays that did not end well.
    pub before: Vec<(String, LaneView)>,
    /// Why tasks had nothing to do: by the task's name, then by host.
    pub reasons: IndexMap<String, BTreeMap<String, String>>,
    /// Values of the playbook's own.
    pub stats: Stats,
    /// The end, once it is there.
    pub end: Option<End>,
    /// Time of the last event, counted from the start.
    pub elapsed: Duration,
    /// Which lane each host of the play is in.
    homes: BTreeMap<String, usize>,
}

/// Where a lane stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaneView {
    /// Its hosts, primary first.
    pub hosts: Vec<String>,
    /// The phase it is in.
    pub phase: Option<String>,
    /// How many phases it has begun.
    pub begun: usize,
    /// Nodes that are at work in this phase.
    open: usize,
    /// Nodes that have finished this phase.
    finished: usize,
    /// What it waits for, unless it is busy.
    pub waiting: Option<Cause>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// When it ended.
    pub ended: Duration,
}

/// What a host is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct Doing {
    /// The task's name.
    pub task: String,
    /// Its module.
    pub module: String,
    /// What exactly is waited for, where a module told.
    pub wait: Option<(String, Duration)>,
    /// Since when, counted from the start of the run.
    pub since: Duration,
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The exit code.
    pub exit: u8,
    /// What is waited for.
    pub awaiting: Vec<String>,
    /// How to go on.
    pub go_on: Option<String>,
}

impl Summary {
    /// Folds one more event in.
    pub fn take(&mut self, event: &Event) {
        self.elapsed = event.elapsed;
        match &event.kind {
            EventKind::PlayStarted {
                name, lanes, phases, ..
            } => self.begin_play(name, lanes, phases),
            EventKind::PhaseStarted { lane, phase } => self.lane(lane, |view| {
                view.phase = Some(phase.clone());
                view.begun += 1;
                view.waiting = None;
                (view.open, view.finished) = (0, 0);
            }),
            EventKind::RollbackStarted { lane, phase } => {
                self.lane(lane, |view| view.phase = Some(phase.clone()));
            }
            EventKind::NodeStarted { lane, .. } => self.lane(lane, |view| {
                view.waiting = None;
                view.open += 1;
            }),
            EventKind::NodeFinished { lane, .. } => self.lane(lane, |view| {
                view.open = view.open.saturating_sub(1);
                view.finished += 1;
            }),
            EventKind::LaneWaiting { lane, cause } => {
                self.lane(lane, |view| view.waiting = Some(cause.clone()));
            }
            EventKind::LaneFinished { lane, ending } => {
                let at = event.elapsed;
                self.lane(lane, |view| {
                    view.ending = Some(ending.clone());
                    view.ended = at;
                    view.waiting = None;
                });
            }
            EventKind::TaskStarted { task, host } => self.start(host, task),
            EventKind::Noted { host, note, .. } => self.note(host, note),
            EventKind::Planned {
                step, changes, why, ..
            } if changes.is_empty() => self.reason(step, why),
            EventKind::TaskFinished {
                task,
                host,
                status,
                result,
                ..
            } => {
                self.busy.remove(host);
                let changed = result.get("changed") == Some(&Json::Bool(true));
                // What was brought in counts once for each time it was.
                if !is_told_as_included(task, *status) {
                    self.hosts.entry(host.clone()).or_default().add(*status, changed);
                }
            }
            EventKind::Included { hosts, .. } => {
                for host in hosts {
                    self.hosts.entry(host.clone()).or_default().add(Status::Ok, false);
                }
            }
            EventKind::Debugged {
                task,
                host,
                did: Debugged::Redone { status, changed },
            } if !is_told_as_included(task, *status) => {
                self.hosts
                    .entry(host.clone())
                    .or_default()
                    .take_back(*status, *changed);
            }
            EventKind::Rescued { host } => {
                let counts = self.hosts.entry(host.clone()).or_default();
                counts.failed = counts.failed.saturating_sub(1);
                counts.rescued += 1;
            }
            EventKind::StatsSet {
                host,
                data,
                aggregate,
            } => self.stats.take(host.as_ref(), data, *aggregate),
            EventKind::TurnTaken { host, .. } => self.lane_of(host, |view| view.waiting = None),
            EventKind::RunFinished {
                exit,
                awaiting,
                go_on,
            } => {
                self.end = Some(End {
                    exit: *exit,
                    awaiting: awaiting.clone(),
                    go_on: go_on.clone(),
                });
            }
            _ => {}
        }
    }

    /// The lane that `host` belongs to.
    pub fn lane_name(&self, host: &str) -> Option<&str> {
        let (name, _) = self.lanes.get_index(*self.homes.get(host)?)?;
        Some(name)
    }

    /// The phase that the lane of `host` is in; none in a play without phases.
    pub fn phase_of(&self, host: &str) -> Option<&str> {
        let lane = self.lane_name(host)?;
        self.lanes[lane]
            .phase
            .as_deref()
            .filter(|phase| !phase.is_empty())
    }

    /// Whether the node that began last in `lane` came after another one's end,
    /// rather than first or beside others.
    pub fn is_next_node(&self, lane: &str) -> bool {
        let view = self.lanes.get(lane);
        view.is_some_and(|view| view.open == 1 && view.finished > 0)
    }

    /// Whether any host was changed.
    pub fn changed(&self) -> bool {
        self.hosts.values().any(|counts| counts.changed > 0)
    }

    fn begin_play(&mut self, name: &str, lanes: &[Lane], phases: &[String]) {
        let bad = |view: &LaneView| !matches!(view.ending, None | Some(Ending::Done));
        let ended = std::mem::take(&mut self.lanes);
        self.before
            .extend(ended.into_iter().filter(|(_, view)| bad(view)));
        self.play = Some(name.to_owned());
        self.phases = phases.to_vec();
        let fresh = |lane: &Lane| LaneView {
            hosts: lane.hosts.clone(),
            ..LaneView::default()
        };
        self.lanes = lanes
            .iter()
            .map(|lane| (lane.name.clone(), fresh(lane)))
            .collect();
        let homes = lanes.iter().enumerate();
        self.homes = homes
            .flat_map(|(index, lane)| lane.hosts.iter().map(move |host| (host.clone(), index)))
            .collect();
    }

    fn lane(&mut self, lane: &str, change: impl FnOnce(&mut LaneView)) {
        if let Some(view) = self.lanes.get_mut(lane) {
            change(view);
        }
    }

    fn lane_of(&mut self, host: &str, change: impl FnOnce(&mut LaneView)) {
        if let Some(lane) = self.lane_name(host).map(str::to_owned) {
            self.lane(&lane, change);
        }
    }

    fn start(&mut self, host: &str, task: &TaskRef) {
        let doing = Doing {
            task: task.name.clone(),
            module: task.module.clone(),
            wait: None,
            since: self.elapsed,
        };
        self.busy.insert(host.to_owned(), doing);
    }

    fn note(&mut self, host: &str, note: &Note) {
        if let (Note::Waiting { what, limit }, Some(doing)) = (note, self.busy.get_mut(host)) {
            doing.wait = Some((what.clone(), *limit));
            doing.since = self.elapsed;
        }
    }

    fn reason(&mut self, step: &Step, why: &str) {
        let Some(doing) = self.busy.get(&step.host) else {
            return;
        };
        if !SHOWING.contains(&doing.module.as_str()) {
            let reasons = self.reasons.entry(doing.task.clone()).or_default();
            reasons.insert(step.host.clone(), why.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::report::recordings;

    fn folded(events: &[Event]) -> Summary {
        let mut summary = Summary::default();
        events.iter().for_each(|event| summary.take(event));
        summary
    }

    #[test]
    fn a_good_rehearsal_ends_with_nothing_open() {
        let summary = folded(&recordings::good());
        assert!(summary.busy.is_empty() && summary.changed());
        assert!(
            summary
                .lanes
                .values()
                .all(|lane| lane.ending == Some(Ending::Done))
        );
    }

    #[test]
    fn the_end_of_a_troubled_run_says_what_is_awaited() {
        let summary = folded(&recordings::troubled());
        let end = summary.end.unwrap();
        assert_eq!(end.exit, Exit::Unreachable.code());
        assert_eq!(end.awaiting.len(), 1);
    }

    #[test]
    fn a_rescued_failure_counts_as_rescued_only() {
        let mut events = recordings::troubled();
        let kind = EventKind::Rescued {
            host: "finesse-1".into(),
        };
        events.push(Event {
            kind,
            ..events[0].clone()
        });
        let counts = folded(&events).hosts["finesse-1"];
        assert_eq!(
            counts,
            Counts {
                rescued: 1,
                ..Counts::default()
            }
        );
    }
}
