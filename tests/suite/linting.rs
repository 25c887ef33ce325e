//! `cutover lint`: what is wrong or will surprise somebody.

use crate::support::{Ended, Place, files_below, workspace};

const HOSTS: &str = "all:\n  hosts:\n    here: {ansible_connection: local}\n";

const ODD: &str = "\
- hosts: all
  phases:
    - name: restart
      tasks:
        - command: reboot
          disruptive: true
    - name: after
      tasks:
        - name: Look at each
          debug: {msg: \"{{ item }} on {{ ansible_distribution }}\"}
          with_items: [a, b]
          when: \"{{ item == 'a' }}\"
        - name: Never at all
          debug: {msg: x}
          tags: never
";

fn lint(playbook: &str, words: &str, code: i32) -> Ended {
    let place = Place::new().file("hosts.yml", HOSTS).file("site.yml", playbook);
    let ended = place
        .cutover(&format!("lint site.yml -i hosts.yml {words}"))
        .ends_with(code);
    assert!(files_below(&place.state()).is_empty(), "lint keeps nothing");
    ended
}

#[test]
fn everything_that_is_odd_with_its_place_and_what_to_do() {
    insta::assert_snapshot!(lint(ODD, "", 0).out);
}

#[test]
fn the_same_as_lines_of_json_and_strictly() {
    insta::assert_snapshot!(lint(ODD, "--strict --format json", 1).out);
}

#[test]
fn what_stops_a_run_is_found_too() {
    let wrong = "- hosts: all\n  tasks:\n    - debgu: {msg: x}\n    - command: {cmd: a, creats: b}\n";
    insta::assert_snapshot!(lint(wrong, "", 4).out);
}

#[test]
fn a_tag_that_no_task_has() {
    let tagged = "- hosts: all\n  tasks:\n    - debug: {msg: x}\n      tags: [install]\n";
    insta::assert_snapshot!(lint(tagged, "-t instal,all --skip-tags never", 0).out);
}

#[test]
fn the_own_playbook_is_clean() {
    let place = Place::new();
    let playbook = workspace().join("playbooks/vos-tomcat.yml");
    let words = format!("lint {} -i inventories/example --strict", playbook.display());
    let ended = place.in_workspace(&words).ends_with(0);
    assert_eq!(ended.out, "nothing found\n", "{ended}");
}
