//! What the engine needs of devices and does not know itself: how to connect to
//! a host of each platform, and how to see whether it is in service.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
pub use cutover_kit::module::Standing;
use cutover_kit::session::{Dialer, SshSettings};
use cutover_kit::{Clock, Failure, Host, Reach, Read};

/// Handed to the engine at the start.
#[async_trait]
pub trait Devices: Send + Sync + 'static {
    /// What is kept for a host that is reached by SSH; nothing is opened yet.
    fn connect(
        &self,
        host: &Host,
        settings: SshSettings,
        dialer: Arc<dyn Dialer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Any + Send + Sync>, Failure>;

    /// What is kept for this machine, as the host of this name.
    fn here(&self, host: &Host, clock: Arc<dyn Clock>) -> Result<Arc<dyn Any + Send + Sync>, Failure>;

    /// How `host` stands at this moment, without writing. An error means that it cannot be read.
    async fn standing(&self, reach: &Reach<Read>, host: &str) -> Result<Standing, Failure>;
}
