//! Every way a device may misbehave ends in success or in a clear stop with
//! nothing half done.

use cutover::exit::Exit;
use cutover_twins::{Mischief, TwinOptions, What};

use crate::estate::{Story, Told, cluster};

/// A Finesse pair in which one node misbehaves.
async fn pair(host: &str, change: impl FnOnce(&mut TwinOptions)) -> (Story, Told) {
    let mut story = Story::of([cluster("finesse", &["finesse"], 2)]);
    change(&mut story.node(host).twin);
    let told = story.run().await;
    (story, told)
}

fn with(change: impl FnOnce(&mut Mischief)) -> impl FnOnce(&mut TwinOptions) {
    |twin| change(&mut twin.mischief)
}

/// Both nodes have their new certificate and were restarted once.
fn assert_rotated(told: &Told) {
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    for host in ["finesse-1", "finesse-2"] {
        assert_eq!(identities(told, host), 1, "{host}");
        assert_eq!(told.find(host, |what| *what == What::NodeUp).len(), 1, "{host}");
    }
}

/// It stopped, says why, and no node has a new certificate or was restarted.
fn assert_untouched(told: &Told, exit: Exit, says: &str) {
    assert_eq!(told.exit, exit, "{:#?}", told.failures());
    let failures = told.failures().join("\n");
    assert!(failures.contains(says), "{failures}");
    for host in ["finesse-1", "finesse-2"] {
        assert_eq!(identities(told, host), 0, "{host}");
        assert!(
            told.find(host, |what| *what == What::Restart).is_empty(),
            "{host}"
        );
    }
}

fn identities(told: &Told, host: &str) -> usize {
    told.find(
        host,
        |what| matches!(what, What::Imported { store, .. } if store == "tomcat"),
    )
    .len()
}

macro_rules! copes_with {
    ($($name:ident: $change:expr;)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            let (_, told) = pair("finesse-1", with($change)).await;
            assert_rotated(&told);
        }
    )*};
}

copes_with! {
    a_prompt_that_takes_ninety_seconds: |it| it.slow_prompt = Some(90.0);
    a_prompt_in_two_pieces: |it| it.split_prompt = true;
    a_prompt_glued_to_the_output: |it| it.glued_prompt = true;
    stray_carriage_returns: |it| it.lone_cr = true;
    a_warning_in_the_login_text: |it| it.dns_warning = true;
    a_pager_that_does_not_go_away: |it| it.pager_on = true;
    an_answer_that_is_swallowed: |it| it.swallowed_answer = true;
    a_service_restart_that_returns_early: |it| it.returns_starting = true;
    a_paste_that_must_not_be_hurried: |it| it.paste_limit = Some(8);
    a_name_more_in_the_request: |it| it.extra_san = Some("agents.example.com".into());
    errors_that_say_nothing: |it| it.vague_errors = true;
    an_exec_channel_that_hangs: |it| it.exec_hangs = true;
}

#[tokio::test(start_paused = true)]
async fn an_expired_intermediate_in_use_does_not_matter() {
    let (_, told) = pair("finesse-1", |twin| {
        twin.certificate.signed = true;
        twin.mischief.expired_intermediate = true;
    })
    .await;
    assert_rotated(&told);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_announced_is_answered_no() {
    let (_, told) = pair(
        "finesse-1",
        with(|it| it.extra_question = Some("set cert import trust".into())),
    )
    .await;
    assert_untouched(&told, Exit::Failed, "Continue (y/n)?");
    assert!(
        told.find("finesse-1", |what| matches!(what, What::Imported { .. }))
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_lost_in_a_paste_is_probed_and_the_next_run_goes_on() {
    let (mut story, told) = pair("finesse-1", with(|it| it.drops_paste = true)).await;
    assert_untouched(&told, Exit::Failed, "not done");
    let again = story.run().await;
    assert_rotated(&again);
}

#[tokio::test(start_paused = true)]
async fn trust_that_never_arrives_stops_the_lane() {
    let (_, told) = pair("finesse-2", with(|it| it.never_gets_trust = true)).await;
    assert_untouched(&told, Exit::Failed, "finesse-2");
}

#[tokio::test(start_paused = true)]
async fn trust_that_is_not_kept_stops_the_lane() {
    let (_, told) = pair("finesse-1", with(|it| it.loses_trust = true)).await;
    assert_untouched(&told, Exit::Failed, "finesse-1");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_somebody_replaced_is_found_before_the_upload() {
    let (_, told) = pair("finesse-1", with(|it| it.request_replaced = true)).await;
    assert_untouched(&told, Exit::Failed, "finesse-1");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_never_returns_leaves_its_partner_alone() {
    let (_, told) = pair("finesse-1", with(|it| it.never_returns = true)).await;
    assert_ne!(told.exit, Exit::Done);
    assert_eq!(identities(&told, "finesse-2"), 0);
    assert!(told.find("finesse-2", |what| *what == What::Restart).is_empty());
    assert!(
        told.failures().join("\n").contains("finesse-1"),
        "{:#?}",
        told.failures()
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stays_starting_leaves_its_partner_alone() {
    let (_, told) = pair(
        "finesse-1",
        with(|it| it.stuck_service = Some("Cisco Finesse Tomcat".into())),
    )
    .await;
    assert_eq!(told.exit, Exit::Failed, "{:#?}", told.failures());
    assert_eq!(identities(&told, "finesse-2"), 0);
    assert!(
        told.failures().join("\n").contains("Cisco Finesse Tomcat"),
        "{:#?}",
        told.failures()
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_is_behind_is_named_before_the_upload() {
    let (_, told) = pair("finesse-1", |twin| twin.clock_offset = -3 * 86_400).await;
    assert_untouched(&told, Exit::Failed, "[not-yet-valid] finesse-1.example.com");
}

#[tokio::test(start_paused = true)]
async fn a_locked_account_is_tried_once() {
    let (_, told) = pair("finesse-1", |twin| twin.locked = vec!["admin".into()]).await;
    assert_untouched(&told, Exit::Unreachable, "refused the login");
    let refused = told.find("finesse-1", |what| matches!(what, What::LoginRefused { .. }));
    assert_eq!(
        refused.len(),
        1,
        "three wrong attempts would lock it for everybody"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_with_all_its_sessions_taken_is_unreachable() {
    let (_, told) = pair("finesse-1", |twin| twin.sessions_taken = 10).await;
    assert_untouched(&told, Exit::Unreachable, "finesse-1");
}

#[tokio::test(start_paused = true)]
async fn replication_that_is_broken_refuses_the_restart() {
    let (_, told) = pair("finesse-2", |twin| twin.replication = 4).await;
    assert_untouched(&told, Exit::Failed, "finesse-2");
}
