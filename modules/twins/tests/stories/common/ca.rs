//! A certificate authority for tests: a root, an intermediate, and whatever a story wants signed.

use super::EPOCH;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Name, X509NameRef, X509Req};

const DAY: i64 = 86_400;

pub(crate) struct Ca {
    pub(crate) certificate: X509,
    key: PKey<Private>,
}

/// What a leaf is to say; the default is what a good CA makes of a request.
pub(crate) struct Leaf {
    pub(crate) names: Vec<String>,
    /// Days from the epoch of the stories.
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Leaf {
    pub(crate) fn of(name: &str) -> Leaf {
        Leaf {
            names: vec![name.to_owned()],
            from: -1,
            until: 90,
        }
    }
}

pub(crate) fn ec_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

pub(crate) fn rsa_key() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

/// A public RSA key of a size that would take long to make whole.
pub(crate) fn rsa_public(bits: i32) -> PKey<Public> {
    let mut modulus = BigNum::new().unwrap();
    modulus.rand(bits, MsbOption::ONE, true).unwrap();
    let exponent = BigNum::from_u32(65537).unwrap();
    let key = Rsa::from_public_components(modulus, exponent).unwrap();
    PKey::from_rsa(key).unwrap()
}

pub(crate) fn name(cn: &str) -> X509Name {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, cn).unwrap();
    name.build()
}

pub(crate) fn pem(certificate: &X509) -> String {
    String::from_utf8(certificate.to_pem().unwrap()).unwrap()
}

impl Ca {
    /// A self-signed root with an EC key.
    pub(crate) fn root(cn: &str) -> Ca {
        Ca::made(cn, ec_key(), None, (-400, 4000))
    }

    /// A root with an RSA key.
    pub(crate) fn rsa_root(cn: &str) -> Ca {
        Ca::made(cn, rsa_key(), None, (-400, 4000))
    }

    /// A CA below this one, with its days of validity from the stories' epoch.
    pub(crate) fn below(&self, cn: &str, days: (i64, i64)) -> Ca {
        Ca::made(cn, ec_key(), Some(self), days)
    }

    pub(crate) fn made(cn: &str, key: PKey<Private>, issuer: Option<&Ca>, days: (i64, i64)) -> Ca {
        let public = PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap();
        let signer = issuer.map_or(&key, |i| &i.key);
        let subject = name(cn);
        let issuer_name = match issuer {
            Some(issuer) => issuer.certificate.subject_name().to_owned().unwrap(),
            None => name(cn),
        };
        let certificate = sign(&subject, &issuer_name, &public, signer, days, &[], true);
        Ca { certificate, key }
    }

    pub(crate) fn pem(&self) -> String {
        pem(&self.certificate)
    }

    /// Signs a request, with the request's key and subject and the leaf's names and days.
    pub(crate) fn sign(&self, request: &str, leaf: &Leaf) -> String {
        let request = X509Req::from_pem(request.as_bytes()).unwrap();
        let public = request.public_key().unwrap();
        assert!(request.verify(&public).unwrap());
        self.sign_key(request.subject_name(), &public, leaf)
    }

    pub(crate) fn sign_key(&self, subject: &X509NameRef, public: &PKey<Public>, leaf: &Leaf) -> String {
        let issuer = self.certificate.subject_name();
        let days = (leaf.from, leaf.until);
        let names = &leaf.names;
        pem(&sign(subject, issuer, public, &self.key, days, names, false))
    }
}

fn sign(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    public: &PKey<Public>,
    signer: &PKey<Private>,
    (from, until): (i64, i64),
    names: &[String],
    ca: bool,
) -> X509 {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(subject).unwrap();
    builder.set_issuer_name(issuer).unwrap();
    builder.set_pubkey(public).unwrap();
    let serial = public.public_key_to_der().unwrap();
    let serial = BigNum::from_slice(&serial[serial.len() - 8..]).unwrap();
    let serial = Asn1Integer::from_bn(&serial).unwrap();
    builder.set_serial_number(&serial).unwrap();
    let at = |days: i64| Asn1Time::from_unix(EPOCH as i64 + days * DAY).unwrap();
    builder.set_not_before(&at(from)).unwrap();
    builder.set_not_after(&at(until)).unwrap();
    if ca {
        let constraints = BasicConstraints::new().critical().ca().build().unwrap();
        builder.append_extension(constraints).unwrap();
    } else {
        let usage = ExtendedKeyUsage::new().server_auth().client_auth().build();
        builder.append_extension(usage.unwrap()).unwrap();
    }
    if !names.is_empty() {
        let mut san = SubjectAlternativeName::new();
        for name in names {
            san.dns(name);
        }
        let san = san.build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(san).unwrap();
    }
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    builder.build()
}
