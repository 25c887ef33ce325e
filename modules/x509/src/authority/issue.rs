//! Making the certificates of an authority and those it signs.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::string::{BmpString, Ia5String, PrintableString, UniversalString};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    SubjectPublicKeyInfo,
};
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::{AUTHORITY_DAYS, AuthorityError, BACKDATED, Profile, Random};
use crate::certificate::Certificate;
use crate::name::string;
use crate::request::Request;

/// A certificate together with its key.
pub(super) struct Issuing<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) key: &'a KeyPair,
}

impl<'a> Issuing<'a> {
    fn issuer(&self) -> Result<Issuer<'static, &'a KeyPair>, rcgen::Error> {
        Issuer::from_ca_cert_der(&self.certificate.der().into(), self.key)
    }
}

pub(super) fn root(
    name: &str,
    key: &KeyPair,
    now: Timestamp,
    random: &mut Random<'_>,
) -> Result<Certificate, AuthorityError> {
    let mut params = dated(now, AUTHORITY_DAYS, Timestamp::MAX, random)?;
    as_authority(&mut params, name, BasicConstraints::Unconstrained);
    read(&params.self_signed(key)?)
}

/// `below` is the number of intermediates that will stand under this one.
pub(super) fn intermediate(
    name: &str,
    below: u8,
    key: &KeyPair,
    issuer: &Issuing<'_>,
    now: Timestamp,
    random: &mut Random<'_>,
) -> Result<Certificate, AuthorityError> {
    let mut params = dated(now, AUTHORITY_DAYS, issuer.certificate.not_after, random)?;
    as_authority(&mut params, name, BasicConstraints::Constrained(below));
    params.use_authority_key_identifier_extension = true;
    read(&params.signed_by(key, &issuer.issuer()?)?)
}

pub(super) fn leaf(
    request: &Request,
    profile: &Profile,
    issuer: &Issuing<'_>,
    now: Timestamp,
    random: &mut Random<'_>,
) -> Result<Certificate, AuthorityError> {
    let key = &request.public_key;
    let public = SubjectPublicKeyInfo::from_der(&key.spki)
        .map_err(|_| AuthorityError::UnsupportedKey(key.key.clone()))?;
    let mut params = dated(now, profile.days, issuer.certificate.not_after, random)?;
    params.distinguished_name = subject(request)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if key.key.is_rsa() {
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    }
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    name(&mut params, request)?;
    read(&params.signed_by(&public, &issuer.issuer()?)?)
}

/// The alternative names of the request byte for byte, whatever their kinds.
fn name(params: &mut CertificateParams, request: &Request) -> Result<(), AuthorityError> {
    const SUBJECT_ALT_NAME: [u64; 4] = [2, 5, 29, 17];
    if let Some(der) = &request.extensions.names_der {
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&SUBJECT_ALT_NAME, der.clone()));
    } else if let Some(host) = request.subject.common_name().filter(|name| is_host_name(name)) {
        params.subject_alt_names.push(SanType::DnsName(host.try_into()?));
    }
    Ok(())
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

fn as_authority(params: &mut CertificateParams, name: &str, constraints: BasicConstraints) {
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(constraints);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
}

/// Parameters with nothing but dates and a serial number.
fn dated(
    now: Timestamp,
    days: u32,
    latest: Timestamp,
    random: &mut Random<'_>,
) -> Result<CertificateParams, AuthorityError> {
    let date = |at: Timestamp| {
        // No authority was made before 1970.
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    let end = now
        .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MAX);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = date(now.checked_sub(BACKDATED).unwrap_or(Timestamp::MIN));
    params.not_after = date(end.min(latest));
    params.serial_number = Some(serial(random)?);
    Ok(params)
}

/// 16 random bytes of which the first keeps the number positive and 16 bytes long.
fn serial(random: &mut Random<'_>) -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    random(&mut bytes).map_err(AuthorityError::NoSerial)?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn subject(request: &Request) -> Result<DistinguishedName, AuthorityError> {
    let wrong = |why: &str| AuthorityError::Subject(why.to_owned());
    let (_, name) = X509Name::from_der(request.subject.der()).map_err(|_| wrong("it does not parse"))?;
    let mut copy = DistinguishedName::new();
    for attribute in name.iter_attributes() {
        let oid = attribute.attr_type();
        let parts: Vec<u64> = oid
            .iter()
            .ok_or_else(|| wrong("a number in it is too large"))?
            .collect();
        let kind = DnType::from_oid(&parts);
        if copy.get(&kind).is_none() {
            let value = value(attribute.attr_value())
                .ok_or_else(|| wrong(&format!("the value of {} is not text", oid.to_id_string())))?;
            copy.push(kind, value);
        }
    }
    Ok(copy)
}

/// The same text in the same kind of ASN.1 string where that can be had, else in UTF-8.
fn value(value: &Any<'_>) -> Option<DnValue> {
    let text = string(value)?;
    let same = match value.tag() {
        Tag::PrintableString => PrintableString::try_from(text.as_str())
            .ok()
            .map(DnValue::PrintableString),
        Tag::Ia5String => Ia5String::try_from(text.as_str()).ok().map(DnValue::Ia5String),
        Tag::BmpString => BmpString::try_from(text.as_str()).ok().map(DnValue::BmpString),
        Tag::UniversalString => UniversalString::try_from(text.as_str())
            .ok()
            .map(DnValue::UniversalString),
        _ => None,
    };
    Some(same.unwrap_or(DnValue::Utf8String(text)))
}

fn read(certificate: &rcgen::Certificate) -> Result<Certificate, AuthorityError> {
    Ok(Certificate::from_der(certificate.der())?)
}
