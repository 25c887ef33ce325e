//! What is going to happen, in order.

use super::node::{Phase, ServiceState};
use super::trust::Change;
use super::unit::Store;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Planned>", into = "Vec<Planned>")]
pub(crate) struct Agenda {
    events: BTreeMap<(Duration, u64), Planned>,
    planned: u64,
}

impl From<Vec<Planned>> for Agenda {
    fn from(events: Vec<Planned>) -> Agenda {
        let mut agenda = Agenda::default();
        for planned in events {
            agenda.plan(planned);
        }
        agenda
    }
}

impl From<Agenda> for Vec<Planned> {
    fn from(agenda: Agenda) -> Vec<Planned> {
        agenda.events.into_values().collect()
    }
}

impl Agenda {
    pub(crate) fn plan(&mut self, planned: Planned) {
        self.planned += 1;
        self.events.insert((planned.at, self.planned), planned);
    }

    /// The next event that is due by `now`.
    pub(crate) fn due(&mut self, now: Duration) -> Option<Planned> {
        let next = self.events.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }

    /// When the next event is due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Forgets the events of nodes that are no longer there.
    pub(crate) fn keep(&mut self, known: impl Fn(&str) -> bool) {
        self.events.retain(|_, planned| known(&planned.node));
    }
}
