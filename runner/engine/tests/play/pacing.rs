//! In which order hosts go through tasks.

use cutover_engine::event::EventKind;
use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

const SLOW: &str = "
  tasks:
    - {name: one, pause: {seconds: \"{{ {'h1': 9, 'h2': 1, 'h3': 5}[inventory_hostname] }}\"}}
    - {name: two, debug: {msg: x}, changed_when: true, notify: [late, early]}
  post_tasks:
    - {name: post, debug: {msg: x}}
  handlers:
    - {name: early, debug: {msg: x}}
    - {name: late, debug: {msg: x}}
";

fn story(strategy: &str) -> String {
    let playbook = format!("- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n{SLOW}");
    let mut stage = Stage::of(hosts(3), playbook);
    stage.options.forks = 2;
    stage.run().story()
}

#[test]
fn in_step_under_the_linear_strategy_handlers_too() {
    assert_snapshot!(story("linear"), @r#"
    PLAY all
    [h2] one: ok
    [h3] one: ok
    [h1] one: ok
    [h1] two: changed
    [h2] two: changed
    [h3] two: changed
    [h1] early: ok
    [h2] early: ok
    [h3] early: ok
    [h1] late: ok
    [h2] late: ok
    [h3] late: ok
    [h1] post: ok
    [h2] post: ok
    [h3] post: ok
    h1: ok=5 changed=1
    h2: ok=5 changed=1
    h3: ok=5 changed=1
    exit 0
    "#);
}

#[test]
fn each_as_fast_as_it_can_under_the_free_strategy() {
    assert_snapshot!(story("free"), @r#"
    PLAY all
    [h2] one: ok
    [h2] two: changed
    [h2] early: ok
    [h2] late: ok
    [h2] post: ok
    [h3] one: ok
    [h3] two: changed
    [h3] early: ok
    [h3] late: ok
    [h3] post: ok
    [h1] one: ok
    [h1] two: changed
    [h1] early: ok
    [h1] late: ok
    [h1] post: ok
    h1: ok=5 changed=1
    h2: ok=5 changed=1
    h3: ok=5 changed=1
    exit 0
    "#);
}

#[test]
fn so_many_hosts_at_once_under_host_pinned() {
    assert_snapshot!(story("host_pinned"), @r#"
    PLAY all
    [h2] one: ok
    [h2] two: changed
    [h2] early: ok
    [h2] late: ok
    [h2] post: ok
    [h3] one: ok
    [h3] two: changed
    [h3] early: ok
    [h3] late: ok
    [h3] post: ok
    [h1] one: ok
    [h1] two: changed
    [h1] early: ok
    [h1] late: ok
    [h1] post: ok
    h1: ok=5 changed=1
    h2: ok=5 changed=1
    h3: ok=5 changed=1
    exit 0
    "#);
}

#[test]
fn the_order_is_the_plays() {
    let playbook = "
- hosts: all
  gather_facts: false
  order: reverse_sorted
  serial: 2
  tasks:
    - {name: who, debug: {msg: x}}
";
    assert_snapshot!(Stage::of(hosts(3), playbook).run().story(), @r#"
    PLAY all
    [h3] who: ok
    [h2] who: ok
    PLAY all
    [h1] who: ok
    h1: ok=1
    h2: ok=1
    h3: ok=1
    exit 0
    "#);
}

#[test]
fn a_throttled_task_is_one_for_all_hosts_whoever_goes_ahead() {
    let playbook = "
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - {name: slow, pause: {seconds: 2}, throttle: 1, changed_when: true, notify: late}
  post_tasks:
    - {name: post, debug: {msg: x}, changed_when: true, notify: late}
  handlers:
    - {name: late, pause: {seconds: 2}, throttle: 1}
";
    let told = Stage::of(hosts(2), playbook).run();
    // Who comes first where both may is not promised.
    let ended = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::TaskFinished { task, .. } if task.name != "post" => {
            Some((event.elapsed.as_secs(), task.name.clone()))
        }
        _ => None,
    });
    let ended: std::collections::BTreeSet<_> = ended.collect();
    let lines: Vec<_> = ended.iter().map(|(at, name)| format!("{at} {name}")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    2 slow
    4 late
    4 slow
    6 late
    8 late
    10 late
    "#);
}

#[test]
fn a_task_that_can_tell_how_the_others_stand_is_asked_before_a_turn() {
    let pool = "all: {vars: {pool: web}, hosts: {h1: , h2: }}";
    let play = |arguments: &str| {
        format!(
            "[{{hosts: all, gather_facts: false, serial: 1, tasks: [{{name: restart, restart: {arguments}}}]}}]"
        )
    };
    let told = Stage::of(pool, play("{}")).run();
    assert_snapshot!(told.story(), @r#"
    PLAY all
    [h1] restart: changed
    PLAY all
    [h2] restart: changed
    h1: ok=1 changed=1
    h2: ok=1 changed=1
    exit 0
    "#);
    let told = Stage::of(pool, play("{down: h2}")).run();
    assert_snapshot!(told.story(), @r#"
    PLAY all
    [h1] restart: failed: h1 stays in service: its partner h2 is not proved to be
    h1: failed=1
    exit 2
    "#);
}
