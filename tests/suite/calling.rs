//! `cutover do`: one module without a playbook.

use crate::support::{Ended, Place, files_below};

const HOSTS: &str = "all:\n  hosts:\n    here: {ansible_connection: local}\n";

fn call(words: &str, code: i32) -> Ended {
    let place = Place::new().file("hosts.yml", HOSTS);
    place.cutover(&format!("do {words} -i hosts.yml")).ends_with(code)
}

#[test]
fn a_command_is_what_is_called_where_nothing_else_is_said() {
    insta::assert_snapshot!(call("all -a 'echo hello'", 0).out, @"
    here | CHANGED | rc=0 >>
    hello
    ");
}

#[test]
fn a_command_that_fails() {
    let failed = "all -m shell -a 'echo said; echo why >&2; exit 3'";
    insta::assert_snapshot!(call(failed, 2).out, @"
    here | FAILED | rc=3 >>
    said
    why
    non-zero return code
    ");
    insta::assert_snapshot!(
        call(&format!("-o {failed}"), 2).out,
        @"here | FAILED | rc=3 | (stdout) said (stderr) why"
    );
}

#[test]
fn a_result_is_json() {
    insta::assert_snapshot!(call("all debug msg=hello", 0).out, @r#"
    here | SUCCESS => {
        "msg": "hello"
    }
    "#);
    insta::assert_snapshot!(
        call(r#"all -o debug '{"msg": ["a", {"b": 1}]}'"#, 0).out,
        @r#"here | SUCCESS => {"msg": ["a", {"b": 1}]}"#
    );
}

#[test]
fn a_check_run_calls_no_command() {
    insta::assert_snapshot!(call("all -C -a 'touch made'", 0).out, @"here | SKIPPED");
}

#[test]
fn a_word_that_is_no_module_is_probably_a_command() {
    insta::assert_snapshot!(call("all uptime", 4).err);
}

#[test]
fn free_text_is_refused_by_a_module_that_takes_none() {
    insta::assert_snapshot!(call("all debug '{msg: x'", 4).err);
}

#[test]
fn nobody_is_there() {
    insta::assert_snapshot!(call("nobody -a uptime", 0).err);
}

#[test]
fn a_call_is_in_the_journal_as_a_run_is_and_no_secret_with_it() {
    let place = Place::new().file("hosts.yml", HOSTS);
    let words = "do all -i hosts.yml -e db_password=hunter22 debug 'msg={{ db_password }}'";
    let ended = place.cutover(words).ends_with(0);
    assert!(!ended.to_string().contains("hunter22"), "{ended}");
    let kept = files_below(&place.state().join("runs"));
    let journal = kept
        .iter()
        .find(|(name, _)| name.ends_with("journal.jsonl"))
        .unwrap();
    let journal = String::from_utf8(journal.1.clone()).unwrap();
    assert!(
        journal.contains("cutover do") && journal.contains("task_finished"),
        "{journal}"
    );
    assert!(!journal.contains("hunter22"), "{journal}");
}
