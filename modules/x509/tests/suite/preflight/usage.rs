//! What the certificate may be used for.

use cutover_x509::KeyUsage;
use cutover_x509::preflight::{Rule, System};

use super::bench::{Bench, error, warning};
use crate::make::p256;

#[test]
fn a_leaf_that_is_a_ca() {
    let findings = Bench::findings_of_recipe(|recipe| recipe.ca = Some(None));
    assert_eq!(
        error(&findings),
        (Rule::LeafIsCa, "the certificate is that of a CA")
    );
}

#[test]
fn key_usages_that_are_lacking() {
    let usage = |usage: Option<Vec<KeyUsage>>| Bench::findings_of_recipe(|recipe| recipe.key_usage = usage);
    assert_eq!(
        error(&usage(Some(vec![KeyUsage::DigitalSignature]))),
        (Rule::KeyUsage, "the key usage lacks keyEncipherment")
    );
    assert_eq!(
        error(&usage(Some(vec![KeyUsage::DataEncipherment]))),
        (
            Rule::KeyUsage,
            "the key usage lacks digitalSignature and keyEncipherment"
        )
    );
    assert_eq!(usage(None), []);
    let mut ec = Bench::with_key(p256());
    ec.recipe.key_usage = Some(vec![KeyUsage::DigitalSignature]);
    assert_eq!(ec.findings(|case| case.slot = "tomcat-ECDSA"), []);
}

#[test]
fn server_and_client_authentication() {
    let usage = |usage: &[&'static str]| {
        let mut bench = Bench::new();
        bench.recipe.extended = usage.to_vec();
        bench
    };
    assert_eq!(
        error(&usage(&["clientAuth"]).findings(|_| {})),
        (
            Rule::ServerAuth,
            "the extended key usage lacks server authentication"
        )
    );
    let server_only = usage(&["serverAuth"]);
    let message = "the extended key usage lacks client authentication";
    let findings = server_only.findings(|_| {});
    assert_eq!(error(&findings), (Rule::ClientAuth, message));
    assert!(findings[0].hint.contains("FN74382") && findings[0].hint.contains("allow_missing_client_auth"));
    let on_cucm = server_only.findings(|case| case.products = &["cucm"]);
    assert!(on_cucm[0].hint.contains("FN74345"));
    let allowed = server_only.findings(|case| case.allowed.missing_client_auth = true);
    assert_eq!(warning(&allowed), (Rule::ClientAuth, message));
    for good in [&[][..], &["anyExtendedKeyUsage"]] {
        assert_eq!(usage(good).findings(|_| {}), []);
    }
}

#[test]
fn a_critical_extension() {
    let mut bench = Bench::new();
    bench.recipe.extended_is_critical = true;
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::CriticalExtension, "critical extensions: extended key usage")
    );
    assert_eq!(bench.findings(|case| case.system = System::Windows), []);
}
