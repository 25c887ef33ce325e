//! What a node checks of a certificate that is imported.
//!
//! The conditions are Cisco's; where a text is not documented (dates, wildcards, key sizes, a second
//! certificate with the same name), it is a guess.

use super::names;
use openssl::nid::Nid;
use openssl::pkey::{PKeyRef, Private};
use openssl::x509::{X509, X509Ref};
use std::collections::BTreeSet;

/// Why a certificate is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("Certificate is not in PEM format")]
    NotPem,
    #[error("Error reading the certificate")]
    Unreadable,
    #[error("/usr/local/platform/.security/{0}/keys/{0}.csr does not exist")]
    NoRequest(&'static str),
    #[error("CSR public key and Certificate public key do not match")]
    OtherKey,
    #[error("CSR SAN and Certificate SAN does not match")]
    OtherNames,
    #[error("CA certificate is not available in the trust-store")]
    NoIssuer,
    #[error("Error in CA certificate: {0} is expired or not yet valid")]
    IssuerOutOfDate(String),
    #[error("Certificate is expired")]
    Expired,
    #[error("Certificate is not yet valid")]
    NotYetValid,
    #[error("Wildcard certificates are not supported")]
    Wildcard,
    #[error("Certificate key size of {0} bits is not supported")]
    KeySize(u32),
    #[error("A certificate with the same common name and a later start of validity already exists")]
    Older,
    #[error("The file /usr/local/platform/upload/certs//{0}.der could not be uploaded.")]
    Vague(&'static str),
}

/// The request that an own certificate must answer.
pub(crate) struct Request<'a> {
    pub(crate) key: &'a PKeyRef<Private>,
    pub(crate) names: &'a [String],
}

/// The node's view of the world at the time of the import.
pub(crate) struct View<'a> {
    /// What its trust store for that unit holds.
    pub(crate) trust: &'a [X509],
    /// The node's own clock, seconds since 1970.
    pub(crate) wall: i64,
    /// The largest RSA key that the product takes in a certificate of its own.
    pub(crate) largest_key: u32,
}

/// Reads what was pasted: one certificate in PEM and nothing else.
pub(crate) fn read(pasted: &str) -> Result<X509, Refusal> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = pasted.trim();
    if !text.starts_with(BEGIN) || !text.ends_with(END) {
        return Err(Refusal::NotPem);
    }
    if text.matches(BEGIN).count() != 1 {
        return Err(Refusal::Unreadable);
    }
    X509::from_pem(text.as_bytes()).map_err(|_| Refusal::Unreadable)
}

/// Checks a certificate for a unit, in the order in which a node finds fault.
pub(crate) fn own(
    certificate: &X509Ref,
    unit: &'static str,
    request: Option<&Request<'_>>,
    view: &View<'_>,
) -> Result<(), Refusal> {
    in_date(certificate, view.wall)?;
    no_wildcard(certificate)?;
    key_size(certificate, view.largest_key)?;
    let request = request.ok_or(Refusal::NoRequest(unit))?;
    let key = certificate.public_key().map_err(|_| Refusal::Unreadable)?;
    if !request.key.public_eq(&key) {
        return Err(Refusal::OtherKey);
    }
    let wanted: BTreeSet<String> = request.names.iter().map(|n| n.to_ascii_lowercase()).collect();
    if !wanted.is_empty() && names::alternative_names(certificate) != wanted {
        return Err(Refusal::OtherNames);
    }
    for issuer in chain(certificate, view.trust)? {
        if in_date(&issuer, view.wall).is_err() {
            let name = names::common_name(issuer.subject_name());
            return Err(Refusal::IssuerOutOfDate(name));
        }
    }
    Ok(())
}

/// Checks a certificate for a trust store.
pub(crate) fn trusted(certificate: &X509Ref, wall: i64) -> Result<(), Refusal> {
    in_date(certificate, wall)?;
    key_size(certificate, 4096)
}

/// The issuers of a certificate, from its own up to the self-signed one.
pub(crate) fn chain(certificate: &X509Ref, trust: &[X509]) -> Result<Vec<X509>, Refusal> {
    let mut chain: Vec<X509> = Vec::new();
    let mut current = certificate.to_owned();
    while !names::self_issued(&current) {
        let issuer = issuer_of(&current, trust).ok_or(Refusal::NoIssuer)?;
        if chain.len() > trust.len() {
            return Err(Refusal::NoIssuer);
        }
        chain.push(issuer.clone());
        current = issuer;
    }
    Ok(chain)
}

fn issuer_of(certificate: &X509Ref, trust: &[X509]) -> Option<X509> {
    let signed_by = |candidate: &&X509| {
        names::same(candidate.subject_name(), certificate.issuer_name())
            && candidate
                .public_key()
                .and_then(|key| certificate.verify(&key))
                .unwrap_or(false)
    };
    trust.iter().find(signed_by).cloned()
}

fn in_date(certificate: &X509Ref, wall: i64) -> Result<(), Refusal> {
    if names::unix(certificate.not_before()) > wall {
        return Err(Refusal::NotYetValid);
    }
    if names::unix(certificate.not_after()) < wall {
        return Err(Refusal::Expired);
    }
    Ok(())
}

fn no_wildcard(certificate: &X509Ref) -> Result<(), Refusal> {
    let common = names::common_name(certificate.subject_name());
    let mut all = names::alternative_names(certificate);
    all.insert(common);
    if all.iter().any(|name| name.contains('*')) {
        return Err(Refusal::Wildcard);
    }
    Ok(())
}

fn key_size(certificate: &X509Ref, largest: u32) -> Result<(), Refusal> {
    let key = certificate.public_key().map_err(|_| Refusal::Unreadable)?;
    if key.rsa().is_ok() && key.bits() > largest {
        return Err(Refusal::KeySize(key.bits()));
    }
    Ok(())
}

/// Whether a certificate's signature was made with an EC key.
pub(crate) fn signed_with_ec(certificate: &X509Ref) -> bool {
    let algorithm = certificate.signature_algorithm().object().nid();
    [
        Nid::ECDSA_WITH_SHA256,
        Nid::ECDSA_WITH_SHA384,
        Nid::ECDSA_WITH_SHA512,
    ]
    .contains(&algorithm)
}
