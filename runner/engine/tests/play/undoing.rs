//! What a lane takes back when it rolls back, and what it has to leave.

use cutover_engine::event::{EventKind, Status};
use insta::assert_snapshot;

use crate::stage::Stage;

const PAIR: &str = "
all:
  vars: {cluster: pair}
  hosts:
    h1: {node: primary}
    h2: {node: secondary}
";

fn told(phases: &str) -> crate::stage::Told {
    Stage::of(
        PAIR,
        format!("- hosts: all\n  gather_facts: false\n  phases:\n{phases}"),
    )
    .run()
}

#[test]
fn an_undo_shows_differences_as_its_task_does() {
    let playbook = "
- hosts: all
  gather_facts: false
  phases:
    - name: move
      on_failure: rollback
      tasks:
        - {name: one, lever: {was: a, to: b}, diff: true}
        - {name: two, lever: {was: a, to: b}, diff: false}
        - {name: three, lever: {was: a, to: b}}
        - {name: bad, fail: {msg: x}}
";
    let told = Stage::of(crate::stage::hosts(1), playbook).run();
    let planned = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::Planned { step, diff, .. } => Some(format!("{} {diff:?}", step.task)),
        _ => None,
    });
    assert_snapshot!(planned.collect::<Vec<_>>().join("\n"), @"
    0/move/tasks/0 Some(true)
    0/move/tasks/1 Some(false)
    0/move/tasks/2 None
    0/move/tasks/2/undo None
    0/move/tasks/1/undo Some(false)
    0/move/tasks/0/undo Some(true)
    ");
}

