//! Names: those of the request, the host's, wildcards, the parent domain.

use std::collections::BTreeSet;

use super::{Case, Findings, Rule};
use crate::san::{AltName, DnsName, list};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    as_requested(case, findings);
    host(case, findings);
    wildcard(case, findings);
    parent_domain(case, findings);
}

/// VOS compares the two sets before it imports, unless the request has no names at all.
fn as_requested(case: &Case<'_>, findings: &mut Findings) {
    let (asked, given) = (case.request.names(), case.leaf.names());
    if asked.is_empty() || asked == given {
        return;
    }
    let lacking: BTreeSet<&AltName> = asked.difference(given).collect();
    let added: BTreeSet<&AltName> = given.difference(asked).collect();
    if !lacking.is_empty() {
        let message = format!("the certificate lacks names of its request: {}", list(lacking));
        findings.error(
            Rule::NamesMismatch,
            message,
            "Have the request signed again with all its names.",
        );
    }
    if !added.is_empty() {
        let message = format!(
            "the CA added names that the request does not have: {}",
            list(added)
        );
        if case.is_vos() {
            let hint = "VOS refuses it (CSR SAN and Certificate SAN does not match). Have the request signed with \
                        exactly its names; public CAs that add www. must be told not to.";
            findings.error(Rule::NamesMismatch, message, hint);
        } else {
            findings.warning(
                Rule::NamesMismatch,
                message,
                "Make sure that they are meant to be there.",
            );
        }
    }
}

fn host(case: &Case<'_>, findings: &mut Findings) {
    let names = case.leaf.names();
    let host = DnsName::new(case.fqdn);
    if names.iter().any(|name| covers(name, &host)) {
        return;
    }
    let common_name = case.leaf.subject.common_name().map(DnsName::new);
    if names.is_empty() && common_name.as_ref() == Some(&host) {
        findings.warning(
            Rule::HostNotNamed,
            format!(
                "only the common name says {}; there are no alternative names",
                case.fqdn
            ),
            "Current browsers and Java clients look at alternative names only. Ask for them in the request.",
        );
    } else {
        findings.error(
            Rule::HostNotNamed,
            format!("{} is not among the names: {}", case.fqdn, list(names)),
            "Clients that call the host by this name will refuse it. Make a request that names it.",
        );
    }
}

/// RFC 6125 §6.4.3: a star stands for exactly one label, the first.
fn covers(name: &AltName, host: &DnsName) -> bool {
    let Some(name) = name.as_dns() else { return false };
    match (name.strip_prefix("*."), host.as_str().split_once('.')) {
        (Some(domain), Some((_, parent))) => domain == parent,
        _ => name == host.as_str(),
    }
}

fn wildcard(case: &Case<'_>, findings: &mut Findings) {
    let in_names = case.leaf.names().iter().filter_map(AltName::as_dns);
    let all = in_names.chain(case.leaf.subject.common_name());
    let stars: BTreeSet<&str> = all.filter(|name| name.contains('*')).collect();
    if case.is_vos() && !stars.is_empty() {
        findings.error(
            Rule::Wildcard,
            format!("wildcard names: {}", stars.into_iter().collect::<Vec<_>>().join(", ")),
            "VOS products do not support wildcard certificates. Each node needs a certificate of its own name.",
        );
    }
}

fn parent_domain(case: &Case<'_>, findings: &mut Findings) {
    let Some((_, domain)) = case.fqdn.split_once('.') else {
        return;
    };
    let domain = AltName::dns(domain);
    if case.leaf.names().contains(&domain) && case.runs("finesse") {
        findings.warning(
            Rule::ParentDomain,
            format!("the parent domain is among the names: {domain}"),
            "This is known to break Finesse. Leave the parent domain out of the request.",
        );
    }
}
