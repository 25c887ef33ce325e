//! What stands in other files: tasks, playbooks and handlers.

use cutover_language::playbook::Play;
use insta::assert_snapshot;

use super::{loaded, outline};

#[test]
fn imported_tasks_stand_in_the_place_of_the_import_and_inherit_from_it() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  tags: play
  vars: {kind: keys}
  tasks:
    - debug: {msg: first}
    - name: bring in
      import_tasks: parts/{{ kind }}.yml
      when: outer
      tags: [parts]
      vars: {slot: tomcat}
    - debug: {msg: last}
",
        ),
        (
            "parts/keys.yml",
            "
- name: make a key
  debug: {msg: key}
  when: inner
- block:
    - import_tasks: more.yml
  vars: {slot: other}
",
        ),
        (
            "parts/more.yml",
            "- ansible.builtin.debug:\n    msg: more\n  name: deep\n",
        ),
    ]);
    assert_snapshot!(outline(&playbook.plays[0]), @"
    debug [tags: play]
    make a key [when: outer, inner] [tags: play, parts] [vars: slot]
    deep [when: outer] [tags: play, parts] [vars: slot]
    debug [tags: play]
    ");
}

#[test]
fn imported_playbooks_hand_down_conditions_tags_and_variables() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- import_playbook: lab/second.yml
  when: go
  tags: lab
  vars: {realm: lab}
- name: own
  hosts: all
  tasks: []
",
        ),
        (
            "lab/second.yml",
            "
- name: second
  hosts: all
  vars: {realm: none, port: 1}
  roles: [near]
  tasks:
    - debug: {msg: x}
",
        ),
        ("lab/roles/near/tasks/main.yml", "- debug: {msg: near}\n"),
    ]);
    let titles: Vec<_> = playbook.plays().map(Play::title).collect();
    assert_eq!(titles, ["second", "own"]);
    assert_snapshot!(outline(&playbook.plays[0]), @"
    near : debug [when: go] [tags: lab]
    debug [when: go] [tags: lab]
    ");
    let vars: Vec<_> = playbook.plays[0].vars.iter().collect();
    let shown: Vec<_> = vars
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.written().unwrap()))
        .collect();
    assert_eq!(shown, [("realm", "lab".to_owned()), ("port", "1".to_owned())]);
}

#[test]
fn handlers_may_be_imported_and_included() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  tasks:
    - debug: {msg: x}
      notify: [inner, whole file]
  handlers:
    - import_tasks: handlers.yml
    - name: whole file
      include_tasks: more.yml
",
        ),
        ("handlers.yml", "- name: inner\n  debug: {msg: x}\n"),
    ]);
    assert_snapshot!(outline(&playbook.plays[0]), @"
    debug [notify: inner, whole file]
    handler inner
    handler whole file
    ");
}

#[test]
fn names_that_are_needed_early_may_come_from_the_environment() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  tasks:
    - import_tasks: \"{{ 'there' if lookup('env', 'PATH') else 'nowhere' }}.yml\"
",
        ),
        ("there.yml", "- debug: {msg: x}\n"),
    ]);
    assert_snapshot!(outline(&playbook.plays[0]), @"debug");
}
