//! What playbooks mean.

use std::time::Duration;

use cutover_kit::estate;
use cutover_language::playbook::{Action, Body, Item, Nodes, OnFailure, Phase, Rehearse};
use insta::assert_snapshot;

use super::{arguments, only_task, play, texts};

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
        (
            "command: cmd=ls -l chdir=/tmp",
            r#"command {"cmd":"cmd=ls -l","chdir":"/tmp"}"#,
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
