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

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    /// Whether a place is to be had at once.
    async fn at_once(
        place: impl Future<Output = Option<OwnedSemaphorePermit>>,
    ) -> Option<OwnedSemaphorePermit> {
        tokio::pin!(place);
        std::future::poll_fn(|cx| match place.as_mut().poll(cx) {
            Poll::Ready(place) => Poll::Ready(place),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    #[tokio::test]
    async fn two_may_shake_hands_with_one_target_and_the_third_waits_for_one_to_end() {
        let doors = Doors::default();
        let (one, other) = (Endpoint::new("one", 22), Endpoint::new("other", 22));
        let first = at_once(doors.target(&one)).await;
        let second = at_once(doors.target(&one)).await;
        assert!(first.is_some() && second.is_some());
        assert!(at_once(doors.target(&one)).await.is_none());
        assert!(at_once(doors.target(&other)).await.is_some());
        drop(first);
        assert!(at_once(doors.target(&one)).await.is_some());
    }

    #[tokio::test]
    async fn thirty_two_may_shake_hands_in_all() {
        let doors = Doors::default();
        let mut places = Vec::new();
        while let Some(place) = at_once(doors.work()).await {
            places.push(place);
        }
        assert_eq!(places.len(), 32);
        places.pop();
        assert!(at_once(doors.work()).await.is_some());
    }
}
