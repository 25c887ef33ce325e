//! What an Ansible user expects: the same playbook, the same lines, the same exit codes.

use crate::support::{Ended, Place};

const HOSTS: &str = "all:\n  hosts:\n    here: {ansible_connection: local}\n";

fn run(playbook: &str, words: &str, code: i32) -> Ended {
    let place = Place::new().file("hosts.yml", HOSTS).file("site.yml", playbook);
    place
        .cutover(&format!("run site.yml -i hosts.yml {words}"))
        .ends_with(code)
}

#[test]
fn results_loops_handlers_and_rescues() {
    let playbook = "\
- name: An ordinary play
  hosts: all
  gather_facts: false
  vars: {greeting: hello}
  tasks:
    - name: Say {{ greeting }}
      ansible.builtin.debug: {msg: \"{{ greeting }}, {{ inventory_hostname }}\"}
    - debug: {var: greeting}
    - name: Look at each
      command: echo {{ item }}
      loop: [a, b]
      register: each
      notify: Tell
    - name: Not today
      command: echo never
      when: greeting == 'goodbye'
    - name: Some of them
      debug: {msg: \"{{ item }}\"}
      loop: [1, 2]
      when: item > 1
    - name: It may fail
      fail: {msg: oops}
      ignore_errors: true
    - block:
        - fail: {msg: as it should}
      rescue:
        - debug: {msg: \"rescued from {{ ansible_failed_result.msg }}\"}
      always:
        - assert: {that: [each is changed, each.results | length == 2]}
    - set_fact: {answer: 42}
    - debug: {msg: \"{{ answer + 0 }}\"}
  handlers:
    - name: Tell
      debug: {msg: told}
";
    insta::assert_snapshot!(run(playbook, "", 0).out);
}

#[test]
fn a_failure_ends_the_play_with_2() {
    let playbook = "\
- hosts: all
  tasks:
    - name: Wait for it
      command: 'false'
      register: it
      until: it.rc == 0
      retries: 2
      delay: 0
    - debug: {msg: not reached}
";
    let ended = run(playbook, "", 2);
    assert!(
        ended
            .out
            .contains("FAILED - RETRYING: [here]: Wait for it (2 retries left)."),
        "{ended}"
    );
    assert!(
        ended.out.contains("fatal: [here]: FAILED! => {\"attempts\": "),
        "{ended}"
    );
    assert!(!ended.out.contains("not reached"), "{ended}");
}

#[test]
fn a_check_run_skips_commands() {
    let ended = run(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: touch made\n    - debug: {msg: shown}\n",
        "--check",
        0,
    );
    insta::assert_snapshot!(ended.out);
}

#[test]
fn variables_of_the_command_line_win() {
    let playbook = "- hosts: all\n  vars: {colour: blue}\n  tasks:\n    - debug: {var: colour}\n";
    let ended = run(playbook, "-e colour=red", 0);
    assert!(ended.out.contains("\"colour\": \"red\""), "{ended}");
}

#[test]
fn tags_choose() {
    let playbook = "\
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, debug: {msg: 1}, tags: [a]}
    - {name: two, debug: {msg: 2}, tags: [b]}
    - {name: three, debug: {msg: 3}, tags: [always]}
";
    let ended = run(playbook, "-t b", 0);
    let told: Vec<&str> = ended
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("TASK ["))
        .collect();
    let names: Vec<&str> = told.iter().filter_map(|line| line.split(']').next()).collect();
    assert_eq!(names, ["two", "three"], "{ended}");
}

#[test]
fn events_may_have_standard_output_for_themselves() {
    let ended = run(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: shown}\n",
        "--events -",
        0,
    );
    let events: Vec<serde_json::Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["event"], "run_started");
    assert_eq!(events.last().unwrap()["event"], "run_finished");
    assert!(
        ended.err.contains("ok: [here] => {\n    \"msg\": \"shown\"\n}"),
        "{ended}"
    );
}

#[test]
fn results_are_yaml_where_that_is_set() {
    let place = Place::new().file(
        "site.yml",
        r#"
- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: hello}
    - debug:
        msg: {a: 1, b: [x, {c: "y: z"}, []], t: "two\nlines\n", n: null, s: "yes", e: "", tab: "a\tb\nc", one: "line\n", sp: " x\ny", esc: "\e[1m"}
    - debug: {var: item}
      loop: [1, {a: b}]
    - command: sh -c 'echo out; echo more; echo err >&2; exit 3'
      ignore_errors: true
    - fail: {msg: "no"}
      loop: [1]
      ignore_errors: true
    - assert: {that: [1 == 2]}
      ignore_errors: true
"#,
    );
    let run = place
        .cutover("run site.yml")
        .env("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml");
    insta::assert_snapshot!(timeless(&run.ends_with(0).out));
    let run = place
        .cutover("run site.yml")
        .env("ANSIBLE_CALLBACK_FORMAT_PRETTY", "true");
    insta::assert_snapshot!(timeless(&run.ends_with(0).out));
    let run = place
        .cutover("run site.yml")
        .env("ANSIBLE_CALLBACK_FORMAT_PRETTY", "false");
    insta::assert_snapshot!(timeless(&run.ends_with(0).out));
}

fn timeless(text: &str) -> String {
    let times = regex::Regex::new(r#"((delta|start|end)"?: )['"][^'"]*['"]"#).unwrap();
    times.replace_all(text, "$1[TIME]").into_owned()
}

#[test]
fn a_password_that_becoming_takes_comes_from_a_file() {
    let place = Place::new()
        .file("hosts.yml", HOSTS)
        .file("site.yml", "- hosts: all\n  tasks: []\n")
        .file("empty", "\n");
    let told = |words: &str, code| {
        let run = place.cutover(&format!("run site.yml -i hosts.yml --list-hosts {words}"));
        run.ends_with(code).err
    };
    insta::assert_snapshot!(told("--become-password-file nosuch", 1), @"error: The password file nosuch was not found");
    insta::assert_snapshot!(
        told("--connection-password-file empty", 1),
        @"error: Empty password was provided by the password file empty"
    );
    assert!(told("--connection-password-file empty -k", 5).contains("cannot be used with"));
}
