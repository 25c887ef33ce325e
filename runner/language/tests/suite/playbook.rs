//! Playbooks: what they mean, and the picture of every mistake.

use std::path::Path;
use std::time::Duration;

use cutover_kit::estate;
use cutover_language::files::Memory;
use cutover_language::playbook::{
    Action, Body, Item, Nodes, OnFailure, Phase, Play, Playbook, Rehearse, Task, understand,
};
use cutover_language::{Node, Source, load_playbook, yaml};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::modules::Modules;
use crate::pictures;

fn read(text: &str) -> Playbook {
    let files = Memory::of([("site.yml", text)]);
    load_playbook(Path::new("site.yml"), &files, &Modules)
        .unwrap_or_else(|faults| panic!("{}", pictures(&faults)))
}

fn mistakes(text: &str) -> String {
    let files = Memory::of([("site.yml", text)]);
    pictures(&load_playbook(Path::new("site.yml"), &files, &Modules).expect_err("this is wrong"))
}

/// The mistakes of one task.
fn task_mistakes(task: &str) -> String {
    mistakes(&format!(
        "- hosts: all\n  tasks:\n    - {}\n",
        task.replace('\n', "\n      ")
    ))
}

fn play(text: &str) -> Play {
    read(text).plays().next().expect("it has a play").clone()
}

fn only_task(task: &str) -> Task {
    let play = play(&format!(
        "- hosts: all\n  tasks:\n    - {}\n",
        task.replace('\n', "\n      ")
    ));
    play.tasks()[0].clone()
}

fn texts(nodes: &[Node]) -> Vec<String> {
    nodes
        .iter()
        .map(|node| node.written().unwrap_or_default())
        .collect()
}

fn arguments(task: &Task) -> String {
    let Action::Module(call) = &task.action else {
        panic!("no module: {:?}", task.action);
    };
    format!(
        "{} {}",
        call.module,
        serde_json::to_string(&call.args.to_value()).unwrap()
    )
}

#[test]
fn the_sketch_of_a_rotation_is_understood() {
    let play = play(
        r#"
- name: Rotate the tomcat certificate
  hosts: finesse:cuic
  order: sorted
  vars: {unit: tomcat}
  on_failure: rollback
  phases:
    - name: request
      nodes: all
      tasks:
        - vos_csr: {unit: "{{ unit }}"}
    - name: identity and restart
      barrier: true
      window: yes
      nodes: [secondary, primary]
      estimate: 25m
      on_failure: stop
      serial: [1, "50%"]
      tasks:
        - vos_restart:
      gate:
        - debug: {msg: in service}
      rollback:
        - debug: {msg: back}
"#,
    );
    let Body::Phases(phases) = &play.body else {
        panic!("it has phases")
    };
    let shown = |phase: &Phase| {
        format!(
            "{}: {:?} barrier={} window={} {:?} {:?} {}+{}+{} serial={}",
            phase.name.value,
            phase.nodes,
            phase.barrier,
            phase.window,
            phase.estimate.as_ref().and_then(|estimate| estimate.literal()),
            phase.on_failure,
            phase.tasks.len(),
            phase.gate.len(),
            phase.rollback.len(),
            phase.serial.len(),
        )
    };
    let lines: Vec<_> = phases.iter().map(shown).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    request: All barrier=false window=false None Rollback 1+0+0 serial=0
    identity and restart: InTurn([Secondary, Primary]) barrier=true window=true Some(1500s) Stop 1+1+1 serial=2
    "#);
    assert_eq!(play.title(), "Rotate the tomcat certificate");
    assert_eq!(texts(&play.hosts), ["finesse:cuic"]);
    assert_eq!(play.tasks().len(), 4);
    assert_eq!(phases[0].nodes, Nodes::All);
    assert_eq!(
        Nodes::default(),
        Nodes::InTurn(vec![estate::Node::Primary, estate::Node::Secondary])
    );
    assert_eq!(phases[0].on_failure, OnFailure::Rollback);
    assert_eq!(
        phases[1].estimate.as_ref().unwrap().literal(),
        Some(&Duration::from_secs(1500))
    );
}

