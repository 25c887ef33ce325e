//! Scripts of this machine, run through its shell as they are on a host.

use cutover_kit::{FailureKind, Value};

use super::Script;
use crate::bench::Bench;

static SCRIPT: Script = Script;

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn a_script_gets_its_arguments_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("files")).unwrap();
    let script = "#!/bin/sh\necho \"$1|$2|$TOKEN\"; echo \"$0\" > \"$3\"; exit 4\n";
    std::fs::write(folder.path().join("files/set up.sh"), script).unwrap();
    let place = folder.path().join("place");
    let cmd = format!("'set up.sh' 'a b' '$HOME' {}", place.display());
    let bench = Bench::local()
        .beside(folder.path())
        .environment("TOKEN", "s3same");
    let done = bench.run(&SCRIPT, text(&[("cmd", &cmd)])).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("a b|$HOME|s3same\n"));
    assert_eq!(done.fields["rc"], Value::Int(4));
    assert_eq!(done.failed.as_deref(), Some("non-zero return code"));
    let ran = std::fs::read_to_string(place).unwrap();
    assert!(!std::path::Path::new(ran.trim()).exists(), "{ran} is deleted");
}

#[tokio::test]
async fn another_program_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("words"), "one two\n").unwrap();
    let args = text(&[("cmd", "words"), ("executable", "/bin/cat"), ("chdir", "/")]);
    let done = Bench::local()
        .beside(folder.path())
        .run(&SCRIPT, args)
        .await
        .unwrap();
    assert_eq!(done.fields["stdout_lines"], Value::from(vec!["one two"]));
}

#[tokio::test]
async fn what_is_no_script_is_refused_and_what_is_done_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::local().beside(folder.path());
    let missing = bench
        .plan(&SCRIPT, text(&[("cmd", "nosuch.sh")]))
        .await
        .unwrap_err();
    assert_eq!(missing.kind, FailureKind::Preflight);
    std::fs::write(folder.path().join("program"), b"\x7fELF\0\xff").unwrap();
    let program = bench
        .plan(&SCRIPT, text(&[("cmd", "program")]))
        .await
        .unwrap_err();
    assert_eq!(program.message, "program is a program, and no script");
    std::fs::write(folder.path().join("done.sh"), "exit 1\n").unwrap();
    let plan = bench
        .plan(&SCRIPT, text(&[("cmd", "done.sh"), ("creates", "/bin/sh")]))
        .await
        .unwrap();
    assert_eq!(plan.why, "Did not run command since '/bin/sh' exists");
}
