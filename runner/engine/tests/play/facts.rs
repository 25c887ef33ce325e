//! Facts: who gathers them, whose they are, and who wins over them.

use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

#[test]
fn they_are_gathered_unless_the_play_says_no_and_stand_below_its_vars() {
    let playbook = "
- hosts: all
  vars: {ansible_os_family: Mine}
  tasks:
    - name: see
      assert:
        that:
          - ansible_hostname == inventory_hostname
          - ansible_facts.hostname == inventory_hostname
          - ansible_os_family == 'Mine'
          - ansible_facts.os_family == 'Test'
- hosts: h1
  gather_facts: false
  tasks:
    - meta: clear_facts
    - {name: gone, assert: {that: ['ansible_facts == {}', ansible_hostname is undefined]}}
";
    assert_snapshot!(Stage::of(hosts(2), playbook).run().story(), @r#"
    PLAY all
    [h1] Gathering Facts: ok
    [h2] Gathering Facts: ok
    [h1] see: ok
    [h2] see: ok
    PLAY h1
    [h1] gone: ok
    h1: ok=3
    h2: ok=2
    exit 0
    "#);
}

#[test]
fn set_fact_makes_variables_and_where_it_is_cacheable_facts_too() {
    let playbook = "
- hosts: h1
  gather_facts: false
  vars: {c: play}
  tasks:
    - set_fact: {a: 1, b: 2}
    - set_fact: {c: 3, cacheable: true}
      register: told
    - {name: see, assert: {that: [a == 1, c == 3, ansible_facts.c == 3, ansible_facts.a is undefined, told.ansible_facts.c == 3]}}
    - {name: told, debug: {var: told}}
";
    assert_snapshot!(Stage::of(hosts(1), playbook).run().story(), @r#"
    PLAY h1
    [h1] set_fact: ok
    [h1] set_fact: ok
    [h1] see: ok
    [h1] told: ok
    h1: ok=4
    exit 0
    "#);
}

#[test]
fn with_delegate_facts_they_belong_to_who_did_the_work() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: mine, setup: {}, delegate_to: h2}
    - {name: theirs, setup: {}, delegate_to: h3, delegate_facts: true}
    - name: see
      assert:
        that:
          - ansible_hostname == 'h2'
          - hostvars.h2.ansible_hostname is undefined
          - hostvars.h3.ansible_hostname == 'h3'
";
    assert_snapshot!(Stage::of(hosts(3), playbook).run().story(), @r#"
    PLAY h1
    [h1 -> h2] mine: ok
    [h1 -> h3] theirs: ok
    [h1] see: ok
    h1: ok=3
    exit 0
    "#);
}
