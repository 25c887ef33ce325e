//! The chain, its dates and its digests.

use super::{Case, Findings, Rule};
use crate::certificate::Certificate;
use crate::chain::{Chain, ChainError};

/// Gives back what is known of the chain, leaf first: the leaf alone where there is none.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) -> Vec<Certificate> {
    let chain = build(case, findings);
    for certificate in &chain {
        dates(case, certificate, findings);
        digest(certificate, findings);
    }
    chain
}

fn build(case: &Case<'_>, findings: &mut Findings) -> Vec<Certificate> {
    let alone = vec![case.leaf.clone()];
    if case.leaf.is_self_signed() {
        let hint = "The file is not what a CA returned; look for the one that is.";
        findings.error(Rule::SelfSigned, "the certificate is signed by its own key", hint);
        return alone;
    }
    match Chain::build(case.leaf, case.offered, case.ca, case.now) {
        Ok(chain) => chain.certificates().to_vec(),
        Err(error) => {
            no_chain(&error, findings);
            error.chain().map_or(alone, |chain| chain.certificates().to_vec())
        }
    }
}

fn no_chain(error: &ChainError, findings: &mut Findings) {
    let (rule, hint) = match error {
        ChainError::MissingIssuer { .. } => (
            Rule::MissingIssuer,
            "Ask the CA for this certificate and put it beside the others, or into the chain of the site's ca.",
        ),
        ChainError::BrokenLink { .. } => (
            Rule::BrokenChain,
            "The CA has renewed its key under the same name. Ask for the certificate of the key that signed.",
        ),
        ChainError::OtherRoot { .. } => (
            Rule::OtherRoot,
            "Either another CA signed it, or the chain given for the site's ca is not the right one.",
        ),
        ChainError::NotACa { .. } | ChainError::Circle { .. } | ChainError::Refused { .. } => (
            Rule::BrokenChain,
            "No client will accept this chain. Ask the CA for a correct one.",
        ),
        // Told certificate by certificate.
        ChainError::OutOfDate { .. } => return,
    };
    findings.error(rule, error.to_string(), hint);
}

fn dates(case: &Case<'_>, certificate: &Certificate, findings: &mut Findings) {
    let name = certificate.subject.short();
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let is_leaf = certificate == case.leaf;
    if case.now < begin {
        findings.error(
            Rule::NotYetValid,
            format!("{name} is not valid before {begin}, and the node's clock says {}", case.now),
            "Compare the node's clock with the CA's: if it is behind, mend NTP on the node (utils ntp status); if it \
             is right, wait.",
        );
    } else if case.now > end && is_leaf {
        let hint = "Have the request signed again.";
        findings.error(Rule::Expired, format!("{name} ended at {end}"), hint);
    } else if case.now > end {
        let hint = "VOS refuses expired certificates for its trust stores. Ask the CA for the renewed one.";
        findings.error(
            Rule::IssuerExpired,
            format!("the issuer {name} ended at {end}"),
            hint,
        );
    } else if case.until.is_some_and(|until| until > end) {
        let hint = "It would not outlive the change. Have it signed or renewed first.";
        findings.error(
            Rule::EndsInWindow,
            format!("{name} ends at {end}, before the window does"),
            hint,
        );
    }
}

/// Nobody verifies the signature that a root puts on itself.
fn digest(certificate: &Certificate, findings: &mut Findings) {
    let signature = &certificate.signature;
    if signature.hash.is_broken() && !certificate.is_self_signed() {
        findings.error(
            Rule::WeakHash,
            format!(
                "{} is signed with {}",
                certificate.subject.short(),
                signature.hash
            ),
            "Current clients refuse it. Have it signed with SHA-256.",
        );
    }
}
