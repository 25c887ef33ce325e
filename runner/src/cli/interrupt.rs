//! Ctrl-C: the first finishes the current change, the second drops everything.

use std::io;

use super::fault::Fault;
use crate::run::Stop;

/// The signals that ask for an end. None is missed from the moment this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    /// Listens from now on; within the runtime.
    pub(super) fn listen() -> Result<Self, Fault> {
        Self::open().map_err(Fault::io("listen for Ctrl-C"))
    }

    #[cfg(unix)]
    fn open() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(windows)]
    fn open() -> io::Result<Self> {
        let interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(Self { interrupt })
    }

    /// The next one. A request to terminate counts like a Ctrl-C.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }

    /// Passes them on to `stop`.
    pub(super) async fn escalate(mut self, stop: Stop) {
        self.next().await;
        stop.finish_change();
        self.next().await;
        stop.drop_everything();
    }
}
