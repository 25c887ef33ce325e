//! Who trusts whom, on twins in memory.

use std::time::Duration;

use cutover_kit::estate::Node;
use cutover_kit::{FailureKind, Made, Product, Value};
use cutover_vos::{VosCsr, VosTrust};

use super::TrustedByCallers;
use crate::CertificatesFromCa;
use crate::bench::{Bench, vos};

/// A Finesse pair, and a CUIC that calls it.
fn estate() -> Bench {
    let hosts = [
        vos("fin-a", Product::Finesse, "fin", Node::Primary),
        vos("fin-b", Product::Finesse, "fin", Node::Secondary),
        vos("cuic-a", Product::Cuic, "cuic", Node::Primary),
    ];
    Bench::twins(hosts, |_, _| {})
}

/// Requests on these hosts, and what comes of them at the CA.
async fn requested(bench: &Bench, hosts: &[&str]) -> crate::bench::Went {
    for host in hosts {
        let args = Value::map([
            ("unit", "tomcat"),
            ("dest", &bench.text(&format!("csr/{host}.csr"))),
        ]);
        bench.run_on(host, &VosCsr, args).await.unwrap();
    }
    let args = Value::map([
        ("csr_dir", bench.text("csr")),
        ("signed_dir", bench.text("signed")),
    ]);
    bench.run(&CertificatesFromCa, args).await.unwrap()
}

fn signed(bench: &Bench) -> Value {
    Value::map([
        ("unit", "tomcat".to_owned()),
        ("signed_dir", bench.text("signed")),
    ])
}

#[tokio::test(start_paused = true)]
async fn callers_in_the_play_are_waited_for_until_their_trust_has_replicated() {
    let bench = estate();
    let went = requested(&bench, &["fin-a", "fin-b", "cuic-a"]).await;
    assert_eq!(went.failed(), []);
    for host in ["fin-a", "cuic-a"] {
        bench.run_on(host, &VosTrust, signed(&bench)).await.unwrap();
    }
    let plan = bench
        .plan_on("fin-a", &TrustedByCallers, signed(&bench))
        .await
        .unwrap();
    assert_eq!(plan.why, "the callers of fin-a trust its chain");
    assert_eq!(
        serde_json::to_value(&plan.result["callers"]).unwrap(),
        serde_json::json!([
            {"caller": "fin-b", "in_play": true, "trusts": true, "lacks": []},
            {"caller": "cuic-a", "in_play": true, "trusts": true, "lacks": []},
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn trust_that_never_comes_is_named_when_the_time_is_up() {
    let bench = estate();
    requested(&bench, &["fin-a", "fin-b", "cuic-a"]).await;
    bench.run_on("fin-a", &VosTrust, signed(&bench)).await.unwrap();
    let begun = bench.elapsed();
    let failure = bench
        .plan_on("fin-a", &TrustedByCallers, signed(&bench))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(
        failure.message,
        "not everybody who calls fin-a trusts its new chain"
    );
    assert_eq!(
        failure.seen,
        ["cuic-a lacks root \"Lab Root CA\", intermediate \"Lab Issuing CA 1\""]
    );
    let waited = bench.elapsed() - begun;
    assert!(waited >= Duration::from_secs(35 * 60), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_outside_the_play_stops_the_signing_before_any_window() {
    let bench = estate().playing(&["fin-a", "fin-b"]);
    let went = requested(&bench, &["fin-a", "fin-b"]).await;
    assert_eq!(
        went.failed(),
        [
            ("fin-a", FailureKind::Preflight),
            ("fin-b", FailureKind::Preflight)
        ]
    );
    let failure = &went.hosts["fin-a"];
    assert_eq!(
        failure.message,
        "fin-a has callers outside this play that will not trust it"
    );
    assert_eq!(
        failure.seen,
        ["cuic-a lacks root \"Lab Root CA\", intermediate \"Lab Issuing CA 1\""]
    );

    // The gate in the window says the same, at once: nobody in this run would import it.
    bench.run_on("fin-a", &VosTrust, signed(&bench)).await.unwrap();
    let failure = bench
        .plan_on("fin-a", &TrustedByCallers, signed(&bench))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Preflight);
}

#[tokio::test(start_paused = true)]
async fn a_site_may_decide_to_go_on_without_them() {
    let bench = estate().playing(&["fin-a", "fin-b"]);
    let bench = bench.deciding(|decisions| decisions.callers_outside_only_warn = true);
    let went = requested(&bench, &["fin-a", "fin-b"]).await;
    assert_eq!(went.failed(), []);
    let warning = "calls to fin-a will fail: cuic-a lacks root \"Lab Root CA\", intermediate \"Lab Issuing CA 1\" \
                   (`callers_outside: warn`)";
    assert!(
        bench.warnings().contains(&warning.to_owned()),
        "{:?}",
        bench.warnings()
    );

    bench.run_on("fin-a", &VosTrust, signed(&bench)).await.unwrap();
    let plan = bench
        .plan_on("fin-a", &TrustedByCallers, signed(&bench))
        .await
        .unwrap();
    assert_eq!(plan.why, "the callers of fin-a trust its chain");
}

#[tokio::test(start_paused = true)]
async fn a_check_run_waits_for_nothing_that_is_only_promised() {
    let bench = estate();
    requested(&bench, &["fin-a", "fin-b", "cuic-a"]).await;
    let trust = |host: &str| Made::Trust {
        host: host.into(),
        unit: "tomcat".into(),
    };
    let bench = bench.checking().making(trust("fin-a")).making(trust("cuic-a"));
    let begun = bench.elapsed();
    let plan = bench
        .plan_on("fin-a", &TrustedByCallers, signed(&bench))
        .await
        .unwrap();
    assert_eq!(plan.later.unwrap().after, "an earlier step");
    assert!(bench.elapsed() - begun < Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_is_not_due_has_nothing_to_be_trusted() {
    let hosts = [vos("fin-a", Product::Finesse, "fin", Node::Primary)];
    let bench = Bench::twins(hosts, |_, twin| {
        twin.certificate.signed = true;
        twin.certificate.expires_in = 300;
    });
    let bench = bench.without_ca();
    let plan = bench.plan(&TrustedByCallers, signed(&bench)).await.unwrap();
    assert_eq!(plan.why, "fin-a is not due: nothing new to trust");
}
