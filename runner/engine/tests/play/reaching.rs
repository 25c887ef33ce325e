//! How hosts are reached: what inventory, keywords, variables of the play and the command line say.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{Stage, Told, hosts};

/// How each `how` was reached, in order.
fn ways(told: &Told) -> String {
    let mut text = String::new();
    for (host, result) in told.results("how") {
        let to = result["to"].as_str().unwrap_or("-");
        writeln!(text, "{host}: {} {to}", result["platform"].as_str().unwrap()).unwrap();
    }
    text
}

fn reached(inventory: &str, playbook: &str) -> String {
    ways(&Stage::of(inventory, playbook).run())
}

#[test]
fn variables_win_over_keywords_and_keywords_over_the_command_line() {
    let inventory = "
all:
  hosts:
    plain:
    named: {ansible_user: inventory, ansible_port: 2200, ansible_host: 10.0.0.2}
    lazy: {ansible_host: '{{ address }}', ansible_user: '{{ who }}'}
";
    let playbook = "
- hosts: all
  gather_facts: false
  remote_user: play
  vars: {address: 10.0.0.9}
  tasks:
    - set_fact: {who: found}
    - how:
      port: 2022
";
    let mut stage = Stage::of(inventory, playbook);
    stage.options.user = Some("asked".into());
    assert_snapshot!(ways(&stage.run()), @r#"
    lazy: posix found@10.0.0.9:2022 by own keys
    named: posix inventory@10.0.0.2:2200 by own keys
    plain: posix play@plain:2022 by own keys
    "#);
    stage.playbook = "[{hosts: plain, gather_facts: false, tasks: [how: ]}]".into();
    assert_snapshot!(ways(&stage.run()), @r#"
    plain: posix asked@plain:22 by own keys
    "#);
    stage.playbook = "[{hosts: plain, gather_facts: false, connection: local, tasks: [how: ]}]".into();
    assert_snapshot!(ways(&stage.run()), @r#"
    plain: local -
    "#);
    stage.options.connection = Some("local".into());
    stage.playbook = "[{hosts: plain, gather_facts: false, connection: ssh, tasks: [how: ]}]".into();
    assert_snapshot!(ways(&stage.run()), @r#"
    plain: posix asked@plain:22 by own keys
    "#);
    stage.playbook =
        "[{hosts: all, gather_facts: false, vars: {ansible_user: v, address: a}, tasks: [how: ]}]".into();
    assert_snapshot!(ways(&stage.run()), @r#"
    lazy: local -
    named: local -
    plain: local -
    "#);
}

#[test]
fn localhost_needs_no_entry_and_sees_what_holds_for_all() {
    let playbook = "
- hosts: localhost
  gather_facts: false
  tasks:
    - how:
    - {name: see, assert: {that: [x == 1, 'group_names == []', \"'localhost' not in groups.all\", ansible_connection == 'local']}}
";
    assert_snapshot!(reached("all: {vars: {x: 1}, hosts: {h1: }}", playbook), @r#"
    localhost: local -
    "#);
}

#[test]
fn work_is_delegated_to_hosts_listed_or_not() {
    let inventory = "
all:
  vars: {ansible_user: everybody}
  hosts:
    h1:
    h2: {ansible_host: 10.0.0.2, ansible_port: 2200}
";
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - how:
        seen: \"{{ ansible_delegated_vars[item].ansible_host }} for {{ inventory_hostname }}\"
      delegate_to: \"{{ item }}\"
      loop: [h2, elsewhere.example.com, localhost]
      register: it
    - {name: told, debug: {msg: \"{{ it.results | map(attribute='to', default='-') | list + it.results | map(attribute='seen') | list }}\"}}
    - {name: nobody, how: , delegate_to: '{{ omit }}'}
";
    let told = Stage::of(inventory, playbook).run();
    assert_snapshot!(told.story() + &told.result("told")["msg"].to_string() + &told.result("nobody")["to"].to_string(), @r#"
    PLAY h1
      [h1] ok (item="h2")
      [h1] ok (item="elsewhere.example.com")
      [h1] ok (item="localhost")
    [h1] how: ok
    [h1] told: ok
    [h1] nobody: ok
    h1: ok=3
    exit 0
    ["everybody@10.0.0.2:2200 by own keys","everybody@elsewhere.example.com:22 by own keys","-","10.0.0.2 for h1","elsewhere.example.com for h1","localhost for h1"]"everybody@h1:22 by own keys"
    "#);
}

#[test]
fn a_connection_that_there_is_not_is_refused() {
    let refused = Stage::of(
        "all: {hosts: {h1: {ansible_connection: dokcer}}}",
        "[{hosts: all}]",
    );
    assert_snapshot!(refused.try_run().err().unwrap(), @r#"
    4: `ansible_connection` of h1 cannot be `dokcer`
    "#);
    let playbook = "[{hosts: all, gather_facts: false, connection: carrier-pigeon, tasks: [how: ]}]";
    assert_snapshot!(Stage::of(hosts(1), playbook).run().story(), @r#"
    PLAY all
    [h1] how: failed: `ansible_connection` of h1 cannot be `carrier-pigeon`
    h1: failed=1
    exit 2
    "#);
}
