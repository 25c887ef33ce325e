//! Keys, certificates and requests: real ones, made with OpenSSL.

pub(crate) mod check;
pub(crate) mod make;
pub(crate) mod names;
pub(crate) mod pair;
pub(crate) mod primes;
pub(crate) mod text;

use openssl::hash::MessageDigest;
use openssl::x509::X509Ref;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Kinds of keys, as a TLS client tells them apart by its signature algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// RSA, 2048 bits.
    Rsa,
    /// Elliptic curve, P-384.
    Ec,
}

/// SHA-256 of a certificate's DER form, in lower-case hex.
pub(crate) fn fingerprint(certificate: &X509Ref) -> String {
    match certificate.digest(MessageDigest::sha256()) {
        Ok(digest) => hex(&digest),
        Err(_) => String::new(),
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
