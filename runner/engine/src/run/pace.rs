//! How hosts keep step. In a phase each goes on as it can; under the linear
//! strategy all hosts that stand at the same task run it together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// The step of one batch of hosts.
pub(super) struct Pace {
    /// In the order of the play. `None` while the host is at work.
    at: Mutex<BTreeMap<usize, Option<u32>>>,
    changed: Notify,
}

impl Pace {
    /// A batch of hosts by their places in the play's order, none of which has begun.
    pub(super) fn linear(hosts: impl IntoIterator<Item = usize>) -> Self {
        Self {
            at: Mutex::new(hosts.into_iter().map(|host| (host, None)).collect()),
            changed: Notify::new(),
        }
    }

    /// Waits until no host is at work or stands before `position`. Returns the
    /// first host, in order, of those that stand there now.
    pub(super) async fn step(&self, host: usize, position: u32) -> usize {
        self.set(host, Some(Some(position)));
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

    fn set(&self, host: usize, position: Option<Option<u32>>) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        match position {
            Some(position) => drop(at.insert(host, position)),
            None => drop(at.remove(&host)),
        }
        drop(at);
        self.changed.notify_waiters();
    }

    fn leader(&self, position: u32) -> Option<usize> {
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = at
            .values()
            .all(|stand| stand.is_some_and(|stand| stand >= position));
        let first = at.iter().find(|(_, stand)| **stand == Some(position));
        first.filter(|_| ready).map(|(host, _)| *host)
    }
}
