//! Making certificates with any property, right or wrong, through the openssl crate: nothing of
//! the crate under test is used in making them.

use std::sync::LazyLock;

use cutover_x509::{Certificate, KeyUsage, Request};
use jiff::{SignedDuration, Timestamp};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509ReqBuilder};

/// The moment at which everything here happens: 2027-01-15T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// A private key, and how to make one quickly.
pub(crate) type Key = PKey<Private>;

pub(crate) fn ec(nid: Nid) -> Key {
    let group = EcGroup::from_curve_name(nid).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

pub(crate) fn p256() -> Key {
    ec(Nid::X9_62_PRIME256V1)
}

pub(crate) fn rsa(bits: u32) -> Key {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

/// RSA keys are slow to make; tests share this one.
pub(crate) static RSA: LazyLock<Key> = LazyLock::new(|| rsa(2048));

/// A certificate with its key.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) key: Key,
}

/// What a certificate is to be. The defaults of [`leaf`] and [`ca`] are what a device wants.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) cn: String,
    pub(crate) organization: String,
    pub(crate) names: Vec<String>,
    pub(crate) key: Key,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) ca: Option<Option<u32>>,
    pub(crate) key_usage: Option<Vec<KeyUsage>>,
    pub(crate) extended: Vec<&'static str>,
    pub(crate) extended_is_critical: bool,
    pub(crate) hash: MessageDigest,
    pub(crate) with_key_ids: bool,
}

/// A server's certificate, valid from yesterday for 90 days.
pub(crate) fn leaf(cn: &str) -> Recipe {
    Recipe {
        cn: cn.to_owned(),
        organization: "Example".to_owned(),
        names: vec![format!("DNS:{cn}")],
        key: RSA.clone(),
        from: NOW - days(1),
        to: NOW + days(90),
        ca: None,
        key_usage: Some(vec![KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment]),
        extended: vec!["serverAuth", "clientAuth"],
        extended_is_critical: false,
        hash: MessageDigest::sha256(),
        with_key_ids: true,
    }
}

/// A CA's certificate with a new EC key, valid from a year ago for ten.
pub(crate) fn ca(cn: &str) -> Recipe {
    Recipe {
        names: Vec::new(),
        key: p256(),
        from: NOW - days(365),
        to: NOW + days(3650),
        ca: Some(None),
        key_usage: Some(vec![KeyUsage::KeyCertSign, KeyUsage::CrlSign]),
        extended: Vec::new(),
        ..leaf(cn)
    }
}

impl Recipe {
    pub(crate) fn self_signed(&self) -> Identity {
        self.make(None)
    }

    pub(crate) fn signed_by(&self, issuer: &Identity) -> Identity {
        self.make(Some(issuer))
    }

