//! What the debugger runs again, and what goes on around it.

use cutover_engine::event::EventKind;
use insta::assert_snapshot;

use crate::debugging::played;
use crate::stage::{Stage, hosts};

#[test]
fn a_change_of_which_nobody_knows_is_not_made_again() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: one, blind: {kind: unknown, say: lost}, debugger: on_failed}
";
    assert_snapshot!(played(1, playbook, &["r", "c"]), @r#"
    [h1] TASK: one (debug)> r
    *** whether it was done is not known, and nothing that can be read tells: it is not run again. Look yourself; `c` goes on
    [h1] TASK: one (debug)> c

    PLAY h1
    [h1] one: failed: lost
    debugger [h1] {"debugged":"went_on"}
    h1: failed=1
    exit 6
    "#);
}

#[test]
fn whoever_is_looked_at_keeps_its_turn() {
    let inventory = "
all:
  hosts:
    a1: {cluster: a}
    a2: {cluster: a, node: secondary}
    b1: {cluster: b}
";
    let playbook = "
- hosts: all
  gather_facts: false
  phases:
    - name: one by one
      tasks:
        - {name: restart, restart: {a1: fails after 1, others: works after 1}, debugger: on_failed}
";
    let mut stage = Stage::of(inventory, playbook);
    stage.typed = Some(&["task.args['a1'] = 'works after 2'", "r"]);
    let told = stage.run();
    let turns = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::TurnTaken { host, .. } => Some(format!("{host} takes its turn")),
        EventKind::TurnReleased { host, .. } => Some(format!("{host} gives it back")),
        EventKind::Debugged { host, .. } => Some(format!("{host} is looked at")),
        _ => None,
    });
    let turns: Vec<_> = turns.collect();
    assert_snapshot!(format!("{}\n{}\n{}", turns.join("\n"), told.asked, told.story()), @r#"
    a1 takes its turn
    b1 takes its turn
    a1 is looked at
    a1 is looked at
    b1 gives it back
    a1 gives it back
    a2 takes its turn
    a2 gives it back
    [a1] TASK: restart (debug)> task.args['a1'] = 'works after 2'
    [a1] TASK: restart (debug)> r

    PLAY all
    [a1] restart: failed: no good
    debugger [a1] {"debugged":"set","what":"task.args['a1']"}
    debugger [a1] {"debugged":"redone","status":"failed","changed":false}
    [b1] restart: changed
    [a1] restart: changed
    [a2] restart: changed
    a1: ok=1 changed=1
    a2: ok=1 changed=1
    b1: ok=1 changed=1
    exit 0
    "#);
}

#[test]
fn whoever_quits_stops_the_run() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, act: {h1: fails after 1, others: works after 5}, debugger: on_failed}
    - {name: two, debug: {msg: x}}
";
    assert_snapshot!(played(2, playbook, &["q"]), @r#"
    [h1] TASK: one (debug)> q

    PLAY all
    [h1] one: failed: no good
    debugger [h1] {"debugged":"quit"}
    stop requested
    [h2] one: ok
    h1: failed=1
    h2: ok=1
    exit 2
    "#);
}

#[test]
fn what_runs_once_is_given_to_all_when_somebody_is_content_with_it() {
    let playbook = "
- hosts: all
  gather_facts: false
  vars: {wanted: 1}
  tasks:
    - {name: one, how: {a: '{{ wanted }}'}, run_once: true, register: r, debugger: always}
    - {name: two, debug: {msg: x}, failed_when: r.a != 2}
";
    assert_snapshot!(played(2, playbook, &["task_vars['wanted'] = 2", "r", "c"]), @r#"
    [h1] TASK: one (debug)> task_vars['wanted'] = 2
    [h1] TASK: one (debug)> r
    [h1] TASK: one (debug)> c

    PLAY all
    [h1] one: ok
    debugger [h1] {"debugged":"set","what":"task_vars['wanted']"}
    debugger [h1] {"debugged":"redone","status":"ok","changed":false}
    [h1] one: ok
    debugger [h1] {"debugged":"went_on"}
    [h1] two: ok
    [h2] two: ok
    h1: ok=2
    h2: ok=1
    exit 0
    "#);
}

#[test]
fn what_was_included_before_is_not_gone_through_twice() {
    let playbook = "
- hosts: h1
  gather_facts: false
  vars: {file: a}
  tasks:
    - {name: in, include_tasks: '{{ file }}.yml', debugger: always}
";
    let mut stage = Stage::of(hosts(1), playbook);
    stage.write("a.yml", "- {name: a, debug: {msg: x}, debugger: never}");
    stage.write("b.yml", "- {name: b, debug: {msg: x}, debugger: never}");
    stage.typed = Some(&["task_vars['file'] = 'b'", "r", "c"]);
    assert_snapshot!(stage.run().story(), @r#"
    PLAY h1
    [h1] in: ok
    debugger [h1] {"debugged":"set","what":"task_vars['file']"}
    debugger [h1] {"debugged":"redone","status":"ok","changed":false}
    [h1] in: ok
    debugger [h1] {"debugged":"went_on"}
    [h1] b: ok
    h1: ok=2
    exit 0
    "#);
}

#[test]
fn in_a_check_run_it_works_the_same() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: one, blind: {kind: unknown, say: lost}, debugger: always}
";
    let mut stage = Stage::of(hosts(1), playbook);
    stage.options.check = true;
    stage.typed = Some(&["p result.changed", "r", "c"]);
    let told = stage.run();
    assert_snapshot!(format!("{}\n{}", told.asked, told.story()), @r#"
    [h1] TASK: one (debug)> p result.changed
    true
    [h1] TASK: one (debug)> r
    [h1] TASK: one (debug)> c

    PLAY h1
    [h1] one: changed
    debugger [h1] {"debugged":"looked","expression":"result.changed"}
    debugger [h1] {"debugged":"redone","status":"changed","changed":true}
    [h1] one: changed
    debugger [h1] {"debugged":"went_on"}
    h1: ok=1 changed=1
    exit 0
    "#);
}
