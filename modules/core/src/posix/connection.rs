//! What is kept for a host with a POSIX shell.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cutover_kit::clock::Clock;
use cutover_kit::session::{
    Credential, DialError, Dialer, Endpoint, Exec, Executed, HostKeyPolicy, Link, LinkError, SshSettings,
};
use cutover_kit::timing::Timing;
use cutover_kit::{Failure, FailureKind};

use super::here::Here;

/// The connections kept for a host: one as long as its commands follow each other, more where
/// several tasks use the host at the same time. Opened when needed, reused, opened again when dead.
pub struct PosixConnection {
    settings: SshSettings,
    dialer: Arc<dyn Dialer>,
    idle: Mutex<Vec<Box<dyn Link>>>,
    /// Whether the host was told to restart and has not answered since: while it boots it may
    /// refuse a login that it accepts later.
    booting: AtomicBool,
}

/// When the connection was of no use.
pub(super) enum Lost {
    /// Nothing was sent.
    Before(Failure),
    /// The command may have run.
    During(LinkError),
}

impl PosixConnection {
    /// A connection that is opened when it is first needed.
    pub fn new(settings: SshSettings, dialer: Arc<dyn Dialer>) -> Self {
        Self {
            settings,
            dialer,
            idle: Mutex::default(),
            booting: AtomicBool::default(),
        }
    }

    /// This machine, spoken to through its own shell: no network, no login.
    pub fn here(name: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        let settings = SshSettings {
            name: name.into(),
            endpoint: Endpoint::new("localhost", 22),
            user: String::new(),
            credential: Credential::OwnKeys,
            host_keys: HostKeyPolicy::Strict,
            legacy: false,
            timing: Timing::real(),
        };
        Self::new(settings, Arc::new(Here::new(clock)))
    }

    /// The inventory's name of the host.
    pub(super) fn host(&self) -> &str {
        &self.settings.name
    }

    /// Closes it; a later command would open it again.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for link in idle {
            link.close().await;
        }
    }

    pub(super) async fn exec(&self, command: &Exec) -> Result<Executed, Lost> {
        let mut link = match self.take() {
            Some(link) => link,
            None => self.dial().await.map_err(|error| Lost::Before(error.into()))?,
        };
        let executed = link.exec(command).await.map_err(Lost::During);
        if executed.is_ok() && link.alive() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(link);
        }
        executed
    }

    async fn dial(&self) -> Result<Box<dyn Link>, DialError> {
        if !self.booting.load(Ordering::Relaxed) {
            return self.dialer.dial(&self.settings).await;
        }
        let link = self.dialer.dial_booting(&self.settings).await?;
        self.booting.store(false, Ordering::Relaxed);
        Ok(link)
    }

    /// The host goes down now: what is open is of no use, and the next login meets a host that boots.
    pub(super) async fn restarts(&self) {
        self.booting.store(true, Ordering::Relaxed);
        self.close().await;
    }

    fn take(&self) -> Option<Box<dyn Link>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|link| link.alive());
        idle.pop()
    }
}

impl Lost {
    pub(super) fn into_failure(self, command: &str) -> Failure {
        match self {
            Self::Before(failure) => failure,
            Self::During(LinkError::Refused(reason)) => {
                let message = format!("the host does not run commands: {reason}");
                Failure::new(FailureKind::Refused, message)
            }
            Self::During(error) => Failure::from(error).seen(format!("it was running: {command}")),
        }
    }
}
