//! What a module stands on in these stories.

use std::any::Any;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::reach::Ground;
use cutover_kit::session::{Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, Offer};
use cutover_kit::value::Later;
use cutover_kit::{Clock, Estate, Failure, FailureKind, Host, Known, Made, Notes};
use cutover_memory_twins::RuntimeClock;

use crate::support::Lab;

/// See [`Lab::ground`].
pub(crate) struct TaskGround {
    pub(crate) lab: Lab,
    pub(crate) host: Host,
    pub(crate) play: BTreeSet<String>,
    pub(crate) clock: Arc<RuntimeClock>,
}

#[async_trait]
impl Ground for TaskGround {
    fn host(&self) -> &Host {
        &self.host
    }

    fn hosts(&self) -> Vec<String> {
        vec![self.host.name.clone()]
    }

    fn play_hosts(&self) -> &BTreeSet<String> {
        &self.play
    }

    fn estate(&self) -> &Estate {
        &self.lab.estate
    }

    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn notes(&self) -> Arc<dyn Notes> {
        self.lab.trace.clone()
    }

    async fn connection(&self, host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        Ok(self.lab.connections[host].clone())
    }

    async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError> {
        self.lab.twins.handshake(&Endpoint::new(host, port), offer).await
    }

    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        if let Some(later) = self.lab.trace.later.lock().unwrap().get(path) {
            return Ok(Known::Later(later.clone()));
        }
        let files = self.lab.trace.files.lock().unwrap();
        Ok(files.get(path).cloned().map_or(Known::Absent, Known::Now))
    }

    fn list(&self, _: &Path) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        let mut files = self.lab.trace.files.lock().unwrap();
        files.insert(path.to_owned(), content.to_vec());
        Ok(())
    }

    async fn run(&self, _: &[String], _: Option<&Path>, _: &Exec) -> Result<Executed, Failure> {
        Err(Failure::new(FailureKind::Internal, "nothing runs here"))
    }

    fn state(&self) -> &Path {
        Path::new("/state")
    }

    fn random(&self, count: usize) -> Result<Vec<u8>, Failure> {
        Ok(vec![4; count])
    }

    async fn wait(&self, duration: Duration) {
        *self.lab.trace.waited.lock().unwrap() += duration;
        tokio::time::sleep(duration).await;
    }

    fn made(&self, what: &Made) -> Option<Later> {
        let made = self.lab.trace.made.lock().unwrap();
        made.contains(what).then(|| Later {
            after: "an earlier step".into(),
        })
    }

    fn checking(&self) -> bool {
        self.lab.checking
    }

    fn at_start(&self, key: &str, now: &str) -> String {
        let mut kept = self.lab.trace.at_start.lock().unwrap();
        kept.entry(key.to_owned())
            .or_insert_with(|| now.to_owned())
            .clone()
    }

    fn rotate_always(&self) -> bool {
        self.lab.rotate_always
    }
}
