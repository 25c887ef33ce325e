//! The one clock.
//!
//! Engine, drivers, waits, certificates and windows ask this clock and no
//! other. Only its real implementation, in the runner, names the runtime's
//! timers; tests hand in a clock whose time passes when everybody waits.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// Wall and monotonic time, and the only way to wait.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Time since this clock was made; never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits until `elapsed` has grown by `duration`.
    async fn sleep(&self, duration: Duration);
}

/// The time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing happened within {0:?}")]
pub struct Late(pub Duration);

/// Runs `work` for at most `limit` of the clock's time.
pub async fn within<T>(clock: &dyn Clock, limit: Duration, work: impl Future<Output = T>) -> Result<T, Late> {
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = clock.sleep(limit) => Err(Late(limit)),
    }
}
