//! What a run would be, without one. The expected lines are those of ansible-playbook.

use crate::support::{Ended, Place, files_below};

const HOSTS: &str =
    "all:\n  hosts:\n    h1: {ansible_connection: local}\n    h2: {ansible_connection: local}\n";

const SITE: &str = "\
- name: An ordinary play
  hosts: all
  gather_facts: false
  tags: [base]
  pre_tasks:
    - {name: before, debug: {msg: hi}, tags: [a]}
  tasks:
    - {name: 'Say {{ inventory_hostname }}', debug: {msg: hi}}
    - {debug: {msg: two}, tags: [b, c]}
    - name: blk
      block:
        - {name: in block, command: echo}
      rescue:
        - {name: resc, debug: {msg: r}}
      always:
        - {name: alw, debug: {msg: r}}
    - meta: flush_handlers
    - {name: nev, debug: {msg: x}, tags: [never]}
  post_tasks:
    - {name: post, debug: {msg: hi}}
  handlers:
    - {name: hand, debug: {msg: hi}}
- hosts: h1
  gather_facts: false
  tasks: []
";

fn run(words: &str, code: i32) -> Ended {
    let place = Place::new().file("hosts.yml", HOSTS).file("site.yml", SITE);
    let ended = place
        .cutover(&format!("run site.yml -i hosts.yml {words}"))
        .ends_with(code);
    let lists = words.contains("--list") || words.contains("--syntax");
    assert!(
        !lists || files_below(&place.state()).is_empty(),
        "lists keep nothing"
    );
    ended
}

#[test]
fn tasks_hosts_and_tags() {
    insta::assert_snapshot!(run("--list-tasks --list-tags --list-hosts", 0).out);
}

#[test]
fn only_the_tasks_that_tags_choose() {
    insta::assert_snapshot!(run("--list-tasks -t b", 0).out);
}

#[test]
fn the_files_are_good() {
    insta::assert_snapshot!(run("--syntax-check", 0).out);
}

#[test]
fn a_run_that_begins_at_a_task() {
    insta::assert_snapshot!(run("--start-at-task 'in*' -l h1", 0).out);
}

#[test]
fn a_task_to_begin_at_that_is_not_there() {
    insta::assert_snapshot!(run("--start-at-task befor", 1).err);
}

#[test]
fn somebody_is_asked_before_each_task() {
    // Nobody answers: standard input is closed, and that is a no.
    insta::assert_snapshot!(run("--step -l h1", 0));
}
