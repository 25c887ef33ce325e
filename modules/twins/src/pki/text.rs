//! The decoded form in which `show cert own` and `show cert trust` print a certificate.

use super::{hex, names};
use crate::calendar::Moment;
use crate::spec::TimeZone;
use openssl::x509::{X509, X509NameRef};
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The decoded certificate, followed by its PEM block.
pub(crate) fn certificate(certificate: &X509, zone: &TimeZone, pem: &str) -> String {
    let der = certificate.to_der().unwrap_or_default();
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else {
        return "Error reading the certificate\n".to_owned();
    };
    let time = |unix| Moment { unix, zone }.certificate();
    let mut text = String::from("[\n  Version: V3\n");
    let serial = names::serial(certificate).to_uppercase();
    text += &format!("  Serial Number: {serial}\n");
    let signature = parsed.signature_algorithm.algorithm.to_id_string();
    let signature_name = signature_name(&signature);
    text += &format!("  SignatureAlgorithm: {signature_name} ({signature})\n");
    let issuer = name(certificate.issuer_name());
    text += &format!("  Issuer Name: {issuer}\n");
    let from = time(names::unix(certificate.not_before()));
    let to = time(names::unix(certificate.not_after()));
    text += &format!("  Validity From: {from}\n           To:   {to}\n");
    let subject = name(certificate.subject_name());
    text += &format!("  Subject Name: {subject}\n");
    let key = parsed.public_key();
    let algorithm = key.algorithm.algorithm.to_id_string();
    let kind = if algorithm.starts_with("1.2.840.10045") {
        "EC"
    } else {
        "RSA"
    };
    let value = hex(&key.subject_public_key.data);
    text += &format!("  Key: {kind} ({algorithm})\n    Key value: {value}\n");
    text += &extensions(parsed.extensions());
    text += "]\n\n";
    text + pem
}

fn extensions(all: &[X509Extension<'_>]) -> String {
    let mut text = format!("  Extensions: {} present\n", all.len());
    for extension in all {
        let oid = extension.oid.to_id_string();
        let (label, value) = extension_text(extension);
        text += &format!("  [\n     Extension: {label} (OID.{oid})\n");
        text += &format!("     Critical: {}\n", extension.critical);
        for line in value {
            text += &format!("     {line}\n");
        }
        text += "  ]\n";
    }
    text
}

fn extension_text(extension: &X509Extension<'_>) -> (&'static str, Vec<String>) {
    match extension.parsed_extension() {
        ParsedExtension::ExtendedKeyUsage(usage) => ("ExtKeyUsageSyntax", vec![usages(usage)]),
        ParsedExtension::KeyUsage(usage) => ("KeyUsage", vec![usage.to_string().replace(", ", " ")]),
        ParsedExtension::BasicConstraints(constraints) => {
            ("BasicConstraints", vec![format!("CA: {}", constraints.ca)])
        }
        ParsedExtension::SubjectKeyIdentifier(id) => {
            ("SubjectKeyIdentifier", vec![format!("keyID: {}", hex(id.0))])
        }
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            let id = id.key_identifier.as_ref().map(|k| hex(k.0));
            let id = id.unwrap_or_default();
            ("AuthorityKeyIdentifier", vec![format!("keyID: {id}")])
        }
        ParsedExtension::SubjectAlternativeName(san) => {
            let mut lines = vec!["SubjectAltName [".to_owned()];
            lines.extend(san.general_names.iter().map(general_name));
            lines.push("]".to_owned());
            ("SubjectAltName", lines)
        }
        _ => ("Unknown", vec![format!("Value: {}", hex(extension.value))]),
    }
}

fn usages(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> String {
    let known = [
        (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let mut text = String::from("Usage oids: ");
    for (_, oid) in known.iter().filter(|(on, _)| *on) {
        text += &format!("{oid}, ");
    }
    for oid in &usage.other {
        text += &format!("{}, ", oid.to_id_string());
    }
    text
}

fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("   {name} (dNSName)"),
        GeneralName::IPAddress(bytes) => {
            let parts: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("   {} (iPAddress)", parts.join("."))
        }
        other => format!("   {other}"),
    }
}

/// A distinguished name with the most specific part first, as Java prints it.
pub(crate) fn name(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let key = entry.object().nid().short_name().unwrap_or("?");
            let value = entry.data().to_string().unwrap_or_default();
            format!("{key}={value}")
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

fn signature_name(oid: &str) -> &'static str {
    match oid {
        "1.2.840.113549.1.1.5" => "SHA1withRSA",
        "1.2.840.113549.1.1.11" => "SHA256withRSA",
        "1.2.840.113549.1.1.12" => "SHA384withRSA",
        "1.2.840.113549.1.1.13" => "SHA512withRSA",
        "1.2.840.10045.4.3.2" => "SHA256withECDSA",
        "1.2.840.10045.4.3.3" => "SHA384withECDSA",
        "1.2.840.10045.4.3.4" => "SHA512withECDSA",
        _ => "Unknown",
    }
}
