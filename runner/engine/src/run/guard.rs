//! Keeps this run away from hosts and turns that another run has.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Handshake, HandshakeError, Link, Offer, SshSettings,
};
use cutover_kit::{Failure, FailureKind};
use cutover_language::Diagnostic;

use super::record::unusable;
use super::request::{Refusal, Request};
use crate::exit::Exit;
use crate::locks::{Holder, Key, LockError, Locks, Taken};
use crate::sync::lock;

const HINT: &str = "wait until that run has ended, or stop it with Ctrl-C: it finishes the change it is at";

/// The locks of one run, by the addresses that are really dialled: twins have locks of their own.
pub(super) struct Guard {
    locks: Locks,
    addresses: BTreeMap<Endpoint, SocketAddr>,
    /// What each host's turn holds.
    turns: Mutex<HashMap<String, Vec<Key>>>,
}

impl Guard {
    /// Of the run that is asked for, which gets this id.
    pub(super) fn of(request: &Request, run: String) -> Self {
        let me = Holder {
            run,
            pid: std::process::id(),
            since: request.clock.now(),
            playbooks: request.options.playbooks.clone(),
        };
        Self::new(
            Locks::new(request.state.locks(), me),
            request.policy.addresses.clone(),
        )
    }

    fn new(locks: Locks, addresses: BTreeMap<Endpoint, SocketAddr>) -> Self {
        Self {
            locks,
            addresses,
            turns: Mutex::default(),
        }
    }

    fn dialled(&self, endpoint: &Endpoint) -> String {
        match self.addresses.get(endpoint) {
            Some(address) => address.to_string(),
            None => endpoint.to_string(),
        }
    }

    /// Takes the locks of these hosts; where another run has some, all of them are named.
    pub(super) fn hold<'a>(
        &self,
        hosts: impl IntoIterator<Item = (&'a str, Endpoint)>,
    ) -> Result<(), Refusal> {
        let mut taken = Vec::new();
        for (name, endpoint) in hosts {
            match self.locks.take(Key::Host(self.dialled(&endpoint))) {
                Ok(()) => {}
                Err(LockError::Taken(by)) => taken.push(busy(name, &endpoint, &by)),
                Err(LockError::Io(error)) => return Err(refused(vec![unusable(&error)], Exit::Error)),
            }
        }
        if taken.is_empty() {
            Ok(())
        } else {
            Err(refused(taken, Exit::Locked))
        }
    }

    /// Takes the turn of `host` with all its partners, so that no other run takes one of them
    /// out of service meanwhile.
    pub(super) fn take_turn(&self, host: &str, members: &[Endpoint]) -> Result<(), Failure> {
        let mut held = Vec::new();
        for member in members {
            let key = Key::Turn(self.dialled(member));
            if let Err(error) = self.locks.take(key.clone()) {
                self.locks.give_back(&held);
                return Err(stays_in_service(host, member, &error));
            }
            held.push(key);
        }
        lock(&self.turns).insert(host.to_owned(), held);
        Ok(())
    }

    /// Gives back the turns of all hosts that hold none any more within this run.
    pub(super) fn keep_turns(&self, holds: impl Fn(&str) -> bool) {
        lock(&self.turns).retain(|host, held| {
            let keep = holds(host);
            if !keep {
                self.locks.give_back(held.iter());
            }
            keep
        });
    }
}

fn stays_in_service(host: &str, member: &Endpoint, error: &LockError) -> Failure {
    match error {
        LockError::Taken(by) => {
            let message = format!("{host} stays in service: the turn of {member} is held by {by}");
            Failure::new(FailureKind::Turn, message).hint(HINT)
        }
        LockError::Io(error) => {
            let message = format!(
                "{host} stays in service: whether another run has the turn of {member} cannot be told: {error}"
            );
            Failure::new(FailureKind::Preflight, message)
                .hint("look whether the state folder can be written to, or set CUTOVER_STATE to another")
        }
    }
}

fn busy(name: &str, endpoint: &Endpoint, by: &Taken) -> Diagnostic {
    let message = format!("{name} ({endpoint}) is held by {by}");
    Diagnostic::nowhere("locked", message).help(HINT)
}

