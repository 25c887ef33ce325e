//! A link to the twins that breaks at a chosen moment.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, Link, LinkError, Offer, Shell,
    SshSettings, Terminal,
};
use cutover_memory_twins::MemoryTwins;

/// Where a link breaks.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// The text does not arrive.
    Before(&'static str),
    /// The text arrives, and no answer comes back.
    After(&'static str),
    /// The text arrives, nothing more comes back, and nobody hangs up.
    Hang(&'static str),
}

/// The twins over a link that may break.
pub(crate) struct Wire {
    pub(crate) twins: MemoryTwins,
    pub(crate) cut: Arc<Mutex<Option<Cut>>>,
    /// Every read brings a single byte.
    pub(crate) drips: bool,
}

struct CutLink {
    link: Box<dyn Link>,
    cut: Arc<Mutex<Option<Cut>>>,
    drips: bool,
}

struct CutShell {
    shell: Box<dyn Shell>,
    cut: Arc<Mutex<Option<Cut>>>,
    broken: bool,
    hangs: bool,
    drips: bool,
    /// What came and was not read yet.
    ahead: VecDeque<u8>,
}

#[async_trait]
impl Dialer for Wire {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        let link = self.twins.dial(to).await?;
        Ok(Box::new(CutLink {
            link,
            cut: self.cut.clone(),
            drips: self.drips,
        }))
    }

    async fn handshake(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError> {
        self.twins.handshake(to, offer).await
    }
}

#[async_trait]
impl Link for CutLink {
    async fn shell(&mut self, terminal: Terminal) -> Result<Box<dyn Shell>, LinkError> {
        Ok(Box::new(CutShell {
            shell: self.link.shell(terminal).await?,
            cut: self.cut.clone(),
            broken: false,
            hangs: false,
            drips: self.drips,
            ahead: VecDeque::new(),
        }))
    }

    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
        self.link.exec(command).await
    }

    fn alive(&self) -> bool {
        self.link.alive()
    }

    fn host_key(&self) -> &str {
        self.link.host_key()
    }

    async fn close(self: Box<Self>) {
        self.link.close().await;
    }
}

#[async_trait]
impl Shell for CutShell {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let sent = String::from_utf8_lossy(bytes).into_owned();
        let hit = {
            let mut cut = self.cut.lock().unwrap();
            let hit = cut.as_ref().is_some_and(|cut| match cut {
                Cut::Before(text) | Cut::After(text) | Cut::Hang(text) => sent.starts_with(text),
            });
            if hit { cut.take() } else { None }
        };
        if let Some(Cut::Before(_)) = hit {
            self.broken = true;
            return Err(LinkError::Lost("reset by peer".to_owned()));
        }
        self.hangs |= matches!(hit, Some(Cut::Hang(_)));
        self.broken |= matches!(hit, Some(Cut::After(_)));
        self.shell.write(bytes).await
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        if self.broken {
            return Err(LinkError::Lost("reset by peer".to_owned()));
        }
        if self.hangs {
            return std::future::pending().await;
        }
        if !self.drips {
            return self.shell.read().await;
        }
        if self.ahead.is_empty() {
            match self.shell.read().await? {
                Some(bytes) => self.ahead.extend(bytes),
                None => return Ok(None),
            }
        }
        Ok(self.ahead.pop_front().map(|byte| vec![byte]))
    }

    async fn close(self: Box<Self>) {
        self.shell.close().await;
    }
}
