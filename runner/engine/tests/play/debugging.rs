//! The keyword `debugger`: somebody looks at how a task ended, mends it, and has it run again.

use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

pub(crate) fn played(count: usize, playbook: &str, typed: &'static [&'static str]) -> String {
    let mut stage = Stage::of(hosts(count), playbook);
    stage.typed = Some(typed);
    let told = stage.run();
    format!("{}\n{}", told.asked, told.story())
}

#[test]
fn a_task_is_looked_at_mended_and_run_again() {
    let playbook = "
- hosts: all
  gather_facts: false
  vars: {wanted: bad}
  tasks:
    - {name: one, how: {a: '{{ wanted }}'}, register: r, failed_when: r.a == 'bad', debugger: on_failed, when: inventory_hostname == 'h1'}
    - {name: two, debug: {msg: '{{ r.a | default(0) }}'}}
";
    let typed: &[&str] = &[
        "h",
        "",
        "p task",
        "p task_vars['wanted'] ~ '!'",
        "p result._result.failed_when_result",
        "p host",
        "p nosuch",
        "import os",
        "task_vars['wanted'] = 'better'",
        "p task.args.a",
        "task.args['a'] = 'b' ~ 'ad'",
        "r",
        "p task.args.a",
        "u",
        "redo",
    ];
    assert_snapshot!(played(2, playbook, typed), @r#"
    [h1] TASK: one (debug)> h
    p EXPR                    show a value: task, task.args, task_vars['NAME'], host, result, any expression
    task.args['KEY'] = EXPR   give the task another argument
    task_vars['KEY'] = EXPR   give it another variable
    u, update_task            take the arguments as they are written, with the variables as they are now
    r, redo                   run the task again
    c, continue               go on as the task has ended
    q, quit                   finish what is under way, and stop the run
    h, help                   show this
    [h1] TASK: one (debug)> 
    [h1] TASK: one (debug)> p task
    {
      "name": "one",
      "action": "how",
      "args": {
        "a": "bad"
      }
    }
    [h1] TASK: one (debug)> p task_vars['wanted'] ~ '!'
    "bad!"
    [h1] TASK: one (debug)> p result._result.failed_when_result
    true
    [h1] TASK: one (debug)> p host
    "h1"
    [h1] TASK: one (debug)> p nosuch
    *** `nosuch` is undefined
    [h1] TASK: one (debug)> import os
    *** this is no command; h shows which there are
    [h1] TASK: one (debug)> task_vars['wanted'] = 'better'
    [h1] TASK: one (debug)> p task.args.a
    "better"
    [h1] TASK: one (debug)> task.args['a'] = 'b' ~ 'ad'
    [h1] TASK: one (debug)> r
    [h1] TASK: one (debug)> p task.args.a
    "bad"
    [h1] TASK: one (debug)> u
    [h1] TASK: one (debug)> redo

    PLAY all
    [h1] one: failed: failed_when holds
    debugger [h1] {"debugged":"looked","expression":"task"}
    debugger [h1] {"debugged":"looked","expression":"vars['wanted'] ~ '!'"}
    debugger [h1] {"debugged":"looked","expression":"result.failed_when_result"}
    debugger [h1] {"debugged":"looked","expression":"host"}
    debugger [h1] {"debugged":"looked","expression":"nosuch"}
    debugger [h1] {"debugged":"set","what":"task_vars['wanted']"}
    debugger [h1] {"debugged":"looked","expression":"task.args.a"}
    debugger [h1] {"debugged":"set","what":"task.args['a']"}
    debugger [h1] {"debugged":"redone","status":"failed","changed":false}
    [h1] one: failed: failed_when holds
    debugger [h1] {"debugged":"looked","expression":"task.args.a"}
    debugger [h1] {"debugged":"updated"}
    debugger [h1] {"debugged":"redone","status":"failed","changed":false}
    [h1] one: ok
    [h2] one: skipped
    [h1] two: ok
    [h2] two: ok
    h1: ok=2
    h2: ok=1 skipped=1
    exit 0
    "#);
}

#[test]
fn it_opens_where_the_innermost_word_says() {
    let playbook = "
- hosts: h1
  gather_facts: false
  debugger: on_skipped
  tasks:
    - {name: skipped, debug: {msg: x}, when: false}
    - {name: fine, debug: {msg: x}}
    - {name: always, debug: {msg: x}, debugger: \"{{ 'al' + 'ways' }}\"}
    - {name: ignored, fail: {msg: x}, debugger: on_failed, ignore_errors: true}
    - {name: handled, fail: {msg: x}, debugger: never, ignore_errors: true}
    - {name: gone, unreach: , debugger: on_unreachable, ignore_unreachable: true}
    - block:
        - {name: bad, fail: {msg: x}}
      debugger: on_failed
      rescue:
        - {name: gone, unreach: , debugger: on_unreachable}
";
    assert_snapshot!(played(1, playbook, &["c", "continue", "c", "c", "c"]), @r#"
    [h1] TASK: skipped (debug)> c
    [h1] TASK: always (debug)> continue
    [h1] TASK: gone (debug)> c
    [h1] TASK: bad (debug)> c
    [h1] TASK: gone (debug)> c

    PLAY h1
    [h1] skipped: skipped
    debugger [h1] {"debugged":"went_on"}
    [h1] fine: ok
    [h1] always: ok
    debugger [h1] {"debugged":"went_on"}
    [h1] ignored: ignored: x
    [h1] handled: ignored: x
    [h1] gone: ignored: h1 does not answer
    debugger [h1] {"debugged":"went_on"}
    [h1] bad: failed: x
    debugger [h1] {"debugged":"went_on"}
    rescued [h1]
    [h1] gone: unreachable: h1 does not answer
    debugger [h1] {"debugged":"went_on"}
    h1: ok=5 unreachable=1 skipped=1 rescued=1 ignored=3
    exit 4
    "#);
}

#[test]
fn the_setting_and_the_strategy_open_it_at_every_failure() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: bad, fail: {msg: x}, ignore_errors: '{{ inventory_hostname == \"h3\" }}', debugger: \"{{ 'never' if inventory_hostname == 'h2' else omit }}\"}
";
    let mut stage = Stage::of(hosts(3), playbook);
    stage.options.debugger = true;
    stage.typed = Some(&["c"]);
    assert_snapshot!(stage.run().asked, @"[h1] TASK: bad (debug)> c");
    let playbook = playbook.replace("  tasks:", "  strategy: debug\n  tasks:");
    let mut stage = Stage::of(hosts(3), playbook);
    stage.typed = Some(&["c"]);
    assert_snapshot!(stage.run().asked, @"[h1] TASK: bad (debug)> c");
}

#[test]
fn where_nobody_is_there_that_is_told_once() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: bad, fail: {msg: x}, debugger: always}
";
    assert_snapshot!(Stage::of(hosts(2), playbook).run().story(), @"
    PLAY all
    [h1] bad: failed: x
    [WARNING]: nobody is at a terminal to answer the debugger: tasks go on as they end
    [h2] bad: failed: x
    h1: failed=1
    h2: failed=1
    exit 2
    ");
}

#[test]
fn no_secret_leaves_it() {
    let playbook = "
- hosts: h1
  gather_facts: false
  vars: {db_password: hunter22}
  tasks:
    - {name: one, how: {a: 'with {{ db_password }}'}, debugger: always}
    - {name: two, how: {a: quiet}, debugger: always, no_log: true}
";
    let typed: &[&str] = &[
        "p task.args",
        "p task_vars['db_password']",
        "p db_password | length",
        "task.args['password'] = 'swordfish'",
        "p task.args",
        "r",
        "c",
        "p task.args",
        "p result",
    ];
    let mut stage = Stage::of(hosts(1), playbook);
    stage.typed = Some(typed);
    let told = stage.run();
    let journal = serde_json::to_string(&told.events).unwrap();
    assert!(!journal.contains("hunter22") && !journal.contains("swordfish"));
    let shown: String = told
        .asked
        .lines()
        .filter(|line| !line.contains("swordfish'"))
        .collect();
    assert!(
        !shown.contains("hunter22") && !shown.contains("swordfish"),
        "{shown}"
    );
    assert_snapshot!(told.asked, @r#"
    [h1] TASK: one (debug)> p task.args
    {
      "a": "********"
    }
    [h1] TASK: one (debug)> p task_vars['db_password']
    "********"
    [h1] TASK: one (debug)> p db_password | length
    8
    [h1] TASK: one (debug)> task.args['password'] = 'swordfish'
    [h1] TASK: one (debug)> p task.args
    {
      "a": "********",
      "password": "********"
    }
    [h1] TASK: one (debug)> r
    [h1] TASK: one (debug)> c
    [h1] TASK: two (debug)> p task.args
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
    [h1] TASK: two (debug)> p result
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
    [h1] TASK: two (debug)> ^D
    "#);
}
