//! Restarts for which this machine stands in.

use std::path::Path;

use cutover_kit::Value;

use super::*;
use crate::bench::{Bench, host};

static REBOOT: Reboot = Reboot;

/// A host that boots while it was asked for the third time.
fn args(folder: &Path, more: &[(&str, &str)]) -> Value {
    let file = |name: &str| folder.join(name).display().to_string();
    let boot = format!(
        "if [ -e {asked} ]; then echo . >> {asked}; if [ $(grep -c . {asked}) -gt 3 ]; then echo two; exit; fi; fi; echo one",
        asked = file("asked")
    );
    let mut args = vec![
        ("boot_time_command".to_owned(), Value::from(boot)),
        (
            "reboot_command".to_owned(),
            format!("echo . > {}", file("asked")).into(),
        ),
    ];
    for (name, value) in more {
        args.retain(|(known, _)| known != name);
        args.push(((*name).to_owned(), (*value).into()));
    }
    Value::map(args)
}

#[tokio::test]
async fn it_is_over_when_another_boot_answers_and_the_test_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::posix_here();
    let done = bench.run(&REBOOT, args(folder.path(), &[])).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (false, None));
    assert_eq!(done.fields["rebooted"], Value::Bool(true));
    let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
    assert_eq!(asked.lines().count(), 4);
}

#[tokio::test]
async fn a_host_that_does_not_boot_is_waited_for_and_then_told_of() {
    let told = async |more: &[(&str, &str)]| {
        let (bench, folder) = (Bench::posix_here(), tempfile::tempdir().unwrap());
        bench
            .run(&REBOOT, args(folder.path(), more))
            .await
            .map(|done| done.failed)
    };
    let same = told(&[("boot_time_command", "echo one"), ("reboot_timeout", "1")]).await;
    let same = same.unwrap_err();
    assert_eq!(
        (same.kind, same.message.as_str(), &same.seen[..]),
        (
            FailureKind::Late,
            "Timed out waiting for last boot time check (timeout=1)",
            &["boot time has not changed".to_owned()][..]
        )
    );
    let sick = told(&[
        ("boot_time_command", "date +%N"),
        ("test_command", "echo sick >&2; exit 1"),
        ("reboot_timeout", "1"),
    ]);
    let sick = sick.await.unwrap_err();
    assert_eq!(
        (sick.message.as_str(), &sick.seen[..]),
        (
            "Timed out waiting for post-reboot test command (timeout=1)",
            &["Test command failed: sick ".to_owned()][..]
        )
    );
    let no = told(&[("reboot_command", "echo may not >&2; exit 1")]).await;
    assert_eq!(
        no.unwrap().unwrap(),
        "Reboot command failed. Error was: ', may not'"
    );
    let mute = told(&[("boot_time_command", "true")]).await.unwrap_err();
    assert_eq!(mute.message, "the host does not tell when it was booted");
}

#[tokio::test]
async fn this_machine_is_never_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Bench::local()
        .plan(&REBOOT, args(folder.path(), &[]))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.kind, refused.message.as_str()),
        (
            FailureKind::Arguments,
            "Running reboot with local connection would reboot the control node."
        )
    );
    assert!(!folder.path().join("asked").exists());
}

#[test]
fn it_takes_its_host_out_of_service() {
    let args = Args {
        pre_reboot_delay: 150,
        msg: "don't panic".into(),
        ..Args::default()
    };
    assert!(Reboot.disruptive(&args, &host(Platform::Posix)));
    assert_eq!(
        args.order(),
        "# restart\nPATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:$PATH; \
         if command -v shutdown >/dev/null 2>&1; then shutdown -r +2 'don'\\''t panic'; else reboot; fi"
    );
}
