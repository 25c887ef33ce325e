//! What a module may do with its own VOS host.

use std::sync::Arc;

use cutover_kit::failure::{Failure, FailureKind};
use cutover_kit::note::{Note, Notes};
use cutover_x509::Certificate;

use super::command::{Command, Loss, Pace};
use super::connection::{Kind, VosConnection};
use super::order::{Download, Order, RestartMethod, ServiceAction};
use super::page::PATTERNS;
use super::reader::Reader;
use super::refusal::{CertError, Refusal};
use super::show::TrustFile;
use crate::unit::Unit;

/// Changes a VOS host by typed commands, and by raw ones for a playbook that asks for them.
pub struct Writer {
    connection: Arc<VosConnection>,
    notes: Arc<dyn Notes>,
}

/// How a command to restart went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Restarting {
    /// The device said that it restarts.
    Accepted,
    /// The prompt came back without these words.
    Declined(Vec<String>),
}

/// What a raw command brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    /// The output.
    pub(crate) lines: Vec<String>,
    /// The session ended, as it does when the node restarts.
    pub(crate) ended: bool,
}

impl Writer {
    pub(crate) fn new(connection: Arc<VosConnection>, notes: Arc<dyn Notes>) -> Self {
        Self { connection, notes }
    }

    /// The same host, reading only.
    #[must_use]
    pub fn reading(&self) -> Reader {
        Reader::new(self.connection.clone(), self.notes.clone())
    }

    /// The host's name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.connection.host()
    }

    /// Makes a request; one that is there is replaced, and with it its key.
    pub async fn make_request(&self, unit: &Unit, include_ou: bool) -> Result<(), Failure> {
        let unit = unit.clone();
        self.order(&Order::MakeRequest { unit, include_ou }).await
    }

    /// Puts a certificate into a slot. There is no way back.
    pub async fn import_own(&self, unit: &Unit, certificate: &Certificate) -> Result<(), Failure> {
        let (unit, certificate) = (unit.clone(), Box::new(certificate.clone()));
        self.import(&Order::ImportOwn { unit, certificate }).await
    }

    /// Puts a certificate into the trust store that serves `unit`.
    pub async fn import_trust(&self, unit: &Unit, certificate: &Certificate) -> Result<(), Failure> {
        self.connection.forget();
        let (unit, certificate) = (unit.clone(), Box::new(certificate.clone()));
        self.import(&Order::ImportTrust { unit, certificate }).await
    }

    /// Puts a new self-signed certificate into a slot.
    pub async fn regenerate(&self, unit: &Unit) -> Result<(), Failure> {
        self.order(&Order::Regenerate(unit.clone())).await
    }

    /// Takes a certificate out of a trust store. The manuals do not agree on how the store
    /// is named (`vos-cli.md` §3.7), so the second spelling follows a refused first.
    pub async fn delete(&self, file: &TrustFile) -> Result<(), Failure> {
        self.connection.forget();
        let order = |by_unit| Order::Delete {
            file: file.clone(),
            by_unit,
        };
        match self.order(&order(false)).await {
            Err(failure) if failure.kind == FailureKind::Refused => self.order(&order(true)).await,
            other => other,
        }
    }

    /// Starts, stops or restarts a service; it may still be on its way when this returns.
    pub async fn service(&self, action: ServiceAction, name: &str) -> Result<(), Failure> {
        self.order(&Order::Service(action, name.to_owned())).await
    }

    /// Restarts the node.
    pub(crate) async fn restart(&self, method: RestartMethod) -> Result<Restarting, Failure> {
        let command = Order::Restart(method).command(self.connection.timing());
        self.connection.boots();
        let reply = self.connection.run(&command, Kind::Writes, &*self.notes).await?;
        if reply.ended || reply.lines.iter().any(|line| PATTERNS.restarting.is_match(line)) {
            return Ok(Restarting::Accepted);
        }
        Ok(Restarting::Declined(reply.lines))
    }

    /// Installs a COP file.
    pub(crate) async fn install_option(&self, download: Download) -> Result<(), Failure> {
        // A dialogue that was left open keeps others out; where there is none, there is nothing to cancel.
        match self.order(&Order::CancelUpgrade).await {
            Err(failure) if failure.kind != FailureKind::Refused => return Err(failure),
            _ => {}
        }
        self.order(&Order::InstallOption(download)).await
    }

    /// Any command, with its questions announced.
    pub(crate) async fn raw(&self, command: &Command) -> Result<Raw, Failure> {
        self.connection.forget();
        if command.loss == Loss::Expected {
            self.connection.boots();
        }
        let reply = self.connection.run(command, Kind::Writes, &*self.notes).await?;
        Ok(Raw {
            lines: reply.lines,
            ended: reply.ended,
        })
    }

    /// Imports a certificate. One that arrived garbled changed nothing, and is pasted once more, slowly.
    async fn import(&self, order: &Order) -> Result<(), Failure> {
        let mut command = order.command(self.connection.timing());
        match self.carry_out(&command).await? {
            Err((refusal, _)) if refusal.error == CertError::Unreadable => {
                let message = format!(
                    "{} could not read what was pasted; once more, slowly",
                    self.host()
                );
                self.notes.note(Note::Warning { message });
                command.pace = Pace::Few;
                let slowly = self.carry_out(&command).await?;
                slowly.map_err(|(refusal, lines)| self.refused(&command, &refusal, lines))
            }
            Err((refusal, lines)) => Err(self.refused(&command, &refusal, lines)),
            Ok(()) => Ok(()),
        }
    }

    /// Carries out an order; what the device says of a failure is one.
    async fn order(&self, order: &Order) -> Result<(), Failure> {
        let command = order.command(self.connection.timing());
        let carried_out = self.carry_out(&command).await?;
        carried_out.map_err(|(refusal, lines)| self.refused(&command, &refusal, lines))
    }

    async fn carry_out(&self, command: &Command) -> Result<Result<(), (Refusal, Vec<String>)>, Failure> {
        let reply = self.connection.run(command, Kind::Writes, &*self.notes).await?;
        if reply.garbled {
            let line = "what was pasted did not arrive whole".to_owned();
            let error = CertError::Unreadable;
            return Ok(Err((Refusal { error, line }, reply.lines)));
        }
        Ok(match Refusal::find(&reply.lines) {
            None => Ok(()),
            Some(refusal) => Err((refusal, reply.lines)),
        })
    }

    fn refused(&self, command: &Command, refusal: &Refusal, lines: Vec<String>) -> Failure {
        let message = format!("{} refused `{}`: {}", self.host(), command.line, refusal.error);
        let failure = Failure::new(FailureKind::Refused, message).seen_all(lines);
        match refusal.error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
