//! How a module is called: defaults, templates for all arguments, throttle, tries and shapes.

use insta::assert_snapshot;
use serde_json::json;

use crate::stage::{Stage, hosts};

#[test]
fn module_defaults_fill_what_a_task_leaves_open() {
    let playbook = "
- hosts: h1
  gather_facts: false
  module_defaults:
    how: {a: play, b: play}
    debug: {msg: default}
  tasks:
    - {name: one, how: {b: task}}
    - block:
        - {name: two, how: {c: \"{{ omit }}\"}}
      module_defaults: {ansible.builtin.how: {c: block}}
    - {name: three, debug: }
";
    let told = Stage::of(hosts(1), playbook).run();
    let pick = |name: &str| {
        let result = told.result(name);
        json!([result["a"], result["b"], result["c"], result["msg"]]).to_string()
    };
    assert_eq!(pick("one"), r#"["play","task",null,null]"#);
    assert_eq!(pick("two"), r#"[null,null,null,null]"#);
    assert_eq!(pick("three"), r#"[null,null,null,"default"]"#);
}

#[test]
fn all_arguments_may_come_out_of_one_template() {
    let playbook = "
- hosts: h1
  gather_facts: false
  vars: {given: {a: 1}, which: how}
  tasks:
    - {name: one, how: , args: '{{ given }}'}
    - {name: two, action: '{{ which }}'}
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_eq!(told.result("one")["a"], 1);
    assert_eq!(told.result("two")["platform"], "posix");
    assert_snapshot!(told.story(), @r#"
    [WARNING]: arguments that come out of a template are checked no earlier than the task runs; write them one by one
    PLAY h1
    [h1] one: ok
    [h1] two: ok
    h1: ok=2
    exit 0
    "#);
}

#[test]
fn throttle_lets_so_many_at_work_at_once() {
    let took = |throttle: u32| {
        let playbook = format!(
            "[{{hosts: all, gather_facts: false, tasks: [{{pause: {{seconds: 10}}, throttle: {throttle}}}]}}]"
        );
        let told = Stage::of(hosts(6), playbook).run();
        told.events.last().unwrap().elapsed.as_secs()
    };
    assert_eq!([took(0), took(1), took(4)], [10, 60, 20]);
}

#[test]
fn tries_are_counted_as_ansible_counts_them() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: never, fail: {msg: never}, retries: 2, delay: 1, ignore_errors: true, register: never}
    - {name: at once, debug: {msg: x}, retries: 2, register: once}
    - {name: each, debug: {msg: '{{ item }}'}, loop: [1, 2], until: item == 1, retries: 1, delay: 0, ignore_errors: true, register: each}
    - {name: attempts, debug: {msg: '{{ [never.attempts, once.attempts, each.results[0].attempts, each.results[1].attempts, each.results[1].failed] }}'}}
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_eq!(told.result("attempts")["msg"], json!([2, 1, 1, 1, true]));
    assert_snapshot!(told.story(), @r#"
    PLAY h1
    RETRYING [h1] 2 left
    RETRYING [h1] 1 left
    [h1] never: ignored: never
    [h1] at once: ok
      [h1] ok (item=1)
    RETRYING [h1] 1 left
      [h1] failed (item=2)
    [h1] each: ignored: the tries are used up and `until` does not hold
    [h1] attempts: ok
    h1: ok=4 ignored=2
    exit 0
    "#);
}
