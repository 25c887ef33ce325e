//! A certificate of the node's own with its key.
//!
//! RSA keys take a while, and an estate of a thousand nodes has thousands of certificates that nobody
//! looks at. So a certificate that the system makes for itself is at first only a recipe; it is made
//! when somebody sees it, and stays the same from then on.

use super::make::{self, Contents, Issuer};
use super::{KeyKind, fingerprint};
use crate::spec::Subject;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Private key, PKCS#8 in PEM. Not shown in debug output.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// Keeps a key.
    pub(crate) fn keep(key: &PKey<Private>) -> Result<Key, ErrorStack> {
        let pem = key.private_key_to_pem_pkcs8()?;
        Ok(Key(String::from_utf8_lossy(&pem).into_owned()))
    }

    /// The key in a form to use.
    pub(crate) fn open(&self) -> Result<PKey<Private>, ErrorStack> {
        PKey::private_key_from_pem(self.0.as_bytes())
    }
}

/// A certificate in PEM, as the node keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Pem(String);

impl Pem {
    pub(crate) fn keep(certificate: &X509) -> Result<Pem, ErrorStack> {
        let pem = certificate.to_pem()?;
        Ok(Pem(String::from_utf8_lossy(&pem).into_owned()))
    }

    pub(crate) fn open(&self) -> Result<X509, ErrorStack> {
        X509::from_pem(self.0.as_bytes())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A CA that can sign: certificate and key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Authority {
    pub(crate) certificate: Pem,
    pub(crate) key: Key,
}

/// What a certificate of the system's own making is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) common_name: String,
    pub(crate) names: Vec<String>,
    pub(crate) kind: KeyKind,
    /// Seconds since 1970.
    pub(crate) not_before: i64,
    /// Seconds since 1970.
    pub(crate) not_after: i64,
    pub(crate) serial: [u8; 16],
    /// Signed by the twins' own intermediate instead of by itself.
    pub(crate) signed: bool,
}

/// A certificate and its private key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) certificate: Pem,
    pub(crate) key: Key,
}

/// A certificate of the node's own, perhaps not made yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Pair {
    /// To be made when somebody looks.
    Recipe(Recipe),
    /// Made, or imported.
    Made(Made),
}

impl Recipe {
    /// Makes the certificate for `key`.
    pub(crate) fn make(
        &self,
        key: &PKey<Private>,
        subject: &Subject,
        authority: Option<&Authority>,
    ) -> Result<Made, ErrorStack> {
        let subject = make::subject(&self.common_name, subject, true)?;
        let contents = Contents {
            subject: &subject,
            names: &self.names,
            not_before: self.not_before,
            not_after: self.not_after,
            serial: &self.serial,
            ca: false,
        };
        let certificate = match authority {
            None => make::certificate(&contents, key, None)?,
            Some(authority) => {
                let issuer = authority.certificate.open()?;
                let signer = authority.key.open()?;
                let issuer = Issuer {
                    certificate: &issuer,
                    key: &signer,
                };
                make::certificate(&contents, key, Some(&issuer))?
            }
        };
        Ok(Made {
            certificate: Pem::keep(&certificate)?,
            key: Key::keep(key)?,
        })
    }
}

impl Made {
    /// SHA-256 of the certificate.
    pub(crate) fn fingerprint(&self) -> String {
        self.certificate
            .open()
            .map_or_else(|_| String::new(), |c| fingerprint(&c))
    }
}
