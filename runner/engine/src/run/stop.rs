//! Ctrl-C: the first finishes the current change and suspends, the second drops
//! the connections.

use std::sync::Arc;

use tokio::sync::watch;

/// How much of the run is to be stopped. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<Level>>);

/// The escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nobody asked.
    Run,
    /// Finish the current change, then suspend.
    FinishChange,
    /// Drop everything.
    Drop,
}

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Level::Run)))
    }
}

impl Stop {
    /// The first Ctrl-C.
    pub fn finish_change(&self) {
        self.raise(Level::FinishChange);
    }

    /// The second Ctrl-C.
    pub fn drop_everything(&self) {
        self.raise(Level::Drop);
    }

    fn raise(&self, level: Level) {
        self.0.send_if_modified(|now| {
            let higher = level > *now;
            *now = level.max(*now);
            higher
        });
    }

    /// Whether no new change may begin.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() >= Level::FinishChange
    }

    /// Waits until at least `level` is asked for.
    pub async fn reached(&self, level: Level) {
        let mut watch = self.0.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = watch.wait_for(|now| *now >= level).await;
    }
}
