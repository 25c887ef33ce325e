//! What a rehearsal leaves out, and a run that is asked to stop.

use std::collections::BTreeSet;
use std::time::Duration;

use cutover_engine::event::{Event, EventKind};
use cutover_engine::policy::Effects;
use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

#[test]
fn a_gate_that_rests_on_what_was_not_rehearsed_is_not_rehearsed() {
    let playbook = "
- hosts: all
  gather_facts: false
  phases:
    - name: one
      tasks:
        - {name: change, command: rm -rf /srv, when: inventory_hostname == 'h1'}
      gate:
        - {name: proof, debug: {msg: 'work is in {{ work }}'}}
";
    let mut stage = Stage::of("all: {vars: {work: /srv}, hosts: {h1: , h2: }}", playbook);
    stage.policy.effects = Effects::Only {
        hosts: BTreeSet::new(),
    };
    stage.policy.own_work = true;
    let told = stage.run();
    assert_snapshot!(told.story(), @r#"
    PLAY all
    [h1] change: listed
    [h1] proof: listed
    [h2] change: skipped
    [h2] proof: ok
    h1: ok=2
    h2: ok=1 skipped=1
    exit 0
    "#);
    assert_eq!(
        told.results("proof")["h1"]["msg"],
        "not rehearsed: it rests on `change`, which was not"
    );
    let work = told.results("proof")["h2"]["msg"].to_string();
    assert!(work.contains("/state/work/"), "{work}");
}

#[test]
fn who_asks_to_stop_is_told_so_and_waits_for_nobody() {
    let playbook =
        "[{hosts: all, gather_facts: false, tasks: [{name: wait, pause: {seconds: 9}}, {debug: {msg: x}}]}]";
    let stage = Stage::of(hosts(1), playbook);
    stage.stop.finish_change();
    let told = stage.run();
    assert_snapshot!(told.story(), @r#"
    stop requested
    PLAY all
    exit 3
    "#);
    let end = told.events.last().map(|event| event.kind.clone());
    let Some(EventKind::RunFinished { awaiting, go_on, .. }) = end else {
        panic!("{end:?}");
    };
    assert_eq!((awaiting, go_on.is_some()), (Vec::new(), true));
}

/// What is told when the run is asked to stop after ten seconds, and how many seconds it took.
fn stopped_after_ten_seconds(tasks: &str) -> (String, i64) {
    let playbook = format!("[{{hosts: all, gather_facts: false, tasks: {tasks}}}]");
    let mut stage = Stage::of(hosts(1), playbook);
    stage.stop_after = Some(Duration::from_secs(10));
    let told = stage.run();
    let at = |event: Option<&Event>| event.unwrap().at.as_second();
    let took = at(told.events.last()) - at(told.events.first());
    // Whether the host or the run says so first is open.
    (told.story().replace("stop requested\n", ""), took)
}

#[test]
fn who_only_waits_stops_at_once() {
    let (story, took) = stopped_after_ten_seconds("[{name: wait, pause: {seconds: 900}}]");
    assert_snapshot!(story, @"
    PLAY all
    [h1] wait: awaiting: stopped on request while it waited
    h1: failed=1
    exit 3
    ");
    assert_eq!(took, 10);

    let (story, took) =
        stopped_after_ten_seconds("[{name: try, debug: {msg: x}, until: false, retries: 9, delay: 90}]");
    assert_snapshot!(story, @"
    PLAY all
    RETRYING [h1] 9 left
    [h1] try: awaiting: stopped on request while it waited
    h1: failed=1
    exit 3
    ");
    assert_eq!(took, 10);

    let (story, took) = stopped_after_ten_seconds(
        "[{name: each, debug: {msg: x}, changed_when: true, loop: [1, 2], loop_control: {pause: 90}}]",
    );
    assert_snapshot!(story, @"
    PLAY all
      [h1] changed (item=1)
      [h1] changed (item=2)
    [h1] each: changed
    h1: ok=1 changed=1
    exit 3
    ");
    assert_eq!(took, 10);
}

#[test]
fn limits_and_patterns_that_mean_nobody() {
    let playbook = "[{hosts: nobody, gather_facts: false, tasks: [{debug: {msg: x}}]}]";
    let mut stage = Stage::of(hosts(2), playbook);
    assert_snapshot!(stage.run().story(), @r#"
    [WARNING]: `nobody` matches no host and no group
    skipping: no hosts matched
    exit 0
    "#);
    stage.options.limit = Some("h1".into());
    assert_snapshot!(stage.run().story(), @r#"
    [WARNING]: `nobody` matches no host and no group
    skipping: no hosts matched
    exit 0
    "#);
    stage.options.limit = Some("nosuch".into());
    assert_snapshot!(stage.try_run().err().unwrap(), @r#"
    1: Could not match supplied host pattern, ignoring: nosuch; Specified inventory, host pattern and/or --limit leaves us with no hosts to target.
    "#);
}

#[test]
fn a_template_asks_no_other_machine_where_the_run_keeps_to_this_one() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: ask, debug: {msg: \"{{ lookup('url', 'http://192.0.2.1/') }}\"}}
";
    let mut stage = Stage::of(hosts(1), playbook);
    stage.policy.loopback_only = true;
    let story = stage.run().story();
    assert!(
        story.contains("192.0.2.1 is outside loopback, and a rehearsal never leaves it"),
        "{story}"
    );
}

#[test]
fn a_template_runs_no_command_where_only_twins_may_be_changed() {
    let playbook = "
- hosts: h1
  gather_facts: false
  vars: {made: \"{{ lookup('pipe', 'touch made; echo x') }}\"}
  tasks:
    - {name: given, debug: {msg: '{{ made }}'}, ignore_errors: true}
    - {name: lines, debug: {msg: '{{ item }}'}, with_lines: [touch made], ignore_errors: true}
    - {name: pipe, debug: {msg: \"{{ lookup('pipe', 'touch made') }}\"}}
";
    let mut stage = Stage::of(hosts(1), playbook);
    stage.policy.effects = Effects::Only {
        hosts: BTreeSet::new(),
    };
    let refused = stage.run().story();
    assert_snapshot!(refused, @"
    PLAY h1
    [h1] given: ignored: lookup `pipe`: a command of this machine could change what has no twin, and a rehearsal does not run it; `-e` can give the variable that it makes
    [h1] lines: ignored: lookup `lines`: a command of this machine could change what has no twin, and a rehearsal does not run it; `-e` can give the variable that it makes
    [h1] pipe: failed: lookup `pipe`: a command of this machine could change what has no twin, and a rehearsal does not run it; `-e` can give the variable that it makes
    h1: ok=2 failed=1 ignored=2
    exit 2
    ");
    assert!(!stage.file("made").exists());
    stage.policy.effects = Effects::All;
    stage.run();
    assert!(stage.file("made").exists());
}

#[test]
fn a_template_keeps_no_password_where_only_twins_may_be_changed() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: made, debug: {msg: \"{{ lookup('password', 'made') | length }}\"}, ignore_errors: true}
    - {name: kept, debug: {msg: \"{{ lookup('password', 'kept') | length }}\"}}
    - {name: nowhere, debug: {msg: \"{{ lookup('password', '/dev/null') | length }}\"}}
";
    let mut stage = Stage::of(hosts(1), playbook);
    std::fs::write(stage.file("kept"), "seven77\n").unwrap();
    stage.policy.effects = Effects::Only {
        hosts: BTreeSet::new(),
    };
    let refused = stage.run().story();
    let refusal = "made cannot be written: a rehearsal writes no file that a run would take for its own";
    assert!(refused.contains(refusal), "{refused}");
    assert!(refused.contains("h1: ok=3 ignored=1\n"), "{refused}");
    assert!(!stage.file("made").exists());
    stage.policy.effects = Effects::All;
    stage.run();
    assert!(stage.file("made").exists());
}
