//! Certificates: reading, chains, preflight, what is due, matching, and the local CA.
//!
//! Everything here is pure: bytes and values come in, values go out, and the time is an
//! argument. Only [`authority::store`] touches a disk.

mod armor;
pub mod authority;
mod certificate;
mod chain;
pub mod due;
mod extensions;
mod fingerprint;
mod key;
pub mod matching;
mod name;
pub mod preflight;
mod read;
mod request;
mod san;
mod signature;

pub use certificate::Certificate;
pub use chain::{Chain, ChainError};
pub use extensions::{BasicConstraints, CLIENT_AUTH, Extensions, KeyUsage, SERVER_AUTH};
pub use fingerprint::{Fingerprint, NotAFingerprint};
pub use key::{Curve, Key, PublicKey};
pub use name::Name;
pub use read::{Input, ReadError, read_certificates, read_request};
pub use request::Request;
pub use san::{AltName, DnsName, Names, NotAnAltName};
pub use signature::{Hash, SignatureAlgorithm, SigningFamily};
