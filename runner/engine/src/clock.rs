//! The real clock: the only place that names the runtime's timers.

use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// Wall time of the system, waits of the runtime.
#[derive(Debug)]
pub struct RealClock {
    start: Instant,
    /// A fixed wall clock at the start, for runs that must not depend on today.
    from: Option<Timestamp>,
}

impl RealClock {
    /// The system's clock.
    pub fn system() -> Self {
        Self {
            start: Instant::now(),
            from: None,
        }
    }

    /// A wall clock that began at `from` and goes on as the runtime's timers do;
    /// with paused timers that is virtual time.
    pub fn starting(from: Timestamp) -> Self {
        Self {
            start: Instant::now(),
            from: Some(from),
        }
    }
}

#[async_trait]
impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        match self.from {
            Some(from) => from.saturating_add(self.elapsed()).unwrap_or(from),
            None => Timestamp::now(),
        }
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
