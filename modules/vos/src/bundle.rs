//! What the signing step leaves for a slot: one file with the leaf and its chain.

use std::path::{Path, PathBuf};

use cutover_kit::{Failure, FailureKind, Known, Reach};
use cutover_x509::{Certificate, PublicKey, read_certificates};

use crate::unit::Unit;

/// A leaf and everything that came with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bundle {
    /// The file.
    pub(crate) path: PathBuf,
    /// The host's certificate.
    pub(crate) leaf: Certificate,
    /// The certificates of CAs that came with it.
    pub(crate) issuers: Vec<Certificate>,
}

/// `fin-a.pem`, and `fin-a-tomcat-ECDSA.pem` for any unit but `tomcat`.
pub(crate) fn path(folder: &Path, host: &str, unit: &Unit) -> PathBuf {
    let stem = if *unit == Unit::tomcat() {
        host.to_owned()
    } else {
        format!("{host}-{unit}")
    };
    folder.join(format!("{stem}.pem"))
}

/// Reads a bundle. The leaf is the certificate with `key` where there is one, else the
/// first that is no CA.
pub(crate) fn read<A>(
    reach: &Reach<A>,
    path: &Path,
    key: Option<&PublicKey>,
) -> Result<Known<Bundle>, Failure> {
    let bytes = match reach.read(path)? {
        Known::Now(bytes) => bytes,
        Known::Later(later) => return Ok(Known::Later(later)),
        Known::Absent => return Ok(Known::Absent),
    };
    let wrong = |why: String| Failure::new(FailureKind::Arguments, format!("{}: {why}", path.display()));
    let all = read_certificates(&bytes).map_err(|error| wrong(error.to_string()))?;
    let has_key = |one: &&Certificate| key.is_some_and(|key| one.public_key.sha256 == key.sha256);
    let leaf = all
        .iter()
        .find(has_key)
        .or_else(|| all.iter().find(|one| !one.is_ca()))
        .cloned()
        .ok_or_else(|| wrong("there are certificates of CAs in it, and none of a host".to_owned()))?;
    let issuers = all
        .into_iter()
        .filter(|one| one.is_ca() && *one != leaf)
        .collect();
    Ok(Known::Now(Bundle {
        path: path.to_owned(),
        leaf,
        issuers,
    }))
}
