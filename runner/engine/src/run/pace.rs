//! How hosts keep step. In a phase each goes on as it can; under the linear
//! strategy all hosts that stand at the same task run it together.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// Where a task stands among those of its section: the number of tasks before it, and for each
/// inclusion it came through the number of tasks before it there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position(Vec<u32>);

impl Position {
    /// The first of a section.
    pub(super) fn first() -> Self {
        Self(vec![0])
    }

    /// So many tasks further on.
    pub(super) fn plus(&self, tasks: u32) -> Self {
        let mut position = self.clone();
        if let Some(last) = position.0.last_mut() {
            *last = last.saturating_add(tasks);
        }
        position
    }

    /// The first task of what is included here, the `number`th of what is included.
    pub(super) fn within(&self, number: u32) -> Self {
        let mut position = self.clone();
        position.0.extend([number, 0]);
        position
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// The step of one batch of hosts.
pub(super) struct Pace {
    hosts: Mutex<Hosts>,
    changed: Notify,
}

#[derive(Default)]
struct Hosts {
    /// In the order of the play. `None` while the host is at work.
    at: BTreeMap<usize, Option<Position>>,
    /// Who came first at a position: it stays the one, though it may go on before the others look.
    leaders: BTreeMap<Position, usize>,
}

impl Pace {
    /// A batch of hosts by their places in the play's order, none of which has begun.
    pub(super) fn linear(hosts: impl IntoIterator<Item = usize>) -> Self {
        Self {
            hosts: Mutex::new(Hosts {
                at: hosts.into_iter().map(|host| (host, None)).collect(),
                leaders: BTreeMap::new(),
            }),
            changed: Notify::new(),
        }
    }

    /// Waits until no host is at work or stands before `position`. Returns the
    /// first host, in order, of those that stand there now.
    pub(super) async fn step(&self, host: usize, position: &Position) -> usize {
        self.set(host, Some(Some(position.clone())));
        loop {
            let changed = self.changed.notified();
            if let Some(leader) = self.leader(position) {
                return leader;
            }
            changed.await;
        }
    }

    /// `host` has begun its work; the others of the step still see it there.
    pub(super) fn working(&self, host: usize) {
        self.set(host, Some(None));
    }

    /// `host` takes no further part.
    pub(super) fn leave(&self, host: usize) {
        self.set(host, None);
    }

    fn set(&self, host: usize, position: Option<Option<Position>>) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match position {
            Some(position) => drop(hosts.at.insert(host, position)),
            None => drop(hosts.at.remove(&host)),
        }
        let at_work = hosts.at.values().any(Option::is_none);
        drop(hosts);
        if !at_work {
            self.changed.notify_waiters();
        }
    }

    fn leader(&self, position: &Position) -> Option<usize> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = hosts
            .at
            .values()
            .all(|stand| stand.as_ref().is_some_and(|stand| stand >= position));
        let first = hosts
            .at
            .iter()
            .find(|(_, stand)| stand.as_ref() == Some(position))
            .map(|(host, _)| *host);
        let first = first.filter(|_| ready)?;
        Some(*hosts.leaders.entry(position.clone()).or_insert(first))
    }
}
