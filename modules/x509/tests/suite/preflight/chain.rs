//! The chain, its dates, and the trust store it goes into.

use cutover_x509::Certificate;
use cutover_x509::preflight::Rule;

use super::bench::{Bench, error, warning};
use crate::make::{NOW, Recipe, ca, days, p256};

#[test]
fn a_self_signed_file_in_place_of_the_answer() {
    let bench = Bench::new();
    let own = bench.recipe.self_signed().certificate;
    assert_eq!(
        error(&bench.findings_of(&own, |_| {})),
        (Rule::SelfSigned, "the certificate is signed by its own key")
    );
}

#[test]
fn chains_that_are_not_whole() {
    let bench = Bench::new();
    let missing = bench.findings(|case| case.offered = &[]);
    let (rule, message) = error(&missing);
    assert_eq!(rule, Rule::MissingIssuer);
    assert!(message.starts_with("the issuer of CN=fin-a.example.com,O=Example,C=DE is missing: CN=Issuing,"));

    let impostor = [ca("Issuing").signed_by(&bench.root).certificate];
    assert_eq!(
        error(&bench.with_offered(&bench.leaf(), &impostor)).0,
        Rule::BrokenChain
    );

    let elsewhere = ca("Elsewhere").self_signed();
    let leaf = bench.recipe.signed_by(&elsewhere).certificate;
    let offered = [elsewhere.certificate];
    let findings = bench.with_offered(&leaf, &offered);
    assert_eq!(
        error(&findings),
        (
            Rule::OtherRoot,
            "the chain ends at CN=Elsewhere,O=Example,C=DE, which is not the root of the given CA"
        )
    );
}

#[test]
fn dates_against_the_clock_of_the_node() {
    let bench = Bench::new();
    let behind = bench.findings(|case| case.now = NOW - days(2));
    assert_eq!(
        error(&behind),
        (
            Rule::NotYetValid,
            "fin-a.example.com is not valid before 2027-01-14T08:00:00Z, and the node's clock says 2027-01-13T08:00:00Z"
        )
    );
    assert!(behind[0].hint.contains("NTP"));
    let late = bench.findings(|case| case.now = NOW + days(91));
    assert_eq!(
        error(&late),
        (Rule::Expired, "fin-a.example.com ended at 2027-04-15T08:00:00Z")
    );
    let window = bench.findings(|case| case.until = Some(NOW + days(91)));
    assert_eq!(
        error(&window),
        (
            Rule::EndsInWindow,
            "fin-a.example.com ends at 2027-04-15T08:00:00Z, before the window does"
        )
    );
    let mut old_ca = Bench::new();
    old_ca.issuing = Recipe {
        to: NOW - days(1),
        ..ca("Issuing")
    }
    .signed_by(&old_ca.root);
    assert_eq!(
        error(&old_ca.findings(|_| {})),
        (
            Rule::IssuerExpired,
            "the issuer Issuing ended at 2027-01-14T08:00:00Z"
        )
    );
}

#[test]
fn the_trust_store_keeps_one_certificate_per_name() {
    let bench = Bench::new();
    let issuing = &bench.issuing.certificate;
    let with_store = |stored: Certificate| bench.with_store(&[stored]);
    let stored = |same_key: bool, begin: i64| {
        let key = if same_key {
            bench.issuing.key.clone()
        } else {
            p256()
        };
        let recipe = Recipe {
            key,
            from: NOW - days(365) + days(begin),
            ..ca("Issuing")
        };
        recipe.signed_by(&bench.root).certificate
    };
    assert_eq!(with_store(issuing.clone()), []);
    assert_eq!(with_store(stored(true, -1)), []);
    assert_eq!(with_store(ca("Somebody else").self_signed().certificate), []);

    let renewed = stored(true, 1);
    let serial = renewed.serial.clone();
    assert_eq!(
        warning(&with_store(renewed)),
        (
            Rule::SameCommonName,
            &*format!(
                "Issuing will not be stored: the trust store holds a newer certificate of the same CA (serial \
                 {serial}, from 2026-01-16T08:00:00Z)"
            )
        )
    );
    let (rule, message) = (
        Rule::SameCommonName,
        "Issuing will replace another CA of the same common name",
    );
    let findings = with_store(stored(false, -1));
    assert!(
        warning(&findings).0 == rule && findings[0].message.starts_with(message),
        "{findings:?}"
    );
    for begin in [0, 1] {
        let findings = with_store(stored(false, begin));
        let message = "Issuing will not be stored: the trust store holds another CA";
        assert!(
            error(&findings).0 == rule && findings[0].message.starts_with(message),
            "{findings:?}"
        );
    }
}

#[test]
fn a_root_and_an_intermediate_of_one_common_name() {
    let mut bench = Bench::new();
    bench.root = Recipe {
        organization: "Upper".into(),
        ..ca("Twins")
    }
    .self_signed();
    bench.issuing = Recipe {
        organization: "Lower".into(),
        ..ca("Twins")
    }
    .signed_by(&bench.root);
    let findings = bench.findings(|_| {});
    let (rule, message) = error(&findings);
    assert_eq!(rule, Rule::SameCommonName);
    assert!(
        message.starts_with("two certificates of the chain have the common name Twins"),
        "{message}"
    );
}
