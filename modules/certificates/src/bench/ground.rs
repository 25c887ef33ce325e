//! What a module reaches in a test.

use std::any::Any;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::reach::{Ground, Known, Made};
use cutover_kit::session::{Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, Offer};
use cutover_kit::{Clock, Estate, Failure, FailureKind, Host, Later, Notes};
use tokio::io::AsyncWriteExt;

use super::{Shared, internal};

pub(super) struct TestGround {
    pub(super) host: String,
    pub(super) folder: PathBuf,
    pub(super) state: PathBuf,
    pub(super) estate: Estate,
    pub(super) play: BTreeSet<String>,
    pub(super) collective: Vec<String>,
    pub(super) check: bool,
    pub(super) shared: Arc<Shared>,
}

#[async_trait]
impl Ground for TestGround {
    fn host(&self) -> &Host {
        self.estate.host(&self.host).unwrap()
    }

    fn hosts(&self) -> Vec<String> {
        self.collective.clone()
    }

    fn play_hosts(&self) -> &BTreeSet<String> {
        &self.play
    }

    fn estate(&self) -> &Estate {
        &self.estate
    }

    fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    fn notes(&self) -> Arc<dyn Notes> {
        self.shared.told.clone()
    }

    async fn connection(&self, host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        let unreachable = || Failure::new(FailureKind::Unreachable, format!("{host} does not answer"));
        let host = self.estate.host(host).ok_or_else(unreachable)?;
        let connection = self.shared.connection(host).ok_or_else(unreachable)?;
        Ok(connection)
    }

    async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError> {
        if let Some(listener) = self
            .shared
            .listeners
            .lock()
            .unwrap()
            .get(&(host.to_owned(), port))
        {
            return listener(offer, self.shared.clock.elapsed());
        }
        let endpoint = Endpoint::new(host, port);
        let twins = self.shared.twins.lock().unwrap().clone();
        match twins {
            Some(twins) => twins.handshake(&endpoint, offer).await,
            None => Err(HandshakeError::Unreachable {
                endpoint,
                reason: "connection refused".to_owned(),
            }),
        }
    }

    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        let made = self.made(&Made::File(path.to_owned()));
        if let Some(later) = made.filter(|_| self.check) {
            return Ok(Known::Later(later));
        }
        match std::fs::read(path) {
            Ok(bytes) => Ok(Known::Now(bytes)),
            Err(_) => Ok(Known::Absent),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        Ok(BTreeSet::from_iter(names).into_iter().collect())
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        assert!(
            path.starts_with(&self.folder),
            "{} is not granted",
            path.display()
        );
        std::fs::write(path, content).map_err(internal)
    }

    async fn run(&self, argv: &[String], folder: Option<&Path>, command: &Exec) -> Result<Executed, Failure> {
        let mut process = tokio::process::Command::new(&argv[0]);
        process
            .args(&argv[1..])
            .current_dir(folder.unwrap_or(&self.folder));
        process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = process.spawn().map_err(internal)?;
        let mut stdin = child.stdin.take().unwrap();
        if let Some(text) = &command.stdin {
            // A command that does not read may be gone already.
            let _ = stdin.write_all(text.expose().as_bytes()).await;
        }
        drop(stdin);
        let output = child.wait_with_output().await.map_err(internal)?;
        Ok(Executed {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn state(&self) -> &Path {
        &self.state
    }

    fn random(&self, count: usize) -> Result<Vec<u8>, Failure> {
        let mut drawn = self.shared.drawn.lock().unwrap();
        let mut next = || {
            *drawn = drawn.wrapping_add(1);
            *drawn
        };
        Ok((0..count).map(|_| next()).collect())
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn made(&self, what: &Made) -> Option<Later> {
        let made = self.shared.made.lock().unwrap();
        made.contains(what).then(|| Later {
            after: "an earlier step".into(),
        })
    }

    fn checking(&self) -> bool {
        self.check
    }

    fn at_start(&self, key: &str, now: &str) -> String {
        let mut at_start = self.shared.at_start.lock().unwrap();
        at_start
            .entry(key.to_owned())
            .or_insert_with(|| now.to_owned())
            .clone()
    }

    fn rotate_always(&self) -> bool {
        false
    }
}
