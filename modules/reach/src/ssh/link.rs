//! What callers hold: a connection, and a shell on it.

use async_trait::async_trait;
use cutover_kit::Secret;
use cutover_kit::becoming::{Answer, Porter};
use cutover_kit::clock::within;
use cutover_kit::session::{Exec, Executed, Link, LinkError, Shell, Terminal};
use tokio::sync::oneshot;

use std::sync::Arc;

use cutover_kit::clock::Clock;

use super::actor::{Handle, Opened, Order};
use super::talk::{Output, Start};

/// A logged-in connection. It lives as long as one of its handles.
pub(crate) struct SshLink {
    pub(crate) handle: Handle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) host_key: String,
}

#[async_trait]
impl Link for SshLink {
    async fn shell(&mut self, terminal: Terminal) -> Result<Box<dyn Shell>, LinkError> {
        let channel = ChannelHandle::open(&self.handle, Start::Shell(terminal)).await?;
        Ok(Box::new(SshShell {
            channel,
            ended: false,
        }))
    }

    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
        let work = execute(&self.handle, command);
        match command.limit {
            Some(limit) => within(&*self.clock, limit, work)
                .await
                .unwrap_or(Err(LinkError::Late(limit))),
            None => work.await,
        }
    }

    fn alive(&self) -> bool {
        self.handle.alive()
    }

    fn host_key(&self) -> &str {
        &self.host_key
    }

    async fn close(self: Box<Self>) {
        quit(&self.handle).await;
    }
}

async fn execute(handle: &Handle, command: &Exec) -> Result<Executed, LinkError> {
    let mut channel = ChannelHandle::open(handle, Start::Command(command.command.clone())).await?;
    let mut porter = command.gate.as_ref().map(Porter::new);
    if porter.is_none() {
        channel.finish(command.stdin.as_ref())?;
    }
    let mut executed = Executed {
        status: None,
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    loop {
        match channel.next().await? {
            Output::Out(bytes) => executed.stdout.extend(bytes),
            Output::Err(bytes) => {
                match porter.as_mut().and_then(|porter| porter.hear(&bytes)) {
                    None => {}
                    Some(Answer::Say(password)) => channel.say(&password)?,
                    Some(Answer::Begin) => channel.finish(command.stdin.as_ref())?,
                    Some(Answer::HangUp) => channel.finish(None)?,
                }
                executed.stderr.extend(bytes);
            }
            Output::End(status) => {
                executed.status = status;
                return Ok(executed);
            }
        }
    }
}

async fn quit(handle: &Handle) {
    let (done, finished) = oneshot::channel();
    if handle.send(Order::Quit { done }).is_ok() {
        // It ends by being dropped.
        let _ = finished.await;
    }
}

/// One channel of a connection; the channel ends with it.
struct ChannelHandle {
    handle: Handle,
    opened: Opened,
}

impl ChannelHandle {
    async fn open(handle: &Handle, start: Start) -> Result<Self, LinkError> {
        let (opened, answer) = oneshot::channel();
        handle.send(Order::Open { start, opened })?;
        let opened = answer.await.map_err(|_| handle.lost())??;
        Ok(Self {
            handle: handle.clone(),
            opened,
        })
    }

    /// Has `bytes` sent; the receiver hears when they are.
    fn write(&self, bytes: &[u8]) -> Result<oneshot::Receiver<Result<(), LinkError>>, LinkError> {
        let (done, sent) = oneshot::channel();
        self.handle.send(Order::Write {
            id: self.opened.id,
            bytes: bytes.to_vec(),
            done,
        })?;
        Ok(sent)
    }

    /// Sends a line. Not waited for: the far side may want its output taken before it reads on.
    fn say(&self, line: &Secret) -> Result<(), LinkError> {
        self.write(format!("{}\n", line.expose()).as_bytes()).map(drop)
    }

    /// Sends all the input there is, and says that no more comes.
    fn finish(&self, input: Option<&Secret>) -> Result<(), LinkError> {
        if let Some(input) = input {
            self.write(input.expose().as_bytes())?;
        }
        self.handle.send(Order::Finish { id: self.opened.id })
    }

    /// What comes next. Cancel-safe.
    async fn next(&mut self) -> Result<Output, LinkError> {
        let output = self.opened.output.recv().await;
        self.handle.wake.notify_one();
        output.ok_or_else(|| self.handle.lost())
    }
}

impl Drop for ChannelHandle {
    fn drop(&mut self) {
        self.opened.output.close();
        self.handle.wake.notify_one();
    }
}

struct SshShell {
    channel: ChannelHandle,
    ended: bool,
}

#[async_trait]
impl Shell for SshShell {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let sent = self.channel.write(bytes)?;
        sent.await.map_err(|_| self.channel.handle.lost())?
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        if self.ended {
            return Ok(None);
        }
        match self.channel.next().await? {
            Output::Out(bytes) | Output::Err(bytes) => Ok(Some(bytes)),
            Output::End(_) => {
                self.ended = true;
                Ok(None)
            }
        }
    }

    async fn close(self: Box<Self>) {
        quit(&self.channel.handle).await;
    }
}
