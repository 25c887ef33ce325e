//! Every way in which a twin can misbehave: the driver copes, or stops with nothing half-done.

use cutover_kit::{FailureKind, Reach, Value, Write};
use cutover_twins::Mischief;
use cutover_vos::Vos;

use crate::steps::*;
use crate::support::{DRIPPING, Lab, SIGNED, finesse_pair, single};

/// A VVB, alone in its cluster, that misbehaves.
fn mischievous(mischief: Mischief) -> Lab {
    Lab::with(single(), move |_, twin| twin.mischief = mischief.clone())
}

/// What every node can do that only speaks strangely: a request, trust, identity.
async fn install(lab: &Lab) {
    let leaf = up_to_trust(lab, "vvb").await;
    go(lab, &IDENTITY, "vvb", cert("vvb")).await;
    let facts = go(lab, &FACTS, "vvb", none()).await.result;
    let tomcat = facts["vos"].get("certificates").unwrap().get("tomcat").unwrap();
    let fingerprint = tomcat.get("fingerprint").unwrap().as_str().unwrap().to_owned();
    assert_eq!(fingerprint, leaf.fingerprint.to_string());
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_takes_ninety_seconds_is_waited_for() {
    let lab = mischievous(Mischief {
        slow_prompt: Some(90.0),
        ..Mischief::default()
    });
    go(&lab, &FACTS, "vvb", none()).await;
    assert!(lab.elapsed().as_secs() >= 90);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_brings_one_byte_at_a_time_is_long_enough() {
    let mut hosts = single();
    hosts[0].site = Some(DRIPPING.into());
    install(&Lab::new(hosts)).await;
}

#[tokio::test(start_paused = true)]
async fn twins_that_hurry_are_kept_up_with() {
    let mut hosts = single();
    hosts[0].timing = cutover_kit::timing::Timing::fast();
    let lab = Lab::timed(hosts, cutover_twins::Timing::fast(), |_, _| {});
    install(&lab).await;
    go(&lab, &RESTART, "vvb", none()).await;
    assert!(lab.elapsed().as_secs() < 30, "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_prompt_in_two_pieces_is_one() {
    install(&mischievous(Mischief {
        split_prompt: true,
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_prompt_glued_to_the_output_is_one() {
    install(&mischievous(Mischief {
        glued_prompt: true,
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn stray_carriage_returns_do_no_harm() {
    install(&mischievous(Mischief {
        lone_cr: true,
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_warning_in_the_banner_does_no_harm() {
    install(&mischievous(Mischief {
        dns_warning: true,
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn output_that_is_paged_all_the_same_is_read_to_its_end() {
    install(&mischievous(Mischief {
        pager_on: true,
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_announced_is_answered_no_and_fails() {
    let lab = mischievous(Mischief {
        extra_question: Some("set csr gen".into()),
        ..Mischief::default()
    });
    let failure = fails(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Unannounced);
    assert_eq!(
        failure.message,
        "vvb asked something unexpected during `set csr gen tomcat`: \"Continue (y/n)?\" (answered no)"
    );
    assert_eq!(lab.asked(), [("Continue (y/n)?".to_owned(), "n".to_owned())]);
    assert_eq!(lab.writes(), 0);
    // The session goes on being of use.
    go(&lab, &FACTS, "vvb", none()).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_whose_first_answer_is_lost_is_answered_again() {
    let lab = mischievous(Mischief {
        swallowed_answer: true,
        ..Mischief::default()
    });
    go(&lab, &RESTART, "vvb", always()).await;
    let answers: Vec<_> = lab.asked().into_iter().map(|(_, answer)| answer).collect();
    assert_eq!(answers, ["yes", "yes"]);
    assert_eq!(lab.happened(), ["vvb: restart", "vvb: down", "vvb: up"]);
    assert!(lab.in_service("vvb"));
}

#[tokio::test(start_paused = true)]
async fn a_service_restart_that_returns_too_early_is_waited_for() {
    let lab = mischievous(Mischief {
        returns_starting: true,
        ..Mischief::default()
    });
    let args = Value::map([("name", "Cisco Tomcat"), ("state", "restarted")]);
    let done = go(&lab, &SERVICE, "vvb", args).await;
    assert_eq!(done.changes, ["restart Cisco Tomcat"]);
    let state = done.result["service"].get("state").unwrap();
    assert_eq!(state.as_str(), Some("STARTED"));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_starts_is_given_up_on() {
    let lab = mischievous(Mischief {
        stuck_service: Some("Cisco Tomcat".into()),
        ..Mischief::default()
    });
    let args = Value::map([("name", "Cisco Tomcat"), ("state", "restarted")]);
    let failure = fails(&lab, &SERVICE, "vvb", args).await;
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(
        failure.message,
        "Cisco Tomcat of vvb is STARTING and not STARTED after 600s"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_service_is_stuck_after_the_restart_is_not_back() {
    let lab = mischievous(Mischief {
        stuck_service: Some("Cisco Tomcat".into()),
        ..Mischief::default()
    });
    let failure = fails(&lab, &RESTART, "vvb", always()).await;
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(failure.message, "vvb is not back in service within 2700s");
    assert!(
        failure
            .seen
            .iter()
            .any(|line| line.contains("Cisco Tomcat is STARTING")),
        "{:?}",
        failure.seen
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_lost_in_the_middle_of_a_paste_leaves_the_rest_to_the_next_run() {
    let lab = mischievous(Mischief {
        drops_paste: true,
        ..Mischief::default()
    });
    request_and_sign(&lab, "vvb").await;
    let failure = fails(&lab, &TRUST, "vvb", own_trust()).await;
    assert_eq!(failure.kind, FailureKind::Unknown);
    assert_eq!(
        failure.message,
        "the session with vvb ended during `set cert import trust tomcat`; whether it was carried out is not known"
    );
    let again = go(&lab, &TRUST, "vvb", own_trust()).await;
    assert_eq!(again.changes.len(), 2);
    assert_eq!(
        lab.happened()[1..],
        ["vvb: import tomcat-trust", "vvb: import tomcat-trust"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_paste_that_is_too_fast_is_repeated_slowly() {
    install(&mischievous(Mischief {
        paste_limit: Some(20),
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn trust_that_never_arrives_stops_the_lane_with_names() {
    let lab = Lab::with(finesse_pair(), |name, twin| {
        twin.mischief.never_gets_trust = name == "fin-b";
    });
    for host in ["fin-a", "fin-b"] {
        request_and_sign(&lab, host).await;
    }
    go(&lab, &TRUST, "fin-a", signed()).await;
    let before = lab.elapsed();
    let failure = fails(&lab, &REPLICATED, "fin-a", signed()).await;
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(
        failure.message,
        "tomcat-trust has not reached every secondary within 2100s"
    );
    assert_eq!(
        failure.seen,
        ["fin-b lacks root \"Lab Root CA\", intermediate \"Lab Issuing CA 1\""]
    );
    assert!(failure.hint.unwrap().contains("secondary_import"));
    assert!((lab.elapsed() - before).as_secs() <= 2160);

    // The secondary's leaf does not go in before its chain.
    let failure = fails(&lab, &IDENTITY, "fin-b", cert("fin-b")).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    // On the operator's word it is imported there.
    let mut args = signed();
    if let Value::Map(map) = &mut args {
        map.insert("secondary_import".into(), true.into());
    }
    assert_eq!(go(&lab, &TRUST, "fin-b", args).await.changes.len(), 2);
    go(&lab, &REPLICATED, "fin-a", signed()).await;
    go(&lab, &IDENTITY, "fin-b", cert("fin-b")).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_somebody_replaces_is_noticed_and_the_new_one_used() {
    let lab = mischievous(Mischief {
        request_replaced: true,
        ..Mischief::default()
    });
    let failure = fails(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(failure.kind, FailureKind::NotProved);
    assert_eq!(
        failure.message,
        "the request for tomcat on the node is not the one in /work/csr/vvb.csr"
    );
    let again = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(again.changes, ["write the request to /work/csr/vvb.csr"]);
    lab.sign("vvb");
    go(&lab, &TRUST, "vvb", own_trust()).await;
    go(&lab, &IDENTITY, "vvb", cert("vvb")).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_request_that_is_gone_is_not_sent() {
    let lab = Lab::new(single());
    up_to_trust(&lab, "vvb").await;
    let write: Reach<Write> = Reach::new(lab.ground("vvb"));
    let writer = write.writer::<Vos>().await.unwrap();
    writer
        .make_request(&cutover_vos::Unit::tomcat(), false)
        .await
        .unwrap();
    let writes = lab.writes();
    let failure = fails(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Preflight);
    assert_eq!(
        failure.message,
        "/work/signed/vvb.pem must not go into tomcat of vvb"
    );
    assert!(failure.seen[0].starts_with("its key is not that of the request on the node"));
    assert_eq!(lab.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn an_import_that_is_not_kept_is_not_believed() {
    let lab = mischievous(Mischief {
        loses_trust: true,
        ..Mischief::default()
    });
    request_and_sign(&lab, "vvb").await;
    let failure = fails(&lab, &TRUST, "vvb", own_trust()).await;
    assert_eq!(failure.kind, FailureKind::NotProved);
    assert_eq!(
        failure.message,
        "vvb took root \"Lab Root CA\" without an error, and does not list it in tomcat-trust"
    );
}

#[tokio::test(start_paused = true)]
async fn a_further_name_in_the_request_is_kept_as_the_ca_signs_it() {
    install(&mischievous(Mischief {
        extra_san: Some("alias.example.com".into()),
        ..Mischief::default()
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_intermediate_that_has_ended_keeps_nobody_out_of_service() {
    let lab = Lab::with(single(), |_, twin| {
        twin.certificate.signed = true;
        twin.certificate.expires_in = -1;
        twin.mischief.expired_intermediate = true;
    });
    go(&lab, &IN_SERVICE, "vvb", none()).await;
    install(&lab).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_never_returns_is_told_of_in_time() {
    let lab = mischievous(Mischief {
        never_returns: true,
        ..Mischief::default()
    });
    let failure = fails(&lab, &RESTART, "vvb", always()).await;
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(failure.message, "vvb did not come back within 2700s");
    assert!(lab.elapsed().as_secs() < 2900, "{:?}", lab.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_vague_error_is_still_an_error() {
    for (vague, message) in [
        (
            false,
            "vvb refused `set cert import own tomcat`: the certificate does not have the request's key",
        ),
        (
            true,
            "vvb refused `set cert import own tomcat`: the device could not take the certificate",
        ),
    ] {
        let lab = mischievous(Mischief {
            vague_errors: vague,
            ..Mischief::default()
        });
        up_to_trust(&lab, "vvb").await;
        let leaf = lab.certificates(&format!("{SIGNED}/vvb.pem")).remove(0);
        let write: Reach<Write> = Reach::new(lab.ground("vvb"));
        let writer = write.writer::<Vos>().await.unwrap();
        let unit = cutover_vos::Unit::tomcat();
        writer.make_request(&unit, false).await.unwrap();
        let failure = writer.import_own(&unit, &leaf).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert_eq!(failure.message, message);
        assert!(failure.hint.is_some());
    }
}
