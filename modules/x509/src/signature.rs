//! Signature algorithms.

use std::fmt;

use serde::{Serialize, Serializer};
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::AlgorithmIdentifier;

/// How a certificate or request was signed; shown as `RSA with SHA-256`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// The kind of key that signed.
    pub family: SigningFamily,
    /// The digest that was signed.
    pub hash: Hash,
    /// The algorithm's object identifier.
    pub oid: String,
}

/// The kind of key that signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningFamily {
    /// RSA with PKCS#1 v1.5 padding.
    Rsa,
    /// RSA with PSS padding.
    RsaPss,
    /// ECDSA.
    Ec,
    /// Anything else.
    Other,
}

/// A digest inside a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD2 or MD4.
    Md4OrOlder,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// One that this program does not know, or one that is part of the algorithm (Ed25519).
    Other,
}

impl Hash {
    /// True for digests for which collisions can be made: MD2, MD4, MD5 and SHA-1.
    #[must_use]
    pub fn is_broken(self) -> bool {
        matches!(self, Self::Md4OrOlder | Self::Md5 | Self::Sha1)
    }
}

impl SignatureAlgorithm {
    pub(crate) fn read(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let oid = algorithm.algorithm.to_id_string();
        // RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3.2.
        let (family, hash) = match oid.as_str() {
            "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" => (SigningFamily::Rsa, Hash::Md4OrOlder),
            "1.2.840.113549.1.1.4" => (SigningFamily::Rsa, Hash::Md5),
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => (SigningFamily::Rsa, Hash::Sha1),
            "1.2.840.113549.1.1.11" => (SigningFamily::Rsa, Hash::Sha256),
            "1.2.840.113549.1.1.12" => (SigningFamily::Rsa, Hash::Sha384),
            "1.2.840.113549.1.1.13" => (SigningFamily::Rsa, Hash::Sha512),
            "1.2.840.113549.1.1.14" => (SigningFamily::Rsa, Hash::Sha224),
            "1.2.840.113549.1.1.10" => (SigningFamily::RsaPss, pss_hash(algorithm)),
            "1.2.840.10045.4.1" => (SigningFamily::Ec, Hash::Sha1),
            "1.2.840.10045.4.3.1" => (SigningFamily::Ec, Hash::Sha224),
            "1.2.840.10045.4.3.2" => (SigningFamily::Ec, Hash::Sha256),
            "1.2.840.10045.4.3.3" => (SigningFamily::Ec, Hash::Sha384),
            "1.2.840.10045.4.3.4" => (SigningFamily::Ec, Hash::Sha512),
            _ => (SigningFamily::Other, Hash::Other),
        };
        Self { family, hash, oid }
    }

    /// True where an RSA key signed.
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        matches!(self.family, SigningFamily::Rsa | SigningFamily::RsaPss)
    }
}

fn pss_hash(algorithm: &AlgorithmIdentifier<'_>) -> Hash {
    let Some(params) = algorithm
        .parameters
        .as_ref()
        .and_then(|any| RsaSsaPssParams::try_from(any).ok())
    else {
        return Hash::Other;
    };
    match params.hash_algorithm_oid().to_id_string().as_str() {
        "1.2.840.113549.2.5" => Hash::Md5,
        "1.3.14.3.2.26" => Hash::Sha1,
        "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
        "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
        "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
        "2.16.840.1.101.3.4.2.4" => Hash::Sha224,
        _ => Hash::Other,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md4OrOlder => "MD4 or older",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Other => "an unknown digest",
        })
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            SigningFamily::Rsa => write!(f, "RSA with {}", self.hash),
            SigningFamily::RsaPss => write!(f, "RSA-PSS with {}", self.hash),
            SigningFamily::Ec => write!(f, "ECDSA with {}", self.hash),
            SigningFamily::Other => f.write_str(&self.oid),
        }
    }
}

impl Serialize for SignatureAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
