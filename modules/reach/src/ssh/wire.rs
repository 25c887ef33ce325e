//! libssh2 without blocking: every call is tried, and tried again when the
//! socket is ready for what it waits on.
//!
//! libssh2 cannot begin another packet while one is half sent: the call that
//! began it has to be repeated first. [`Wire::attempt`] keeps that rule, so that
//! its callers may mix reads and writes of several channels freely.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cutover_kit::clock::{Clock, within};
use libssh2_sys::{
    LIBSSH2_ERROR_EAGAIN, LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV,
    LIBSSH2_ERROR_SOCKET_SEND,
};
use ssh2::{BlockDirections, ErrorCode, Session};
use tokio::io::Interest;

use crate::socket::Socket;

/// An SSH session on its socket. Used by one task at a time.
pub(crate) struct Wire {
    pub(crate) session: Session,
    pub(crate) socket: Arc<Socket>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long a half-sent packet, or an answer the protocol owes, may take.
    pub(crate) patience: Duration,
}

/// Why a call came to nothing.
#[derive(Debug)]
pub(crate) enum Fault {
    /// libssh2 said no; its code and text.
    Said(i32, String),
    /// The far side took nothing, or owed an answer, for this long.
    Stalled(Duration),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said(LIBSSH2_ERROR_SOCKET_DISCONNECT, _) => f.write_str("the far side closed it"),
            Self::Said(LIBSSH2_ERROR_SOCKET_RECV | LIBSSH2_ERROR_SOCKET_SEND, _) => {
                f.write_str("the connection broke off")
            }
            Self::Said(_, text) => f.write_str(text),
            Self::Stalled(limit) => write!(f, "the far side did nothing for {limit:?}"),
        }
    }
}

/// What libssh2 calls return, through whichever of ssh2's two error types.
pub(crate) trait Verdict {
    fn would_block(&self) -> bool;
    fn fault(self, session: &Session) -> Fault;
}

impl Verdict for ssh2::Error {
    fn would_block(&self) -> bool {
        self.code() == ErrorCode::Session(LIBSSH2_ERROR_EAGAIN)
    }

    fn fault(self, _: &Session) -> Fault {
        self.into()
    }
}

/// Streams of channels lose the code on the way; the session still has it.
impl Verdict for io::Error {
    fn would_block(&self) -> bool {
        self.kind() == io::ErrorKind::WouldBlock
    }

    fn fault(self, session: &Session) -> Fault {
        ssh2::Error::last_session_error(session).map_or_else(|| self.into(), Fault::from)
    }
}

impl From<ssh2::Error> for Fault {
    fn from(error: ssh2::Error) -> Self {
        let (ErrorCode::Session(code) | ErrorCode::SFTP(code)) = error.code();
        Self::Said(code, error.message().to_owned())
    }
}

/// Errors of the socket itself.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Said(LIBSSH2_ERROR_SOCKET_RECV, error.to_string())
    }
}

impl Wire {
    /// A session that has not said anything yet.
    pub(crate) fn new(socket: Socket, clock: Arc<dyn Clock>, patience: Duration) -> Result<Self, Fault> {
        let mut session = Session::new()?;
        let socket = Arc::new(socket);
        session.set_blocking(false);
        session.set_tcp_stream(Arc::clone(&socket));
        Ok(Self {
            session,
            socket,
            clock,
            patience,
        })
    }

    /// Tries `op` once, and sends what it left half sent. `None` where it
    /// waits for the far side.
    pub(crate) async fn attempt<T, E: Verdict>(
        &self,
        mut op: impl FnMut() -> Result<T, E>,
    ) -> Result<Option<T>, Fault> {
        let mut outcome = self.on_socket(Interest::READABLE, &mut op);
        loop {
            match outcome.unwrap_or_else(&mut op) {
                Ok(done) => return Ok(Some(done)),
                Err(error) if !error.would_block() => return Err(error.fault(&self.session)),
                Err(_) => {}
            }
            let interest = match self.session.block_directions() {
                BlockDirections::Outbound => Interest::WRITABLE,
                BlockDirections::Both => Interest::READABLE | Interest::WRITABLE,
                BlockDirections::Inbound | BlockDirections::None => return Ok(None),
            };
            outcome = self.when_ready(interest, &mut op).await?;
        }
    }

    /// Repeats `op` until it is done, for at most this wire's patience.
    pub(crate) async fn drive<T, E: Verdict>(
        &self,
        mut op: impl FnMut() -> Result<T, E>,
    ) -> Result<T, Fault> {
        let end = self.clock.elapsed() + self.patience;
        loop {
            if let Some(done) = self.attempt(&mut op).await? {
                return Ok(done);
            }
            let left = end.saturating_sub(self.clock.elapsed());
            within(&*self.clock, left, self.readable())
                .await
                .unwrap_or(Err(Fault::Stalled(self.patience)))?;
        }
    }

    /// Waits until there may be something to read.
    pub(crate) async fn readable(&self) -> Result<(), Fault> {
        self.socket.ready(Interest::READABLE).await?;
        Ok(())
    }

    /// Waits until the far side has closed the connection. Only for a wire
    /// without channels: what else arrives stays unread.
    pub(crate) async fn closed(&self) -> Result<(), Fault> {
        loop {
            let ready = self.socket.ready(Interest::READABLE).await?;
            if ready.is_read_closed() {
                return Ok(());
            }
            let forget = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
            // Always the error made above: it has the runtime wait for news.
            let _ = self.socket.try_io(Interest::READABLE, forget);
        }
    }

    async fn when_ready<T, E: Verdict>(
        &self,
        interest: Interest,
        op: &mut impl FnMut() -> Result<T, E>,
    ) -> Result<Option<Result<T, E>>, Fault> {
        let ready = within(&*self.clock, self.patience, self.socket.ready(interest))
            .await
            .map_err(|_| Fault::Stalled(self.patience))??;
        let ready = if ready.is_readable() {
            Interest::READABLE
        } else {
            Interest::WRITABLE
        };
        Ok(self.on_socket(ready, op))
    }

    /// Runs `op` so that the runtime learns when the socket has no more for
    /// it. `None` where the runtime knows that already, and `op` did not run.
    fn on_socket<T, E: Verdict>(
        &self,
        interest: Interest,
        op: &mut impl FnMut() -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut outcome = None;
        // What it returns is in `outcome`, or means that nothing ran.
        let _ = self.socket.try_io(interest, || match outcome.insert(op()) {
            Err(error) if error.would_block() => Err(io::ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        });
        outcome
    }
}
