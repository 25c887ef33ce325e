//! Waiting for ports and files, from this machine and through its shell.

use cutover_kit::Value;
use cutover_kit::becoming::{Become, Method};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;
use crate::bench::Bench;

static WAIT_FOR: WaitFor = WaitFor;

/// As ourselves, through the shell: `env` stands in for `sudo`.
fn through_a_shell(folder: &std::path::Path) -> Bench {
    use std::os::unix::fs::PermissionsExt;
    let exe = folder.join("sudo");
    std::fs::write(&exe, "#!/bin/sh\nshift 5\nexec \"$@\"\n").unwrap();
    std::fs::set_permissions(&exe, std::fs::Permissions::from_mode(0o755)).unwrap();
    Bench::local().becoming(Become {
        user: "somebody".into(),
        method: Method::Sudo,
        flags: None,
        exe: Some(exe.to_str().unwrap().to_owned()),
        password: None,
    })
}

fn args(pairs: &[(&str, Value)]) -> Value {
    Value::map(pairs.iter().cloned())
}

#[tokio::test]
async fn a_port_that_answers_is_started_and_one_that_does_not_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for bench in [Bench::local(), through_a_shell(folder.path())] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = i64::from(listener.local_addr().unwrap().port());
        let plan = bench
            .plan(&WAIT_FOR, args(&[("port", port.into())]))
            .await
            .unwrap();
        assert_eq!(plan.result["state"], Value::from("started"));
        assert_eq!(plan.result["port"], Value::Int(port));

        let open = args(&[
            ("port", port.into()),
            ("state", "stopped".into()),
            ("timeout", 0_i64.into()),
        ]);
        let late = bench.plan(&WAIT_FOR, open).await.unwrap_err();
        assert_eq!(
            late.message,
            format!("Timeout when waiting for 127.0.0.1:{port} to stop.")
        );

        drop(listener);
        let closed = args(&[("port", port.into()), ("state", "stopped".into())]);
        bench.plan(&WAIT_FOR, closed).await.unwrap();
        let nobody = args(&[("port", port.into()), ("timeout", 0_i64.into())]);
        let late = bench.plan(&WAIT_FOR, nobody).await.unwrap_err();
        assert_eq!(late.message, format!("Timeout when waiting for 127.0.0.1:{port}"));
        assert_eq!(late.fields["elapsed"], 0);
    }
}

#[tokio::test]
async fn what_a_port_says_is_searched() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = i64::from(listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 mail ready\r\n").await.unwrap();
        }
    });
    let given = args(&[
        ("port", port.into()),
        ("search_regex", "^220 (?P<name>\\w+)".into()),
    ]);
    let plan = Bench::local().plan(&WAIT_FOR, given).await.unwrap();
    assert_eq!(plan.result["match_groups"], Value::from(vec!["mail"]));
    assert_eq!(plan.result["match_groupdict"], Value::map([("name", "mail")]));
}

#[tokio::test]
async fn a_file_is_there_holds_a_text_or_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let name: Value = path.to_str().unwrap().into();
    for bench in [Bench::local(), through_a_shell(folder.path())] {
        std::fs::write(&path, "begin\nready at 8443\n").unwrap();
        let given = args(&[
            ("path", name.clone()),
            ("search_regex", "^ready at (\\d+)$".into()),
        ]);
        let plan = bench.plan(&WAIT_FOR, given).await.unwrap();
        assert_eq!(plan.result["match_groups"], Value::from(vec!["8443"]));
        std::fs::remove_file(&path).unwrap();
        let given = args(&[("path", name.clone()), ("state", "absent".into())]);
        bench.plan(&WAIT_FOR, given).await.unwrap();
        let given = args(&[("path", name.clone()), ("timeout", 0_i64.into())]);
        let late = bench.plan(&WAIT_FOR, given).await.unwrap_err();
        assert_eq!(
            late.message,
            format!("Timeout when waiting for file {}", path.display())
        );
    }
}

#[tokio::test]
async fn a_port_that_never_ends_its_say_does_not_outlast_the_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = i64::from(listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while stream.write_all(b".").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    for bench in [Bench::local(), through_a_shell(folder.path())] {
        let given = args(&[
            ("port", port.into()),
            ("search_regex", "ready".into()),
            ("timeout", 1_i64.into()),
            ("connect_timeout", 30_i64.into()),
        ]);
        let late = bench.plan(&WAIT_FOR, given).await.unwrap_err();
        let waited = late.fields["elapsed"].as_u64().unwrap();
        assert!((1..10).contains(&waited), "{waited} s");
    }
}

#[tokio::test]
async fn a_file_in_a_home_folder_is_found() {
    let folder = tempfile::tempdir().unwrap();
    for bench in [Bench::local(), through_a_shell(folder.path())] {
        let given = args(&[("path", "~/".into()), ("timeout", 0_i64.into())]);
        bench.plan(&WAIT_FOR, given).await.unwrap();
        let pipe = folder.path().join("pipe");
        let _ = std::fs::remove_file(&pipe);
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let given = args(&[
            ("path", pipe.to_str().unwrap().into()),
            ("search_regex", "x".into()),
            ("timeout", 0_i64.into()),
        ]);
        let late = bench.plan(&WAIT_FOR, given).await.unwrap_err();
        assert_eq!(late.kind, FailureKind::Late);
    }
}

#[tokio::test]
async fn a_host_that_does_not_tell_of_connections_is_not_drained() {
    let folder = tempfile::tempdir().unwrap();
    // Its `cat` cannot read the kernel's table.
    let cat = folder.path().join("cat");
    std::fs::write(
        &cat,
        "#!/bin/sh\necho 'cat: /proc/net/tcp: Permission denied' >&2; exit 1\n",
    )
    .unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&cat, executable).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let bench = through_a_shell(folder.path()).environment("PATH", &path);
    let given = args(&[("port", 1_i64.into()), ("state", "drained".into())]);
    let failure = bench.plan(&WAIT_FOR, given).await.unwrap_err();
    assert_eq!(
        failure.message,
        "connections cannot be listed on this host: /proc/net/tcp cannot be read"
    );
    assert_eq!(failure.seen, ["cat: /proc/net/tcp: Permission denied"]);
}

#[test]
fn connections_are_counted_by_the_kernels_table() {
    let table = "  sl  local_address rem_address   st
   0: 0100007F:1F90 00000000:0000 0A
   1: 0100007F:1F90 0100007F:C350 01
   2: 0100007F:1F90 020000C0:C351 06
   3: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF0000030000C0:C352 01
";
    let mut given = Args::default();
    assert_eq!(remote::connected(&given, 8080, table), 3);
    given.exclude_hosts = vec!["192.0.0.3".into()];
    assert_eq!(remote::connected(&given, 8080, table), 2);
    given.active_connection_states = vec!["TIME_WAIT".into()];
    assert_eq!(remote::connected(&given, 8080, table), 1);
    assert_eq!(remote::connected(&given, 22, table), 0);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let given = args(&[("port", 1_i64.into()), ("path", "/x".into())]);
    let failure = Bench::local().plan(&WAIT_FOR, given).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Arguments);
}
