//! From requests to checked certificates, as stories.

use std::process::Command;

use cutover_kit::{FailureKind, Host, Made, Value};

use super::*;
use crate::bench::{Bench, host, with_local_ca};
use crate::pki::{Wish, answer, elsewhere, pem, wish};

fn args(bench: &Bench) -> Value {
    Value::map([
        ("csr_dir", bench.path("csr").to_str().unwrap()),
        ("signed_dir", bench.path("signed").to_str().unwrap()),
    ])
}

async fn run(bench: &Bench) -> crate::bench::Went {
    bench.run(&CertificatesFromCa, args(bench)).await.unwrap()
}

/// Two hosts whose real CA is known by its chain, and their requests.
fn by_hand() -> (Bench, cutover_x509::authority::Authority, [Wish; 2]) {
    let ca = elsewhere("Corp");
    let bench = Bench::new([host("fin-a"), host("fin-b")]).under(&pem(ca.chain()));
    let wishes = ["fin-a", "fin-b"].map(|name| {
        let wish = wish(&[&format!("{name}.example.com")], None);
        bench.put(&format!("csr/{name}.csr"), &wish.pem);
        wish
    });
    (bench, ca, wishes)
}

#[tokio::test]
async fn a_ca_of_ours_signs_and_openssl_agrees() {
    let bench = Bench::new([with_local_ca("fin-a", "Lab"), with_local_ca("cuic-a", "Lab")]);
    for name in ["fin-a", "cuic-a"] {
        let wish = wish(&[&format!("{name}.example.com")], None);
        bench.put(&format!("csr/{name}.csr"), wish.pem);
    }
    let went = run(&bench).await;
    assert_eq!(
        went.changes,
        [
            "sign the request of fin-a by Lab",
            "sign the request of cuic-a by Lab"
        ]
    );
    assert_eq!(went.failed(), []);
    assert_eq!(bench.files("signed"), ["cuic-a.pem", "fin-a.pem"]);

    let bundle = bench.get("signed/fin-a.pem");
    let certificates = cutover_x509::read_certificates(bundle.as_bytes()).unwrap();
    bench.put("leaf.pem", certificates[0].to_pem());
    bench.put("between.pem", certificates[1].to_pem());
    bench.put("root.pem", certificates[2].to_pem());
    let verified = Command::new("openssl")
        .args([
            "verify",
            "-attime",
            "1795262400",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "between.pem",
        ])
        .args(["-verify_hostname", "fin-a.example.com", "leaf.pem"])
        .current_dir(bench.folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&verified.stdout), "leaf.pem: OK\n");

    let again = run(&bench).await;
    assert!(again.changes.is_empty(), "{:?}", again.changes);
    assert_eq!(bench.get("signed/fin-a.pem"), bundle, "nothing is signed twice");
}

#[tokio::test]
async fn people_sign_and_the_same_run_goes_on() {
    let (bench, ca, [fin_a, fin_b]) = by_hand();
    let waiting = run(&bench).await;
    assert_eq!(waiting.why, "2 of 2 requests for people to sign");
    assert_eq!(
        waiting.failed(),
        [("fin-a", FailureKind::Awaiting), ("fin-b", FailureKind::Awaiting)]
    );
    let failure = &waiting.hosts["fin-a"];
    let request = bench.path("csr/fin-a.csr");
    assert_eq!(
        failure.message,
        format!(
            "fin-a waits for its certificate: have {} signed",
            request.display()
        )
    );
    assert!(
        failure
            .hint
            .as_ref()
            .unwrap()
            .contains(bench.path("signed").to_str().unwrap())
    );

    // One answer comes, as a leaf alone under a name of the CA's own.
    let leaf = answer(&ca, &fin_a);
    bench.put("signed/download (1).cer", leaf.der());
    let half = run(&bench).await;
    assert_eq!(
        half.changes,
        ["put the certificate of fin-a and its chain into one file"]
    );
    assert_eq!(half.failed(), [("fin-b", FailureKind::Awaiting)]);
    let expected = [&leaf].into_iter().chain(ca.chain().iter().rev());
    assert_eq!(bench.get("signed/fin-a.pem"), pem(expected));

    bench.put("signed/b.p7b", pem([&answer(&ca, &fin_b), &ca.chain()[1]]));
    let whole = run(&bench).await;
    assert_eq!(whole.failed(), []);
    assert_eq!(bench.warnings(), Vec::<String>::new());
    assert!(run(&bench).await.changes.is_empty());
}

#[tokio::test]
async fn swapped_answers_find_their_hosts_and_are_told_of() {
    let (bench, ca, [fin_a, fin_b]) = by_hand();
    let (of_a, of_b) = (answer(&ca, &fin_a), answer(&ca, &fin_b));
    bench.put("signed/fin-a.pem", pem([&of_b, &ca.chain()[1]]));
    bench.put("signed/fin-b.pem", of_a.to_pem());
    let went = run(&bench).await;
    assert_eq!(went.failed(), []);
    assert!(bench.get("signed/fin-a.pem").starts_with(&of_a.to_pem()));
    assert!(bench.get("signed/fin-b.pem").starts_with(&of_b.to_pem()));
    assert_eq!(
        bench.warnings(),
        [
            "fin-b.pem holds the certificate of fin-a: taken by its key",
            "fin-a.pem holds the certificate of fin-b: taken by its key",
        ]
    );
    assert!(run(&bench).await.changes.is_empty());
}

