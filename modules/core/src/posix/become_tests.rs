//! Becoming another user, with a stand-in for `sudo` that behaves as it does, and with the real one.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cutover_kit::becoming::{Become, Method};
use cutover_kit::secret::Origin;
use cutover_kit::{FailureKind, Secret, Value};

use crate::bench::Bench;
use crate::process::{Command, Shell};

static COMMAND: Command = Command::new();
static SHELL: Shell = Shell::new();

/// Asks on standard error, reads one line, three times at most; then runs what follows `-u USER`.
const SUDO: &str = r#"#!/bin/sh
ask=yes prompt='Password: '
while [ $# -gt 0 ]; do
    case $1 in
        -n) ask= ;;
        -p) prompt=$2; shift ;;
        -u) user=$2; shift 2; break ;;
    esac
    shift
done
echo "$user" > "$(dirname "$0")/user"
[ -e "$(dirname "$0")/trusted" ] && exec "$@"
[ -n "$ask" ] || { echo "sudo: a password is required" >&2; exit 1; }
for try in 1 2 3; do
    printf %s "$prompt" >&2
    IFS= read -r word || { echo "sudo: $((try - 1)) incorrect password attempt" >&2; exit 1; }
    [ "$word" = s3same ] && exec "$@"
    echo "Sorry, try again." >&2
done
exit 1
"#;

fn stand_in(folder: &Path) -> String {
    let path = folder.join("sudo");
    std::fs::write(&path, SUDO).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn becoming(exe: &str, password: Option<&str>) -> Become {
    Become {
        user: "oracle".into(),
        method: Method::Sudo,
        flags: None,
        exe: Some(exe.to_owned()),
        password: password.map(|text| Secret::new(text, Origin::Argument)),
    }
}

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn the_password_opens_and_the_input_reaches_the_command_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let sudo = stand_in(folder.path());
    let bench = Bench::local()
        .environment("TOKEN", "it's")
        .becoming(becoming(&sudo, Some("s3same")));
    let args = text(&[
        ("cmd", "cat; echo \"$TOKEN\"; echo oh >&2"),
        ("stdin", "one\ntwo"),
    ]);
    let done = bench.run(&SHELL, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("one\ntwo\nit's"));
    assert_eq!(done.fields["stderr"], Value::from("oh"));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("user")).unwrap(),
        "oracle\n"
    );
    assert!(!bench.sent().join("\n").contains("s3same"));
}

#[tokio::test]
async fn a_password_that_nobody_asks_for_is_not_taken_for_input() {
    let folder = tempfile::tempdir().unwrap();
    let sudo = stand_in(folder.path());
    std::fs::write(folder.path().join("trusted"), "").unwrap();
    let bench = Bench::local().becoming(becoming(&sudo, Some("s3same")));
    let done = bench
        .run(&SHELL, text(&[("cmd", "cat"), ("stdin", "one")]))
        .await
        .unwrap();
    assert_eq!(done.fields["stdout"], Value::from("one"));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_a_missing_one_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let sudo = stand_in(folder.path());
    let run = async |password| {
        let bench = Bench::local().becoming(becoming(&sudo, password));
        bench.run(&COMMAND, text(&[("cmd", "true")])).await.unwrap_err()
    };
    let wrong = run(Some("hunter22")).await;
    assert_eq!(
        (wrong.kind, wrong.message.as_str()),
        (FailureKind::Refused, "Incorrect sudo password")
    );
    assert_eq!(
        wrong.seen,
        ["Sorry, try again.", "sudo: 1 incorrect password attempt"]
    );
    let missing = run(None).await;
    assert_eq!(missing.message, "Missing sudo password");
}

#[tokio::test]
async fn what_is_not_there_becomes_nobody() {
    let bench = Bench::local().becoming(becoming("/no/such/sudo", None));
    let failure = bench.run(&COMMAND, text(&[("cmd", "true")])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(failure.message, "sudo did not run the command as oracle");
}

#[tokio::test]
async fn a_look_is_taken_as_the_other_user_too() {
    let folder = tempfile::tempdir().unwrap();
    let sudo = stand_in(folder.path());
    let bench = Bench::local().becoming(becoming(&sudo, Some("s3same")));
    let args = text(&[("cmd", "true"), ("creates", &sudo)]);
    assert!(bench.plan(&COMMAND, args).await.unwrap().changes.is_empty());
    assert_eq!(
        std::fs::read_to_string(folder.path().join("user")).unwrap(),
        "oracle\n"
    );
}

#[tokio::test]
async fn the_real_programs_make_us_somebody_else() {
    // Only root becomes anybody without a password.
    let id = std::process::Command::new("id").arg("-u").output().unwrap();
    if id.stdout != b"0\n" {
        return;
    }
    for method in [Method::Sudo, Method::Su] {
        let to = Become {
            user: "daemon".into(),
            method,
            flags: (method == Method::Su).then(|| "-s /bin/sh".to_owned()),
            exe: None,
            password: None,
        };
        let bench = Bench::local().becoming(to);
        let args = text(&[("cmd", "id -un; cat"), ("stdin", "in")]);
        let done = bench.run(&SHELL, args).await.unwrap();
        assert_eq!(done.fields["stdout"], Value::from("daemon\nin"), "{method:?}");
    }
}