#[test]
fn a_lane_goes_backwards_through_what_it_has_done() {
    let told = told(
        "
    - name: one
      tasks:
        - {name: first, lever: {was: a, to: b}}
        - {name: same, lever: {was: a, to: a}}
        - {name: each, lever: {was: \"{{ item }}\", to: \"{{ item }}{{ item }}\"}, loop: [x, y]}
      rollback:
        - {name: own, debug: {msg: x}}
    - name: two
      nodes: [primary, secondary]
      on_failure: rollback
      tasks:
        - {name: second, lever: {was: b, to: c}}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h2'}
",
    );
    assert_snapshot!(told.story(), @r#"
    PLAY all
    [h1] first: changed
    [h1] same: ok
      [h1] changed (item="x")
      [h1] changed (item="y")
    [h1] each: changed
    [h2] first: changed
    [h2] same: ok
      [h2] changed (item="x")
      [h2] changed (item="y")
    [h2] each: changed
    [h1] second: changed
    [h1] bad: skipped
    [h2] second: changed
    [h2] bad: failed: no good
    [h2] undo second: changed
    [h1] undo second: changed
    [h2] undo each: changed
    [h2] undo each: changed
    [h2] undo first: changed
    [h2] own: ok
    [h1] undo each: changed
    [h1] undo each: changed
    [h1] undo first: changed
    [h1] own: ok
    h1: ok=9 changed=7 skipped=1
    h2: ok=9 changed=7 failed=1
    exit 2
    "#);
    let changes: Vec<String> = told
        .events
        .iter()
        .filter_map(|event| intent(&event.kind))
        .collect();
    assert_snapshot!(changes.join("\n"), @"
    h1 0/one/tasks/0 a to b
    h1 0/one/tasks/1 a to a
    h1 0/one/tasks/2 x to xx
    h1 0/one/tasks/2 y to yy
    h2 0/one/tasks/0 a to b
    h2 0/one/tasks/1 a to a
    h2 0/one/tasks/2 x to xx
    h2 0/one/tasks/2 y to yy
    h1 0/two/tasks/0 b to c
    h2 0/two/tasks/0 b to c
    h2 0/two/tasks/0/undo c to b
    h1 0/two/tasks/0/undo c to b
    h2 0/one/tasks/2/undo yy to y
    h2 0/one/tasks/2/undo xx to x
    h2 0/one/tasks/0/undo b to a
    h1 0/one/tasks/2/undo yy to y
    h1 0/one/tasks/2/undo xx to x
    h1 0/one/tasks/0/undo b to a
    ");
}

/// What the journal knows of a change.
fn intent(kind: &EventKind) -> Option<String> {
    match kind {
        EventKind::Intent { step, change, .. } => {
            Some(format!("{} {} {}", step.host, step.task, change.text))
        }
        _ => None,
    }
}

#[test]
fn what_nothing_takes_back_is_told_unless_the_playbook_minds_it() {
    let story = told(
        "
    - name: one
      tasks:
        - {name: first, lever: {was: a, to: b, stays: true}}
        - {name: second, lever: {was: b, to: c}}
    - name: two
      on_failure: rollback
      tasks:
        - {name: third, lever: {was: c, to: d, stays: true}}
        - {name: bad, fail: {msg: no good}}
      rollback:
        - {name: by hand, debug: {msg: x}}
",
    )
    .story();
    assert_snapshot!(story, @"
    PLAY all
    [h1] first: changed
    [h1] second: changed
    [h2] first: changed
    [h2] second: changed
    [h1] third: changed
    [h1] bad: failed: no good
    [h2] by hand: ok
    [h1] by hand: ok
    [h2] undo second: changed
    [WARNING]: h2 keeps what is not undone: first (a to b)
    [h1] undo second: changed
    [WARNING]: h1 keeps what is not undone: first (a to b)
    h1: ok=5 changed=4 failed=1
    h2: ok=4 changed=3
    exit 2
    ");
}

#[test]
fn behind_an_undo_that_fails_nothing_earlier_is_taken_back() {
    let story = told(
        "
    - name: one
      tasks:
        - {name: first, lever: {was: a, to: b}}
        - {name: second, lever: {was: b, to: c, breaks_at: b}}
        - {name: third, lever: {was: c, to: d}}
    - name: two
      on_failure: rollback
      tasks:
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h1'}
",
    )
    .story();
    assert_snapshot!(story, @"
    PLAY all
    [h1] first: changed
    [h1] second: changed
    [h1] third: changed
    [h2] first: changed
    [h2] second: changed
    [h2] third: changed
    [h1] bad: failed: no good
    [h2] undo third: changed
    [h2] undo second: failed: it breaks at b
    [WARNING]: h2 keeps what is not undone: second (b to c), first (a to b)
    [h1] undo third: changed
    [h1] undo second: failed: it breaks at b
    [WARNING]: h1 keeps what is not undone: second (b to c), first (a to b)
    h1: ok=4 changed=4 failed=2
    h2: ok=4 changed=4 failed=1
    exit 2
    ");
}

#[test]
fn a_change_of_which_nobody_knows_is_taken_back_and_one_that_was_refused_is_not() {
    let table = |lever: &str, kind: &str| {
        told(&format!("
    - name: one
      on_failure: rollback
      tasks:
        - {{name: bad, {lever}: {{was: a, to: b, breaks_at: b, kind: {kind}}}, when: inventory_hostname == 'h1'}}
"))
        .story()
    };
    assert_snapshot!(table("lever", "unknown"), @"
    PLAY all
    [h1] bad: failed: it breaks at b
    [h1] undo bad: changed
    h1: ok=1 changed=1 failed=1
    exit 6
    ");
    let untouched = table("lever", "refused");
    assert_snapshot!(untouched, @"
    PLAY all
    [h1] bad: failed: it breaks at b
    h1: failed=1
    exit 2
    ");
    assert_snapshot!(table("probed_lever", "unknown"), @"
    PLAY all
    [h1] bad: failed: it breaks at b; a look shows that it was not done
    h1: failed=1
    exit 2
    ");
}

#[test]
fn what_was_done_by_another_host_is_taken_back_there() {
    let told = told(
        "
    - name: one
      on_failure: rollback
      tasks:
        - {name: first, lever: {was: a, to: b}, delegate_to: h2, when: inventory_hostname == 'h1'}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h1'}
",
    );
    let by: Vec<String> = told
        .events
        .iter()
        .filter_map(|event| delegate(&event.kind))
        .collect();
    assert_snapshot!(by.join("\n"), @r#"
    first: h1 by Some("h2")
    undo first: h1 by Some("h2")
    "#);
}

/// Who did the work of a task that changed something.
fn delegate(kind: &EventKind) -> Option<String> {
    match kind {
        EventKind::TaskFinished {
            task,
            host,
            delegate,
            status: Status::Changed,
            ..
        } => Some(format!("{}: {host} by {delegate:?}", task.name)),
        _ => None,
    }
}

#[test]
fn what_interrupts_is_taken_back_in_turns() {
    let story = told(
        "
    - name: one
      nodes: [primary, secondary]
      tasks:
        - {name: first, lever: {was: a, to: b}}
    - name: two
      nodes: [primary, secondary]
      on_failure: rollback
      tasks:
        - {name: second, lever: {was: b, to: c, interrupts: true}, when: inventory_hostname == 'h2'}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h2'}
      rollback:
        - {name: own, debug: {msg: x}}
",
    )
    .story();
    assert_snapshot!(story, @"
    PLAY all
    [h1] first: changed
    [h2] first: changed
    [h1] second: skipped
    [h1] bad: skipped
    [h2] second: changed
    [h2] bad: failed: no good
    [h2] undo second: changed
    [h2] own: ok
    [h1] own: ok
    [h2] undo first: changed
    [h1] undo first: changed
    h1: ok=3 changed=2 skipped=2
    h2: ok=5 changed=4 failed=1
    exit 2
    ");
}

#[test]
fn where_an_undo_fails_earlier_phases_are_left_alone_too() {
    let story = told(
        "
    - name: one
      tasks:
        - {name: first, lever: {was: a, to: b}}
      rollback:
        - {name: own, debug: {msg: x}}
    - name: two
      on_failure: rollback
      tasks:
        - {name: second, lever: {was: b, to: c, breaks_at: b}, when: inventory_hostname == 'h1'}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h1'}
",
    )
    .story();
    assert_snapshot!(story, @"
    PLAY all
    [h1] first: changed
    [h2] first: changed
    [h1] second: changed
    [h1] bad: failed: no good
    [h1] undo second: failed: it breaks at b
    [WARNING]: h1 keeps what is not undone: second (b to c)
    [h2] undo first: changed
    [h2] own: ok
    [WARNING]: h1 keeps what is not undone: first (a to b)
    [h1] own: ok
    h1: ok=3 changed=2 failed=2
    h2: ok=3 changed=2
    exit 2
    ");
}

#[test]
fn an_undo_is_waited_for_and_the_journal_knows_whose_it_is() {
    let told = told(
        "
    - name: one
      on_failure: rollback
      tasks:
        - {name: job, lever: {was: a, to: b}, async: 9, poll: 0, when: inventory_hostname == 'h1'}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h1'}
",
    );
    assert_eq!(told.results("job")["h1"]["detached"], true);
    assert_eq!(told.results("undo job")["h1"]["detached"], false);
    let arguments: Vec<_> = told
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Intent { arguments, .. } => Some(arguments.clone()),
            _ => None,
        })
        .collect();
    let lever = serde_json::json!({"was": "a", "to": "b"});
    assert_eq!(arguments, [lever.clone(), lever]);
}

#[test]
fn without_rollback_nothing_is_taken_back() {
    let story = told(
        "
    - name: one
      tasks:
        - {name: first, lever: {was: a, to: b}}
        - {name: bad, fail: {msg: no good}, when: inventory_hostname == 'h1'}
",
    )
    .story();
    assert_snapshot!(story, @"
    PLAY all
    [h1] first: changed
    [h1] bad: failed: no good
    h1: ok=1 changed=1 failed=1
    exit 2
    ");
}
