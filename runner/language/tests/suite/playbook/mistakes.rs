//! The pictures of mistakes in plays, and that anything at all is understood or refused.

use std::path::Path;

use cutover_language::files::Memory;
use cutover_language::playbook::understand;
use cutover_language::{Source, load_playbook, yaml};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::{mistakes, read};
use crate::modules::Modules;
use crate::pictures;

#[test]
fn mistakes_of_a_play() {
    assert_snapshot!(mistakes("hosts: all\n"), @r#"
    error[playbook]: a playbook is a list of plays, not a mapping
     --> site.yml:1:1
      |
    1 | hosts: all
      | ^^^^^^^^^^
    "#);
    assert_snapshot!(mistakes("- host: all\n  task: []\n"), @r#"
    error[hosts]: a play needs `hosts`
     --> site.yml:1:3
      |
    1 | - host: all
      |   ^^^^^^^^^

    error[unknown-keyword]: `host` is no keyword of a play
     --> site.yml:1:3
      |
    1 | - host: all
      |   ^^^^
      |
      = help: did you mean `hosts`?

    error[unknown-keyword]: `task` is no keyword of a play
     --> site.yml:2:3
      |
    2 |   task: []
      |   ^^^^
      |
      = help: did you mean `tasks`?
    "#);
    assert_snapshot!(mistakes("- hosts: []\n  tasks: {a: 1}\n  when: x\n"), @r#"
    error[hosts]: `hosts` is empty
     --> site.yml:1:3
      |
    1 | - hosts: []
      |   ^^^^^
      |
      = help: `all` means every host of the inventory

    error[wrong-type]: `tasks` takes a list, not a mapping
     --> site.yml:2:10
      |
    2 |   tasks: {a: 1}
      |          ^^^^^^

    error[unknown-keyword]: `when` is no keyword of a play
     --> site.yml:3:3
      |
    3 |   when: x
      |   ^^^^
      |
      = help: a block or a task takes it
    "#);
    assert_snapshot!(mistakes("- hosts: all\n  serial: 2\n  tasks: []\n  phases:\n    - {name: a}\n    - {name: a, nodes: [primry], estimate: 25, on_failure: retry}\n    - {barrier: maybe}\n"), @r#"
    error[serial-with-phases]: `serial` cannot stand on a play with phases, whose lanes run side by side
     --> site.yml:2:3
      |
    2 |   serial: 2
      |   ^^^^^^
      |
      = help: put `serial` on a phase: it cuts the lanes into waves there

    error[play]: a play has `tasks` or `phases`, not both
     --> site.yml:4:3
      |
    3 |   tasks: []
      |   ----- `tasks` stand here
    4 |   phases:
      |   ^^^^^^
      |
      = help: `pre_tasks` and `post_tasks` may stand around phases

    error[duplicate-phase]: this play has two phases called `a`
     --> site.yml:6:14
      |
    5 |     - {name: a}
      |              - the first one
    6 |     - {name: a, nodes: [primry], estimate: 25, on_failure: retry}
      |              ^

    error[wrong-type]: `nodes` takes `all`, or `primary` and `secondary` in the order wanted
     --> site.yml:6:25
      |
    6 |     - {name: a, nodes: [primry], estimate: 25, on_failure: retry}
      |                         ^^^^^^
      |
      = help: did you mean `primary`?

    error[wrong-type]: `estimate` takes a duration such as `25m` or `1h 30m`
     --> site.yml:6:44
      |
    6 |     - {name: a, nodes: [primry], estimate: 25, on_failure: retry}
      |                                            ^^

    error[wrong-type]: `on_failure` takes `stop` or `rollback`
     --> site.yml:6:60
      |
    6 |     - {name: a, nodes: [primry], estimate: 25, on_failure: retry}
      |                                                            ^^^^^

    error[phase]: a phase needs a `name`
     --> site.yml:7:7
      |
    7 |     - {barrier: maybe}
      |       ^^^^^^^^^^^^^^^^

    error[wrong-type]: `barrier` takes true or false
     --> site.yml:7:17
      |
    7 |     - {barrier: maybe}
      |                 ^^^^^
    "#);
    assert_snapshot!(mistakes("- hosts: all\n  vars: {a-b: 1}\n  order: random\n  gather_facts: perhaps\n  max_fail_percentage: half\n"), @r#"
    error[variable-name]: `a-b` cannot be the name of a variable
     --> site.yml:2:10
      |
    2 |   vars: {a-b: 1}
      |          ^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit

    error[wrong-type]: `order` takes `inventory`, `reverse_inventory`, `sorted`, `reverse_sorted` or `shuffle`
     --> site.yml:3:10
      |
    3 |   order: random
      |          ^^^^^^

    error[wrong-type]: `gather_facts` takes true or false
     --> site.yml:4:17
      |
    4 |   gather_facts: perhaps
      |                 ^^^^^^^

    error[wrong-type]: `max_fail_percentage` takes a number
     --> site.yml:5:24
      |
    5 |   max_fail_percentage: half
      |                        ^^^^
    "#);
    assert_snapshot!(mistakes("- hosts: all\n  handlers:\n    - vos_restart:\n    - block: []\n"), @r#"
    error[handler]: a handler needs a `name` or `listen`, else nothing can notify it
     --> site.yml:3:7
      |
    3 |     - vos_restart:
      |       ^^^^^^^^^^^^

    error[handler]: a block cannot be a handler
     --> site.yml:4:7
      |
    4 |     - block: []
      |       ^^^^^^^^^
    "#);
}

#[test]
fn nothing_that_is_written_is_left_out_without_a_word() {
    let text = "
- hosts: all
  user: one
  remote_user: two
  tasks:
    - local_action: {command: uptime}
    - action: ''
    - copy: '{{ everything }}'
      args: '{{ more }}'
";
    assert_snapshot!(mistakes(text), @"
    error[two-users]: `user` is the old name of `remote_user`: a play has one of them
     --> site.yml:3:3
      |
    3 |   user: one
      |   ^^^^

    error[no-module]: `local_action` names no module
     --> site.yml:6:21
      |
    6 |     - local_action: {command: uptime}
      |                     ^^^^^^^^^^^^^^^^^
      |
      = help: `local_action: {module: NAME, ...}`, or the module as the task's own key

    error[no-module]: `action` names no module
     --> site.yml:7:15
      |
    7 |     - action: ''
      |               ^^
      |
      = help: `action: {module: NAME, ...}`, or the module as the task's own key

    warning[arguments]: arguments that come out of a template are checked no earlier than the task runs
     --> site.yml:9:13
      |
    9 |       args: '{{ more }}'
      |             ^^^^^^^^^^^^
      |
      = help: write them one by one

    error[arguments]: a task takes one template for all its arguments, not two
     --> site.yml:9:13
      |
    9 |       args: '{{ more }}'
      |             ^^^^^^^^^^^^
      |
      = help: `combine` them in the template
    ");
    assert_snapshot!(mistakes("- hosts: all\n  roles: [[a, b], ~]\n"), @"
    error[wrong-type]: a role takes its name, or a mapping with `role`, not a list
     --> site.yml:2:11
      |
    2 |   roles: [[a, b], ~]
      |           ^^^^^^

    error[wrong-type]: a role takes its name, or a mapping with `role`, not nothing
     --> site.yml:2:19
      |
    2 |   roles: [[a, b], ~]
      |                   ^
    ");
}

#[test]
fn the_debugger_opens_at_ends_that_there_are() {
    let text = "
- hosts: all
  debugger: '{{ when }}'
  tasks:
    - {command: sleep 10, debugger: on_skipped}
    - {command: sleep 10, debugger: on_failure}
";
    assert_snapshot!(mistakes(text), @"
    error[wrong-type]: `debugger` takes `always`, `never`, `on_failed`, `on_unreachable` or `on_skipped`
     --> site.yml:6:37
      |
    6 |     - {command: sleep 10, debugger: on_failure}
      |                                     ^^^^^^^^^^
      |
      = help: did you mean `on_failed`?
    ");
}

#[test]
fn keywords_that_steer_the_engine_are_taken_without_a_word() {
    let text = "
- hosts: all
  force_handlers: true
  tasks:
    - vos_restart:
      throttle: 1
";
    assert_eq!(pictures(&read(text).warnings), "");
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let faults = load_playbook(Path::new("nosuch.yml"), &Memory::default(), &Modules).unwrap_err();
    assert_snapshot!(pictures(&faults), @"error[unreadable]: nosuch.yml cannot be read: no such file");
}

/// Something like a playbook, with anything anywhere.
fn tree() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z_{}\"' ]{0,12}",
        Just("hosts".to_owned()),
        Just("tasks".to_owned()),
        Just("block".to_owned()),
        Just("debug".to_owned()),
        Just("command".to_owned()),
        Just("phases".to_owned()),
        Just("name".to_owned()),
        Just("vos_csr".to_owned()),
    ];
    let leaf = word
        .clone()
        .prop_map(|text| serde_json::Value::String(text).to_string());
    let inner = leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::btree_map(word.clone(), inner, 0..6).prop_map(|map| {
                let pairs: Vec<_> = map
                    .into_iter()
                    .map(|(key, value)| format!("{}: {value}", serde_json::Value::String(key)))
                    .collect();
                format!("{{{}}}", pairs.join(", "))
            }),
        ]
    });
    inner.prop_map(|tree| format!("[{tree}]"))
}

proptest! {
    #[test]
    fn any_tree_is_understood_or_refused(text in tree()) {
        if let Ok(root) = yaml::parse(&Source::new("any.yml", text)) {
            let (_, faults) = understand(&root, &Modules);
            pictures(&faults);
        }
    }
}

#[test]
fn an_answer_is_hashed_by_a_known_scheme_with_a_salt_that_fits() {
    let prompts = "
- hosts: all
  vars_prompt:
    - {name: good, encrypt: sha512_crypt, salt_size: 7}
    - {name: other, encrypt: sha13}
    - {name: long, encrypt: md5_crypt, salt_size: 9}
";
    assert_snapshot!(mistakes(prompts), @r"
    error[prompt]: there is no scheme `sha13` for password hashes
     --> site.yml:5:30
      |
    5 |     - {name: other, encrypt: sha13}
      |                              ^^^^^
      |
      = help: there are sha512, sha256, bcrypt, md5

    error[prompt]: a salt here has 1 to 8 characters
     --> site.yml:6:51
      |
    6 |     - {name: long, encrypt: md5_crypt, salt_size: 9}
      |                                                   ^
    ");
}
