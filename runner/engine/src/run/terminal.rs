//! The person at the terminal, as far as a run asks.

use async_trait::async_trait;
use cutover_kit::Secret;

/// Who can be asked.
#[async_trait]
pub trait Terminal: Send + Sync {
    /// The answer; `None` where there is nobody. Without `echo` what is typed does not show.
    async fn ask(&self, prompt: &str, echo: bool) -> Option<Secret>;
}

/// Nobody is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

#[async_trait]
impl Terminal for Nobody {
    async fn ask(&self, _: &str, _: bool) -> Option<Secret> {
        None
    }
}
