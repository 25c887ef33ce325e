//! What is wrong in a playbook of several files is shown where it stands.

use insta::assert_snapshot;

use super::faults;

#[test]
fn what_is_missing_or_leads_to_itself_is_shown_where_it_is_named() {
    assert_snapshot!(faults(&[
        (
            "site.yml",
            "
- import_playbook: nosuch.yml
- hosts: all
  roles: [comon, {role: loop}, 'old,1.2', {realm: x}]
  tasks:
    - import_tasks: nosuch.yml
    - import_tasks: round.yml
    - import_tasks: x.yml
      loop: [1, 2]
    - import_tasks: '{{ fact }}.yml'
    - include_tasks:
    - include_role: {name: common, task_from: x}
    - import_role: {name: common, tasks_from: ../../secret}
    - import_role: {name: common, tasks_from: nosuch}
  handlers:
    - name: whole
      import_role: {name: common}
",
        ),
        ("round.yml", "- import_tasks: round.yml\n"),
        ("x.yml", ""),
        ("roles/common/tasks/main.yml", ""),
        ("roles/loop/meta/main.yml", "dependencies: [loop]\n"),
    ]), @"
    error[unreadable]: nosuch.yml cannot be read: no such file
     --> site.yml:2:20
      |
    2 | - import_playbook: nosuch.yml
      |                    ^^^^^^^^^^

    error[unknown-role]: there is no role called `comon`
     --> site.yml:4:11
      |
    4 |   roles: [comon, {role: loop}, 'old,1.2', {realm: x}]
      |           ^^^^^
      |
      = help: did you mean `common`?

    error[role]: a role is named by its name alone
     --> site.yml:4:32
      |
    4 |   roles: [comon, {role: loop}, 'old,1.2', {realm: x}]
      |                                ^^^^^^^^^
      |
      = help: the old style `role,version` is gone

    error[role]: a role needs its name as `role`
     --> site.yml:4:43
      |
    4 |   roles: [comon, {role: loop}, 'old,1.2', {realm: x}]
      |                                           ^^^^^^^^^^

    error[no-such-file]: there is no file `nosuch.yml`
     --> site.yml:6:21
      |
    6 |     - import_tasks: nosuch.yml
      |                     ^^^^^^^^^^
      |
      = help: looked for nosuch.yml

    error[import-loop]: `import_tasks` is read before any host is known, and cannot loop
     --> site.yml:9:13
      |
    9 |       loop: [1, 2]
      |             ^^^^^^
      |
      = help: `include_tasks` can

    error[not-known-early]: this file is read before any host is known: 'fact' is undefined
      --> site.yml:10:25
       |
    10 |     - import_tasks: '{{ fact }}.yml'
       |                         ^^^^
       |
       = help: only `-e` and variables of the play and role are known then; `include_...` knows all

    error[inclusion]: `include_tasks` needs a file
      --> site.yml:11:7
       |
    11 |     - include_tasks:
       |       ^^^^^^^^^^^^^

    error[unknown-keyword]: `task_from` is no keyword of `include_role`
      --> site.yml:12:36
       |
    12 |     - include_role: {name: common, task_from: x}
       |                                    ^^^^^^^^^
       |
       = help: did you mean `tasks_from`?

    error[outside-role]: `../../secret` leads out of `tasks` of the role
      --> site.yml:13:47
       |
    13 |     - import_role: {name: common, tasks_from: ../../secret}
       |                                               ^^^^^^^^^^^^

    error[no-such-file]: there is no `nosuch` in `tasks` of the role
      --> site.yml:14:47
       |
    14 |     - import_role: {name: common, tasks_from: nosuch}
       |                                               ^^^^^^
       |
       = help: looked for roles/common/tasks/nosuch, roles/common/tasks/nosuch.yml, roles/common/tasks/nosuch.yaml, roles/common/tasks/nosuch.json

    error[handler]: a role cannot be brought in as a handler
      --> site.yml:17:7
       |
    17 |       import_role: {name: common}
       |       ^^^^^^^^^^^

    error[endless-dependency]: the role `loop` depends on itself
     --> roles/loop/meta/main.yml:1:16
      |
    1 | dependencies: [loop]
      |                ^^^^

    error[endless-import]: round.yml leads to itself, without end
     --> round.yml:1:17
      |
    1 | - import_tasks: round.yml
      |                 ^^^^^^^^^
      |
     ::: site.yml:7:21
      |
    7 |     - import_tasks: round.yml
      |                     --------- on the way here
      |
      = help: `include_tasks` with a `when` is read only when it is reached
    ");
}

#[test]
fn a_mistake_in_a_role_is_shown_in_its_file() {
    assert_snapshot!(faults(&[
        ("site.yml", "- hosts: all\n  roles: [web]\n"),
        ("roles/web/tasks/main.yml", "- debgu: {msg: x}\n"),
        ("roles/web/defaults/main.yml", "- a list\n"),
        ("roles/web/vars/main.yml", "1st: x\n"),
    ]), @"
    error[wrong-type]: a file of variables takes a mapping, not a list
     --> roles/web/defaults/main.yml:1:1
      |
    1 | - a list
      | ^^^^^^^^

    error[variable-name]: `1st` cannot be the name of a variable
     --> roles/web/vars/main.yml:1:1
      |
    1 | 1st: x
      | ^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit

    error[unknown-module]: `debgu` is neither a keyword of a task nor a module
     --> roles/web/tasks/main.yml:1:3
      |
    1 | - debgu: {msg: x}
      |   ^^^^^
      |
      = help: did you mean `debug`?
    ");
}
