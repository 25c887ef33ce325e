//! What is kept of a host between commands: one session, opened when needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Shelf, MutexGuard, PoisonError};
use std::time::Duration;

use cutover_kit::clock::Clock;
use cutover_kit::failure::{Failure, FailureKind};
use cutover_kit::note::Notes;
use cutover_kit::reach::{Conversation, Terms};
use cutover_kit::session::{DialError, Dialer, Link, SshSettings};
use cutover_kit::timing::Timing;
use cutover_x509::Certificate;
use tokio::sync::Mutex;

use super::command::Command;
use super::exchange::{Broken, Reply};
use super::reader::Reader;
use super::session::Session;
use super::show::TrustFile;
use super::writer::Writer;

/// How modules talk to VOS hosts.
pub struct Vos;

impl Conversation for Vos {
    type Connection = VosConnection;
    type Reader = Reader;
    type Writer = Writer;

    fn reader(connection: Arc<VosConnection>, terms: Terms) -> Reader {
        Reader::new(connection, terms.notes)
    }

    fn writer(connection: Arc<VosConnection>, terms: Terms) -> Writer {
        Writer::new(connection, terms.notes)
    }
}

/// The connection to one host. Commands of several tasks wait for each other.
pub struct VosConnection {
    settings: SshSettings,
    dialer: Arc<dyn Dialer>,
    clock: Arc<dyn Clock>,
    /// Taken out while a command runs: a command that is dropped half-way takes its
    /// session with it, and no later one reads what was meant for it.
    session: Mutex<Option<Session>>,
    /// The node was told to restart, and has not let us in since.
    boot: Shelf<Option<Boot>>,
    /// Certificates of trust stores that were read.
    seen: Shelf<HashMap<TrustFile, Certificate>>,
}

/// Logins while a node boots. It may refuse a good password then; three refusals lock the account.
#[derive(Clone, Copy, Default)]
struct Boot {
    refusals: u8,
    /// When it refused last.
    at: Duration,
}

/// Refusals of a booting node after which it is left alone.
const REFUSALS: u8 = 2;

/// Whether a command may simply be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reads,
    Writes,
}

