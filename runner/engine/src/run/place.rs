//! A task's place in `forks`. Whoever only waits gives it up.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// One task's claim on one of the places.
pub(super) struct Place {
    forks: Arc<Semaphore>,
    /// `throttle` of the task.
    throttle: Option<Arc<Semaphore>>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
    throttled: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Place {
    /// A claim that holds nothing yet.
    pub(super) fn new(forks: Arc<Semaphore>, throttle: Option<Arc<Semaphore>>) -> Self {
        Self {
            forks,
            throttle,
            permit: Mutex::new(None),
            throttled: Mutex::new(None),
        }
    }

    /// Waits for a place, unless it has one.
    pub(super) async fn enter(&self) {
        if let Some(throttle) = &self.throttle {
            let mut throttled = self.throttled.lock().await;
            if throttled.is_none() {
                *throttled = throttle.clone().acquire_owned().await.ok();
            }
        }
        let mut permit = self.permit.lock().await;
        if permit.is_none() {
            *permit = self.forks.clone().acquire_owned().await.ok();
        }
    }

    /// Lets others of a throttled task go first, who may hold what this one waits for.
    pub(super) async fn step_back(&self) {
        self.leave().await;
        self.throttled.lock().await.take();
    }

    /// Gives the place among the forks up.
    pub(super) async fn leave(&self) {
        self.permit.lock().await.take();
    }
}
