//! What today's certificate has and the new one would lose.

use std::collections::BTreeSet;

use super::{Case, Findings, Rule};
use crate::certificate::Certificate;
use crate::key::Key;
use crate::san::{AltName, list};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(today) = case.today else { return };
    lost_names(case, today, findings);
    smaller_key(case, today, findings);
    multi_server(case, today, findings);
}

fn lost_names(case: &Case<'_>, today: &Certificate, findings: &mut Findings) {
    let lost: BTreeSet<&AltName> = today.names().difference(new_names(case)).collect();
    if !lost.is_empty() {
        findings.unless(
            ("accept_lost_names", case.allowed.lost_names),
            Rule::LostNames,
            format!("names of today's certificate go away: {}", list(lost)),
            "Clients that use them will refuse the new certificate. Make a request that has them.",
        );
    }
}

/// What the request asks for; a CA may choose where it asks for nothing.
fn new_names<'a>(case: &Case<'a>) -> &'a BTreeSet<AltName> {
    let asked = case.request.names();
    if asked.is_empty() {
        case.leaf.names()
    } else {
        asked
    }
}

fn smaller_key(case: &Case<'_>, today: &Certificate, findings: &mut Findings) {
    let (old, new) = (&today.public_key.key, &case.leaf.public_key.key);
    let comparable = matches!(
        (old, new),
        (Key::Rsa { .. }, Key::Rsa { .. }) | (Key::Ec { .. }, Key::Ec { .. })
    );
    if comparable && new.bits() < old.bits() {
        findings.unless(
            ("accept_smaller_key", case.allowed.smaller_key),
            Rule::SmallerKey,
            format!("the key is smaller than today's: {new} instead of {old}"),
            "The command line of a VOS node always asks for RSA 2048 or EC P-384; the administration pages can ask \
             for more.",
        );
    }
}

fn multi_server(case: &Case<'_>, today: &Certificate, findings: &mut Findings) {
    if !case.is_vos() || !serves_several(case, today.subject.common_name(), today.names()) {
        return;
    }
    if serves_several(case, case.leaf.subject.common_name(), new_names(case)) {
        return;
    }
    findings.unless(
        ("accept_multi_server", case.allowed.multi_server),
        Rule::MultiServer,
        format!(
            "today's certificate, {}, serves several nodes; the new one serves one",
            today.subject.short()
        ),
        "Its key and certificate are on every node of the cluster. Make the request with distribution \
         Multi-server(SAN) in the administration pages, or rotate every node to a certificate of its own.",
    );
}

/// A multi-server request puts `-ms` behind the host's name, and names every node.
fn serves_several(case: &Case<'_>, common_name: Option<&str>, names: &BTreeSet<AltName>) -> bool {
    let host = common_name
        .and_then(|name| name.split('.').next())
        .unwrap_or_default();
    host.to_ascii_lowercase().ends_with("-ms")
        || case
            .members
            .iter()
            .any(|member| names.contains(&AltName::dns(member)))
}
