//! Signing for VOS nodes, which say themselves what they hold.

use cutover_kit::estate::Node;
use cutover_kit::{AnyModule, FailureKind, Product, Value};
use cutover_vos::{VosCsr, VosIdentity, VosRestart, VosTrust};

use super::CertificatesFromCa;
use crate::TlsProof;
use crate::bench::{Bench, Went, vos};

fn single() -> [cutover_kit::Host; 1] {
    [vos("vvb-a", Product::Vvb, "vvb-a", Node::Primary)]
}

async fn step(bench: &Bench, module: &'static dyn AnyModule, args: &[(&str, &str)]) -> Went {
    let args = Value::map(args.iter().map(|(name, value)| (*name, bench_path(bench, value))));
    bench.run(module, args).await.unwrap()
}

/// What begins with `@` lies in the bench's folder.
fn bench_path(bench: &Bench, value: &str) -> String {
    value
        .strip_prefix('@')
        .map_or(value.to_owned(), |path| bench.text(path))
}

async fn request(bench: &Bench) {
    step(bench, &VosCsr, &[("unit", "tomcat"), ("dest", "@csr/vvb-a.csr")]).await;
}

async fn sign(bench: &Bench) -> Went {
    step(
        bench,
        &CertificatesFromCa,
        &[("csr_dir", "@csr"), ("signed_dir", "@signed")],
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn from_request_to_proof_and_then_there_is_nothing_left_to_do() {
    let bench = Bench::twins(single(), |_, _| {});
    request(&bench).await;
    assert_eq!(sign(&bench).await.failed(), []);
    assert_eq!(
        bench.warnings(),
        [
            "vvb-a: nobody has confirmed a backup (`backup_confirmed: true`); an identity import cannot be undone"
        ]
    );
    step(
        &bench,
        &VosTrust,
        &[("unit", "tomcat"), ("signed_dir", "@signed")],
    )
    .await;
    step(
        &bench,
        &VosIdentity,
        &[("unit", "tomcat"), ("cert", "@signed/vvb-a.pem")],
    )
    .await;

    // Installed, and not served before the restart.
    let cert = Value::map([("cert", bench.text("signed/vvb-a.pem"))]);
    let failure = bench.plan(&TlsProof, cert.clone()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotProved);
    assert!(
        failure.seen[0].contains("port 8443 serves vvb-a.example.com"),
        "{:?}",
        failure.seen
    );

    step(&bench, &VosRestart, &[]).await;
    let plan = bench.plan(&TlsProof, cert).await.unwrap();
    assert_eq!(plan.why, "the new certificate is served on 8443");
    // A release 12.6 has an ECDSA certificate and shows it to nobody.
    assert_eq!(plan.result["reported"], Value::List(Vec::new()));

    let again = sign(&bench).await;
    assert_eq!(again.why, "no slot has a request: nothing to sign");
    assert_eq!((again.changes.len(), again.failed()), (0, vec![]));
    assert_eq!(
        serde_json::to_value(&again.fields["nothing_to_sign"]).unwrap(),
        serde_json::json!([
            {"host": "vvb-a", "unit": "tomcat", "why": "its certificate is installed, and not due"}
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_lags_is_seen_before_the_window() {
    let bench = Bench::twins(single(), |_, twin| twin.clock_offset = -3 * 3600);
    request(&bench).await;
    let went = sign(&bench).await;
    assert_eq!(went.failed(), [("vvb-a", FailureKind::Preflight)]);
    let seen = &went.hosts["vvb-a"].seen;
    assert!(seen[0].starts_with("[not-yet-valid]"), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_lags_by_seconds_is_waited_for() {
    // Our own CA dates back by an hour.
    let bench = Bench::twins(single(), |_, twin| twin.clock_offset = -3630);
    request(&bench).await;
    let before = bench.elapsed();
    let went = sign(&bench).await;
    assert_eq!(went.failed(), []);
    let waited = bench.elapsed() - before;
    assert!((30..40).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_root_that_the_store_would_not_keep_is_seen_before_the_window() {
    let bench = Bench::twins(single(), |_, _| {});
    request(&bench).await;
    sign(&bench).await;
    step(
        &bench,
        &VosTrust,
        &[("unit", "tomcat"), ("signed_dir", "@signed")],
    )
    .await;

    // The lab's CA is lost and made anew under the same name. Its root began no later.
    for file in bench.files("state/ca") {
        std::fs::remove_file(bench.path("state/ca").join(file)).unwrap();
    }
    std::fs::remove_file(bench.path("signed/vvb-a.pem")).unwrap();
    let went = sign(&bench).await;
    let said: Vec<_> = went
        .hosts
        .values()
        .flat_map(|failure| &failure.seen)
        .chain(&bench.warnings())
        .cloned()
        .collect();
    assert!(
        said.iter().any(|line| line.contains("[same-common-name]")),
        "{said:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_is_judged_by_what_is_here() {
    let bench = Bench::twins(single(), |_, _| {});
    request(&bench).await;
    let bench = bench.cut_off("vvb-a");
    let went = sign(&bench).await;
    assert_eq!(went.failed(), []);
    let warnings = bench.warnings();
    assert!(
        warnings[0].starts_with("vvb-a could not be read, so not everything was checked: "),
        "{warnings:?}"
    );
}