    fn make(&self, issuer: Option<&Identity>) -> Identity {
        let issuer_x509 = issuer.map(|one| X509::from_der(one.certificate.der()).unwrap());
        let subject = name(&self.cn, &self.organization);
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&serial()).unwrap();
        builder.set_subject_name(&subject).unwrap();
        let issuer_name = issuer_x509.as_ref().map_or(&*subject, |one| one.subject_name());
        builder.set_issuer_name(issuer_name).unwrap();
        builder
            .set_not_before(&Asn1Time::from_unix(self.from.as_second()).unwrap())
            .unwrap();
        builder
            .set_not_after(&Asn1Time::from_unix(self.to.as_second()).unwrap())
            .unwrap();
        builder.set_pubkey(&self.key).unwrap();
        self.extend(&mut builder, issuer_x509.as_ref());
        let signer = issuer.map_or(&self.key, |one| &one.key);
        builder.sign(signer, self.hash).unwrap();
        let certificate = Certificate::from_der(&builder.build().to_der().unwrap()).unwrap();
        Identity {
            certificate,
            key: self.key.clone(),
        }
    }

    fn extend(&self, builder: &mut X509Builder, issuer: Option<&X509>) {
        if let Some(path_len) = self.ca {
            let mut constraints = BasicConstraints::new();
            constraints.critical().ca();
            if let Some(path_len) = path_len {
                constraints.pathlen(path_len);
            }
            builder.append_extension(constraints.build().unwrap()).unwrap();
        }
        if let Some(usage) = &self.key_usage {
            builder.append_extension(key_usage(usage)).unwrap();
        }
        if !self.extended.is_empty() {
            let mut extended = ExtendedKeyUsage::new();
            for usage in &self.extended {
                extended.other(usage);
            }
            if self.extended_is_critical {
                extended.critical();
            }
            builder.append_extension(extended.build().unwrap()).unwrap();
        }
        if !self.names.is_empty() {
            let names = alt_names(&self.names)
                .build(&builder.x509v3_context(None, None))
                .unwrap();
            builder.append_extension(names).unwrap();
        }
        if self.with_key_ids {
            let id = SubjectKeyIdentifier::new()
                .build(&builder.x509v3_context(None, None))
                .unwrap();
            builder.append_extension(id).unwrap();
            if let Some(issuer) = issuer.filter(|one| one.subject_key_id().is_some()) {
                let context = builder.x509v3_context(Some(issuer), None);
                let id = AuthorityKeyIdentifier::new().keyid(true).build(&context).unwrap();
                builder.append_extension(id).unwrap();
            }
        }
    }
}

/// A request for these names, which are written as in [`Recipe::names`].
pub(crate) fn request(key: &Key, cn: &str, names: &[&str]) -> Request {
    let mut builder = X509ReqBuilder::new().unwrap();
    builder.set_subject_name(&name(cn, "Example")).unwrap();
    builder.set_pubkey(key).unwrap();
    if !names.is_empty() {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut extensions = Stack::new().unwrap();
        extensions
            .push(alt_names(&names).build(&builder.x509v3_context(None)).unwrap())
            .unwrap();
        builder.add_extensions(&extensions).unwrap();
    }
    builder.sign(key, MessageDigest::sha256()).unwrap();
    Request::from_der(&builder.build().to_der().unwrap()).unwrap()
}

fn name(cn: &str, organization: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    builder.append_entry_by_nid(Nid::COUNTRYNAME, "DE").unwrap();
    builder
        .append_entry_by_nid(Nid::ORGANIZATIONNAME, organization)
        .unwrap();
    builder.append_entry_by_nid(Nid::COMMONNAME, cn).unwrap();
    builder.build()
}

fn serial() -> Asn1Integer {
    let mut bytes = [0; 12];
    openssl::rand::rand_bytes(&mut bytes).unwrap();
    bytes[0] = 0x17;
    BigNum::from_slice(&bytes).unwrap().to_asn1_integer().unwrap()
}

fn alt_names(names: &[String]) -> SubjectAlternativeName {
    let mut all = SubjectAlternativeName::new();
    for name in names {
        match name.split_once(':').unwrap() {
            ("DNS", name) => all.dns(name),
            ("IP", address) => all.ip(address),
            ("email", address) => all.email(address),
            ("URI", uri) => all.uri(uri),
            (other, _) => panic!("unknown kind of name {other}"),
        };
    }
    all
}

fn key_usage(usage: &[KeyUsage]) -> openssl::x509::X509Extension {
    let mut extension = openssl::x509::extension::KeyUsage::new();
    extension.critical();
    for one in usage {
        match one {
            KeyUsage::DigitalSignature => extension.digital_signature(),
            KeyUsage::NonRepudiation => extension.non_repudiation(),
            KeyUsage::KeyEncipherment => extension.key_encipherment(),
            KeyUsage::DataEncipherment => extension.data_encipherment(),
            KeyUsage::KeyAgreement => extension.key_agreement(),
            KeyUsage::KeyCertSign => extension.key_cert_sign(),
            KeyUsage::CrlSign => extension.crl_sign(),
            KeyUsage::EncipherOnly => extension.encipher_only(),
            KeyUsage::DecipherOnly => extension.decipher_only(),
        };
    }
    extension.build().unwrap()
}
