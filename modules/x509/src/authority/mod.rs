//! A local certificate authority, for rehearsals, labs and internal use.
//!
//! It holds its chain and the key of its issuing certificate. The keys above that one are thrown
//! away once they have signed, so that nothing can be issued past the chain that was made.

mod issue;
pub mod store;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, RsaKeySize};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::read::{ReadError, read_certificates};
use crate::request::Request;

/// Where serial numbers come from: fills the slice with random bytes, or says in a sentence why there are none.
pub type Random<'a> = dyn FnMut(&mut [u8]) -> Result<(), String> + 'a;

/// The keys of an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// RSA with 2048 bits, signing with SHA-256.
    #[default]
    Rsa2048,
    /// EC on P-384, signing with SHA-384: what `tomcat-ECDSA` needs.
    Ec384,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa2048 => "rsa2048",
            Self::Ec384 => "ec384",
        })
    }
}

/// What an authority is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its name, from which the common names of its certificates are made.
    pub name: String,
    /// How many intermediates stand between the root and what it signs.
    pub intermediates: u8,
    /// The kind of its keys.
    pub key: KeyKind,
}

impl Spec {
    /// An RSA authority with one intermediate.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            intermediates: 1,
            key: KeyKind::default(),
        }
    }
}

/// What a signed certificate is to be, besides what its request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Days from the moment of signing to its end.
    pub days: u32,
}

impl Default for Profile {
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// A certificate authority that can sign.
pub struct Authority {
    chain: Vec<Certificate>,
    key: KeyPair,
}

/// Why an authority could not be made, read, or did not sign.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The subject of a request holds something that cannot be copied.
    #[error("the subject of the request cannot be copied: {0}")]
    Subject(String),
    /// A kind of key that cannot be put into a certificate.
    #[error("cannot certify {0}")]
    UnsupportedKey(crate::Key),
    /// A stored authority without its parts, or with parts that do not belong together.
    #[error("not an authority: {0}")]
    NotAnAuthority(&'static str),
    /// A stored authority whose certificates do not read.
    #[error("not an authority")]
    Unreadable(#[from] ReadError),
    /// The authority's own certificates do not cover this moment.
    #[error("the authority {name} is valid from {not_before} to {not_after} only")]
    NotValid {
        /// The common name of the certificate that is not valid.
        name: String,
        /// Its beginning.
        not_before: Timestamp,
        /// Its end.
        not_after: Timestamp,
    },
    /// There were no random bytes for a serial number.
    #[error("there is no serial number: {0}")]
    NoSerial(String),
    /// Making a key or a certificate failed.
    #[error("a certificate could not be made")]
    Make(#[from] rcgen::Error),
}

/// Certificates begin this long before they are made, for devices whose clocks lag.
pub const BACKDATED: SignedDuration = SignedDuration::from_hours(1);

/// How long an authority's own certificates live.
const AUTHORITY_DAYS: u32 = 3650;

impl Authority {
    /// Makes keys and a chain. Making RSA keys takes a noticeable part of a second each.
    ///
    /// # Errors
    /// [`AuthorityError::Make`] where the cryptographic library fails.
    pub fn create(spec: &Spec, now: Timestamp, random: &mut Random<'_>) -> Result<Self, AuthorityError> {
        let key = generate(spec.key)?;
        let root = issue::root(&format!("{} Root CA", spec.name), &key, now, random)?;
        let mut authority = Self {
            chain: vec![root],
            key,
        };
        for number in 1..=spec.intermediates {
            let name = format!("{} Issuing CA {number}", spec.name);
            let key = generate(spec.key)?;
            let below = spec.intermediates - number;
            let issuer = issue::Issuing {
                certificate: authority.issuing(),
                key: &authority.key,
            };
            let certificate = issue::intermediate(&name, below, &key, &issuer, now, random)?;
            authority.chain.push(certificate);
            authority.key = key;
        }
        Ok(authority)
    }

    /// Signs a request: its key and alternative names as they are, server and client
    /// authentication, and the key usages that fit the key.
    ///
    /// A request without alternative names gets its common name as one where that is a host name.
    /// Of a subject attribute that stands several times (two organizational units) the first is
    /// kept. The certificate never outlives the authority.
    ///
    /// # Errors
    /// [`AuthorityError::NotValid`] where the authority is not valid at this moment; else
    /// [`AuthorityError::Subject`], [`AuthorityError::UnsupportedKey`] or [`AuthorityError::Make`].
    pub fn sign(
        &self,
        request: &Request,
        profile: &Profile,
        now: Timestamp,
        random: &mut Random<'_>,
    ) -> Result<Certificate, AuthorityError> {
        if let Some(stale) = self.chain.iter().find(|one| !one.is_valid_at(now)) {
            return Err(AuthorityError::NotValid {
                name: stale.subject.short().to_owned(),
                not_before: stale.not_before,
                not_after: stale.not_after,
            });
        }
        let issuer = issue::Issuing {
            certificate: self.issuing(),
            key: &self.key,
        };
        issue::leaf(request, profile, &issuer, now, random)
    }

    /// The authority's certificates, root first.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// The certificate that signs.
    #[must_use]
    pub fn issuing(&self) -> &Certificate {
        self.chain.last().expect("an authority has at least its root")
    }

    /// The whole authority as PEM: its private key, then its chain, root first.
    #[must_use]
    pub fn to_pem(&self) -> SecretString {
        let chain: String = self.chain.iter().map(Certificate::to_pem).collect();
        SecretString::from(self.key.serialize_pem() + &chain)
    }

    /// Reads what [`Authority::to_pem`] wrote.
    ///
    /// # Errors
    /// [`AuthorityError::Unreadable`] or [`AuthorityError::NotAnAuthority`].
    pub fn from_pem(pem: &SecretString) -> Result<Self, AuthorityError> {
        let chain = read_certificates(pem.expose_secret().as_bytes())?;
        let key = private_key(pem.expose_secret())?;
        check(&chain, &key)?;
        Ok(Self { chain, key })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

fn generate(kind: KeyKind) -> Result<KeyPair, rcgen::Error> {
    match kind {
        KeyKind::Rsa2048 => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
        KeyKind::Ec384 => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
    }
}

/// The first block is the key; whatever is wrong with it is not told, for it is a secret.
fn private_key(pem: &str) -> Result<KeyPair, AuthorityError> {
    const END: &str = "-----END PRIVATE KEY-----";
    let end = pem
        .find(END)
        .ok_or(AuthorityError::NotAnAuthority("there is no private key"))?;
    KeyPair::from_pem(&pem[..end + END.len()])
        .map_err(|_| AuthorityError::NotAnAuthority("the private key does not read"))
}

fn check(chain: &[Certificate], key: &KeyPair) -> Result<(), AuthorityError> {
    use rcgen::PublicKeyData;
    let wrong = |why| Err(AuthorityError::NotAnAuthority(why));
    let (Some(root), Some(issuing)) = (chain.first(), chain.last()) else {
        return wrong("there are no certificates");
    };
    if issuing.public_key.spki != key.subject_public_key_info() {
        return wrong("the private key is not that of the last certificate");
    }
    let linked = chain
        .windows(2)
        .all(|pair| pair[1].names_as_issuer(&pair[0]) && pair[1].is_signed_by(&pair[0]));
    if !root.is_self_signed() || !linked {
        return wrong("its certificates are not a chain from the root down");
    }
    Ok(())
}
