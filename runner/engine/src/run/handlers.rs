//! Which handlers were notified, by host.

use std::sync::atomic::Ordering;

use cutover_kit::{Failure, FailureKind};
use cutover_language::playbook::Handler;

use super::play::PlayRun;
use super::world::lock;

impl PlayRun {
    /// Notifies handlers by name or topic. Of several of one name the last one is meant.
    pub(super) fn notify(&self, host: &str, names: &[String]) -> Result<(), Failure> {
        for name in names {
            let handlers = || self.play.handlers.iter().enumerate();
            let named = handlers()
                .filter(|(_, it)| it.names_itself(name))
                .map(|(index, _)| index)
                .next_back();
            let listens = |it: &Handler| it.listen.iter().any(|topic| topic.value == *name);
            let due: Vec<usize> = handlers()
                .filter(|(_, it)| listens(it))
                .map(|(index, _)| index)
                .chain(named)
                .collect();
            if due.is_empty() {
                let message = format!(
                    "The requested handler '{name}' was not found in either the main handlers list nor in the \
                     listening handlers list"
                );
                return Err(Failure::new(FailureKind::Arguments, message));
            }
            lock(&self.notified)
                .entry(host.to_owned())
                .or_default()
                .extend(due);
        }
        Ok(())
    }

    /// Whether any handler is to run.
    pub(super) fn is_notified(&self, host: &str) -> bool {
        lock(&self.notified).get(host).is_some_and(|due| !due.is_empty())
    }

    /// Whether the handler at this place is to run; it is no longer, after that.
    pub(super) fn take_notified(&self, host: &str, index: usize) -> bool {
        lock(&self.notified)
            .get_mut(host)
            .is_some_and(|due| due.remove(&index))
    }

    /// The number of the next flush.
    pub(super) fn next_flush(&self) -> usize {
        self.flushes.fetch_add(1, Ordering::Relaxed)
    }
}
