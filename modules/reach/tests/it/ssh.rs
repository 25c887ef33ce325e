//! Shells and commands on a real OpenSSH server.

mod flow;

use std::time::{Duration, Instant};

use crate::support::{Setup, Sshd, eventually, reacher};
use cutover_kit::Secret;
use cutover_kit::becoming::Gate;
use cutover_kit::secret::Origin;
use cutover_kit::session::{DialError, Dialer, Exec, Executed, LinkError, Terminal};

const TERMINAL: Terminal = Terminal {
    kind: "vt100",
    columns: 200,
    rows: 50,
};

fn command(text: &str) -> Exec {
    Exec {
        command: text.into(),
        stdin: None,
        limit: Some(Duration::from_secs(20)),
        gate: None,
    }
}

#[tokio::test]
async fn a_command_gives_both_streams_and_its_status() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let executed = link.exec(&command("echo out; echo err >&2; exit 3")).await;
    assert_eq!(
        executed,
        Ok(Executed {
            status: Some(3),
            stdout: b"out\n".into(),
            stderr: b"err\n".into(),
        })
    );
    assert_eq!(link.host_key(), server.host_key("ed25519"));
    link.close().await;
}

#[tokio::test]
async fn a_gate_keeps_the_input_back_until_the_command_has_begun() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let secret = |text: &str| Secret::new(text, Origin::Argument);
    let line = "printf 'password: ' >&2; read word; echo begun >&2; echo \"$word\"; cat";
    let guarded = |password: Option<&str>| Exec {
        stdin: Some(secret("input")),
        gate: Some(Gate {
            password: password.map(secret),
            begun: "begun",
        }),
        ..command(line)
    };
    let executed = link.exec(&guarded(Some("s3same"))).await.unwrap();
    assert_eq!(executed.stdout, b"s3same\ninput");
    let closed = Exec {
        command: "printf 'password: ' >&2; cat; exit 1".into(),
        ..guarded(None)
    };
    let executed = link.exec(&closed).await.unwrap();
    assert_eq!((executed.status, executed.stdout.len()), (Some(1), 0));
}

#[tokio::test]
async fn a_command_reads_its_standard_input_to_the_end() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    // More than both windows hold, so that reading and writing must take turns.
    let text = "0123456789abcdef".repeat(400_000);
    let executed = link
        .exec(&Exec {
            stdin: Some(Secret::new(text.clone(), Origin::Argument)),
            ..command("cat")
        })
        .await
        .unwrap();
    assert_eq!(executed.status, Some(0));
    assert!(
        executed.stdout == text.as_bytes(),
        "{} bytes came back",
        executed.stdout.len()
    );
}

#[tokio::test]
async fn a_shell_echoes_on_a_wide_terminal_and_ends() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    shell.write(b"stty size; echo $TERM; exit\n").await.unwrap();
    let mut seen = Vec::new();
    while let Some(bytes) = shell.read().await.unwrap() {
        seen.extend(bytes);
    }
    let seen = String::from_utf8_lossy(&seen).into_owned();
    assert!(seen.contains("50 200\r\nvt100\r\n"), "{seen}");
    assert_eq!(shell.read().await, Ok(None));
}

#[tokio::test]
async fn a_server_killed_during_a_command_is_a_lost_connection() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let work = async { link.exec(&command("echo begun; sleep 5")).await };
    let kill = async {
        server.log_with("Starting session: command").await;
        server.signal_sessions("-KILL");
    };
    let (executed, ()) = tokio::join!(work, kill);
    assert!(matches!(executed, Err(LinkError::Lost(_))), "{executed:?}");
    assert!(!link.alive());
    assert_eq!(link.exec(&command("true")).await, executed);
}

#[tokio::test]
async fn a_server_killed_while_nothing_runs_is_noticed() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    link.exec(&command("true")).await.unwrap();
    assert!(link.alive());
    server.signal_sessions("-KILL");
    eventually(|| !link.alive()).await;
}

