//! What plays, tasks and handlers mean, where no device matters.

use cutover::event::EventKind;
use cutover::exit::Exit;
use cutover_twins::What;

use crate::estate::{Story, Told, cluster};

/// A play of these tasks over three nodes of one cluster.
async fn play(text: &str) -> Told {
    let mut story = Story::of([cluster("cuic", &["cuic"], 3)]);
    story.playbook = text.to_owned();
    story.run().await
}

#[tokio::test(start_paused = true)]
async fn members_of_a_cluster_restart_one_after_another_in_a_play_of_tasks_too() {
    let told = play("- hosts: cuic\n  tasks:\n    - vos_restart: {always: true}\n").await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(told.most_down(&["cuic-1", "cuic-2", "cuic-3"]), 1);
    assert_eq!(told.changes().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_takes_out_one_partner_after_another_is_refused_not_hung() {
    let told = play(
        "- hosts: cuic-1\n  phases:\n    - name: all at once\n      tasks:\n        - vos_restart: {always: true}\n          \
         loop: [cuic-2, cuic-3]\n          delegate_to: \"{{ item }}\"\n",
    )
    .await;
    assert_eq!(told.exit, Exit::Failed);
    assert_eq!(
        told.find("cuic-3", |what| *what == What::Restart).len(),
        0,
        "{:#?}",
        told.changes()
    );
}

#[tokio::test(start_paused = true)]
async fn what_runs_once_runs_once_under_the_linear_strategy() {
    let told = play(
        "- hosts: cuic\n  tasks:\n    - {name: once, set_fact: {x: 1}, run_once: true}\n    \
         - {name: all, assert: {that: x == 1}}\n",
    )
    .await;
    let mut results = told.results();
    results.sort();
    assert_eq!(
        results,
        [
            "cuic-1 all ok",
            "cuic-1 once ok",
            "cuic-2 all ok",
            "cuic-3 all ok"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn meta_minds_its_condition() {
    let told = play(
        "- hosts: cuic\n  tasks:\n    - meta: end_host\n      when: inventory_hostname == 'cuic-2'\n    \
         - {name: after, debug: {msg: x}}\n",
    )
    .await;
    assert_eq!(told.exit, Exit::Done);
    let mut results = told.results();
    results.sort();
    assert_eq!(results, ["cuic-1 after ok", "cuic-3 after ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_set_fact_sees_what_the_item_before_has_set() {
    let told = play(
        "- hosts: cuic-1\n  tasks:\n    - {name: grow, set_fact: {l: \"{{ l | default([]) + [item] }}\"}, loop: [1, 2, 3]}\n    \
         - {name: see, assert: {that: 'l == [1, 2, 3]'}}\n",
    )
    .await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
}

#[tokio::test(start_paused = true)]
async fn a_handler_runs_once_though_an_earlier_one_notifies_it_again() {
    let told = play(
        "- hosts: cuic-1\n  tasks:\n    - {name: change, debug: {msg: x}, changed_when: true, notify: [import, restart]}\n  \
         handlers:\n    - {name: import, debug: {msg: i}, changed_when: true, notify: restart}\n    \
         - {name: restart, debug: {msg: r}}\n",
    )
    .await;
    assert_eq!(
        told.results(),
        [
            "cuic-1 change changed",
            "cuic-1 import changed",
            "cuic-1 restart ok"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_rescued_and_what_always_runs_runs() {
    let told = play(
        "- hosts: cuic-1\n  tasks:\n    - block:\n        - {name: bad, fail: {msg: broken}}\n        - {name: never, debug: {msg: x}}\n      \
         rescue:\n        - {name: mend, assert: {that: ansible_failed_result.msg == 'broken'}}\n      \
         always:\n        - {name: last, debug: {msg: x}}\n",
    )
    .await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(
        told.results(),
        ["cuic-1 bad failed", "cuic-1 mend ok", "cuic-1 last ok"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_no_log_hides_is_in_no_event() {
    let told = play(
        "- hosts: cuic-1\n  tasks:\n    - {name: quiet, set_fact: {answer: \"very-quiet-{{ 40 + 2 }}\"}, no_log: true, register: r}\n    \
         - {name: loud, fail: {msg: \"it was {{ answer }}\"}, no_log: true}\n",
    )
    .await;
    assert_eq!(told.exit, Exit::Failed);
    for event in &told.events {
        if matches!(event.kind, EventKind::FileRead { .. }) {
            continue;
        }
        let text = serde_json::to_string(event).unwrap();
        assert!(!text.contains("very-quiet-42"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_stands_in_a_file_is_in_no_event() {
    let mut story = Story::of([cluster("cuic", &["cuic"], 1)]);
    story.node("cuic-1").variables =
        "other_password: \"not'for events\"\nnested: {api_token: 12345678}".into();
    story.extra = serde_json::json!({"ks": {"password": "change-it-now"}});
    story.playbook = "- hosts: cuic\n  tasks:\n    - debug: {msg: x}\n".into();
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done);
    let all = serde_json::to_string(&told.events).unwrap();
    for secret in ["night-shift", "not'for events", "12345678", "change-it-now"] {
        assert!(!all.contains(secret), "{secret}");
    }
}
