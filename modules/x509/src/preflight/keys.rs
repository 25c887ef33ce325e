//! Keys and the signature: match, kind, size, EC units, digests.

use super::{Case, Findings, Rule};
use crate::key::Key;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    matches_request(case, findings);
    kind(case, findings);
    size(case, findings);
    ecdsa(case, findings);
}

fn matches_request(case: &Case<'_>, findings: &mut Findings) {
    let (asked, given) = (&case.request.public_key, &case.leaf.public_key);
    if asked.sha256 != given.sha256 {
        findings.error(
            Rule::KeyMismatch,
            format!("the certificate has another key ({}) than its request ({})", given.key, asked.key),
            "It was signed from another request: an older one of this host, or another host's. A host keeps one \
             request per slot; have the one that is there now signed.",
        );
    }
}

fn kind(case: &Case<'_>, findings: &mut Findings) {
    let key = &case.leaf.public_key.key;
    if case.is_ecdsa_unit() && !key.is_ec() {
        let message = format!("{} needs an EC key, but this is {key}", case.slot);
        findings.error(
            Rule::KeyType,
            message,
            "Make the request for this unit, and no other, and have it signed.",
        );
    } else if case.is_vos() && !case.is_ecdsa_unit() && !key.is_rsa() {
        let message = format!("{} needs an RSA key, but this is {key}", case.slot);
        findings.error(
            Rule::KeyType,
            message,
            "EC certificates belong into the unit with -ECDSA in its name.",
        );
    }
}

fn size(case: &Case<'_>, findings: &mut Findings) {
    let Key::Rsa { bits } = case.leaf.public_key.key else {
        return;
    };
    if case.is_vos() && case.runs("uccx") && !matches!(bits, 1024 | 2048) {
        let message = format!("the key has {bits} bits");
        findings.error(
            Rule::KeySize,
            message,
            "UCCX takes 1024 and 2048 bits only. Ask for 2048.",
        );
    } else if case.is_vos() && bits > 4096 {
        let message = format!("the key has {bits} bits");
        findings.error(
            Rule::KeySize,
            message,
            "VOS takes 4096 bits at most. Ask for 2048.",
        );
    } else if bits < 2048 {
        let message = format!("the key has only {bits} bits");
        findings.warning(
            Rule::KeySize,
            message,
            "Less than 2048 bits are too weak for current clients.",
        );
    }
}

fn ecdsa(case: &Case<'_>, findings: &mut Findings) {
    if case.is_ecdsa_unit() && case.leaf.signature.is_rsa() {
        findings.error(
            Rule::EcdsaSignedByRsa,
            format!("the certificate for {} is signed by an RSA key", case.slot),
            "It would not be presented to clients, and on SocialMiner it breaks e-mail and chat (CSCvb58580). Have \
             it signed by a CA with an EC key, or install the COP file that stops ECDSA from being presented.",
        );
    }
}
