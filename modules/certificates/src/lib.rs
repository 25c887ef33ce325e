//! Modules about certificates on any platform: signing, proof from the wire, trust between systems.

mod ca;
mod device;
mod each;
mod from_ca;
mod slot;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod pki;

use cutover_kit::AnyModule;

pub use from_ca::CertificatesFromCa;

/// Every module of this crate.
pub fn modules() -> Vec<&'static dyn AnyModule> {
    vec![&CertificatesFromCa]
}
