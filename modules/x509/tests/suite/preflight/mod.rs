//! Every rule of the preflight: a good certificate, broken in one way, and the one finding it gives.

mod bench;
mod chain;
mod keys;
mod names;
mod today;
mod usage;

use cutover_x509::preflight::{Allowed, System};

use crate::make::{self, NOW, days, p256, request, rsa};
use bench::{Bench, HOST};

#[test]
fn a_good_certificate_has_no_findings_anywhere() {
    let bench = Bench::new();
    for system in [System::Vos, System::Windows, System::Cvp] {
        assert_eq!(bench.findings(|case| case.system = system), []);
    }
    assert_eq!(bench.with_today(&bench.leaf(), Allowed::default()), []);
    let ec = Bench::with_key(p256());
    assert_eq!(ec.findings(|case| case.slot = "tomcat-ECDSA"), []);
}

#[test]
fn all_findings_come_at_once_and_in_order_as_data() {
    let mut bench = Bench::with_key(rsa(1024));
    bench.request = request(&make::RSA, HOST, &["DNS:a", "DNS:b"]);
    bench.recipe.extended = vec!["serverAuth"];
    bench.recipe.to = NOW - days(1);
    let findings = bench.findings(|case| case.allowed.missing_client_auth = true);
    let codes: Vec<String> = findings.iter().map(|finding| finding.rule.to_string()).collect();
    let expected = [
        "key-mismatch",
        "names-mismatch",
        "names-mismatch",
        "key-size",
        "client-auth",
        "expired",
    ];
    assert_eq!(codes, expected);
    assert_eq!(
        serde_json::to_value(&findings[4]).unwrap(),
        serde_json::json!({
            "rule": "client-auth",
            "severity": "warning",
            "message": "the extended key usage lacks client authentication",
            "hint": "Allowed by allow_missing_client_auth.",
        })
    );
    assert_eq!(
        findings[5].to_string(),
        "[expired] fin-a.example.com ended at 2027-01-14T08:00:00Z. Have the request signed again."
    );
}
