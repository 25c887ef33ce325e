//! What is included and cannot be: a file that is not there fails who includes it, one that is wrong
//! ends the run.

use insta::assert_snapshot;

use crate::stage::{Stage, hosts};

#[test]
fn a_file_that_does_not_check_ends_the_run_for_everybody() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: go, include_tasks: bad.yml, when: inventory_hostname == 'h1', ignore_errors: true}
        - {name: more, debug: {msg: x}}
      rescue:
        - {name: mend, debug: {msg: x}}
      always:
        - {name: tidy, debug: {msg: x}}
- hosts: all
  gather_facts: false
  tasks:
    - {name: next, debug: {msg: x}}
";
    let stage = Stage::of(hosts(2), playbook);
    stage.write(
        "bad.yml",
        "- {name: fine, debug: {msg: x}}\n- {debug: {msg: x}, nonsense: true}\n",
    );
    assert_snapshot!(told(&stage), @"
    PLAY all
    [h1] go: failed: [PLACE]/bad.yml:2:21: `nonsense` is neither a keyword of a task nor a module
    [h2] go: skipped
    h1: failed=1
    h2: skipped=1
    exit 4
    ");
}

#[test]
fn a_lane_that_comes_upon_such_a_file_stops_and_the_others_finish() {
    let inventory = "
all:
  hosts:
    a1: {cluster: a}
    a2: {cluster: a, node: secondary}
    b1: {cluster: b}
";
    let playbook = "
- hosts: all
  gather_facts: false
  phases:
    - name: one by one
      tasks:
        - {name: work, act: {others: works after 1}}
        - {name: go, include_tasks: bad.yml, when: inventory_hostname == 'a1'}
        - {name: more, act: {others: works after 1}}
- hosts: all
  gather_facts: false
  tasks:
    - {name: next, debug: {msg: x}}
";
    let stage = Stage::of(inventory, playbook);
    stage.write("bad.yml", "{");
    assert_snapshot!(told(&stage), @"
    PLAY all
    [a1] work: ok
    [a1] go: failed: [PLACE]/bad.yml:1:2: this is not YAML: while parsing a node, did not find expected node content
    [b1] work: ok
    [b1] go: skipped
    [b1] more: ok
    a1: ok=1 failed=1
    b1: ok=2 skipped=1
    exit 4
    ");
}

#[test]
fn what_is_not_there_fails_who_wants_it() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - {name: go, include_tasks: '{{ inventory_hostname }}.yml'}
      rescue:
        - {name: mend, debug: {msg: x}}
    - {name: role, include_role: {name: nobody}, ignore_errors: true}
    - {name: through, include_tasks: through.yml}
";
    let stage = Stage::of(hosts(2), playbook);
    stage.write("h2.yml", "- {name: inside, debug: {msg: x}}");
    stage.write("through.yml", "- {import_tasks: nowhere.yml}");
    assert_snapshot!(told(&stage), @"
    PLAY all
    [h1] go: failed: Could not find or access '[PLACE]/h1.yml' on the Ansible Controller.
    rescued [h1]
    [h2] go: ok
    [h2] inside: ok
    [h1] mend: ok
    [h1] role: ignored: [PLACE]/site.yml:9:41: there is no role called `nobody`
    [h2] role: ignored: [PLACE]/site.yml:9:41: there is no role called `nobody`
    [h1] through: failed: [PLACE]/through.yml:1:18: there is no file `nowhere.yml`
    [h2] through: failed: [PLACE]/through.yml:1:18: there is no file `nowhere.yml`
    h1: ok=2 failed=1 rescued=1 ignored=1
    h2: ok=3 failed=1 ignored=1
    exit 2
    ");
}

/// The story, whatever folder it was played in.
fn told(stage: &Stage) -> String {
    stage.run().story().replace(&stage.folder(), "[PLACE]")
}