#[tokio::test]
async fn an_answer_to_an_older_request_is_named_as_such() {
    let (bench, ca, [_, fin_b]) = by_hand();
    let older = wish(&["fin-a.example.com"], None);
    bench.put("signed/fin-a.pem", answer(&ca, &older).to_pem());
    bench.put("signed/fin-b.pem", answer(&ca, &fin_b).to_pem());
    let went = run(&bench).await;
    assert_eq!(went.failed(), [("fin-a", FailureKind::Awaiting)]);
    assert_eq!(
        went.hosts["fin-a"].seen,
        ["fin-a.pem is for the same names, but its key is not the request's: it answers an older request"]
    );
}

#[tokio::test]
async fn what_belongs_to_nobody_is_told_of_and_passed_over() {
    let (bench, ca, [fin_a, fin_b]) = by_hand();
    bench.put("signed/fin-a.pem", answer(&ca, &fin_a).to_pem());
    bench.put("signed/fin-b.pem", answer(&ca, &fin_b).to_pem());
    bench.put(
        "signed/other.pem",
        answer(&ca, &wish(&["shop.example.com"], None)).to_pem(),
    );
    bench.put("signed/readme.txt", "thank you for your order");
    let went = run(&bench).await;
    assert_eq!(went.failed(), []);
    let warnings = bench.warnings();
    assert!(
        warnings[0].starts_with("readme.txt is passed over: "),
        "{warnings:?}"
    );
    assert_eq!(
        warnings[1..],
        ["other.pem holds a certificate of shop.example.com that answers no request"]
    );
}

#[tokio::test]
async fn every_reason_against_a_certificate_is_said_at_once() {
    let (bench, _, [fin_a, fin_b]) = by_hand();
    let stranger = elsewhere("Somebody else");
    bench.put(
        "signed/a.pem",
        pem([&answer(&stranger, &fin_a)].into_iter().chain(stranger.chain())),
    );
    let other_names = wish(&["fin-b.example.com"], None);
    bench.put("csr/fin-b.csr", other_names.pem);
    drop(fin_b);
    let went = run(&bench).await;
    assert_eq!(
        went.failed(),
        [
            ("fin-a", FailureKind::Preflight),
            ("fin-b", FailureKind::Awaiting)
        ]
    );
    let failure = &went.hosts["fin-a"];
    assert_eq!(failure.message, "the certificate for fin-a must not be installed");
    assert!(failure.seen[0].starts_with("[other-root]"), "{:?}", failure.seen);
}

#[tokio::test]
async fn the_sites_command_is_asked_once_for_all() {
    let ca = elsewhere("Corp");
    let script = "for csr in $(cat); do echo \"$(basename $csr)\" >> asked; cp answers/$(basename $csr .csr).pem $2/; done";
    let command: Vec<_> = ["/bin/sh", "-c", script, "sign"].map(str::to_owned).into();
    let asking = |name: &str| Host {
        ca_command: Some(command.clone()),
        ..host(name)
    };
    let bench = Bench::new([asking("fin-a"), asking("fin-b")]);
    std::fs::create_dir(bench.path("answers")).unwrap();
    for name in ["fin-a", "fin-b"] {
        let wish = wish(&[&format!("{name}.example.com")], None);
        bench.put(&format!("csr/{name}.csr"), &wish.pem);
        let whole = pem([&answer(&ca, &wish)].into_iter().chain(ca.chain()));
        bench.put(&format!("answers/{name}.pem"), whole);
    }
    let went = run(&bench).await;
    assert_eq!(went.changes, ["have fin-a, fin-b signed by /bin/sh"]);
    assert_eq!(went.failed(), []);
    assert_eq!(bench.get("asked"), "fin-a.csr\nfin-b.csr\n");

    assert!(run(&bench).await.changes.is_empty());
    assert_eq!(
        bench.get("asked"),
        "fin-a.csr\nfin-b.csr\n",
        "it is not asked again"
    );
}

#[tokio::test]
async fn a_command_that_fails_is_quoted_and_stops_only_its_own_hosts() {
    let script = "echo the CA is closed >&2; exit 4";
    let failing = Host {
        ca_command: Some(["/bin/sh", "-c", script].map(str::to_owned).into()),
        ..host("fin-a")
    };
    let silent = Host {
        ca_command: Some(vec!["/bin/true".to_owned()]),
        ..host("fin-b")
    };
    let bench = Bench::new([failing, silent, with_local_ca("cuic-a", "Lab")]);
    for name in ["fin-a", "fin-b", "cuic-a"] {
        bench.put(
            &format!("csr/{name}.csr"),
            wish(&[&format!("{name}.example.com")], None).pem,
        );
    }
    let went = run(&bench).await;
    assert_eq!(
        went.failed(),
        [("fin-a", FailureKind::Refused), ("fin-b", FailureKind::Awaiting)]
    );
    assert_eq!(went.hosts["fin-a"].message, "ca_command ended with 4: /bin/sh");
    assert_eq!(went.hosts["fin-a"].seen, ["the CA is closed"]);
    assert!(
        went.hosts["fin-b"]
            .message
            .starts_with("fin-b waits: ca_command has brought no answer")
    );
}

