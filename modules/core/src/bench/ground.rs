//! What the bench stands on: how its host, its clock and its notes are.

use std::any::Any;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::reach::{Background, Ground, Known, Made, Rendering};
use cutover_kit::secret::Origin;
use cutover_kit::session::{Exec, Executed, Handshake, HandshakeError, Offer};
use cutover_kit::{Become, Clock, Estate, Failure, Host, Later, Note, Notes, Secret, Value};
use jiff::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

use super::{Inner, arguments};

#[derive(Default)]
pub(super) struct Told(pub(super) Mutex<Vec<Note>>);

impl Notes for Told {
    fn note(&self, note: Note) {
        self.0.lock().unwrap().push(note);
    }
}

/// The runtime's clock, which began with the bench.
pub(super) struct Ticking(pub(super) Instant);

#[async_trait]
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        start + self.0.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[async_trait]
impl Ground for Inner {
    fn host(&self) -> &Host {
        self.estate.host("box").unwrap()
    }

    fn hosts(&self) -> Vec<String> {
        vec!["box".to_owned()]
    }

    fn play_hosts(&self) -> &BTreeSet<String> {
        &self.play
    }

    fn estate(&self) -> &Estate {
        &self.estate
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    fn notes(&self) -> Arc<dyn Notes> {
        self.told.clone()
    }

    async fn connection(&self, _host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        Ok(self.connection.clone())
    }

    async fn handshake(&self, _: &str, _: u16, _: &Offer) -> Result<Handshake, HandshakeError> {
        unreachable!("no module of this crate shakes hands")
    }

    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        Ok(std::fs::read(path).map_or(Known::Absent, Known::Now))
    }

    fn beside(&self) -> Vec<PathBuf> {
        self.beside.clone()
    }

    fn list(&self, _folder: &Path) -> Result<Vec<String>, Failure> {
        unreachable!("no module of this crate lists folders")
    }

    fn write(&self, _path: &Path, _content: &[u8]) -> Result<(), Failure> {
        unreachable!("no module of this crate writes files")
    }

    /// A stand-in for templates: `NAME` is filled in, and what names a password is secret.
    fn render(&self, path: &Path, how: &Rendering) -> Result<Value, Failure> {
        let text = std::fs::read_to_string(path).map_err(arguments)?;
        let begin = how.variable.0.clone().unwrap_or_default();
        let text = text.replace(&format!("{begin}NAME"), "box");
        Ok(match text.contains("password") {
            true => Secret::new(text, Origin::Argument).into(),
            false => text.into(),
        })
    }

    fn environment(&self) -> Vec<(String, Secret)> {
        self.environment.clone()
    }

    fn background(&self) -> Option<Background> {
        self.background
    }

    fn becoming(&self) -> Option<Become> {
        self.becoming.clone()
    }

    async fn ask(&self, _prompt: &str, _echo: bool) -> Result<Option<Secret>, Failure> {
        let typed = self.typed.as_deref();
        Ok(typed.map(|text| Secret::new(text, Origin::Argument)))
    }

    async fn run(&self, argv: &[String], folder: Option<&Path>, command: &Exec) -> Result<Executed, Failure> {
        let mut process = tokio::process::Command::new(&argv[0]);
        process
            .args(&argv[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process.envs(
            self.environment
                .iter()
                .map(|(name, value)| (name, value.expose())),
        );
        if let Some(folder) = folder {
            process.current_dir(folder);
        }
        let mut child = process
            .spawn()
            .map_err(|error| Failure::not_begun(&argv[0], &error))?;
        let mut stdin = child.stdin.take().unwrap();
        if let Some(text) = &command.stdin {
            // A command that does not read may be gone already.
            let _ = stdin.write_all(text.expose().as_bytes()).await;
        }
        drop(stdin);
        let output = child.wait_with_output().await.map_err(arguments)?;
        Ok(Executed {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn state(&self) -> &Path {
        Path::new("/state")
    }

    fn random(&self, count: usize) -> Result<Vec<u8>, Failure> {
        Ok(vec![4; count])
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn made(&self, what: &Made) -> Option<Later> {
        self.made.contains(what).then(|| Later { after: "sign".into() })
    }

    fn checking(&self) -> bool {
        !self.made.is_empty()
    }

    fn at_start(&self, _key: &str, now: &str) -> String {
        now.to_owned()
    }

    fn rotate_always(&self) -> bool {
        false
    }
}
