//! What the modules decide: what is due, what is kept, what is refused before anything is sent.

use cutover_kit::estate::Ca;
use cutover_kit::value::Later;
use cutover_kit::{FailureKind, Made, Node, Product, Reach, Value, Write};
use cutover_vos::{Unit, Vos};

use crate::steps::*;
use crate::support::{CSR, Lab, SIGNED, finesse_pair, host, single};

#[tokio::test(start_paused = true)]
async fn a_request_is_kept_until_it_is_answered() {
    let lab = Lab::new(single());
    let first = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert!(
        first.why.starts_with("tomcat is due: self-signed; ends at"),
        "{}",
        first.why
    );
    let kept = lab.file(&format!("{CSR}/vvb.csr"));

    let again = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(again.changes, Vec::<String>::new());
    assert_eq!(again.why, "the request on the node is in the file");

    lab.put(&format!("{CSR}/vvb.csr"), b"something else");
    let mended = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(mended.changes, ["write the request to /work/csr/vvb.csr"]);
    assert_eq!(lab.file(&format!("{CSR}/vvb.csr")), kept);
    assert_eq!(lab.happened(), ["vvb: request tomcat"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_does_not_fit_is_not_replaced_silently() {
    let mut hosts = single();
    hosts[0].fqdn = "vvb.example.com".into();
    let lab = Lab::new(hosts);
    go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;

    // The inventory learns that callers use another name.
    let mut renamed = lab.clone();
    let mut hosts = single();
    hosts[0].fqdn = "ivr.example.com".into();
    renamed.estate = std::sync::Arc::new(cutover_kit::Estate::new(hosts));
    let failure = fails(&renamed, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert_eq!(
        failure.message,
        "a request waits in tomcat of vvb, and it does not name ivr.example.com"
    );
    assert!(failure.hint.unwrap().starts_with("`replace: true` makes another"));
    assert_eq!(lab.happened(), ["vvb: request tomcat"]);
}

#[tokio::test(start_paused = true)]
async fn rotate_always_makes_a_slot_due_once() {
    let mut lab = Lab::new(single());
    lab.rotate_always = true;
    up_to_trust(&lab, "vvb").await;
    go(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    let again = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(again.changes, Vec::<String>::new());

    // Another run begins with the new certificate.
    lab.trace.at_start.lock().unwrap().clear();
    let next = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(next.why, "tomcat is due: rotation is asked for");
    assert_eq!(next.changes.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_is_not_due_needs_no_file() {
    let lab = Lab::with(single(), |_, twin| {
        twin.certificate.signed = true;
        twin.certificate.expires_in = 80;
    });
    for (module, args) in [
        (&VOS_CSR as &'static dyn cutover_kit::AnyModule, csr("vvb")),
        (&IDENTITY, cert("vvb")),
    ] {
        let done = go(&lab, module, "vvb", args).await;
        assert_eq!(done.changes, Vec::<String>::new());
        assert!(
            done.why.starts_with("tomcat of vvb is not due: valid until"),
            "{}",
            done.why
        );
    }
    let restart = go(&lab, &RESTART, "vvb", none()).await;
    assert_eq!(
        restart.why,
        "every listener serves the certificate that is installed"
    );
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_another_ca_is_due() {
    let mut hosts = single();
    hosts[0].ca = Some(Ca::Chain("/site/ca.pem".into()));
    let lab = Lab::with(hosts, |_, twin| {
        twin.certificate.signed = true;
        twin.certificate.expires_in = 80;
    });
    let ca: String = lab.ca().iter().map(cutover_x509::Certificate::to_pem).collect();
    lab.put("/site/ca.pem", ca.as_bytes());
    let done = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert!(done.why.contains("does not chain to the ca"), "{}", done.why);
    lab.sign("vvb");
    go(&lab, &TRUST, "vvb", own_trust()).await;
    go(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    let again = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert!(again.why.contains("chains to Lab Root CA"), "{}", again.why);
}

#[tokio::test(start_paused = true)]
async fn nothing_chains_to_a_ca_that_is_not_made_yet() {
    let mut hosts = single();
    hosts[0].ca = Some(Ca::Local {
        name: "lab".into(),
        intermediates: 1,
        key: cutover_kit::estate::CaKey::Rsa2048,
    });
    let lab = Lab::with(hosts, |_, twin| {
        twin.certificate.signed = true;
        twin.certificate.expires_in = 80;
    });
    let done = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert!(done.why.contains("does not chain to the ca"), "{}", done.why);
    assert_eq!(done.changes.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_leaf_does_not_go_in_before_its_chain_is_trusted() {
    let lab = Lab::new(single());
    request_and_sign(&lab, "vvb").await;
    let writes = lab.writes();
    let failure = fails(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert_eq!(
        failure.message,
        "tomcat-trust of vvb does not hold the whole chain of the new certificate"
    );
    assert_eq!(failure.seen.len(), 2);
    assert_eq!(lab.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_missing_answer_and_a_swapped_one_are_told_of() {
    let lab = Lab::new(finesse_pair());
    go(&lab, &VOS_CSR, "fin-a", csr("fin-a")).await;
    let failure = fails(&lab, &IDENTITY, "fin-a", cert("fin-a")).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert!(
        failure
            .message
            .ends_with("and /work/signed/fin-a.pem is not there"),
        "{failure}"
    );

    request_and_sign(&lab, "fin-b").await;
    lab.put(
        &format!("{SIGNED}/fin-a.pem"),
        &lab.file(&format!("{SIGNED}/fin-b.pem")),
    );
    let failure = fails(&lab, &IDENTITY, "fin-a", cert("fin-a")).await;
    assert_eq!(failure.seen.len(), 2, "{:?}", failure.seen);
    assert!(failure.seen[1].starts_with("its alternative names are DNS:fin-b.example.com"));
}

#[tokio::test(start_paused = true)]
async fn check_mode_carries_through_what_is_known_later() {
    let mut lab = Lab::new(finesse_pair());
    lab.checking = true;
    let later = Later { after: "sign".into() };
    lab.trace
        .later
        .lock()
        .unwrap()
        .insert(format!("{SIGNED}/fin-a.pem").into(), later.clone());
    lab.trace
        .later
        .lock()
        .unwrap()
        .insert(format!("{SIGNED}/fin-b.pem").into(), later.clone());

    let (plan, _) = lab.look(&VOS_CSR, "fin-a", &csr("fin-a")).await.unwrap();
    assert_eq!(plan.changes.len(), 2);
    assert_eq!(plan.makes, [Made::File(format!("{CSR}/fin-a.csr").into())]);

    let (plan, _) = lab.look(&TRUST, "fin-a", &signed()).await.unwrap();
    assert_eq!(plan.later, Some(later.clone()));
    lab.trace.made.lock().unwrap().extend(plan.makes);

    let (plan, _) = lab.look(&IDENTITY, "fin-a", &cert("fin-a")).await.unwrap();
    assert_eq!(plan.later, Some(later));
    lab.trace.made.lock().unwrap().extend(plan.makes);

    let (plan, _) = lab.look(&RESTART, "fin-a", &none()).await.unwrap();
    assert!(plan.later.is_some());
    let (plan, _) = lab.look(&RESTART, "fin-b", &none()).await.unwrap();
    assert_eq!(plan.later, None);
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_chains_of_everybody_it_talks_to_are_imported_once() {
    let mut hosts = finesse_pair();
    hosts.push(host("cuic", Product::Cuic, "cuic", Node::Primary));
    let lab = Lab::with(hosts, |name, twin| {
        // CUIC has a certificate that is good for long: what it uses today is needed.
        twin.certificate.signed = name == "cuic";
        if name == "cuic" {
            twin.certificate.expires_in = 80;
        }
    });
    for name in ["fin-a", "fin-b"] {
        request_and_sign(&lab, name).await;
    }
    let done = go(&lab, &TRUST, "fin-a", signed()).await;
    assert_eq!(done.changes.len(), 4, "{:?}", done.changes);
    let needed = done.result["needed"].as_list().unwrap();
    assert_eq!(needed.len(), 4);
    assert!(done.changes[0].starts_with("import root") && done.changes[1].starts_with("import root"));
    go(&lab, &REPLICATED, "fin-a", signed()).await;

    // CUIC must trust Finesse's new chain, too; its own it has.
    let done = go(&lab, &TRUST, "cuic", signed()).await;
    assert_eq!(
        done.changes,
        [
            "import root \"Lab Root CA\" into tomcat-trust",
            "import intermediate \"Lab Issuing CA 1\" into tomcat-trust"
        ]
    );
    let again = go(&lab, &TRUST, "cuic", signed()).await;
    assert_eq!(again.why, "all 4 needed certificates are in tomcat-trust");
}

#[tokio::test(start_paused = true)]
async fn trust_goes_to_the_primary_only() {
    let lab = Lab::new(finesse_pair());
    let done = go(&lab, &TRUST, "fin-b", signed()).await;
    assert_eq!(
        done.why,
        "the trust store of the primary replicates to the secondaries"
    );
    assert_eq!(lab.sent(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_older_root_of_the_same_name_is_refused_before_anything_is_sent() {
    let lab = Lab::new(single());
    request_and_sign(&lab, "vvb").await;
    let bundle = lab.file(&format!("{SIGNED}/vvb.pem"));
    // Its successor of the same name is there already.
    let newer = lab.another_ca(86_400);
    let write: Reach<Write> = Reach::new(lab.ground("vvb"));
    let writer = write.writer::<Vos>().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2 * 86_400)).await;
    writer.import_trust(&Unit::tomcat(), &newer).await.unwrap();
    lab.put(&format!("{SIGNED}/vvb.pem"), &bundle);
    let writes = lab.writes();
    let failure = fails(&lab, &TRUST, "vvb", own_trust()).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert_eq!(
        failure.message,
        "tomcat-trust of vvb would not take what is needed"
    );
    assert!(
        failure.seen[0].contains("the store keeps one per name"),
        "{:?}",
        failure.seen
    );
    assert_eq!(lab.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_replication_is_being_set_up_is_not_restarted() {
    let lab = Lab::with(finesse_pair(), |name, twin| {
        if name == "fin-b" {
            twin.replication = 4;
        }
    });
    let failure = fails(&lab, &RESTART, "fin-b", always()).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert!(
        failure
            .message
            .starts_with("a restart of fin-b now would harm: its replication is at (4)")
    );
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_ecdsa_slot_is_a_slot_of_its_own() {
    let mut hosts = vec![host("ccx", Product::Uccx, "ccx", Node::Primary)];
    hosts[0].version = Some("11.5.1".into());
    hosts[0].units = vec!["tomcat".into(), "tomcat-ECDSA".into()];
    let lab = Lab::new(hosts).signed_by(cutover_x509::authority::KeyKind::Ec384);
    let dest = format!("{CSR}/ccx-tomcat-ECDSA.csr");
    let args = Value::map([("unit", "tomcat-ECDSA"), ("dest", &dest)]);
    go(&lab, &VOS_CSR, "ccx", args).await;
    let request = cutover_x509::read_request(&lab.file(&dest)).unwrap();
    assert!(request.public_key.key.is_ec());
    let leaf = lab.sign_as("ccx-tomcat-ECDSA");
    let args = Value::map([
        ("unit", Value::from("tomcat-ECDSA")),
        ("signed_dir", SIGNED.into()),
        ("of", vec!["self"].into()),
    ]);
    go(&lab, &TRUST, "ccx", args).await;
    let file = format!("{SIGNED}/ccx-tomcat-ECDSA.pem");
    let args = Value::map([("unit", "tomcat-ECDSA"), ("cert", &file)]);
    go(&lab, &IDENTITY, "ccx", args).await;
    let restart = go(&lab, &RESTART, "ccx", none()).await;
    assert!(
        restart
            .why
            .contains("another certificate than tomcat-ECDSA holds"),
        "{}",
        restart.why
    );
    let served = lab.served_ec("ccx", 12015);
    assert_eq!(served, Some(leaf));
}
