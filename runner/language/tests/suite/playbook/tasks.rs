//! The pictures of mistakes in tasks and their arguments.

use insta::assert_snapshot;

use super::task_mistakes;

#[test]
fn mistakes_of_a_task() {
    assert_snapshot!(task_mistakes("name: nothing"), @r#"
    error[no-module]: this task names no module
     --> site.yml:3:7
      |
    3 |     - name: nothing
      |       ^^^^^^^^^^^^^
    "#);
    assert_snapshot!(task_mistakes("vos_cst: {unit: tomcat}"), @r#"
    error[unknown-module]: `vos_cst` is neither a keyword of a task nor a module
     --> site.yml:3:7
      |
    3 |     - vos_cst: {unit: tomcat}
      |       ^^^^^^^
      |
      = help: did you mean `vos_csr`?
    "#);
    assert_snapshot!(task_mistakes("debug: {msg: x}\nwehn: y"), @r#"
    error[unknown-module]: `wehn` is neither a keyword of a task nor a module
     --> site.yml:4:7
      |
    4 |       wehn: y
      |       ^^^^
      |
      = help: did you mean `when`?
    "#);
    assert_snapshot!(task_mistakes("debug: {msg: x}\ncommand: ls"), @r#"
    error[two-modules]: a task calls one module, and `command` is a second one
     --> site.yml:4:7
      |
    3 |     - debug: {msg: x}
      |       ----- the first one
    4 |       command: ls
      |       ^^^^^^^
    "#);
    assert_snapshot!(task_mistakes("debug: {msg: x}\nloop: [1]\nwith_items: [2]"), @r#"
    error[two-loops]: a task has one loop, and this is a second one
     --> site.yml:5:7
      |
    4 |       loop: [1]
      |       ---- the first one
    5 |       with_items: [2]
      |       ^^^^^^^^^^
    "#);
    assert_snapshot!(task_mistakes("debug: {msg: x}\nregister: a b\nwhen: {a: 1}\nretries: many"), @r#"
    error[variable-name]: `a b` cannot be the name of a variable
     --> site.yml:4:17
      |
    4 |       register: a b
      |                 ^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit

    error[wrong-type]: `when` takes an expression or a list of them, not a mapping
     --> site.yml:5:13
      |
    5 |       when: {a: 1}
      |             ^^^^^^

    error[wrong-type]: `retries` takes a whole number, 0 or more
     --> site.yml:6:16
      |
    6 |       retries: many
      |                ^^^^
    "#);
    assert_snapshot!(task_mistakes("meta: flush_handler"), @r#"
    error[wrong-type]: `meta` takes `flush_handlers`, `noop`, `end_play`, `end_batch`, `end_host`, `end_role`, `clear_facts`, `clear_host_errors`, `refresh_inventory` or `reset_connection`
     --> site.yml:3:13
      |
    3 |     - meta: flush_handler
      |             ^^^^^^^^^^^^^
      |
      = help: did you mean `flush_handlers`?
    "#);
    assert_snapshot!(task_mistakes("copy: src=a dest"), @r#"
    error[arguments]: this is no `name=value`, and the module takes no free text
     --> site.yml:3:19
      |
    3 |     - copy: src=a dest
      |                   ^^^^
    "#);
    assert_snapshot!(task_mistakes("block: []\nloop: [1]\nrescu: []"), @r#"
    error[block]: a block cannot loop
     --> site.yml:4:7
      |
    4 |       loop: [1]
      |       ^^^^
      |
      = help: put its tasks into a file of their own and loop over `include_tasks`

    error[unknown-keyword]: `rescu` is no keyword of a block
     --> site.yml:5:7
      |
    5 |       rescu: []
      |       ^^^^^
      |
      = help: did you mean `rescue`?
    "#);
}

#[test]
fn mistakes_of_arguments() {
    assert_snapshot!(task_mistakes("vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}"), @r#"
    error[missing-argument]: `vos_csr` needs the argument `unit`
     --> site.yml:3:7
      |
    3 |     - vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}
      |       ^^^^^^^

    error[unknown-argument]: `vos_csr` has no argument `unt`
     --> site.yml:3:17
      |
    3 |     - vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}
      |                 ^^^
      |
      = help: did you mean `unit`?

    error[wrong-type]: `hash` takes `sha256` or `sha384`, not `sha265`
     --> site.yml:3:36
      |
    3 |     - vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}
      |                                    ^^^^^^
      |
      = help: did you mean `sha256`?

    error[wrong-type]: `bits` takes a whole number, not `many`
     --> site.yml:3:50
      |
    3 |     - vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}
      |                                                  ^^^^

    error[wrong-type]: `force` takes true or false, not `perhaps`
     --> site.yml:3:63
      |
    3 |     - vos_csr: {unt: tomcat, hash: sha265, bits: many, force: perhaps}
      |                                                               ^^^^^^^
    "#);
    assert_snapshot!(task_mistakes("vos_csr:\n  unit: yes\n  of: [self, slef, '{{ x }}']\n  subject: {org: x}\n  dest: {a: 1}"), @r#"
    error[wrong-type]: `unit` takes text, not a boolean
     --> site.yml:4:15
      |
    4 |         unit: yes
      |               ^^^
      |
      = help: put it in quotes: "yes"

    error[wrong-type]: `of` takes `self` or `talks_to`, not `slef`
     --> site.yml:5:20
      |
    5 |         of: [self, slef, '{{ x }}']
      |                    ^^^^
      |
      = help: did you mean `self`?

    error[unknown-argument]: `subject` has no argument `org`
     --> site.yml:6:19
      |
    6 |         subject: {org: x}
      |                   ^^^
      |
      = help: it takes `o`

    error[wrong-type]: `dest` takes text, not a mapping
     --> site.yml:7:15
      |
    7 |         dest: {a: 1}
      |               ^^^^^^
    "#);
    assert_snapshot!(task_mistakes("vos_restart: {now: true}"), @r#"
    error[unknown-argument]: `vos_restart` has no argument `now`
     --> site.yml:3:21
      |
    3 |     - vos_restart: {now: true}
      |                     ^^^
      |
      = help: it takes none
    "#);
}
