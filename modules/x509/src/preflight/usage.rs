//! What the certificate may be used for.

use super::{Case, Findings, Rule};
use crate::extensions::{CLIENT_AUTH, KeyUsage, SERVER_AUTH};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    leaf_is_ca(case, findings);
    key_usage(case, findings);
    extended_key_usage(case, findings);
    critical(case, findings);
}

fn leaf_is_ca(case: &Case<'_>, findings: &mut Findings) {
    if case
        .leaf
        .extensions
        .basic_constraints
        .is_some_and(|constraints| constraints.ca)
    {
        findings.error(
            Rule::LeafIsCa,
            "the certificate is that of a CA",
            "Have it signed with a server template, not as a subordinate CA; or the wrong file was taken for it.",
        );
    }
}

/// RFC 5280 §4.2.1.3: without the extension every use is allowed.
fn key_usage(case: &Case<'_>, findings: &mut Findings) {
    let Some(usage) = &case.leaf.extensions.key_usage else {
        return;
    };
    let mut needed = vec![KeyUsage::DigitalSignature];
    if case.leaf.public_key.key.is_rsa() {
        needed.push(KeyUsage::KeyEncipherment);
    }
    needed.retain(|one| !usage.contains(one));
    if !needed.is_empty() {
        let needed: Vec<String> = needed.iter().map(ToString::to_string).collect();
        let message = format!("the key usage lacks {}", needed.join(" and "));
        findings.error(
            Rule::KeyUsage,
            message,
            "Have it signed with a template for web servers.",
        );
    }
}

fn extended_key_usage(case: &Case<'_>, findings: &mut Findings) {
    let extensions = &case.leaf.extensions;
    if !extensions.allows(SERVER_AUTH) {
        let hint = "Have it signed with a template that has server and client authentication.";
        findings.error(
            Rule::ServerAuth,
            "the extended key usage lacks server authentication",
            hint,
        );
    }
    if !extensions.allows(CLIENT_AUTH) {
        let notice = if case.runs("cucm") { "FN74345" } else { "FN74382" };
        findings.unless(
            ("allow_missing_client_auth", case.allowed.missing_client_auth),
            Rule::ClientAuth,
            "the extended key usage lacks client authentication",
            &format!(
                "The products authenticate each other with this certificate, and public CAs stop issuing client \
                 authentication: see Cisco's field notice {notice}. Have it signed by a private CA, with both."
            ),
        );
    }
}

/// Key usage and basic constraints; anything else critical breaks TLS from UCCX to CUCM.
const MAY_BE_CRITICAL: [&str; 2] = ["2.5.29.15", "2.5.29.19"];

fn critical(case: &Case<'_>, findings: &mut Findings) {
    let critical = case.leaf.extensions.critical.iter();
    let others: Vec<&str> = critical
        .map(String::as_str)
        .filter(|oid| !MAY_BE_CRITICAL.contains(oid))
        .collect();
    if case.is_vos() && !others.is_empty() {
        findings.error(
            Rule::CriticalExtension,
            format!("critical extensions: {}", others.iter().map(|oid| named(oid)).collect::<Vec<_>>().join(", ")),
            "Only key usage and basic constraints may be critical, else TLS from UCCX to CUCM fails. Have it signed \
             with a template that does not mark them so.",
        );
    }
}

fn named(oid: &str) -> String {
    match oid {
        "2.5.29.17" => "subject alternative name".to_owned(),
        "2.5.29.32" => "certificate policies".to_owned(),
        "2.5.29.37" => "extended key usage".to_owned(),
        _ => oid.to_owned(),
    }
}
