//! A twin's terminal as a link and its shell.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::session::{Exec, Executed, Link, LinkError, Shell, Terminal as Size};
use cutover_twins::Terminal;

use crate::clock::RuntimeClock;

/// Another session may bring the node down, which this one's terminal does not foresee.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A logged-in session.
pub(crate) struct MemoryLink {
    terminal: Arc<Mutex<Terminal>>,
    clock: Arc<RuntimeClock>,
}

impl MemoryLink {
    pub(crate) fn new(terminal: Terminal, clock: Arc<RuntimeClock>) -> Self {
        Self {
            terminal: Arc::new(Mutex::new(terminal)),
            clock,
        }
    }

    fn with<R>(&self, act: impl FnOnce(&mut Terminal, Duration) -> R) -> R {
        let mut terminal = self.terminal.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut terminal, self.clock.since_start())
    }
}

#[async_trait]
impl Link for MemoryLink {
    async fn shell(&mut self, size: Size) -> Result<Box<dyn Shell>, LinkError> {
        self.with(|terminal, _| terminal.resize(size.columns.into(), size.rows.into()));
        Ok(Box::new(MemoryLink {
            terminal: self.terminal.clone(),
            clock: self.clock.clone(),
        }))
    }

    async fn exec(&mut self, _: &Exec) -> Result<Executed, LinkError> {
        Err(LinkError::Refused("twins in memory have shells only".to_owned()))
    }

    fn alive(&self) -> bool {
        !self.with(|terminal, now| terminal.ended(now))
    }

    fn host_key(&self) -> &str {
        "ssh-rsa AAAA in memory"
    }

    async fn close(self: Box<Self>) {}
}

#[async_trait]
impl Shell for MemoryLink {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.with(|terminal, now| {
            if terminal.ended(now) {
                return Err(LinkError::Lost("broken pipe".to_owned()));
            }
            terminal.input(now, bytes);
            Ok(())
        })
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        loop {
            let now = self.clock.since_start();
            let (bytes, ended, next) =
                self.with(|terminal, now| (terminal.output(now), terminal.ended(now), terminal.next()));
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
            if ended {
                return Ok(None);
            }
            let wait = next.map_or(LOOK_AGAIN, |at| at.saturating_sub(now).min(LOOK_AGAIN));
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }

    async fn close(self: Box<Self>) {}
}
