//! Making keys, certificates and requests.

use super::KeyKind;
use crate::spec::Subject;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, PKeyRef, Private};
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Extension, X509Name, X509Ref, X509Req, X509ReqBuilder};

/// The extended key usage that VOS adds beside server and client authentication.
const IPSEC_END_SYSTEM: &str = "1.3.6.1.5.5.7.3.5";

/// A fresh key on the curve P-384.
pub(crate) fn ec_key() -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::SECP384R1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

/// The subject `CN, OU, O, L, ST, C`; the OU is left out where `with_unit` is false.
pub(crate) fn subject(cn: &str, rest: &Subject, with_unit: bool) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    let unit = if with_unit { rest.unit.as_str() } else { "" };
    let fields = [
        (Nid::COUNTRYNAME, rest.country.as_str()),
        (Nid::STATEORPROVINCENAME, rest.state.as_str()),
        (Nid::LOCALITYNAME, rest.locality.as_str()),
        (Nid::ORGANIZATIONNAME, rest.organization.as_str()),
        (Nid::ORGANIZATIONALUNITNAME, unit),
        (Nid::COMMONNAME, cn),
    ];
    for (nid, value) in fields {
        if !value.is_empty() {
            name.append_entry_by_nid(nid, value)?;
        }
    }
    Ok(name.build())
}

/// What a certificate says of its holder and its time.
pub(crate) struct Contents<'a> {
    pub(crate) subject: &'a X509Name,
    pub(crate) names: &'a [String],
    /// Seconds since 1970.
    pub(crate) not_before: i64,
    /// Seconds since 1970.
    pub(crate) not_after: i64,
    pub(crate) serial: &'a [u8],
    pub(crate) ca: bool,
}

/// Who signs.
pub(crate) struct Issuer<'a> {
    pub(crate) certificate: &'a X509Ref,
    pub(crate) key: &'a PKeyRef<Private>,
}

/// A certificate for `key`, signed by `issuer` or by `key` itself.
pub(crate) fn certificate(
    contents: &Contents<'_>,
    key: &PKeyRef<Private>,
    issuer: Option<&Issuer<'_>>,
) -> Result<X509, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_subject_name(contents.subject)?;
    match issuer {
        Some(issuer) => builder.set_issuer_name(issuer.certificate.subject_name())?,
        None => builder.set_issuer_name(contents.subject)?,
    }
    builder.set_pubkey(key)?;
    let serial = Asn1Integer::from_bn(&*BigNum::from_slice(contents.serial)?)?;
    builder.set_serial_number(&serial)?;
    builder.set_not_before(&*Asn1Time::from_unix(contents.not_before)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(contents.not_after)?)?;
    let mut extensions = vec![subject_key(&builder)?];
    if let Some(issuer) = issuer {
        let context = builder.x509v3_context(Some(issuer.certificate), None);
        extensions.push(AuthorityKeyIdentifier::new().keyid(true).build(&context)?);
    }
    if contents.ca {
        extensions.push(BasicConstraints::new().critical().ca().build()?);
        let mut usage = KeyUsage::new();
        extensions.push(usage.critical().key_cert_sign().crl_sign().build()?);
    } else {
        extensions.extend(holder_extensions()?);
        if !contents.names.is_empty() {
            let context = builder.x509v3_context(None, None);
            extensions.push(alternative_names(contents.names).build(&context)?);
        }
    }
    for extension in extensions {
        builder.append_extension(extension)?;
    }
    builder.sign(issuer.map_or(key, |i| i.key), MessageDigest::sha256())?;
    Ok(builder.build())
}

/// A request as `set csr gen` makes it: SHA-256 (SHA-384 for EC), both authentication usages and
/// IPsec, and the names as SAN.
pub(crate) fn request(
    subject: &X509Name,
    names: &[String],
    key: &PKeyRef<Private>,
    kind: KeyKind,
) -> Result<X509Req, ErrorStack> {
    let mut builder = X509Req::builder()?;
    builder.set_version(0)?;
    builder.set_subject_name(subject)?;
    builder.set_pubkey(key)?;
    let extensions = request_extensions(&builder, names)?;
    builder.add_extensions(&extensions)?;
    let digest = match kind {
        KeyKind::Rsa => MessageDigest::sha256(),
        KeyKind::Ec => MessageDigest::sha384(),
    };
    builder.sign(key, digest)?;
    Ok(builder.build())
}

fn request_extensions(
    builder: &X509ReqBuilder,
    names: &[String],
) -> Result<Stack<X509Extension>, ErrorStack> {
    let mut extensions = Stack::new()?;
    for extension in holder_extensions()? {
        extensions.push(extension)?;
    }
    if !names.is_empty() {
        let context = builder.x509v3_context(None);
        extensions.push(alternative_names(names).build(&context)?)?;
    }
    Ok(extensions)
}

fn holder_extensions() -> Result<[X509Extension; 2], ErrorStack> {
    let extended = ExtendedKeyUsage::new()
        .server_auth()
        .client_auth()
        .other(IPSEC_END_SYSTEM)
        .build()?;
    let usage = KeyUsage::new()
        .digital_signature()
        .key_encipherment()
        .data_encipherment()
        .build()?;
    Ok([extended, usage])
}

fn subject_key(builder: &openssl::x509::X509Builder) -> Result<X509Extension, ErrorStack> {
    SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))
}

fn alternative_names(names: &[String]) -> SubjectAlternativeName {
    let mut san = SubjectAlternativeName::new();
    for name in names {
        san.dns(name);
    }
    san
}
