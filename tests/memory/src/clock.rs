//! The runtime's time as the one clock.

use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// Time as the runtime counts it, from a fixed moment on.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeClock {
    epoch: Timestamp,
    start: Instant,
}

impl RuntimeClock {
    /// A clock that shows `epoch` now. Make it inside the runtime.
    #[must_use]
    pub fn new(epoch: Timestamp) -> Self {
        Self {
            epoch,
            start: Instant::now(),
        }
    }

    /// What it showed when it was made.
    #[must_use]
    pub fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// How long ago that was.
    #[must_use]
    pub fn since_start(&self) -> Duration {
        self.start.elapsed()
    }
}

#[async_trait]
impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        self.epoch + self.since_start()
    }

    fn elapsed(&self) -> Duration {
        self.since_start()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
