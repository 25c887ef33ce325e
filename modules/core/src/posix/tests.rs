//! Commands on a host, over a connection whose far side is a shell of this machine.

use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::session::{
    Credential, DialError, Dialer, Endpoint, Exec, Handshake, HandshakeError, HostKeyPolicy, Link, Offer,
    Shell as Terminal, SshSettings,
};
use cutover_kit::timing::Timing;
use cutover_kit::{FailureKind, Value};
use tokio::io::AsyncWriteExt;

use super::*;
use crate::bench::Bench;
use crate::process::{Command, Shell};

static COMMAND: Command = Command::new();
static SHELL: Shell = Shell::new();

/// A far side that dies where a test says so.
#[derive(Default)]
struct Far {
    dialled: Mutex<usize>,
    heard: Mutex<Vec<String>>,
    /// Connections that are found dead, or die, at these commands (counted from 0).
    dead: Vec<(usize, LinkError)>,
}

struct Near(Arc<Far>);

struct Wire {
    far: Arc<Far>,
    alive: bool,
}

#[async_trait]
impl Dialer for Near {
    async fn dial(&self, _to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        *self.0.dialled.lock().unwrap() += 1;
        Ok(Box::new(Wire {
            far: self.0.clone(),
            alive: true,
        }))
    }

    async fn handshake(&self, _: &Endpoint, _: &Offer) -> Result<Handshake, HandshakeError> {
        unreachable!("commands shake no hands")
    }
}

#[async_trait]
impl Link for Wire {
    async fn shell(&mut self, _: cutover_kit::session::Terminal) -> Result<Box<dyn Terminal>, LinkError> {
        unreachable!("commands need no terminal")
    }

    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
        let count = {
            let mut heard = self.far.heard.lock().unwrap();
            heard.push(command.command.clone());
            heard.len() - 1
        };
        if let Some((_, error)) = self.far.dead.iter().find(|(at, _)| *at == count) {
            self.alive = false;
            return Err(error.clone());
        }
        let mut child = tokio::process::Command::new("/bin/sh")
            .args(["-c", &command.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        if let Some(text) = &command.stdin {
            stdin.write_all(text.expose().as_bytes()).await.unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Ok(Executed {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn alive(&self) -> bool {
        self.alive
    }

    fn host_key(&self) -> &str {
        "ssh-ed25519 AAAA"
    }

    async fn close(self: Box<Self>) {}
}

fn connection(far: &Arc<Far>) -> PosixConnection {
    let settings = SshSettings {
        name: "box".into(),
        endpoint: Endpoint::new("box", 22),
        user: "admin".into(),
        credential: Credential::OwnKeys,
        host_keys: HostKeyPolicy::Strict,
        legacy: false,
        timing: Timing::fast(),
    };
    PosixConnection::new(settings, Arc::new(Near(far.clone())))
}

fn lost() -> LinkError {
    LinkError::Lost("end of file".into())
}

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn ten_commands_are_ten_round_trips_over_one_connection() {
    let far = Arc::new(Far::default());
    let bench = Bench::posix(connection(&far));
    for _ in 0..10 {
        bench.run(&COMMAND, text(&[("cmd", "true")])).await.unwrap();
    }
    assert_eq!(*far.dialled.lock().unwrap(), 1);
    assert_eq!(*far.heard.lock().unwrap(), ["'true'"; 10]);
    assert_eq!(bench.sent(), ["'true'"; 10]);
}

#[tokio::test]
async fn the_far_shell_changes_no_word() {
    let bench = Bench::posix(connection(&Arc::default()));
    let args = Value::map([("argv", vec!["printf", "%s|", "a b", "$(id)", "it's", "{a,b}"])]);
    let done = bench.run(&COMMAND, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("a b|$(id)|it's|{a,b}|"));

    let args = text(&[("cmd", "printf '%s|' $((1 + 1)) | tr 2 3"), ("chdir", "/")]);
    let done = bench.run(&SHELL, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("3|"));
}

#[tokio::test]
async fn the_environment_travels_beside_the_input_and_never_in_a_command_line() {
    let far = Arc::new(Far::default());
    let bench = Bench::posix(connection(&far)).environment("TOKEN", "s3same it's");
    let args = text(&[
        ("cmd", "read line; echo \"$line/$TOKEN\"; cat"),
        ("stdin", "hunter22\nrest"),
    ]);
    let done = bench.run(&SHELL, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("hunter22/s3same it's\nrest"));
    let heard = far.heard.lock().unwrap().join("\n");
    assert!(
        !heard.contains("s3same") && !heard.contains("hunter22"),
        "{heard}"
    );
}

#[tokio::test]
async fn a_name_that_would_be_code_is_no_variable() {
    let bench = Bench::posix(connection(&Arc::default())).environment("A=1; reboot #", "x");
    let failure = bench.run(&SHELL, text(&[("cmd", "true")])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Arguments);
}

#[tokio::test]
async fn a_dead_connection_is_opened_again_for_the_next_command() {
    let far = Arc::new(Far {
        dead: vec![(1, lost())],
        ..Far::default()
    });
    let bench = Bench::posix(connection(&far));
    let run = async || bench.run(&COMMAND, text(&[("cmd", "true")])).await;
    run().await.unwrap();
    let failure = run().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unknown, "it may have run");
    assert_eq!(failure.seen, ["it was running: 'true'"]);
    run().await.unwrap();
    assert_eq!(*far.dialled.lock().unwrap(), 2);
    assert_eq!(
        far.heard.lock().unwrap().len(),
        3,
        "the lost command was not sent again"
    );
}

#[tokio::test]
async fn what_only_reads_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a file.pem"), "").unwrap();
    let far = Arc::new(Far {
        dead: vec![(0, lost())],
        ..Far::default()
    });
    let bench = Bench::posix(connection(&far));
    let chdir = folder.path().to_str().unwrap();
    let args = text(&[("cmd", "true"), ("creates", "a f*.pem"), ("chdir", chdir)]);
    let plan = bench.plan(&COMMAND, args).await.unwrap();
    assert_eq!(plan.why, "Did not run command since 'a f*.pem' exists");
    assert_eq!(*far.dialled.lock().unwrap(), 2);

    let args = text(&[("cmd", "true"), ("creates", "other*"), ("chdir", chdir)]);
    assert_eq!(bench.plan(&COMMAND, args).await.unwrap().changes.len(), 1);
}

#[tokio::test]
async fn a_command_that_was_refused_did_not_run() {
    let far = Arc::new(Far {
        dead: vec![
            (0, LinkError::Refused("exec is off".into())),
            (1, LinkError::Late(Duration::from_secs(3))),
        ],
        ..Far::default()
    });
    let bench = Bench::posix(connection(&far));
    let run = async || bench.run(&COMMAND, text(&[("cmd", "true")])).await.unwrap_err();
    let refused = run().await;
    assert_eq!(refused.kind, FailureKind::Refused);
    assert_eq!(refused.message, "the host does not run commands: exec is off");
    assert_eq!(run().await.kind, FailureKind::Unknown);
}