#[tokio::test]
async fn a_host_without_a_request_has_nothing_to_sign() {
    let bench = Bench::new([with_local_ca("fin-a", "Lab")]);
    let went = run(&bench).await;
    assert_eq!(went.why, "no slot has a request: nothing to sign");
    assert_eq!((went.changes.len(), went.failed()), (0, vec![]));
    assert_eq!(
        serde_json::to_value(&went.fields["nothing_to_sign"]).unwrap(),
        serde_json::json!([{"host": "fin-a", "unit": "tomcat", "why": "no request: nothing to sign"}])
    );
}

#[tokio::test]
async fn a_request_that_does_not_read_stops_its_host_only() {
    let bench = Bench::new([with_local_ca("fin-a", "Lab"), with_local_ca("fin-b", "Lab")]);
    bench.put("csr/fin-a.csr", "-----BEGIN CERTIFICATE REQUEST-----\nMII");
    bench.put("csr/fin-b.csr", wish(&["fin-b.example.com"], None).pem);
    let went = run(&bench).await;
    assert_eq!(went.failed(), [("fin-a", FailureKind::Preflight)]);
    assert_eq!(bench.files("signed"), ["fin-b.pem"]);
}

#[tokio::test]
async fn each_unit_has_files_of_its_own() {
    let both = Host {
        units: vec!["tomcat".to_owned(), "tomcat-ECDSA".to_owned()],
        ..with_local_ca("uccx-a", "Lab")
    };
    let bench = Bench::new([both]);
    bench.put("csr/uccx-a.csr", wish(&["uccx-a.example.com"], None).pem);
    bench.put(
        "csr/uccx-a-tomcat-ECDSA.csr",
        wish(&["uccx-a.example.com"], None).pem,
    );
    let went = run(&bench).await;
    assert_eq!(went.failed(), []);
    assert_eq!(bench.files("signed"), ["uccx-a-tomcat-ECDSA.pem", "uccx-a.pem"]);
    assert_eq!(went.fields["certificates"].as_list().unwrap().len(), 2);
}

#[tokio::test]
async fn in_a_check_run_requests_that_are_to_be_made_pass_through() {
    let bench = Bench::new([with_local_ca("fin-a", "Lab"), with_local_ca("fin-b", "Lab")]).checking();
    let csr = bench.path("csr/fin-a.csr");
    let bench = bench.making(Made::File(csr));
    bench.put("csr/fin-b.csr", wish(&["fin-b.example.com"], None).pem);
    let plan = bench.plan(&CertificatesFromCa, args(&bench)).await.unwrap();
    assert_eq!(plan.why, "1 request, and 1 still to be made");
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.later.unwrap().after, "an earlier step");
    let pems = ["fin-b.pem", "fin-a.pem"].map(|name| Made::File(bench.path("signed").join(name)));
    assert_eq!(plan.makes, pems);
}

#[tokio::test]
async fn a_check_run_says_beforehand_who_would_stop_or_wait() {
    let (bench, _, [fin_a, _]) = by_hand();
    let stranger = elsewhere("Somebody else");
    let chain = stranger.chain();
    bench.put(
        "signed/a.pem",
        pem([&answer(&stranger, &fin_a)].into_iter().chain(chain)),
    );
    let bench = bench.checking();
    let plan = bench.plan(&CertificatesFromCa, args(&bench)).await.unwrap();
    assert_eq!(
        plan.makes,
        ["fin-a.pem", "fin-b.pem"].map(|name| Made::File(bench.path("signed").join(name)))
    );
    let [stops, waits] = &bench.warnings()[..] else {
        panic!("{:?}", bench.warnings())
    };
    assert!(
        stops.starts_with(
            "in a run fin-a would stop here: the certificate for fin-a must not be installed; [other-root]"
        ),
        "{stops}"
    );
    assert!(
        waits.starts_with("in a run fin-b would wait here: fin-b waits for its certificate"),
        "{waits}"
    );
    let row = &plan.result["certificates"].as_list().unwrap()[0];
    assert_eq!(row.get("host"), Some(&Value::from("fin-a")));
}

#[tokio::test]
async fn answers_for_lanes_that_are_not_here_yet_are_no_strangers() {
    let (bench, ca, [fin_a, fin_b]) = by_hand();
    let bench = bench.standing_for(&["fin-a"]);
    bench.put("signed/fin-a.pem", answer(&ca, &fin_a).to_pem());
    bench.put("signed/from-ca.pem", answer(&ca, &fin_b).to_pem());
    let went = run(&bench).await;
    assert_eq!(went.failed(), []);
    assert_eq!(bench.warnings(), Vec::<String>::new());
}
