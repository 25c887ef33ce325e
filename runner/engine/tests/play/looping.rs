//! Loops, conditions on results, and whom they concern.

use insta::assert_snapshot;
use serde_json::json;

use crate::stage::{Stage, Told, hosts};

fn run(count: usize, tasks: &str) -> Told {
    let playbook = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    Stage::of(hosts(count), playbook).run()
}

#[test]
fn a_loop_ends_where_break_when_holds_of_what_is_registered() {
    let told = run(
        1,
        "
    - {name: go, debug: {msg: '{{ item }}'}, loop: [a, b, c], register: out, loop_control: {break_when: [out.msg == 'b']}}
    - {name: wrong, debug: {msg: x}, loop: [a, b], loop_control: {break_when: [nothing.at == 'all']}}
",
    );
    assert_snapshot!(told.story(), @r#"
    [WARNING]: nothing defines the variable `nothing`
    PLAY all
      [h1] ok (item="a")
      [h1] ok (item="b")
    [h1] go: ok
      [h1] ok (item="a")
    [h1] wrong: failed: 'nothing' is undefined
    h1: ok=1 failed=1
    exit 2
    "#);
}

#[test]
fn what_a_loop_says_of_itself_may_be_a_template() {
    let told = run(
        1,
        "
    - {name: all, debug: {msg: '{{ ansible_loop.allitems }}'}, loop: [a], loop_control: {extended: '{{ 1 == 1 }}'}}
    - {name: less, debug: {msg: '{{ ansible_loop.allitems is defined }}'}, loop: [a], loop_control: {extended: true, extended_allitems: false}}
",
    );
    assert_eq!(told.result("all")["results"][0]["msg"], json!(["a"]));
    assert_eq!(told.result("less")["results"][0]["msg"], json!(false));
}

#[test]
fn an_item_whose_label_cannot_be_told_has_failed_and_keeps_its_result() {
    let told = run(
        1,
        "
    - {name: go, debug: {msg: x}, loop: [1], loop_control: {label: '{{ nothing }}'}, ignore_errors: true}
    - {name: again, debug: {msg: '{{ item }}'}, loop: [1], vars: {item: mine}}
",
    );
    assert_eq!(
        told.result("go")["results"][0]["msg"],
        "Failed to template loop_control.label: 'nothing' is undefined"
    );
    assert_snapshot!(told.story(), @r#"
    [WARNING]: nothing defines the variable `nothing`
    PLAY all
      [h1] failed (item=1)
    [h1] go: ignored: Failed to template loop_control.label: 'nothing' is undefined
    [WARNING]: the loop variable `item` is in use already; give the loop a variable of its own: `loop_control: {loop_var: ...}`
      [h1] ok (item=1)
    [h1] again: ok
    h1: ok=2 ignored=1
    exit 0
    "#);
}

#[test]
fn each_item_notifies_in_its_own_words() {
    let told = run(
        1,
        "
    - {name: go, debug: {msg: x}, changed_when: item != 'b', loop: [a, b, c], notify: 'restart {{ item }}'}
  handlers:
    - {name: restart a, debug: {msg: x}}
    - {name: restart b, debug: {msg: x}}
    - {name: restart c, debug: {msg: x}}
",
    );
    assert_snapshot!(told.story(), @r#"
    PLAY all
      [h1] changed (item="a")
      [h1] ok (item="b")
      [h1] changed (item="c")
    [h1] go: changed
    [h1] restart a: ok
    [h1] restart b: ok
    [h1] restart c: ok
    h1: ok=4 changed=1
    exit 0
    "#);
}

#[test]
fn a_condition_that_cannot_be_told_fails_the_task_and_keeps_its_result() {
    let told = run(
        1,
        "
    - {name: failed, debug: {msg: x}, failed_when: nothing == 1, ignore_errors: true}
    - {name: changed, debug: {msg: x}, changed_when: nothing, ignore_errors: true}
",
    );
    let why = "Error while evaluating conditional: 'nothing' is undefined";
    assert_eq!(told.result("failed")["failed_when_result"], why);
    assert_eq!(told.result("failed")["msg"], "x");
    assert_eq!(told.result("changed")["changed_when_result"], why);
}

#[test]
fn conditions_see_the_host_that_does_the_work() {
    let told = run(
        2,
        "
    - name: there
      debug: {msg: x}
      delegate_to: h2
      when: ansible_delegated_vars['h2'].inventory_hostname == 'h2'
      changed_when: ansible_delegated_vars is defined
",
    );
    assert_snapshot!(told.story(), @r#"
    PLAY all
    [h1 -> h2] there: changed
    [h2] there: changed
    h1: ok=1 changed=1
    h2: ok=1 changed=1
    exit 0
    "#);
}

#[test]
fn a_plain_false_is_told_as_such() {
    let told = run(
        1,
        "
    - {name: plain, debug: {msg: x}, when: [true, false]}
    - {name: text, debug: {msg: x}, when: 1 == 2}
",
    );
    assert_eq!(told.result("plain")["false_condition"], json!(false));
    assert_eq!(told.result("text")["false_condition"], "1 == 2");
}

#[test]
fn of_handlers_of_one_name_in_a_list_the_first_runs() {
    let told = run(
        1,
        "
    - {name: go, debug: {msg: x}, changed_when: true, notify: same}
  handlers:
    - {name: same, debug: {msg: first}}
    - {name: same, debug: {msg: last}}
",
    );
    assert_eq!(told.result("same")["msg"], "first");
}

#[test]
fn what_cannot_be_brought_in_says_why_in_a_word_of_its_own() {
    let told = run(
        1,
        "
    - {name: go, include_tasks: missing.yml, ignore_errors: true}
",
    );
    let result = told.result("go");
    assert_eq!(result.get("msg"), None);
    assert_eq!(result["include"], "missing.yml");
    assert!(
        result["reason"]
            .as_str()
            .unwrap()
            .starts_with("Could not find or access")
    );
}

#[test]
fn names_of_plays_are_rendered() {
    let playbook = "
- name: play of {{ who }}
  hosts: all
  gather_facts: false
  vars: {who: nobody}
  tasks: []
- hosts: \"{{ 'h' ~ 1 }}\"
  gather_facts: false
  tasks: []
";
    assert_snapshot!(Stage::of(hosts(1), playbook).run().story(), @r#"
    PLAY play of nobody
    PLAY h1
    exit 0
    "#);
}

#[test]
fn debug_is_left_out_of_runs_that_say_less() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: two, debug: {msg: \"{{ ansible_verbosity }}\", verbosity: 2}}
";
    let mut stage = Stage::of(hosts(1), playbook);
    let quiet = stage.run().result("two");
    assert_eq!(
        quiet,
        json!({"skipped": true, "skipped_reason": "Verbosity threshold not met."})
    );
    stage.options.verbosity = 2;
    assert_eq!(stage.run().result("two")["msg"], json!(2));
}

#[test]
fn what_failed_is_known_by_its_name_where_its_loop_cannot_be_told() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: bad, debug: {msg: x}, loop: '{{ nowhere }}'}
      rescue:
        - {name: mend, assert: {that: [ansible_failed_task.name == 'bad', ansible_failed_result is failed]}}
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_eq!(told.results("mend")["h1"]["msg"], "All assertions passed");
}
