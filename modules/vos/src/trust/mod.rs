//! Trust: what a node must trust, and that it does.

mod import;
mod needed;
mod replicated;
mod store;

pub use import::VosTrust;
pub use needed::{Need, Needs, Of};
pub use replicated::VosTrustReplicated;

use std::path::Path;

use cutover_kit::{Failure, Host, Reach, Read};
use cutover_x509::Certificate;

use crate::device::Reader;
use crate::unit::Unit;

/// What `host` must trust for `unit`, root certificates first (`signed_dir` holds what the signing
/// step left).
///
/// # Errors
/// Where the host itself cannot be read, or what it needs is not there.
pub async fn needs(
    reach: &Reach<Read>,
    host: &Host,
    unit: &Unit,
    signed_dir: &Path,
    of: &[Of],
) -> Result<Needs, Failure> {
    needed::needed(reach, host, unit, signed_dir, of).await
}

/// Those of `certificates` that the trust store serving `unit` does not hold.
///
/// # Errors
/// Where the host cannot be read.
pub async fn lacking(
    reader: &Reader,
    unit: &Unit,
    certificates: &[Certificate],
) -> Result<Vec<Certificate>, Failure> {
    let needs: Vec<Need> = certificates.iter().cloned().map(Need::from).collect();
    let found = store::find(reader, &unit.trust_store(), &needs).await?;
    let held = found.iter().map(|found| found.held);
    let both = certificates.iter().zip(held);
    Ok(both
        .filter(|(_, held)| !held)
        .map(|(one, _)| one.clone())
        .collect())
}

/// A certificate as a person calls it: `root "Lab Root"`.
fn called(certificate: &Certificate) -> String {
    let kind = if certificate.is_self_signed() {
        "root"
    } else {
        "intermediate"
    };
    format!("{kind} \"{}\"", certificate.subject.short())
}