fn refused(diagnostics: Vec<Diagnostic>, exit: Exit) -> Refusal {
    Refusal { diagnostics, exit }
}

/// Dials nobody whom another run has: also those that only the run itself comes upon.
pub(super) struct Guarded {
    dialer: Arc<dyn Dialer>,
    guard: Arc<Guard>,
}

impl Guarded {
    pub(super) fn new(dialer: Arc<dyn Dialer>, guard: Arc<Guard>) -> Self {
        Self { dialer, guard }
    }

    fn hold(&self, endpoint: &Endpoint, key: Key) -> Result<(), DialError> {
        self.guard.locks.take(key).map_err(|error| {
            let (endpoint, reason) = (endpoint.clone(), error.to_string());
            match error {
                LockError::Taken(_) => DialError::Locked { endpoint, reason },
                LockError::Io(_) => DialError::NoLock { endpoint, reason },
            }
        })
    }

    fn before(&self, to: &SshSettings) -> Result<(), DialError> {
        self.hold(&to.endpoint, Key::Host(self.guard.dialled(&to.endpoint)))
    }

    async fn after(&self, to: &SshSettings, link: Box<dyn Link>) -> Result<Box<dyn Link>, DialError> {
        match self.hold(&to.endpoint, Key::HostKey(link.host_key().to_owned())) {
            Ok(()) => Ok(link),
            Err(error) => {
                link.close().await;
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Dialer for Guarded {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        self.before(to)?;
        let link = self.dialer.dial(to).await?;
        self.after(to, link).await
    }

    async fn dial_booting(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        self.before(to)?;
        let link = self.dialer.dial_booting(to).await?;
        self.after(to, link).await
    }

    async fn handshake(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError> {
        self.dialer.handshake(to, offer).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    #[async_trait]
    impl Dialer for Nobody {
        async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
            panic!("{} was dialled", to.name)
        }

        async fn handshake(&self, to: &Endpoint, _: &Offer) -> Result<Handshake, HandshakeError> {
            panic!("{to} was asked")
        }
    }

    fn guard(folder: &std::path::Path, run: &str) -> Guard {
        let me = Holder {
            run: run.into(),
            pid: 7,
            since: "2026-03-01T22:00:00Z".parse().unwrap(),
            playbooks: vec!["tomcat.yml".into()],
        };
        Guard::new(Locks::new(folder.to_owned(), me), BTreeMap::new())
    }

    fn node(number: u8) -> Endpoint {
        Endpoint::new(format!("10.0.0.{number}"), 22)
    }

    #[test]
    fn another_run_cannot_take_a_partner_out_of_service_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (guard(folder.path(), "first"), guard(folder.path(), "second"));
        first.take_turn("a", &[node(1), node(2)]).unwrap();
        let refused = second.take_turn("b", &[node(3), node(2)]).unwrap_err();
        assert_eq!(
            refused.message,
            "b stays in service: the turn of 10.0.0.2:22 is held by run first (tomcat.yml, process 7, since \
             2026-03-01T22:00:00Z)"
        );
        // What was had before the refusal is given back.
        first.take_turn("c", &[node(3)]).unwrap();
        first.keep_turns(|host| host == "c");
        second.take_turn("b", &[node(2), node(1)]).unwrap();
    }

    #[test]
    fn a_state_folder_that_cannot_be_used_is_no_other_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let guard = Arc::new(guard(&file, "first"));
        let refused = guard.take_turn("a", &[node(1)]).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Preflight);
        let guarded = Guarded::new(Arc::new(Nobody), guard);
        let refused = guarded.hold(&node(1), Key::Host("a".into())).unwrap_err();
        assert!(matches!(refused, DialError::NoLock { .. }), "{refused}");
    }

    #[test]
    fn twins_have_locks_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let real = guard(folder.path(), "real");
        let mut rehearsal = guard(folder.path(), "rehearsal");
        rehearsal.addresses = BTreeMap::from([(node(1), "127.0.0.1:4022".parse().unwrap())]);
        real.hold([("a", node(1))]).unwrap();
        rehearsal.hold([("a", node(1))]).unwrap();
        let refused = guard(folder.path(), "third").hold([("a", node(1))]).unwrap_err();
        assert_eq!(refused.exit, Exit::Locked);
    }
}
