//! Sessions that end, and logins that fail: what was done is found out, never guessed.

use cutover_kit::{FailureKind, Reach, Write};
use cutover_twins::What;
use cutover_vos::Vos;

use crate::steps::*;
use crate::support::{CSR, Lab, single};
use crate::wire::Cut;

#[tokio::test(start_paused = true)]
async fn a_link_that_breaks_before_the_restart_was_accepted_changes_nothing() {
    let lab = Lab::new(single());
    lab.cut(Cut::Before("yes"));
    let failure = fails(&lab, &RESTART, "vvb", always()).await;
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(
        failure.message,
        "the session with vvb ended before it accepted the restart, and its uptime shows that it did not restart"
    );
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_breaks_as_the_restart_is_accepted_is_no_failure() {
    let lab = Lab::new(single());
    lab.cut(Cut::After("yes"));
    go(&lab, &RESTART, "vvb", always()).await;
    let restarts = lab.twins.estate().log();
    let restarts = restarts
        .iter()
        .filter(|entry| entry.what == What::Restart)
        .count();
    assert_eq!(restarts, 1);
    assert!(lab.in_service("vvb"));
}

#[tokio::test(start_paused = true)]
async fn an_import_whose_answer_is_lost_is_found_done_by_the_next_look() {
    let lab = Lab::new(single());
    up_to_trust(&lab, "vvb").await;
    lab.cut(Cut::After("\r"));
    let failure = fails(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Unknown);
    let again = go(&lab, &IDENTITY, "vvb", cert("vvb")).await;
    assert_eq!(again.changes, Vec::<String>::new());
    assert!(
        again.why.starts_with("tomcat of vvb is not due: valid until"),
        "{}",
        again.why
    );
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_session_is_gone_is_made_on_a_new_one() {
    let lab = Lab::new(single());
    go(&lab, &IN_SERVICE, "vvb", none()).await;
    lab.cut(Cut::Before("utils service list"));
    go(&lab, &IN_SERVICE, "vvb", none()).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_device_closed_while_idle_does_not_cost_a_write() {
    let lab = Lab::with(single(), |_, twin| twin.idle_minutes = 5);
    go(&lab, &IN_SERVICE, "vvb", none()).await;
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let write: Reach<Write> = Reach::new(lab.ground("vvb"));
    let writer = write.writer::<Vos>().await.unwrap();
    writer
        .make_request(&cutover_vos::Unit::tomcat(), false)
        .await
        .unwrap();
    assert_eq!(lab.happened(), ["vvb: request tomcat"]);
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_session_is_refused_and_told_of() {
    let lab = Lab::with(single(), |_, twin| twin.sessions_taken = 10);
    let failure = fails(&lab, &FACTS, "vvb", none()).await;
    assert_eq!(failure.kind, FailureKind::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn a_locked_account_is_tried_once() {
    let lab = Lab::with(single(), |_, twin| twin.locked = vec!["admin".into()]);
    let failure = fails(&lab, &FACTS, "vvb", none()).await;
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(
        failure.message.contains("refused the login of admin"),
        "{failure}"
    );
    let log = lab.twins.estate().log();
    let refused = |what: &What| matches!(what, What::LoginRefused { .. });
    assert_eq!(log.iter().filter(|entry| refused(&entry.what)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_is_behind_refuses_what_is_not_valid_yet() {
    let lab = Lab::with(single(), |_, twin| {
        twin.clock_offset = -86_400;
        twin.ntp = false;
    });
    go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    lab.sign("vvb");
    let failure = fails(&lab, &TRUST, "vvb", own_trust()).await;
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(
        failure.message,
        "vvb refused `set cert import trust tomcat`: the certificate is not valid now by the node's clock"
    );
    assert!(failure.hint.unwrap().contains("utils ntp status"));
    let facts = go(&lab, &FACTS, "vvb", none()).await.result;
    let ntp = facts["vos"].get("ntp").unwrap();
    assert_eq!(ntp.get("synchronised").unwrap().as_bool(), Some(false));
    assert!(!lab.file(&format!("{CSR}/vvb.csr")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_hangs_after_the_restart_was_accepted_is_left() {
    let lab = Lab::new(single());
    lab.cut(Cut::Hang("yes"));
    go(&lab, &RESTART, "vvb", always()).await;
    assert_eq!(lab.happened(), ["vvb: restart", "vvb: down", "vvb: up"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_never_ends_is_unknown_after_its_limit() {
    let lab = Lab::new(single());
    lab.cut(Cut::Hang("set csr gen tomcat"));
    let failure = fails(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(failure.kind, FailureKind::Unknown);
    assert_eq!(
        failure.message,
        "vvb did not come back to its prompt within 120s after `set csr gen tomcat`"
    );
    // What it did shows in the next look: the request is there, and is kept.
    let again = go(&lab, &VOS_CSR, "vvb", csr("vvb")).await;
    assert_eq!(again.changes, ["write the request to /work/csr/vvb.csr"]);
}
