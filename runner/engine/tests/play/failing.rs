//! What the failure of one host means for it and for the others.

use cutover_engine::event::EventKind;
use cutover_engine::exit::Exit;
use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

pub(crate) fn story(count: usize, playbook: &str) -> String {
    Stage::of(hosts(count), playbook).run().story()
}

#[test]
fn a_rescue_counts_when_it_begins_and_its_own_failure_counts_too() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: bad, fail: {msg: first}, when: inventory_hostname != 'h3'}
      rescue:
        - {name: mend, assert: {that: [ansible_failed_result.msg == 'first', ansible_failed_task.name == 'bad']}}
        - {name: worse, fail: {msg: second}, when: inventory_hostname == 'h2'}
      always:
        - {name: always, debug: {msg: x}}
    - {name: after, assert: {that: inventory_hostname == 'h3' or ansible_failed_result.msg == 'first'}}
";
    assert_snapshot!(story(3, playbook), @r#"
    PLAY all
    [h1] bad: failed: first
    rescued [h1]
    [h2] bad: failed: first
    rescued [h2]
    [h3] bad: skipped
    [h1] mend: ok
    [h2] mend: ok
    [h1] worse: skipped
    [h2] worse: failed: second
    [h1] always: ok
    [h2] always: ok
    [h3] always: ok
    [h1] after: ok
    [h3] after: ok
    h1: ok=3 skipped=1 rescued=1
    h2: ok=2 failed=1 rescued=1
    h3: ok=2 skipped=1
    exit 2
    "#);
}

#[test]
fn who_cannot_be_reached_is_not_rescued_unless_that_is_ignored() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: lost, unreach: , when: inventory_hostname == 'h1'}
        - {name: passed over, unreach: , ignore_unreachable: true, when: inventory_hostname == 'h2'}
      rescue:
        - {name: never, debug: {msg: x}}
      always:
        - {name: always, debug: {msg: x}}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] lost: unreachable: h1 does not answer
    [h2] lost: skipped
    [h2] passed over: ignored: h2 does not answer
    [h2] always: ok
    h1: unreachable=1
    h2: ok=2 skipped=1 ignored=1
    exit 4
    "#);
}

#[test]
fn a_fatal_failure_ends_the_play_for_all_when_the_task_is_done_everywhere() {
    let playbook = "
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - {name: one, fail: {msg: no good}, when: inventory_hostname == 'h1'}
    - {name: two, debug: {msg: x}}
- hosts: all
  tasks: [debug: {msg: never}]
";
    assert_snapshot!(story(3, playbook), @r#"
    PLAY all
    [h1] one: failed: no good
    [h2] one: skipped
    [h3] one: skipped
    h1: failed=1
    h2: skipped=1
    h3: skipped=1
    exit 2
    "#);
}

#[test]
fn a_fatal_failure_sends_all_into_the_rescue_of_its_block() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: one, fail: {msg: no good}, when: inventory_hostname == 'h1', any_errors_fatal: true}
      rescue:
        - {name: mend, assert: {that: (ansible_failed_result is defined) == (inventory_hostname == 'h1')}}
    - {name: after, debug: {msg: x}}
";
    assert_snapshot!(story(3, playbook), @r#"
    PLAY all
    [h1] one: failed: no good
    [h2] one: skipped
    [h3] one: skipped
    rescued [h1]
    [h1] mend: ok
    [h2] mend: ok
    [h3] mend: ok
    [h1] after: ok
    [h2] after: ok
    [h3] after: ok
    h1: ok=2 rescued=1
    h2: ok=2 skipped=1
    h3: ok=2 skipped=1
    exit 0
    "#);
}

#[test]
fn what_runs_once_fails_for_all() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: once, fail: {msg: no good}, run_once: true}
      rescue:
        - {name: mend, debug: {msg: x}}
    - {name: ignored, fail: {msg: never mind}, run_once: true, ignore_errors: true}
    - {name: again, fail: {msg: no good}, run_once: true}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] once: failed: no good
    rescued [h1]
    [h1] mend: ok
    [h2] mend: ok
    [h1] ignored: ignored: never mind
    [h1] again: failed: no good
    h1: ok=2 failed=1 rescued=1 ignored=1
    h2: ok=1
    exit 2
    "#);
}

