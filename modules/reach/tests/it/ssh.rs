//! Shells and commands on a real OpenSSH server.

use std::time::Duration;

use crate::support::{Sshd, reacher};
use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Dialer, Exec, Executed, Terminal};

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