impl VosConnection {
    /// A connection that is opened with the first command.
    pub fn new(settings: SshSettings, dialer: Arc<dyn Dialer>, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            dialer,
            clock,
            session: Mutex::new(None),
            boot: Shelf::default(),
            seen: Shelf::default(),
        }
    }

    /// The host's name.
    pub(crate) fn host(&self) -> &str {
        &self.settings.name
    }

    /// The host's waits.
    pub(crate) fn timing(&self) -> &Timing {
        &self.settings.timing
    }

    /// What was read of this file before.
    pub(crate) fn seen(&self, file: &TrustFile) -> Option<Certificate> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(file).cloned()
    }

    /// Remembers what was read.
    pub(crate) fn remember(&self, file: TrustFile, certificate: Certificate) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(file, certificate);
    }

    /// Forgets what was read: the store is about to change.
    pub(crate) fn forget(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clear();
    }

    /// Hangs up; the next command opens a new session.
    pub async fn hang_up(&self) {
        let session = self.session.lock().await.take();
        if let Some(session) = session {
            session.close().await;
        }
    }

    /// Runs a command. A read whose session turns out to be dead is sent once more on a new one.
    pub(crate) async fn run(
        &self,
        command: &Command,
        kind: Kind,
        notes: &dyn Notes,
    ) -> Result<Reply, Failure> {
        let mut slot = self.session.lock().await;
        let mut session = match self.usable(slot.take(), kind).await {
            Some(session) => session,
            None => self.open(notes).await?,
        };
        let mut result = session.run(command, &*self.clock, notes).await;
        if kind == Kind::Reads && matches!(result, Err(Broken::Lost { .. })) {
            session.close().await;
            session = self.open(notes).await?;
            result = session.run(command, &*self.clock, notes).await;
        }
        match result {
            Ok(reply) if !reply.ended => {
                *slot = Some(session);
                Ok(reply)
            }
            Ok(reply) => {
                session.close().await;
                Ok(reply)
            }
            Err(broken) => {
                session.close().await;
                Err(broken.of(&self.settings.name, &command.line, kind))
            }
        }
    }

    /// The kept session, if it can still be used. A write must not be the one to find out.
    async fn usable(&self, kept: Option<Session>, kind: Kind) -> Option<Session> {
        let mut session = kept?;
        let clock = &*self.clock;
        let there = session.fresh(clock)
            && (kind == Kind::Reads || session.warm(clock) || session.pulse(clock).await.is_ok());
        if there {
            return Some(session);
        }
        session.close().await;
        None
    }

    async fn open(&self, notes: &dyn Notes) -> Result<Session, Failure> {
        let link = self.dial().await?;
        Session::open(link, self.host(), self.timing(), &*self.clock, notes)
            .await
            .map_err(|broken| broken.while_opening(self.host()))
    }

    /// Logs in. After a refusal while the node boots it is tried once more, when its prompt is due.
    async fn dial(&self) -> Result<Box<dyn Link>, DialError> {
        let boot = *self.boot();
        let Some(boot) = boot else {
            return self.dialer.dial(&self.settings).await;
        };
        let due = boot.at + self.timing().prompt;
        if boot.refusals >= REFUSALS || (boot.refusals > 0 && self.clock.elapsed() < due) {
            return Err(DialError::Barred {
                endpoint: self.settings.endpoint.clone(),
                user: self.settings.user.clone(),
                reason: "the node refused it while it boots".to_owned(),
            });
        }
        let dialled = self.dialer.dial_booting(&self.settings).await;
        match &dialled {
            Ok(_) => *self.boot() = None,
            Err(DialError::Refused { .. }) => {
                *self.boot() = Some(Boot {
                    refusals: boot.refusals + 1,
                    at: self.clock.elapsed(),
                });
            }
            Err(_) => {}
        }
        dialled
    }

    /// The node was told to restart.
    pub(crate) fn boots(&self) {
        *self.boot() = Some(Boot::default());
    }

    fn boot(&self) -> MutexGuard<'_, Option<Boot>> {
        self.boot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broken {
    /// As a failure of a command.
    fn of(self, host: &str, command: &str, kind: Kind) -> Failure {
        let writes = kind == Kind::Writes;
        let failed = |kind, message| Failure::new(kind, message);
        match self {
            Self::Lost { why, lines } if writes => failed(
                FailureKind::Unknown,
                format!("the session with {host} ended during `{command}`; whether it was carried out is not known"),
            )
            .seen(why)
            .seen_all(lines),
            Self::Lost { why, lines } => failed(
                FailureKind::Unreachable,
                format!("the session with {host} ended during `{command}`: {why}"),
            )
            .seen_all(lines),
            Self::Late { limit, lines, tail } => failed(
                if writes { FailureKind::Unknown } else { FailureKind::Late },
                format!("{host} did not come back to its prompt within {limit:?} after `{command}`"),
            )
            .seen_all(lines)
            .seen_all(Some(tail).filter(|tail| !tail.trim().is_empty())),
            Self::Unannounced {
                question,
                lines,
                stuck,
            } => {
                let after = if stuck { "; the session was dropped" } else { "" };
                failed(
                    FailureKind::Unannounced,
                    format!("{host} asked something unexpected during `{command}`: \"{question}\" (answered no{after})"),
                )
                .seen_all(lines)
                .hint("nothing is agreed to that was not announced; vos_command can announce answers of the site's own")
            }
        }
    }

    /// As a failure to get to the first prompt.
    fn while_opening(self, host: &str) -> Failure {
        let unreachable = |message| Failure::new(FailureKind::Unreachable, message);
        match self {
            Self::Lost { why, lines } => {
                unreachable(format!("{host} ended the session before its first prompt: {why}"))
                    .seen_all(lines)
                    .hint("a VOS node ends sessions beyond its limit (10 by default): close others")
            }
            Self::Late { limit, lines, tail } => {
                unreachable(format!("{host} showed no prompt within {limit:?}"))
                    .seen_all(lines)
                    .seen_all(Some(tail).filter(|tail| !tail.trim().is_empty()))
                    .hint("a new account must set its password at its first login: log in once by hand")
            }
            Self::Unannounced { question, lines, .. } => unreachable(format!(
                "{host} asks \"{question}\" instead of showing its prompt"
            ))
            .seen_all(lines),
        }
    }
}
