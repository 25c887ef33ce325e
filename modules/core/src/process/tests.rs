//! Processes on this machine, as stories.

use cutover_kit::reach::Made;
use cutover_kit::{AnyModule, FailureKind, Value};

use super::*;
use crate::bench::Bench;

static COMMAND: Command = Command::new();
static SHELL: Shell = Shell::new();
static RAW: Raw = Raw::new();

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn a_command_gets_its_words_as_they_are() {
    let args = Value::map([
        ("argv", vec!["printf", "%s|", "a b", "$HOME", "*"].into()),
        ("expand_argument_vars", Value::Bool(false)),
    ]);
    let done = Bench::local().run(&COMMAND, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("a b|$HOME|*|"));
    assert_eq!(
        done.fields["cmd"],
        Value::from(vec!["printf", "%s|", "a b", "$HOME", "*"])
    );
    assert_eq!((done.unchanged, done.failed), (false, None));
}

#[tokio::test(start_paused = true)]
async fn a_result_has_the_usual_shape() {
    let args = text(&[("cmd", "printf 'one\\ntwo\\n\\n'; echo oh >&2")]);
    let done = Bench::local().run(&SHELL, args).await.unwrap();
    assert_eq!(
        serde_json::to_value(Value::Map(done.fields)).unwrap(),
        serde_json::json!({
            "cmd": "printf 'one\\ntwo\\n\\n'; echo oh >&2",
            "rc": 0,
            "stdout": "one\ntwo",
            "stdout_lines": ["one", "two"],
            "stderr": "oh",
            "stderr_lines": ["oh"],
            "start": "2026-11-21 12:00:00.000000",
            "end": "2026-11-21 12:00:00.000000",
            "delta": "0:00:00.000000",
            "msg": "",
        })
    );
}

#[tokio::test]
async fn a_return_code_fails_the_task_and_keeps_its_result() {
    let done = Bench::local()
        .run(&SHELL, text(&[("cmd", "echo no; exit 3")]))
        .await
        .unwrap();
    assert_eq!(done.failed.as_deref(), Some("non-zero return code"));
    assert_eq!(done.fields["rc"], Value::Int(3));
    assert_eq!(done.fields["stdout"], Value::from("no"));
    assert_eq!(done.fields["msg"], Value::from("non-zero return code"));
}

#[tokio::test]
async fn a_signal_leaves_no_return_code() {
    let done = Bench::local()
        .run(&SHELL, text(&[("cmd", "kill -9 $$")]))
        .await
        .unwrap();
    assert_eq!(done.fields["rc"], Value::Int(-1));
    assert!(done.failed.unwrap().starts_with("ended without a return code"));
}

#[tokio::test]
async fn standard_input_and_environment_reach_the_command_and_no_argument() {
    let bench = Bench::local().environment("TOKEN", "s3same");
    let args = text(&[("cmd", "read line; echo \"$line/$TOKEN\""), ("stdin", "hunter22")]);
    let done = bench.run(&SHELL, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("hunter22/s3same"));
}

#[tokio::test]
async fn it_runs_in_the_folder_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let args = text(&[("cmd", "pwd"), ("chdir", path.to_str().unwrap())]);
    let done = Bench::local().run(&COMMAND, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from(path.to_str().unwrap()));
}

#[tokio::test]
async fn what_is_done_already_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("made.txt"), "").unwrap();
    let chdir = folder.path().to_str().unwrap();

    let args = text(&[
        ("cmd", "touch made.txt"),
        ("creates", "ma*.t?t"),
        ("chdir", chdir),
    ]);
    let plan = Bench::local().plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.why, "Did not run command since 'ma*.t?t' exists");
    assert_eq!(
        plan.result["stdout"],
        Value::from("skipped, since ma*.t?t exists")
    );
    assert_eq!(plan.result["rc"], Value::Int(0));
    assert!(plan.changes.is_empty());

    let args = text(&[("cmd", "rm gone.txt"), ("removes", "gone.txt"), ("chdir", chdir)]);
    let plan = Bench::local().plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.why, "Did not run command since 'gone.txt' does not exist");

    let args = text(&[("cmd", "rm made.txt"), ("removes", "made.txt"), ("chdir", chdir)]);
    let plan = Bench::local().plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.changes[0].text, "run rm made.txt");
}

#[tokio::test]
async fn a_program_that_is_not_there_has_changed_nothing() {
    let args = text(&[("cmd", "/nowhere/nothing 'a b'")]);
    let failure = Bench::local().run(&COMMAND, args).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(failure.message, "Error executing command.");
    assert_eq!(
        failure.seen,
        ["cannot run /nowhere/nothing: No such file or directory (os error 2)"]
    );
    assert_eq!(
        serde_json::Value::Object(*failure.fields).to_string(),
        r#"{"cmd":"/nowhere/nothing 'a b'","rc":2,"stdout":"","stdout_lines":[],"stderr":"","stderr_lines":[]}"#
    );
}

#[tokio::test]
async fn home_folders_are_found() {
    let args = text(&[
        ("cmd", "pwd"),
        ("chdir", "~/"),
        ("creates", "~nobody-has-this-name/x"),
    ]);
    let done = Bench::local().run(&COMMAND, args).await.unwrap();
    let home = std::env::home_dir().unwrap().canonicalize().unwrap();
    assert_eq!(done.fields["stdout"], Value::from(home.to_str().unwrap()));
    let args = text(&[("cmd", "true"), ("creates", "~/")]);
    let plan = Bench::local().plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.why, "Did not run command since '~/' exists");
}

#[tokio::test]
async fn a_file_that_an_earlier_step_makes_is_known_later() {
    let bench = Bench::local().making(Made::File("/work/signed/fin-a.pem".into()));
    let args = text(&[("cmd", "true"), ("creates", "/work/signed/fin-a.pem")]);
    let plan = bench.plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.later.unwrap().after, "sign");
}

#[tokio::test]
async fn raw_says_what_came_back_and_no_more() {
    let done = Bench::local()
        .run(&RAW, text(&[("cmd", "echo hi")]))
        .await
        .unwrap();
    assert_eq!(
        serde_json::to_value(Value::Map(done.fields)).unwrap(),
        serde_json::json!({
            "rc": 0, "stdout_lines": ["hi"], "stderr_lines": [], "stderr": "", "stdout": "hi\n", "msg": "",
        })
    );
}

#[tokio::test]
async fn what_makes_no_command_is_refused() {
    for args in [
        text(&[]),
        text(&[("cmd", " ")]),
        text(&[("cmd", "echo 'open")]),
        Value::map([("cmd", Value::from("one")), ("argv", vec!["two"].into())]),
    ] {
        let failure = Bench::local().plan(&COMMAND, args).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Arguments, "{failure}");
    }
}

#[test]
fn a_restart_is_known_for_one_before_it_runs() {
    let disruptive = |module: &'static dyn AnyModule, args: Value| {
        module
            .call(&args)
            .unwrap()
            .disruptive(&crate::bench::host(cutover_kit::Platform::Posix))
    };
    assert!(disruptive(&COMMAND, text(&[("cmd", "sudo reboot")])));
    assert!(disruptive(
        &SHELL,
        text(&[("cmd", "sync && systemctl restart tomcat")])
    ));
    assert!(!disruptive(&SHELL, text(&[("cmd", "uptime")])));
}
