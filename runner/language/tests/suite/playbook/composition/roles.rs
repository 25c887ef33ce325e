//! Roles: what they bring, in which order, and which variables their tasks see.

use std::sync::Arc;

use cutover_language::playbook::{Item, Task};
use cutover_language::scope::Nowhere;
use cutover_language::{Scope, Variable};
use insta::assert_snapshot;

use super::{loaded, outline};

const ROLES: &[(&str, &str)] = &[
    (
        "site.yml",
        "
- hosts: all
  pre_tasks:
    - import_role: {name: extra, tasks_from: prepare}
      when: wanted
  roles:
    - role: web
      realm: lab
      tags: [web]
      vars: {port: 81}
    - common
  tasks:
    - debug: {msg: task}
      notify: [restart web, common changed]
  handlers:
    - name: of the play
      debug: {msg: x}
",
    ),
    (
        "roles/web/meta/main.yml",
        "dependencies: [{role: common, level: 2}]\n",
    ),
    ("roles/web/defaults/main.yml", "port: 80\nroot: /var/www\n"),
    ("roles/web/vars/main.yml", "port: 8080\n"),
    (
        "roles/web/tasks/main.yml",
        "- name: configure\n  debug: {msg: '{{ port }}'}\n- import_tasks: deep.yml\n",
    ),
    ("roles/web/tasks/deep.yml", "- debug: {msg: deep}\n"),
    (
        "roles/web/handlers/main.yml",
        "- name: restart web\n  debug: {msg: x}\n",
    ),
    (
        "/srv/roles/common/tasks/main.yaml",
        "- name: base\n  debug: {msg: base}\n",
    ),
    ("/srv/roles/common/defaults/main/b.yml", "level: 1\nroot: /\n"),
    ("/srv/roles/common/defaults/main/a.yml", "level: 0\n"),
    (
        "/srv/roles/common/handlers/main.yml",
        "- name: note\n  debug: {msg: x}\n  listen: common changed\n",
    ),
    ("extra/tasks/prepare.yml", "- name: prepare\n  debug: {msg: x}\n"),
    ("extra/handlers/main.yml", "- name: of extra\n  debug: {msg: x}\n"),
];

/// Every variable that the templates of a task see because of its role, with the text that wins.
fn seen(task: &Task, name: &str) -> Option<String> {
    let scope = Scope::new(Arc::new(Nowhere));
    let scope = scope.with_all(task.layers());
    let (variable, _) = scope.get(name)?;
    match variable {
        Variable::Template(node) => node.written(),
        Variable::Data(value) => value.as_str().map(str::to_owned),
    }
}

#[test]
fn roles_stand_behind_what_they_depend_on_and_bring_their_handlers() {
    let playbook = loaded(ROLES);
    assert_snapshot!(outline(&playbook.plays[0]), @"
    extra : prepare [when: wanted]
    common : base [tags: web]
    web : configure [tags: web]
    web : debug [tags: web]
    common : base
    debug [notify: restart web, common changed]
    handler common : note [tags: web]
    handler web : restart web [tags: web]
    handler common : note
    handler of the play
    handler extra : of extra [when: wanted]
    ");
}

#[test]
fn a_task_of_a_role_sees_its_variables_and_a_dependency_sees_those_of_the_role_above() {
    let playbook = loaded(ROLES);
    let tasks = playbook.plays[0]
        .roles
        .iter()
        .flat_map(Item::tasks)
        .collect::<Vec<_>>();
    let find = |title: &str| {
        *tasks
            .iter()
            .find(|task| task.title() == title)
            .expect("it is there")
    };
    let (web, base) = (find("web : configure"), find("common : base"));
    let names = [
        "port",
        "root",
        "level",
        "realm",
        "role_name",
        "role_path",
        "ansible_parent_role_names",
    ];
    let table = |task: &Task| {
        names
            .map(|name| format!("{name}={:?}", seen(task, name)))
            .join("\n")
    };
    assert_snapshot!(table(web), @r#"
    port=Some("81")
    root=Some("/var/www")
    level=Some("1")
    realm=Some("lab")
    role_name=Some("web")
    role_path=Some("/plays/roles/web")
    ansible_parent_role_names=None
    "#);
    assert_snapshot!(table(base), @r#"
    port=Some("8080")
    root=Some("/")
    level=Some("2")
    realm=Some("lab")
    role_name=Some("common")
    role_path=Some("/srv/roles/common")
    ansible_parent_role_names=None
    "#);
}