#[tokio::test]
async fn a_server_that_stops_answering_costs_no_more_than_the_limit() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    link.exec(&command("true")).await.unwrap();
    server.signal_sessions("-STOP");
    let limit = Duration::from_millis(300);
    let begun = Instant::now();
    let executed = link
        .exec(&Exec {
            limit: Some(limit),
            ..command("true")
        })
        .await;
    assert_eq!(executed, Err(LinkError::Late(limit)));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_command_over_its_limit_leaves_the_connection_of_use() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let limit = Duration::from_millis(200);
    let slow = Exec {
        limit: Some(limit),
        ..command("sleep 5")
    };
    assert_eq!(link.exec(&slow).await, Err(LinkError::Late(limit)));
    let next = link.exec(&command("echo still here")).await.unwrap();
    assert_eq!(next.stdout, b"still here\n");
}

#[tokio::test]
async fn a_host_that_accepts_and_says_nothing_is_late() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Sshd::start();
    let mut settings = server.settings();
    settings.endpoint.port = silent.local_addr().unwrap().port();
    settings.timing.handshake = Duration::from_millis(200);
    let dialled = reacher().dial(&settings).await.err();
    assert_eq!(
        dialled,
        Some(DialError::Late {
            endpoint: settings.endpoint,
            step: "exchange keys",
            limit: Duration::from_millis(200),
        })
    );
}

#[tokio::test]
async fn a_port_without_a_listener_is_unreachable() {
    let server = Sshd::start();
    let mut settings = server.settings();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    settings.endpoint.port = taken.local_addr().unwrap().port();
    drop(taken);
    let dialled = reacher().dial(&settings).await.err();
    assert!(
        matches!(dialled, Some(DialError::Unreachable { .. })),
        "{dialled:?}"
    );
}

#[tokio::test]
async fn a_command_ended_by_a_signal_has_no_status() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let executed = link.exec(&command("kill -9 $$")).await.unwrap();
    assert_eq!(executed.status, None);
}

#[tokio::test]
async fn a_read_given_up_loses_nothing() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    shell
        .write(b"stty -echo; PS1=; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.05; echo line$i; done; exit\n")
        .await
        .unwrap();
    let mut seen = Vec::new();
    let mut given_up = 0;
    loop {
        match tokio::time::timeout(Duration::from_millis(7), shell.read()).await {
            Ok(Ok(Some(bytes))) => seen.extend(bytes),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => panic!("{error}"),
            Err(_) => given_up += 1,
        }
    }
    let seen = String::from_utf8_lossy(&seen).into_owned();
    // What the shell itself shows before a line is its own business.
    let lines: Vec<_> = seen
        .lines()
        .filter_map(|line| line.rsplit_once("line"))
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(
        lines[lines.len() - 9..],
        ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "{seen}"
    );
    assert!(given_up > 0);
}

#[tokio::test]
async fn a_shell_and_a_command_share_one_connection() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    let executed = link.exec(&command("echo beside")).await.unwrap();
    assert_eq!(executed.stdout, b"beside\n");
    drop(link);
    shell.write(b"echo alive; exit\n").await.unwrap();
    let mut seen = Vec::new();
    while let Some(bytes) = shell.read().await.unwrap() {
        seen.extend(bytes);
    }
    assert!(String::from_utf8_lossy(&seen).contains("alive\r\n"));
    assert_eq!(server.log().matches("Accepted publickey").count(), 1);
}

#[tokio::test]
async fn closing_a_shell_closes_its_connection() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let shell = link.shell(TERMINAL).await.unwrap();
    shell.close().await;
    assert!(!link.alive());
    let lost = Err(LinkError::Lost("it was closed".into()));
    assert_eq!(link.exec(&command("true")).await, lost);
    server.log_with("Received disconnect").await;
}

#[tokio::test]
async fn a_handle_dropped_says_goodbye() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    link.exec(&command("true")).await.unwrap();
    drop(link);
    server.log_with("Received disconnect").await;
}

#[tokio::test]
async fn a_shell_the_server_cuts_off_is_lost_and_not_ended() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    server.signal_sessions("-KILL");
    let lost = loop {
        match shell.read().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert!(matches!(lost, Err(LinkError::Lost(_))), "{lost:?}");
    assert_eq!(shell.write(b"more\n").await.err(), lost.err());
}

#[tokio::test]
async fn a_server_that_allows_no_shell_refuses_it_and_stays() {
    let server = Sshd::with(&Setup {
        lines: vec!["PermitTTY no".into()],
        ..Setup::default()
    });
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let refused = link.shell(TERMINAL).await.err();
    assert!(matches!(refused, Some(LinkError::Refused(_))), "{refused:?}");
    assert_eq!(link.exec(&command("echo on")).await.unwrap().stdout, b"on\n");
}