#[test]
fn more_failures_than_allowed_end_the_play_at_once() {
    let playbook = |limit: u32| {
        format!(
            "
- hosts: all
  gather_facts: false
  max_fail_percentage: {limit}
  tasks:
    - {{name: lost, unreach: , when: inventory_hostname == 'h7'}}
    - block:
        - {{name: bad, fail: {{msg: x}}, when: \"inventory_hostname in ['h2', 'h5']\"}}
      always:
        - {{name: always, debug: {{msg: x}}}}
    - {{name: after, debug: {{msg: x}}}}
"
        )
    };
    let recap = |limit| Stage::of(hosts(7), playbook(limit)).run().recap();
    assert_snapshot!(recap(29), @r#"
    h1: ok=2 skipped=2
    h2: ok=1 failed=1 skipped=1
    h3: ok=2 skipped=2
    h4: ok=2 skipped=2
    h5: ok=1 failed=1 skipped=1
    h6: ok=2 skipped=2
    h7: unreachable=1
    exit 4
    "#);
    assert_snapshot!(recap(28), @r#"
    h1: ok=1 skipped=2
    h2: ok=1 failed=1 skipped=1
    h3: ok=1 skipped=2
    h4: ok=1 skipped=2
    h5: ok=1 failed=1 skipped=1
    h6: ok=1 skipped=2
    h7: unreachable=1
    exit 4
    "#);
}

#[test]
fn a_batch_without_a_host_left_ends_the_run() {
    let playbook = "
- name: batches
  hosts: all
  gather_facts: false
  serial: [1, 50%]
  tasks:
    - {name: bad, fail: {msg: x}, when: \"inventory_hostname in ['h2', 'h3', 'h4']\"}
    - {name: good, debug: {msg: x}}
";
    assert_snapshot!(story(6, playbook), @r#"
    PLAY batches
    [h1] bad: skipped
    [h1] good: ok
    PLAY batches
    [h2] bad: failed: x
    [h3] bad: failed: x
    [h4] bad: failed: x
    h1: ok=1 skipped=1
    h2: failed=1
    h3: failed=1
    h4: failed=1
    exit 2
    "#);
}

#[test]
fn a_batch_without_a_host_left_ends_the_plays_behind_it_too() {
    let playbook = "
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - {name: bad, fail: {msg: x}, when: inventory_hostname == 'h1'}
- hosts: all
  gather_facts: false
  tasks:
    - {name: never, debug: {msg: x}}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] bad: failed: x
    h1: failed=1
    exit 2
    "#);
}

#[test]
fn a_panic_stops_its_lane_and_nobody_waits_for_it() {
    let playbook = "
- hosts: all
  phases:
    - name: one
      tasks:
        - {name: bad, fail: {msg: x}, when: inventory_hostname == 'h1'}
      on_failure: rollback
      rollback:
        - {name: undo, panic: }
    - name: two
      barrier: true
      tasks:
        - {name: two, debug: {msg: x}}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] Gathering Facts: ok
    [h2] Gathering Facts: ok
    [h1] bad: failed: x
    [h2] bad: skipped
    [WARNING]: h1 is not rolled back: a fault in cutover: it panicked
    [h2] two: ok
    h1: ok=1 failed=1
    h2: ok=2 skipped=1
    exit 2
    "#);
}

#[test]
fn who_still_takes_part_is_known_at_the_next_task() {
    let playbook = "
- hosts: all
  gather_facts: false
  order: reverse_sorted
  tasks:
    - {name: bad, fail: {msg: x}, when: inventory_hostname == 'h2'}
    - {name: left, debug: {msg: '{{ [ansible_play_hosts, ansible_play_hosts_all, ansible_play_batch] }}'}, run_once: true}
";
    let told = Stage::of(hosts(3), playbook).run();
    let left = serde_json::json!([["h1", "h3"], ["h1", "h2", "h3"], ["h3", "h1"]]);
    assert_eq!(told.result("left")["msg"], left);
}

#[test]
fn a_change_of_which_nobody_knows_whether_it_was_made_is_not_tried_again() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: lost, blind: {kind: unknown}, retries: 3, delay: 1, until: r is succeeded, register: r}
";
    let told = Stage::of(hosts(1), playbook).run();
    let intents = told
        .events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Intent { .. }));
    assert_eq!(intents.count(), 1, "{}", told.story());
    assert_eq!(told.exit, Exit::Unknown);
}

#[test]
fn what_cannot_be_told_of_a_lost_change_is_told_beside_it() {
    let ways = [
        "changed_when: nowhere.said",
        "failed_when: nowhere.said",
        "until: nowhere.said",
        "loop: [1, 2], loop_control: {label: '{{ nowhere }}'}",
        "loop: [1, 2], loop_control: {break_when: nowhere.said}",
    ];
    for way in ways {
        let playbook = format!(
            "
- hosts: all
  gather_facts: false
  tasks:
    - {{name: lost, blind: {{kind: unknown}}, {way}}}
"
        );
        let told = Stage::of(hosts(1), playbook).run();
        assert_eq!(told.exit, Exit::Unknown, "{way}: {}", told.story());
    }
}

#[test]
fn a_question_whose_answer_cannot_be_hashed_fails_the_run_and_says_why() {
    let playbook = |salt: &str| {
        format!(
            "
- hosts: all
  gather_facts: false
  vars_prompt:
    - {{name: pin, default: hunter22, encrypt: sha512_crypt, salt: \"{salt}\"}}
  tasks:
    - {{name: never, debug: {{msg: x}}}}
- hosts: all
  tasks:
    - {{name: never, debug: {{msg: x}}}}
"
        )
    };
    assert_snapshot!(story(1, &playbook("{{ nowhere }}")), @r#"
    [WARNING]: nobody is at a terminal to answer "input for pin": `pin` has its default
    [WARNING]: the answer for `pin` cannot be hashed: 'nowhere' is undefined
    exit 2
    "#);
    assert_snapshot!(story(1, &playbook("what a salt!")), @r#"
    [WARNING]: nobody is at a terminal to answer "input for pin": `pin` has its default
    [WARNING]: the answer for `pin` cannot be hashed: a salt for sha512 has 1 to 16 letters, digits, dots and slashes
    exit 2
    "#);
}

#[test]
fn a_missing_handler_is_only_warned_of_where_the_setting_says_so() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: first, group_by: {key: made}, changed_when: true, notify: [nobody, somebody]}
    - {name: second, debug: {msg: x}}
  handlers:
    - {name: somebody, debug: {msg: y}}
";
    let mut stage = Stage::of(hosts(1), playbook);
    assert_eq!(
        stage.try_run().err(),
        Some("4: there is no handler called `nobody` in this play".to_owned())
    );
    stage.options.forgive_handlers = true;
    let told = stage.run();
    assert_snapshot!(told.story(), @"
    [WARNING]: there is no handler called `nobody` in this play
    PLAY h1
    [WARNING]: The requested handler 'nobody' was not found in either the main handlers list nor in the listening handlers list
    [h1] first: changed
    [h1] second: ok
    [h1] somebody: ok
    h1: ok=3 changed=1
    exit 0
    ");
}
