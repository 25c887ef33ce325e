//! Whether a host is in service: the engine's own look before a disruptive task.

use async_trait::async_trait;
use cutover_kit::{Failure, Reach, Read};

/// How a host stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In service, as far as its product can tell.
    InService,
    /// Not in service, and why.
    Out(Vec<String>),
}

/// Looks at hosts without writing. What to look at belongs to the platform and
/// the product.
#[async_trait]
pub trait Presence: Send + Sync + 'static {
    /// How `host` stands at this moment. An error means that it cannot be read.
    async fn standing(&self, reach: &Reach<Read>, host: &str) -> Result<Standing, Failure>;
}
