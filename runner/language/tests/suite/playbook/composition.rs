//! Playbooks made of several files: imports, roles and what their tasks inherit.

use std::path::{Path, PathBuf};

use cutover_language::files::Memory;
use cutover_language::playbook::{Item, Loader, Play, Playbook, Task};
use insta::assert_snapshot;

use crate::modules::Modules;
use crate::pictures;

fn load(files: &[(&str, &str)]) -> Result<Playbook, String> {
    let files = Memory::of(files.iter().copied());
    let loader = Loader::new(&files, &Modules)
        .roles_path([PathBuf::from("/srv/roles")])
        .here("/plays");
    let read = loader.playbook(Path::new("site.yml"));
    read.map_err(|faults| pictures(&faults))
}

fn loaded(files: &[(&str, &str)]) -> Playbook {
    load(files).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(files: &[(&str, &str)]) -> String {
    load(files).expect_err("this is wrong")
}

/// What the tasks of a play are called, with their conditions and tags.
fn outline(play: &Play) -> String {
    let mut lines = Vec::new();
    for items in [&play.pre_tasks, &play.roles, tasks(play), &play.post_tasks] {
        lines.extend(items.iter().flat_map(Item::tasks).map(line));
    }
    lines.extend(
        play.handlers
            .iter()
            .map(|handler| format!("handler {}", line(&handler.task))),
    );
    lines.join("\n")
}

fn tasks(play: &Play) -> &Vec<Item> {
    match &play.body {
        cutover_language::playbook::Body::Tasks(items) => items,
        cutover_language::playbook::Body::Phases(phases) => &phases[0].tasks,
    }
}

fn line(task: &Task) -> String {
    let written = |nodes: &[cutover_language::Node]| {
        let texts: Vec<_> = nodes.iter().filter_map(cutover_language::Node::written).collect();
        texts.join(", ")
    };
    let vars: Vec<_> = task.directives.vars.keys().collect();
    let parts = [
        ("when", written(&task.directives.when)),
        ("tags", written(&task.directives.tags)),
        ("vars", vars.join(", ")),
        ("notify", written(&task.directives.notify)),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let parts: String = parts.map(|(name, text)| format!(" [{name}: {text}]")).collect();
    format!("{}{parts}", task.title())
}

/// Every variable that the templates of a task see because of its role, with the text that wins.
fn seen(task: &Task, name: &str) -> Option<String> {
    let scope = cutover_language::Scope::new(std::sync::Arc::new(cutover_language::scope::Nowhere));
    let scope = scope.with_all(task.layers());
    let (variable, _) = scope.get(name)?;
    match variable {
        cutover_language::Variable::Template(node) => node.written(),
        cutover_language::Variable::Data(value) => value.as_str().map(str::to_owned),
    }
}

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
fn variables_files_are_read_where_their_names_are_known() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  vars: {realm: lab}
  vars_files:
    - '{{ realm }}.yml'
    - [nosuch.yml, other.yml]
    - '{{ unknown_yet }}.yml'
    - missing.yml
  tasks: []
",
        ),
        ("vars/lab.yml", "a: 1\n"),
        ("other.yml", "---\n"),
    ]);
    assert_snapshot!(format!("{:?}", playbook.plays[0].vars_files), @r#"[Read(VarsFiles vars/lab.yml {"a"}), Read(VarsFiles other.yml {}), Later([site.yml:7:7+23 text of 21 bytes])]"#);
    assert_snapshot!(pictures(&playbook.warnings), @"
    warning[no-such-file]: there is no file `missing.yml`; it is left out
     --> site.yml:8:7
      |
    8 |     - missing.yml
      |       ^^^^^^^^^^^
      |
      = help: looked for vars/missing.yml, missing.yml
    ");
}

#[test]
fn a_variables_file_that_a_host_may_name_otherwise_waits_for_the_host() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  vars: {realm: lab, stage: \"{{ of_host | default('dev') }}\"}
  vars_files:
    - \"{{ of_host | default('dev') }}.yml\"
    - '{{ stage }}.yml'
    - \"{{ lookup('vars', 'of_host', default='dev') }}.yml\"
    - \"{{ realm | default('dev') }}.yml\"
  tasks: []
",
        ),
        ("dev.yml", "a: 1\n"),
        ("lab.yml", "a: 2\n"),
    ]);
    assert_snapshot!(format!("{:?}", playbook.plays[0].vars_files), @r#"[Later([site.yml:5:7+36 text of 34 bytes]), Later([site.yml:6:7+17 text of 15 bytes]), Later([site.yml:7:7+52 text of 50 bytes]), Read(VarsFiles lab.yml {"a"})]"#);
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
