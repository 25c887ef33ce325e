//! The extensions that decide what a certificate may be used for.

use std::collections::BTreeSet;
use std::fmt;

use x509_parser::asn1_rs::Oid;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage as ParsedKeyUsage, ParsedExtension, X509Extension};

use crate::fingerprint::hex;
use crate::san::{AltName, Names};

/// Extended key usage: authenticates a TLS server (RFC 5280 §4.2.1.12).
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// Extended key usage: authenticates a TLS client (RFC 5280 §4.2.1.12).
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// One use of a key (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyUsage {
    /// Signing anything but certificates and revocation lists.
    DigitalSignature,
    /// Non-repudiation, now called content commitment.
    NonRepudiation,
    /// Encrypting keys: the RSA key exchange of TLS.
    KeyEncipherment,
    /// Encrypting data itself.
    DataEncipherment,
    /// Agreeing on keys.
    KeyAgreement,
    /// Signing certificates.
    KeyCertSign,
    /// Signing revocation lists.
    CrlSign,
    /// Only encrypting, with key agreement.
    EncipherOnly,
    /// Only decrypting, with key agreement.
    DecipherOnly,
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        })
    }
}

/// Whether the subject is a CA (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// True for a CA.
    pub ca: bool,
    /// How many CA certificates may follow below, where that is limited.
    pub path_len: Option<u32>,
}

/// What the extensions of a certificate or request say; absent ones are `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Subject alternative names.
    pub names: Names,
    /// Key usage.
    pub key_usage: Option<BTreeSet<KeyUsage>>,
    /// Extended key usage, as object identifiers; known ones first.
    pub extended_key_usage: Option<Vec<String>>,
    /// Basic constraints.
    pub basic_constraints: Option<BasicConstraints>,
    /// Subject key identifier, in lower-case hex.
    pub subject_key_id: Option<String>,
    /// Authority key identifier, in lower-case hex.
    pub authority_key_id: Option<String>,
    /// Object identifiers of all extensions that are marked critical.
    pub critical: Vec<String>,
    /// The value of the alternative-name extension, for copying it exactly.
    pub(crate) names_der: Option<Vec<u8>>,
}

impl Extensions {
    /// An extension that this crate uses and that does not parse is an error, told in words.
    pub(crate) fn read<'a, 'b: 'a>(
        extensions: impl IntoIterator<Item = &'a X509Extension<'b>>,
    ) -> Result<Self, String> {
        let mut read = Self::default();
        let mut seen = BTreeSet::new();
        for extension in extensions {
            let oid = extension.oid.to_id_string();
            if !seen.insert(oid.clone()) {
                return Err(format!("the extension {oid} stands twice"));
            }
            if extension.critical {
                read.critical.push(oid.clone());
            }
            read.take(extension, &oid)?;
        }
        Ok(read)
    }

    fn take(&mut self, extension: &X509Extension<'_>, oid: &str) -> Result<(), String> {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(san) => {
                self.names = san.general_names.iter().map(AltName::read).collect();
                self.names_der = Some(extension.value.to_vec());
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(key_usage(usage)),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage = Some(extended_key_usage(usage));
            }
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some(BasicConstraints {
                    ca: constraints.ca,
                    path_len: constraints.path_len_constraint,
                });
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            ParsedExtension::ParseError { .. } if USED.contains(&oid) => {
                return Err(format!("the extension {oid} does not parse"));
            }
            _ => {}
        }
        Ok(())
    }

    /// True if the extended key usage allows this use. A certificate without the extension is
    /// not limited (RFC 5280 §4.2.1.12), nor is one that says `anyExtendedKeyUsage`.
    #[must_use]
    pub fn allows(&self, usage: &str) -> bool {
        self.extended_key_usage
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| one == usage || one == ANY_USAGE))
    }
}

const ANY_USAGE: &str = "2.5.29.37.0";

/// SKI, KU, SAN, BC, AKI and EKU: the extensions that [`Extensions`] tells of.
const USED: [&str; 6] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.35",
    "2.5.29.37",
];

fn key_usage(usage: &ParsedKeyUsage) -> BTreeSet<KeyUsage> {
    [
        (usage.digital_signature(), KeyUsage::DigitalSignature),
        (usage.non_repudiation(), KeyUsage::NonRepudiation),
        (usage.key_encipherment(), KeyUsage::KeyEncipherment),
        (usage.data_encipherment(), KeyUsage::DataEncipherment),
        (usage.key_agreement(), KeyUsage::KeyAgreement),
        (usage.key_cert_sign(), KeyUsage::KeyCertSign),
        (usage.crl_sign(), KeyUsage::CrlSign),
        (usage.encipher_only(), KeyUsage::EncipherOnly),
        (usage.decipher_only(), KeyUsage::DecipherOnly),
    ]
    .into_iter()
    .filter_map(|(set, usage)| set.then_some(usage))
    .collect()
}

fn extended_key_usage(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, ANY_USAGE),
        (usage.server_auth, SERVER_AUTH),
        (usage.client_auth, CLIENT_AUTH),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    known
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, oid)| oid.to_owned())
        .chain(usage.other.iter().map(Oid::to_id_string))
        .collect()
}
