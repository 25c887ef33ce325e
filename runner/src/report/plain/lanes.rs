//! What happens between tasks: plays, phases, turns, barriers, endings.

use super::{SILENCE, Screen};
use crate::event::{Busy, Cause, Ending, EventKind, Lane};
use crate::report::page::{Label, Page};
use crate::report::words::{count, duration, harmless};

/// More names than this on a line are not read.
const NAMES: usize = 12;

impl Screen {
    pub(super) fn lanes(&mut self, page: &mut Page, event: &EventKind) {
        match event {
            EventKind::PlayStarted {
                name, lanes, phases, ..
            } => self.play(page, name, lanes, phases),
            EventKind::PhaseStarted { lane, phase } if !phase.is_empty() => {
                page.line(Label::Ours, &format!("phase: [{lane}] {phase}"));
            }
            EventKind::RollbackStarted { lane, phase } => {
                page.line(Label::Ours, &format!("rollback: [{lane}] {phase}"));
            }
            EventKind::NodeStarted { lane, phase, host } if self.summary.is_next_node(lane) => {
                page.line(Label::Ours, &format!("node: [{host}] {phase}"));
            }
            EventKind::LaneWaiting { lane, cause } => {
                page.line(Label::Ours, &format!("waiting: [{lane}] {}", cause_text(cause)));
            }
            EventKind::TurnTaken { host, of, looked } => {
                let others: Vec<_> = looked
                    .iter()
                    .map(|(other, standing)| format!("{other} is {standing}"))
                    .collect();
                let others = if others.is_empty() {
                    "nobody shares it".to_owned()
                } else {
                    some(&others)
                };
                page.line(
                    Label::Ours,
                    &harmless(&format!("turn: [{host}] {}; {others}", of.join(", "))),
                );
            }
            EventKind::TurnReleased { host, proved: false } => {
                page.line(
                    Label::Warning,
                    &format!("turn: [{host}] given back, not proved back in service"),
                );
            }
            EventKind::OutageAccepted { host, reason } => {
                page.line(
                    Label::Warning,
                    &harmless(&format!("accepted outage: [{host}] {reason}")),
                );
            }
            EventKind::LaneFinished { lane, ending } if self.has_phases() || *ending != Ending::Done => {
                let (label, text) = ending_text(ending);
                page.line(
                    label,
                    &harmless(&format!("{}: [{lane}]{text}", ending_word(ending))),
                );
            }
            EventKind::Heartbeat { busy } => self.heartbeat(page, busy),
            EventKind::StopRequested => page.stopping(),
            _ => {}
        }
    }

    pub(super) fn has_phases(&self) -> bool {
        !self.summary.phases.is_empty()
    }

    fn play(&mut self, page: &mut Page, name: &str, lanes: &[Lane], phases: &[String]) {
        self.banner = None;
        page.banner(&format!("PLAY [{}]", harmless(name)));
        if phases.is_empty() {
            return;
        }
        let names: Vec<String> = lanes.iter().map(lane_text).collect();
        page.line(
            Label::Ours,
            &format!("{}: {}", count(lanes.len(), "lane"), some(&names)),
        );
        page.line(
            Label::Ours,
            &format!("{}: {}", count(phases.len(), "phase"), phases.join(" > ")),
        );
    }

    fn heartbeat(&self, page: &mut Page, busy: &[Busy]) {
        if self.summary.elapsed.saturating_sub(self.printed) < SILENCE {
            return;
        }
        for it in busy {
            let wait = self
                .summary
                .busy
                .get(&it.host)
                .and_then(|doing| doing.wait.as_ref());
            let (what, limit) = match wait {
                Some((what, limit)) => (what, format!(", at most {}", duration(*limit))),
                None => (&it.what, String::new()),
            };
            let line = format!(
                "still waiting: [{}] {what} ({}{limit})",
                it.host,
                duration(it.since)
            );
            page.line(Label::Faint, &harmless(&line));
        }
    }
}

/// The first of `names`, and how many more there are.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(NAMES) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..NAMES].join(", ")),
    }
}

/// `finesse (finesse-1, finesse-2)`; a host on its own is its lane.
fn lane_text(lane: &Lane) -> String {
    match lane.hosts.as_slice() {
        [only] if *only == lane.name => lane.name.clone(),
        hosts => format!("{} ({})", lane.name, hosts.join(", ")),
    }
}

fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::Barrier { phase } => format!("for the other lanes, before {phase}"),
        Cause::Turn { host, holder } => format!("{host} for its turn, which {holder} has"),
        Cause::Wave { phase } => format!("for the waves before it, in {phase}"),
    }
}

pub(super) fn ending_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Stopped { .. } => "stopped",
        Ending::Suspended { .. } => "suspended",
    }
}

/// How a lane ended, after its word: where and why.
pub(super) fn ending_text(ending: &Ending) -> (Label, String) {
    match ending {
        Ending::Done => (Label::Ok, String::new()),
        Ending::Stopped { phase, host, reason } => {
            (Label::Failed, format!(" at {host}{}: {reason}", in_phase(phase)))
        }
        Ending::Suspended { phase, reason } => (Label::Warning, format!("{}: {reason}", in_phase(phase))),
    }
}

fn in_phase(phase: &str) -> String {
    if phase.is_empty() {
        String::new()
    } else {
        format!(" in {phase}")
    }
}
