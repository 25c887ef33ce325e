//! Ctrl-C: the first finishes the current change, the second drops everything.

use std::io;

use super::fault::Fault;
use crate::run::Stop;

/// What asks for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C, or a request to terminate.
    End,
    /// The terminal has gone away. It may come twice for one connection that is lost.
    Hangup,
}

/// The signals that ask for an end. None is missed from the moment this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// None under `nohup`.
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
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
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let hangup = (!ignores_hangup(&status)).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: hangup.transpose()?,
        })
    }

    #[cfg(windows)]
    fn open() -> io::Result<Self> {
        let interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(Self { interrupt })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        #[cfg(unix)]
        return tokio::select! {
            _ = self.interrupt.recv() => Signal::End,
            _ = self.terminate.recv() => Signal::End,
            () = heard(self.hangup.as_mut()) => Signal::Hangup,
        };
        #[cfg(windows)]
        {
            self.interrupt.recv().await;
            Signal::End
        }
    }

    /// Passes them on to `stop`.
    pub(super) async fn escalate(mut self, stop: Stop) {
        let mut heard = Heard::default();
        loop {
            match heard.one_more(self.next().await) {
                Wish::FinishChange => stop.finish_change(),
                Wish::DropEverything => stop.drop_everything(),
            }
        }
    }
}

/// What a signal asks of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    FinishChange,
    DropEverything,
}

/// The requests to end so far.
#[derive(Default)]
struct Heard {
    ends: usize,
}

impl Heard {
    /// What `signal` asks for after those before it. Only a second request to end drops everything: a
    /// lost terminal is none, and where a session ends it comes together with one.
    fn one_more(&mut self, signal: Signal) -> Wish {
        self.ends += usize::from(signal == Signal::End);
        match self.ends > 1 {
            true => Wish::DropEverything,
            false => Wish::FinishChange,
        }
    }
}

#[cfg(unix)]
async fn heard(signal: Option<&mut tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether this process was started to outlive its terminal, by what Linux says of it
/// (`/proc/self/status`): the lowest bit of `SigIgn` is the first signal, SIGHUP.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_a_second_request_to_end_drops_everything() {
        use Signal::{End, Hangup};
        use Wish::{DropEverything, FinishChange};
        let wishes = |signals: &[Signal]| {
            let mut heard = Heard::default();
            let wishes = signals.iter().map(|signal| heard.one_more(*signal));
            wishes.collect::<Vec<_>>()
        };
        assert_eq!(wishes(&[Hangup, End]), [FinishChange, FinishChange]);
        assert_eq!(wishes(&[End, Hangup]), [FinishChange, FinishChange]);
        assert_eq!(wishes(&[Hangup, Hangup]), [FinishChange, FinishChange]);
        assert_eq!(wishes(&[End, End]), [FinishChange, DropEverything]);
        assert_eq!(wishes(&[End, Hangup, End])[2], DropEverything);
    }

    #[test]
    fn nohup_is_heard_of_in_the_mask_of_ignored_signals() {
        let status =
            |mask: &str| format!("Name:\tcutover\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t0\n");
        assert!(ignores_hangup(&status("0000000000001001")));
        assert!(!ignores_hangup(&status("0000000000001000")));
        assert!(!ignores_hangup(""));
    }
}
