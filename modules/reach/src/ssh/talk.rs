//! One channel of a session, fed and emptied without blocking.

use std::collections::VecDeque;
use std::io::{Read, Write};

use cutover_kit::session::{LinkError, Terminal};
use ssh2::{Channel, ExtendedData, Stream};
use tokio::sync::{mpsc, oneshot};

use super::wire::{Fault, Wire};

/// How much is read at a time, in bytes.
const CHUNK: usize = 16 * 1024;

/// How many chunks wait for a reader before no more are read.
pub(crate) const BACKLOG: usize = 64;

/// What a channel is opened for.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// A shell on a terminal.
    Shell(Terminal),
    /// A command, with its two output streams apart.
    Command(String),
}

/// What comes out of a channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Standard output, or all that a terminal shows.
    Out(Vec<u8>),
    /// Standard error.
    Err(Vec<u8>),
    /// The far side is done; its status, unless a signal ended it.
    End(Option<i32>),
}

/// Who is told that bytes are sent.
pub(crate) type Sent = oneshot::Sender<Result<(), LinkError>>;

/// An open channel with what is still to be sent.
pub(crate) struct Talk {
    pub(crate) id: u64,
    channel: Channel,
    stderr: Option<Stream>,
    input: VecDeque<Input>,
    output: mpsc::Sender<Output>,
    ended: bool,
}

enum Input {
    Bytes { bytes: Vec<u8>, sent: usize, done: Sent },
    End,
}

impl Talk {
    /// Opens a channel. The outer error is the connection's, the inner one says
    /// that the far side wants no such channel.
    pub(crate) async fn open(
        wire: &Wire,
        id: u64,
        start: &Start,
        output: mpsc::Sender<Output>,
    ) -> Result<Result<Self, LinkError>, Fault> {
        let channel = match wire.drive(|| wire.session.channel_session()).await {
            Ok(channel) => channel,
            Err(fault) => return refusal(fault).map(Err),
        };
        let mut talk = Self {
            id,
            channel,
            stderr: None,
            input: VecDeque::new(),
            output,
            ended: false,
        };
        match talk.start(wire, start).await {
            Ok(()) => Ok(Ok(talk)),
            Err(fault) => {
                let refused = refusal(fault)?;
                talk.close(wire).await?;
                Ok(Err(refused))
            }
        }
    }

    async fn start(&mut self, wire: &Wire, start: &Start) -> Result<(), Fault> {
        let channel = &mut self.channel;
        match start {
            Start::Shell(terminal) => {
                let size = (terminal.columns.into(), terminal.rows.into(), 0, 0);
                wire.drive(|| channel.handle_extended_data(ExtendedData::Merge))
                    .await?;
                wire.drive(|| channel.request_pty(terminal.kind, None, Some(size)))
                    .await?;
                wire.drive(|| channel.shell()).await
            }
            Start::Command(command) => {
                self.stderr = Some(channel.stderr());
                wire.drive(|| channel.exec(command)).await
            }
        }
    }

    /// Has `bytes` sent after all that was given before.
    pub(crate) fn feed(&mut self, bytes: Vec<u8>, done: Sent) {
        self.input.push_back(Input::Bytes { bytes, sent: 0, done });
    }

    /// Has the far side told that nothing more is sent.
    pub(crate) fn finish(&mut self) {
        self.input.push_back(Input::End);
    }

    /// Whether nobody listens any more, or there is nothing left to hear.
    pub(crate) fn is_over(&self) -> bool {
        self.ended || self.output.is_closed()
    }

    /// Whether bytes from the far side are wanted now.
    pub(crate) fn wants_more(&self) -> bool {
        self.output.capacity() > 0
    }

    /// Sends and receives what can be without waiting for the far side. Says
    /// whether anything moved.
    pub(crate) async fn pump(&mut self, wire: &Wire) -> Result<bool, Fault> {
        let sent = self.send(wire).await?;
        let received = self.receive(wire).await?;
        let ended = self.end(wire).await?;
        Ok(sent || received || ended)
    }

    async fn send(&mut self, wire: &Wire) -> Result<bool, Fault> {
        let channel = &mut self.channel;
        let Some(next) = self.input.front_mut() else {
            return Ok(false);
        };
        let done = match next {
            Input::End => wire.attempt(|| channel.send_eof()).await?.is_some(),
            Input::Bytes { bytes, sent, .. } => {
                let rest = &bytes[*sent..];
                let count = wire.attempt(|| channel.write(rest)).await?.unwrap_or(0);
                *sent += count;
                if *sent < bytes.len() {
                    return Ok(count > 0);
                }
                true
            }
        };
        if done && let Some(Input::Bytes { done, .. }) = self.input.pop_front() {
            // Who asked may have gone; the bytes are sent all the same.
            let _ = done.send(Ok(()));
        }
        Ok(done)
    }

    fn refuse_input(&mut self) {
        for input in self.input.drain(..) {
            if let Input::Bytes { done, .. } = input {
                // Who asked may have gone.
                let _ = done.send(Err(LinkError::Refused(
                    "the far side has ended the channel".into(),
                )));
            }
        }
    }

    async fn receive(&mut self, wire: &Wire) -> Result<bool, Fault> {
        let out = take(wire, &mut self.channel, &self.output, Output::Out).await?;
        let err = match &mut self.stderr {
            Some(stderr) => take(wire, stderr, &self.output, Output::Err).await?,
            None => false,
        };
        Ok(out || err)
    }

    async fn end(&mut self, wire: &Wire) -> Result<bool, Fault> {
        let channel = &mut self.channel;
        if self.ended || !channel.eof() {
            return Ok(false);
        }
        let Ok(place) = self.output.try_reserve() else {
            return Ok(false);
        };
        // The exit status arrives between the end of the output and the close.
        if wire.attempt(|| channel.wait_close()).await?.is_none() {
            return Ok(false);
        }
        place.send(Output::End(status(channel)));
        self.ended = true;
        self.refuse_input();
        Ok(true)
    }

    /// Says that this side is done. A far side that is still busy answers
    /// later, and libssh2 passes over its answer.
    pub(crate) async fn close(mut self, wire: &Wire) -> Result<(), Fault> {
        wire.attempt(|| self.channel.close()).await.map(|_| ())
    }
}

/// A server that closes a channel and names no status counts as 0: libssh2
/// does not tell the two apart.
fn status(channel: &Channel) -> Option<i32> {
    let signalled = channel
        .exit_signal()
        .is_ok_and(|signal| signal.exit_signal.is_some());
    if signalled {
        None
    } else {
        channel.exit_status().ok()
    }
}

/// Reads one chunk, where somebody has room for it.
async fn take(
    wire: &Wire,
    from: &mut impl Read,
    to: &mpsc::Sender<Output>,
    wrap: fn(Vec<u8>) -> Output,
) -> Result<bool, Fault> {
    let Ok(place) = to.try_reserve() else {
        return Ok(false);
    };
    let mut chunk = vec![0; CHUNK];
    match wire.attempt(|| from.read(&mut chunk)).await? {
        Some(count) if count > 0 => {
            chunk.truncate(count);
            place.send(wrap(chunk));
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Whether the far side only refused this one thing.
fn refusal(fault: Fault) -> Result<LinkError, Fault> {
    match fault {
        Fault::Said(
            libssh2_sys::LIBSSH2_ERROR_CHANNEL_FAILURE | libssh2_sys::LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED,
            text,
        ) => Ok(LinkError::Refused(text)),
        other => Err(other),
    }
}
