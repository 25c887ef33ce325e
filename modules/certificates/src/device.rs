//! What a host itself says of its certificates. Read-only.

use cutover_kit::{Failure, FailureKind, Host, Platform, Reach, Read};
use cutover_vos::{Unit, Vos, trust};
use cutover_x509::Certificate;
use jiff::{SignedDuration, Timestamp};

use crate::slot::Slot;

/// What a host says of a slot. All of it is unknown where no reader speaks to its platform.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// The certificate that is installed.
    pub(crate) installed: Option<Certificate>,
    /// Whether the slot must be rotated in this run.
    pub(crate) due: Option<bool>,
    /// How far the host's own clock is ahead of ours; it shows whole seconds.
    pub(crate) ahead: Option<SignedDuration>,
    /// Why the host, or a part of this, could not be read.
    pub(crate) unread: Option<Failure>,
}

impl Device {
    /// The host's own clock when ours says `now`; ours where the host's is not known.
    pub(crate) fn clock(&self, now: Timestamp) -> Timestamp {
        self.ahead
            .map_or(now, |ahead| now.saturating_add(ahead).unwrap_or(now))
    }
}

/// Reads the slot; a host that cannot be read says so in what comes back.
pub(crate) async fn read(reach: &Reach<Read>, slot: &Slot) -> Device {
    let mut device = Device::default();
    let Some(host) = reach
        .estate()
        .host(&slot.host)
        .filter(|host| host.platform == Platform::Vos)
    else {
        return device;
    };
    match judged(reach, host, &slot.unit).await {
        Ok(judged) => {
            device.due = Some(judged.is_due());
            device.installed = judged.installed;
        }
        Err(failure) => device.unread = Some(failure),
    }
    if device.unread.is_none() {
        match clock(reach, host).await {
            Ok(now) => device.ahead = now.map(|now| now.duration_since(reach.clock().now())),
            Err(failure) => device.unread = Some(failure),
        }
    }
    device
}

async fn clock(reach: &Reach<Read>, host: &Host) -> Result<Option<Timestamp>, Failure> {
    let reader = reach.reader::<Vos>(&host.name).await?;
    Ok(reader.status().await?.clock)
}

async fn judged(reach: &Reach<Read>, host: &Host, name: &str) -> Result<cutover_vos::Slot, Failure> {
    cutover_vos::Slot::read(reach, host, &unit(name)?).await
}

/// The certificate that is installed in a unit of a VOS host; `None` where it is empty.
pub(crate) async fn installed(
    reach: &Reach<Read>,
    host: &Host,
    unit: &str,
) -> Result<Option<Certificate>, Failure> {
    Ok(judged(reach, host, unit).await?.installed)
}

/// Those of `certificates` that the trust store of a VOS host does not hold.
pub(crate) async fn lacking(
    reach: &Reach<Read>,
    host: &str,
    name: &str,
    certificates: &[Certificate],
) -> Result<Vec<Certificate>, Failure> {
    let reader = reach.reader::<Vos>(host).await?;
    trust::lacking(&reader, &unit(name)?, certificates).await
}

/// What the trust store of a VOS host holds under the common names of `certificates`.
pub(crate) async fn namesakes(
    reach: &Reach<Read>,
    host: &str,
    name: &str,
    certificates: &[Certificate],
) -> Result<Vec<Certificate>, Failure> {
    let reader = reach.reader::<Vos>(host).await?;
    let store = unit(name)?.trust_store();
    let mut held = Vec::new();
    for listed in reader.trust_certificates().await? {
        let named = certificates.iter().any(|one| listed.may_be_named_as(one));
        if listed.store == store && named {
            let shown = reader.trust_certificate(&listed, true).await?;
            held.extend(shown.as_ref().and_then(|shown| shown.whole()).cloned());
        }
    }
    Ok(held)
}

fn unit(name: &str) -> Result<Unit, Failure> {
    name.parse()
        .map_err(|error: cutover_vos::NotAUnit| Failure::new(FailureKind::Arguments, error.to_string()))
}
