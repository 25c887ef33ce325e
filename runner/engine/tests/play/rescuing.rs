//! What a rescue takes care of, and what it cannot.

use insta::assert_snapshot;

use crate::failing::story;

#[test]
fn a_fatal_failure_that_was_rescued_is_over_for_the_handlers_too() {
    let playbook = "
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - block:
        - {name: one, fail: {msg: no good}, when: inventory_hostname == 'h1'}
      rescue:
        - {name: mend, debug: {msg: x}, changed_when: true, notify: late}
  handlers:
    - {name: late, debug: {msg: x}}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] one: failed: no good
    [h2] one: skipped
    rescued [h1]
    [h1] mend: changed
    [h2] mend: changed
    [h1] late: ok
    [h2] late: ok
    h1: ok=2 changed=1 rescued=1
    h2: ok=2 changed=1 skipped=1
    exit 0
    "#);
}

#[test]
fn a_fatal_failure_that_was_rescued_further_out_is_over_for_what_always_notifies() {
    let playbook = "
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - block:
        - block:
            - {name: one, fail: {msg: no good}, when: inventory_hostname == 'h1'}
      rescue:
        - {name: mend, debug: {msg: x}}
      always:
        - block:
            - {name: tidy, debug: {msg: x}, changed_when: true, notify: late}
  handlers:
    - {name: late, debug: {msg: x}}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] one: failed: no good
    [h2] one: skipped
    rescued [h1]
    [h1] mend: ok
    [h2] mend: ok
    [h1] tidy: changed
    [h2] tidy: changed
    [h1] late: ok
    [h2] late: ok
    h1: ok=3 changed=1 rescued=1
    h2: ok=3 changed=1 skipped=1
    exit 0
    "#);
}

#[test]
fn a_rescue_takes_care_of_every_failure_in_its_block() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - block:
            - {name: bad, fail: {msg: first}}
          always:
            - {name: worse, fail: {msg: second}}
      rescue:
        - {name: mend, debug: {msg: x}}
";
    assert_snapshot!(story(1, playbook), @r#"
    PLAY all
    [h1] bad: failed: first
    [h1] worse: failed: second
    rescued [h1]
    rescued [h1]
    [h1] mend: ok
    h1: ok=1 rescued=2
    exit 0
    "#);
}

#[test]
fn who_failed_and_is_lost_in_always_is_lost() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: bad, fail: {msg: first}, when: inventory_hostname == 'h1'}
      always:
        - {name: lost, unreach: , when: inventory_hostname == 'h1'}
";
    assert_snapshot!(story(2, playbook), @r#"
    PLAY all
    [h1] bad: failed: first
    [h2] bad: skipped
    [h1] lost: unreachable: h1 does not answer
    [h2] lost: skipped
    h1: unreachable=1 failed=1
    h2: skipped=2
    exit 4
    "#);
}
