//! A task's place in `forks`. Whoever only waits gives it up.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// One task's claim on one of the places.
pub(super) struct Place {
    forks: Arc<Semaphore>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Place {
    /// A claim that holds nothing yet.
    pub(super) fn new(forks: Arc<Semaphore>) -> Self {
        Self {
            forks,
            permit: Mutex::new(None),
        }
    }

    /// Waits for a place, unless it has one.
    pub(super) async fn enter(&self) {
        let mut permit = self.permit.lock().await;
        if permit.is_none() {
            *permit = self.forks.clone().acquire_owned().await.ok();
        }
    }

    /// Gives the place up.
    pub(super) async fn leave(&self) {
        self.permit.lock().await.take();
    }
}
