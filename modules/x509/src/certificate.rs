//! Certificates.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use openssl::x509::{X509, X509NameRef, X509Ref};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::armor;
use crate::extensions::{Extensions, KeyUsage};
use crate::fingerprint::{Fingerprint, hex};
use crate::key::PublicKey;
use crate::name::Name;
use crate::read::ReadError;
use crate::san::Names;
use crate::signature::SignatureAlgorithm;

/// A certificate: its DER, and what it says. Two are equal when their DER is.
///
/// Serialised it is a summary for results and events, not the whole certificate.
#[derive(Clone)]
pub struct Certificate {
    /// Whom it names.
    pub subject: Name,
    /// Who signed it.
    pub issuer: Name,
    /// The serial number in lower-case hex, two digits a byte, without a leading sign byte.
    pub serial: String,
    /// Valid from this moment on.
    pub not_before: Timestamp,
    /// Valid up to and including this moment.
    pub not_after: Timestamp,
    /// SHA-256 over the DER.
    pub fingerprint: Fingerprint,
    /// The subject's public key.
    pub public_key: PublicKey,
    /// How it was signed.
    pub signature: SignatureAlgorithm,
    /// Names, key usages, constraints, identifiers.
    pub extensions: Extensions,
    der: Vec<u8>,
    x509: X509,
}

impl Certificate {
    /// Reads exactly one certificate.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] where the bytes are not one certificate and nothing else.
    pub fn from_der(der: &[u8]) -> Result<Self, ReadError> {
        match Self::from_der_prefix(der)? {
            (certificate, []) => Ok(certificate),
            (_, rest) => Err(ReadError::certificate(format!(
                "{} more bytes follow it",
                rest.len()
            ))),
        }
    }

    /// Reads the certificate at the beginning; gives back the bytes that follow it.
    pub(crate) fn from_der_prefix(der: &[u8]) -> Result<(Self, &[u8]), ReadError> {
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|error| ReadError::certificate(error.to_string()))?;
        let der = &der[..der.len() - rest.len()];
        let x509 = X509::from_der(der).map_err(|_| ReadError::certificate("OpenSSL does not read it"))?;
        let extensions = Extensions::read(parsed.extensions()).map_err(ReadError::certificate)?;
        let spki = parsed.public_key();
        let certificate = Self {
            subject: Name::read(parsed.subject()),
            issuer: Name::read(parsed.issuer()),
            serial: serial(parsed.raw_serial()),
            not_before: timestamp(parsed.validity().not_before.timestamp()),
            not_after: timestamp(parsed.validity().not_after.timestamp()),
            fingerprint: Fingerprint::of(der),
            public_key: PublicKey::read(spki.raw, spki.algorithm.algorithm.to_id_string()),
            signature: SignatureAlgorithm::read(&parsed.signature_algorithm),
            extensions,
            der: der.to_vec(),
            x509,
        };
        Ok((certificate, rest))
    }

    /// The certificate's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM, in lines of 64 characters.
    #[must_use]
    pub fn to_pem(&self) -> String {
        armor::encode("CERTIFICATE", &self.der)
    }

    /// Subject alternative names.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.extensions.names
    }

    /// SHA-1 over the DER in lower-case hex: the name Windows stores give it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        hex(&openssl::sha::sha1(&self.der))
    }

    /// OpenSSL's view of the same certificate, for TLS and for verifying.
    #[must_use]
    pub fn x509(&self) -> &X509Ref {
        &self.x509
    }

    /// True if subject and issuer are one and its own key signed it.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        self.names_as_issuer(self) && self.is_signed_by(self)
    }

    /// True if the other's key signed this certificate. Names and rights are not looked at.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        let Ok(key) = issuer.x509.public_key() else {
            return false;
        };
        self.x509.verify(&key).unwrap_or(false)
    }

    /// True if this certificate's issuer is the other's subject. Names are compared as RFC 5280
    /// §7.1 has it: spelling of blanks, case and string type do not count.
    #[must_use]
    pub fn names_as_issuer(&self, other: &Self) -> bool {
        same(self.x509.issuer_name(), other.x509.subject_name())
    }

    /// True if both have one name and one key: the same certificate, or a renewed one.
    #[must_use]
    pub fn is_same_authority(&self, other: &Self) -> bool {
        self.public_key.sha256 == other.public_key.sha256
            && same(self.x509.subject_name(), other.x509.subject_name())
    }

    /// True if it may sign certificates: a CA by its basic constraints whose key usage does not
    /// forbid it, or an old root that has no basic constraints at all.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        let by_usage = self
            .extensions
            .key_usage
            .as_ref()
            .is_none_or(|usage| usage.contains(&KeyUsage::KeyCertSign));
        match self.extensions.basic_constraints {
            Some(constraints) => constraints.ca && by_usage,
            None => self.x509.version() == 0 && self.is_self_signed(),
        }
    }

    /// True at any moment from `not_before` to `not_after`, both included.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

fn same(one: &X509NameRef, other: &X509NameRef) -> bool {
    one.try_cmp(other).is_ok_and(Ordering::is_eq)
}

/// Java and VOS show serials without the sign byte that DER puts before a high first bit.
fn serial(bytes: &[u8]) -> String {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        all => hex(all),
    }
}

/// X.509 can say "no end" (the last second of 9999, RFC 5280 §4.1.2.5), which lies a few hours
/// beyond the last moment of [`Timestamp`]; it becomes that last moment.
fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificate({}, serial {}, issued by {})",
            self.subject, self.serial, self.issuer
        )
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut summary = serializer.serialize_struct("Certificate", 8)?;
        summary.serialize_field("subject", &self.subject)?;
        summary.serialize_field("issuer", &self.issuer)?;
        summary.serialize_field("serial", &self.serial)?;
        summary.serialize_field("fingerprint", &self.fingerprint)?;
        summary.serialize_field("not_before", &self.not_before)?;
        summary.serialize_field("not_after", &self.not_after)?;
        summary.serialize_field("names", self.names())?;
        summary.serialize_field("key", &self.public_key.key)?;
        summary.end()
    }
}
