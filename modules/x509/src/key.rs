//! Public keys.

use std::fmt;

use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use serde::{Serialize, Serializer};

use crate::fingerprint::Fingerprint;

/// The kind and size of a public key; shown as `RSA 2048` or `EC P-384`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Key {
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: u32,
    },
    /// Elliptic curve, for ECDSA.
    Ec {
        /// Its curve.
        curve: Curve,
    },
    /// Anything else.
    Other {
        /// The object identifier of the key's algorithm.
        algorithm: String,
    },
}

/// A named curve; shown by the name NIST gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// OpenSSL's short name of another curve, or `explicit`.
    Other(String),
}

impl Key {
    /// Bits of the modulus or the curve; `None` where unknown.
    #[must_use]
    pub fn bits(&self) -> Option<u32> {
        match self {
            Self::Rsa { bits } => Some(*bits),
            Self::Ec { curve: Curve::P256 } => Some(256),
            Self::Ec { curve: Curve::P384 } => Some(384),
            Self::Ec { curve: Curve::P521 } => Some(521),
            Self::Ec {
                curve: Curve::Other(_),
            }
            | Self::Other { .. } => None,
        }
    }

    /// True for an RSA key.
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// True for an elliptic-curve key.
    #[must_use]
    pub fn is_ec(&self) -> bool {
        matches!(self, Self::Ec { .. })
    }

    fn of(key: &PKey<Public>, algorithm: String) -> Self {
        match key.id() {
            Id::RSA | Id::RSA_PSS => Self::Rsa { bits: key.bits() },
            Id::EC => Self::Ec {
                curve: Curve::of(key),
            },
            _ => Self::Other { algorithm },
        }
    }
}

impl Curve {
    fn of(key: &PKey<Public>) -> Self {
        let nid = key.ec_key().ok().and_then(|key| key.group().curve_name());
        match nid {
            Some(Nid::X9_62_PRIME256V1) => Self::P256,
            Some(Nid::SECP384R1) => Self::P384,
            Some(Nid::SECP521R1) => Self::P521,
            Some(other) => Self::Other(other.short_name().unwrap_or("unknown").to_owned()),
            None => Self::Other("explicit".to_owned()),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::Ec { curve } => write!(f, "EC {curve}"),
            Self::Other { algorithm } => write!(f, "key of type {algorithm}"),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Other(name) => name,
        })
    }
}

impl Serialize for Curve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The public key of a certificate or request.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its kind and size.
    pub key: Key,
    /// The DER of its SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// SHA-256 over [`PublicKey::spki`]: equal keys have equal digests.
    pub sha256: Fingerprint,
}

impl PublicKey {
    /// `algorithm` is the object identifier that stands in the SPKI.
    pub(crate) fn read(spki: &[u8], algorithm: String) -> Self {
        let key = match PKey::public_key_from_der(spki) {
            Ok(key) => Key::of(&key, algorithm),
            Err(_) => Key::Other { algorithm },
        };
        Self {
            key,
            spki: spki.to_vec(),
            sha256: Fingerprint::of(spki),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.key, self.sha256)
    }
}
