//! What is going to happen, in order.

use super::node::{Phase, ServiceState};
use super::trust::Change;
use super::unit::Store;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// Something that happens by itself. Events carry the turn in which they were planned; a later
/// restart makes a new turn, and what was planned before it no longer happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A service changes its state.
    Service {
        service: String,
        turn: u32,
        state: ServiceState,
    },
    /// The node goes down, comes back, or is done booting.
    Power { turn: u32, phase: Phase },
    /// Database replication gets another state.
    Replication { turn: u32, code: u8 },
    /// A change of a trust store reaches this node.
    Trust { store: Store, change: Change },
}

/// An event with its time and node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub(crate) at: Duration,
    pub(crate) node: String,
    pub(crate) event: Event,
}

/// Events in the order of their times; those with the same time in the order in which they were
/// planned.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Agenda(VecDeque<Planned>);

impl Agenda {
    pub(crate) fn plan(&mut self, planned: Planned) {
        let place = self.0.partition_point(|p| p.at <= planned.at);
        self.0.insert(place, planned);
    }

    /// The next event that is due by `now`.
    pub(crate) fn due(&mut self, now: Duration) -> Option<Planned> {
        self.0.pop_front_if(|p| p.at <= now)
    }

    /// When the next event is due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.front().map(|p| p.at)
    }

    /// Forgets the events of nodes that are no longer there.
    pub(crate) fn keep(&mut self, known: impl Fn(&str) -> bool) {
        self.0.retain(|p| known(&p.node));
    }
}
