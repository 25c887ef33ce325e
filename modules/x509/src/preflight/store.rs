//! The trust store of a VOS unit, which keeps one certificate per common name: a newer one (by its
//! beginning) replaces the one that is there, an older one is not stored.

use super::{Case, Findings, Rule};
use crate::certificate::Certificate;

pub(super) fn check(case: &Case<'_>, chain: &[Certificate], findings: &mut Findings) {
    if !case.is_vos() {
        return;
    }
    let issuers = chain.get(1..).unwrap_or_default();
    for (index, issuer) in issuers.iter().enumerate() {
        for other in case.store.iter().filter(|other| collide(issuer, other)) {
            against_stored(issuer, other, findings);
        }
        for other in issuers[index + 1..].iter().filter(|other| collide(issuer, other)) {
            findings.error(
                Rule::SameCommonName,
                format!(
                    "two certificates of the chain have the common name {} (serials {} and {})",
                    issuer.subject.short(), issuer.serial, other.serial
                ),
                "The trust store keeps one certificate per common name, so the chain can never be whole there.",
            );
        }
    }
}

fn collide(one: &Certificate, other: &Certificate) -> bool {
    one.subject.common_name().is_some()
        && one.subject.common_name() == other.subject.common_name()
        && one != other
}

fn against_stored(new: &Certificate, stored: &Certificate, findings: &mut Findings) {
    let name = new.subject.short();
    let same_key = new.is_same_authority(stored);
    let replaces = new.not_before > stored.not_before;
    let of_stored = format!("serial {}, from {}", stored.serial, stored.not_before);
    match (replaces, same_key) {
        (true, true) => {}
        (true, false) => findings.warning(
            Rule::SameCommonName,
            format!("{name} will replace another CA of the same common name in the trust store ({of_stored})"),
            "Whatever that other CA has signed will no longer be trusted there. Make sure that nothing is left of it.",
        ),
        (false, true) => findings.warning(
            Rule::SameCommonName,
            format!("{name} will not be stored: the trust store holds a newer certificate of the same CA ({of_stored})"),
            "Its key is the same, so the chain holds through it.",
        ),
        (false, false) => findings.error(
            Rule::SameCommonName,
            format!("{name} will not be stored: the trust store holds another CA of the same common name that is not older ({of_stored})"),
            "The certificate would be refused (CA certificate is not available in the trust-store). Delete the other \
             one from the trust store first, if nothing depends on it.",
        ),
    }
}
