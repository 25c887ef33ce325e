//! Modules about certificates on any platform: signing, proof from the wire, trust between systems.

mod ca;
mod callers;
mod device;
mod each;
mod from_ca;
mod never;
mod slot;
mod tls_proof;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod pki;

use cutover_kit::{AnyModule, Map, Value};

pub use callers::TrustedByCallers;
pub use from_ca::CertificatesFromCa;
pub use tls_proof::TlsProof;

/// Every module of this crate.
pub fn modules() -> Vec<&'static dyn AnyModule> {
    vec![&CertificatesFromCa, &TlsProof, &TrustedByCallers]
}

/// The fields of a result.
fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