#[test]
fn a_task_carries_what_it_inherits() {
    let play = play(
        r#"
- hosts: all
  become: true
  tags: play
  environment: {A: 1}
  no_log: false
  tasks:
    - block:
        - debug: {msg: deep}
          when: [third, fourth]
          tags: [task, outer]
          vars: {b: task, c: task}
          environment: {A: 2}
          become: "{{ no }}"
          notify: again
      when: second
      notify: [handler]
      delegate_to: other
      vars: {a: block, b: block}
      tags: outer, both
      no_log: true
      rescue:
        - debug: {msg: rescued}
"#,
    );
    let task = play.tasks()[0];
    let it = &task.directives;
    assert_eq!(texts(&it.when), ["second", "third", "fourth"]);
    assert_eq!(texts(&it.tags), ["play", "outer", "both", "task"]);
    assert_eq!(texts(&it.notify), ["handler", "again"]);
    let vars: Vec<_> = it
        .vars
        .iter()
        .map(|var| format!("{}={}", var.key.value, var.value.as_text().unwrap()))
        .collect();
    assert_eq!(vars, ["a=block", "b=task", "c=task"]);
    assert_eq!(it.environment.len(), 2);
    assert_eq!(
        it.delegate_to.as_ref().unwrap().literal(),
        Some(&"other".to_owned())
    );
    assert_eq!(it.no_log.as_ref().unwrap().literal(), Some(&true));
    assert_eq!(it.r#become.as_ref().unwrap().literal(), None);
    let rescue = play.tasks()[1];
    assert_eq!(
        rescue.directives.r#become.as_ref().unwrap().literal(),
        Some(&true)
    );
    assert_eq!(texts(&rescue.directives.when), ["second"]);
    let Body::Tasks(items) = &play.body else { panic!() };
    assert!(matches!(&items[0], Item::Block(block) if block.always.is_empty() && block.rescue.len() == 1));
}

#[test]
fn every_keyword_of_a_task_finds_its_place() {
    let task = only_task(
        r#"name: Ask {{ item }}
ansible.builtin.command: show version
loop: "{{ units }}"
loop_control: {loop_var: unit, index_var: n, label: "{{ unit }}", pause: 1.5, extended: true, break_when: unit == 'x'}
register: answer
until: answer.rc == 0
retries: 5
delay: "{{ pause }}"
changed_when: false
failed_when: [answer.rc > 1, "'x' in answer.stdout"]
run_once: true
throttle: 2
timeout: 30
ignore_errors: yes
check_mode: false
disruptive: true
rehearse: {rc: 0, stdout: ok}"#,
    );
    assert_eq!(task.title(), "Ask {{ item }}");
    assert_eq!(arguments(&task), r#"command {"cmd":"show version"}"#);
    let looping = task.looping.as_ref().unwrap();
    assert_eq!(
        (looping.lookup.as_ref(), looping.control.variable()),
        (None, "unit")
    );
    assert_eq!(texts(&looping.control.break_when), ["unit == 'x'"]);
    let until = task.until.as_ref().unwrap();
    assert_eq!(until.retries.as_ref().unwrap().literal(), Some(&5));
    assert_eq!(until.delay.as_ref().unwrap().literal(), None);
    assert_eq!(
        texts(&task.failed_when),
        ["answer.rc > 1", "'x' in answer.stdout"]
    );
    assert_eq!(task.disruptive.as_ref().unwrap().literal(), Some(&true));
    assert!(matches!(&task.rehearse, Some(Rehearse::Assume(node)) if node.as_map().unwrap().len() == 2));
    assert_eq!(task.register.as_ref().unwrap().place.to_string(), "site.yml:7:17");
}

#[test]
fn arguments_come_in_every_form_ansible_knows() {
    let table = [
        (
            "command: ls -l 'a b' chdir=/tmp",
            r#"command {"cmd":"ls -l 'a b'","chdir":"/tmp"}"#,
        ),
        ("command: FOO=1 make x=2", r#"command {"cmd":"FOO=1 make x=2"}"#),
        ("command: echo 'it''s", r#"command {"cmd":"echo 'it''s"}"#),
        ("command: 42", r#"command {"cmd":"42"}"#),
        ("command: {cmd: ls}", r#"command {"cmd":"ls"}"#),
        (
            "command: ls\nargs: {chdir: /tmp}",
            r#"command {"chdir":"/tmp","cmd":"ls"}"#,
        ),
        (
            "copy: src=a dest=\"/tmp/b c\" mode='0644'",
            r#"copy {"src":"a","dest":"/tmp/b c","mode":"0644"}"#,
        ),
        (
            "copy: dest=/tmp/{{ a | default('x y') }}/b",
            r#"copy {"dest":"/tmp/{{ a | default('x y') }}/b"}"#,
        ),
        ("action: copy src=a dest=b", r#"copy {"src":"a","dest":"b"}"#),
        ("action: {module: copy, dest: b}", r#"copy {"dest":"b"}"#),
        ("local_action: command ls", r#"command {"cmd":"ls"}"#),
        ("debug: \"{{ arguments }}\"", r#"debug "{{ arguments }}""#),
        ("cutover.vos_restart:", "vos_restart {}"),
        (
            "vos_csr: {unit: tomcat, bits: '2048', force: 'yes', of: self, hash: sha256}",
            r#"vos_csr {"unit":"tomcat","bits":"2048","force":"yes","of":"self","hash":"sha256"}"#,
        ),
    ];
    for (task, meaning) in table {
        assert_eq!(arguments(&only_task(task)), meaning, "{task}");
    }
    let local = only_task("local_action: command ls");
    assert_eq!(
        local.directives.delegate_to.unwrap().literal(),
        Some(&"localhost".to_owned())
    );
    assert!(matches!(
        only_task("action: \"{{ which }}\"").action,
        Action::Template { .. }
    ));
    assert!(matches!(
        only_task("meta: flush_handlers").action,
        Action::Meta(_)
    ));
}

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
    assert_snapshot!(task_mistakes("vos_csr:\n  unit: 12.6\n  of: [self, slef, '{{ x }}']\n  subject: {org: x}\n  dest: {a: 1}"), @r#"
    error[wrong-type]: `unit` takes text, not a number
     --> site.yml:4:15
      |
    4 |         unit: 12.6
      |               ^^^^
      |
      = help: put it in quotes: "12.6"

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

#[test]
fn what_is_not_supported_yet_says_so() {
    let text = "
- import_playbook: other.yml
- hosts: all
  strategy: free
  roles: [common, {role: web, realm: lab}]
  vars_prompt: [{name: answer, prompt: Sure?}]
  vars_files: [a.yml]
  tasks:
    - include_tasks: more.yml
    - import_role: {name: common}
    - command: sleep 10
      async: 20
";
    assert_snapshot!(mistakes(text), @r#"
    error[not-yet]: `import_playbook` is not supported yet
     --> site.yml:2:3
      |
    2 | - import_playbook: other.yml
      |   ^^^^^^^^^^^^^^^

    error[not-yet]: a strategy other than `linear` is not supported yet
     --> site.yml:4:13
      |
    4 |   strategy: free
      |             ^^^^

    error[not-yet]: `roles` is not supported yet
     --> site.yml:5:3
      |
    5 |   roles: [common, {role: web, realm: lab}]
      |   ^^^^^

    error[not-yet]: `vars_prompt` is not supported yet
     --> site.yml:6:3
      |
    6 |   vars_prompt: [{name: answer, prompt: Sure?}]
      |   ^^^^^^^^^^^

    error[not-yet]: `vars_files` is not supported yet
     --> site.yml:7:3
      |
    7 |   vars_files: [a.yml]
      |   ^^^^^^^^^^

    error[not-yet]: `include_tasks` is not supported yet
     --> site.yml:9:7
      |
    9 |     - include_tasks: more.yml
      |       ^^^^^^^^^^^^^

    error[not-yet]: `import_role` is not supported yet
      --> site.yml:10:7
       |
    10 |     - import_role: {name: common}
       |       ^^^^^^^^^^^

    error[not-yet]: `async` is not supported yet
      --> site.yml:12:14
       |
    12 |       async: 20
       |              ^^
    "#);
    let root = yaml::parse(&Source::new("site.yml", text)).unwrap();
    let (playbook, _) = understand(&root, &Modules);
    let play = playbook.plays().next().unwrap();
    assert_eq!(play.roles[1].parameters.keys().collect::<Vec<_>>(), ["realm"]);
    assert_eq!(play.vars_prompt[0].name.value, "answer");
    assert_eq!(play.tasks().len(), 3);
}

#[test]
fn what_has_no_effect_yet_says_so_and_stops_nothing() {
    let text = "
- hosts: all
  gather_facts: true
  become: yes
  force_handlers: true
  tasks:
    - vos_restart:
      throttle: 1
- hosts: all
  gather_facts: false
  tasks: []
";
    assert_snapshot!(pictures(&read(text).warnings), @r#"
    warning[no-effect-yet]: `gather_facts` has no effect yet
     --> site.yml:3:17
      |
    3 |   gather_facts: true
      |                 ^^^^

    warning[no-effect-yet]: `become` has no effect yet
     --> site.yml:4:3
      |
    4 |   become: yes
      |   ^^^^^^

    warning[no-effect-yet]: `force_handlers` has no effect yet
     --> site.yml:5:3
      |
    5 |   force_handlers: true
      |   ^^^^^^^^^^^^^^

    warning[no-effect-yet]: `throttle` has no effect yet
     --> site.yml:8:7
      |
    8 |       throttle: 1
      |       ^^^^^^^^
    "#);
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
