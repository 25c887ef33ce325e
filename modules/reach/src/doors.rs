//! How many handshakes are under way, here and at one target.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cutover_kit::session::Endpoint;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Handshakes under way at once: what keeps our processor busy, and no more.
const ALL: usize = 32;

/// Handshakes under way at one target. sshd begins to drop connections that
/// are not logged in at ten (`MaxStartups`).
const PER_TARGET: usize = 2;

/// Leave to shake hands.
pub(crate) struct Doors {
    all: Arc<Semaphore>,
    targets: Mutex<HashMap<Endpoint, Arc<Semaphore>>>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL)),
            targets: Mutex::default(),
        }
    }
}

impl Doors {
    /// Waits for a place among the connections of `endpoint` that are not
    /// logged in yet. Taken before [`Doors::work`], so that those who wait for
    /// one target keep no others from theirs.
    pub(crate) async fn target(&self, endpoint: &Endpoint) -> Option<OwnedSemaphorePermit> {
        let target = {
            let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
            let target = targets.entry(endpoint.clone());
            Arc::clone(target.or_insert_with(|| Arc::new(Semaphore::new(PER_TARGET))))
        };
        // `None` only once closed, which nobody does.
        target.acquire_owned().await.ok()
    }

    /// Waits for a place among the handshakes under way.
    pub(crate) async fn work(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }
}
