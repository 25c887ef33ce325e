//! Which passwords may be tried where.
//!
//! Three wrong passwords lock a VOS account, and a playbook tries one password
//! on a whole estate. So a password is tried on one host at a time until one
//! accepts it; a refusal bars it on that host, and before any acceptance
//! everywhere. A host that is still booting may refuse what it will accept
//! later: there, once accepted elsewhere, it gets one more try.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover_kit::Secret;
use cutover_kit::session::Endpoint;
use openssl::sha::Sha256;
use tokio::sync::Notify;

/// A user's password, as good as its text for telling two apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Password([u8; 32]);

impl Password {
    /// The password `secret` of `user`.
    pub fn of(user: &str, secret: &Secret) -> Self {
        let mut hash = Sha256::new();
        hash.update(&user.len().to_be_bytes());
        hash.update(user.as_bytes());
        hash.update(secret.expose().as_bytes());
        Self(hash.finish())
    }
}

/// What the gate says to a host that asks for a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Try now, and [`settle`](Book::settle) it.
    Try,
    /// Another host is trying; ask again when it has settled.
    Wait,
    /// Never.
    Barred(Bar),
}

/// Why a password is not tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bar {
    /// This host refused it.
    #[error("it was refused there before; correct it, or unlock the account, and start again")]
    RefusedHere,
    /// The first host that was asked refused it.
    #[error("{0} refused it before any host had accepted it")]
    RefusedElsewhere(Endpoint),
    /// It was sent to this host, and twice the connection broke before an answer.
    #[error("it was sent there twice without an answer, and one more might lock the account")]
    NoAnswer,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The host let the user in.
    Accepted,
    /// The host did not.
    Refused,
    /// It was sent, and nobody knows.
    Unanswered,
    /// It was not sent.
    NotTried,
}

/// The rules, without any waiting.
#[derive(Default)]
pub struct Book(HashMap<Password, Page>);

#[derive(Default)]
struct Page {
    accepted: bool,
    trying: Option<Endpoint>,
    refused_first: Option<Endpoint>,
    hosts: HashMap<Endpoint, Tries>,
}

#[derive(Clone, Copy, Default)]
struct Tries {
    refused: u8,
    unanswered: u8,
}

/// As many unanswered tries as may have been wrong ones without locking.
const UNANSWERED: u8 = 2;

impl Book {
    /// Asks to try `password` at `host`. `booting` says that the host is known
    /// to be on its way up, and may refuse what it accepts later.
    pub fn ask(&mut self, password: Password, host: &Endpoint, booting: bool) -> Answer {
        let page = self.0.entry(password).or_default();
        let tries = page.hosts.get(host).copied().unwrap_or_default();
        let forgiven = u8::from(booting && page.accepted);
        if tries.refused > forgiven {
            return Answer::Barred(Bar::RefusedHere);
        }
        if let Some(elsewhere) = &page.refused_first {
            return Answer::Barred(Bar::RefusedElsewhere(elsewhere.clone()));
        }
        if tries.unanswered >= UNANSWERED {
            return Answer::Barred(Bar::NoAnswer);
        }
        if page.accepted {
            return Answer::Try;
        }
        match &page.trying {
            Some(_) => Answer::Wait,
            None => {
                page.trying = Some(host.clone());
                Answer::Try
            }
        }
    }

    /// Notes how the try ended that [`ask`](Book::ask) allowed.
    pub fn settle(&mut self, password: Password, host: &Endpoint, outcome: Outcome) {
        let page = self.0.entry(password).or_default();
        if page.trying.as_ref() == Some(host) {
            page.trying = None;
        }
        let tries = page.hosts.entry(host.clone()).or_default();
        match outcome {
            Outcome::Accepted => {
                page.accepted = true;
                *tries = Tries::default();
            }
            Outcome::Refused => {
                tries.refused = tries.refused.saturating_add(1);
                if !page.accepted {
                    page.refused_first.get_or_insert_with(|| host.clone());
                }
            }
            Outcome::Unanswered => tries.unanswered = tries.unanswered.saturating_add(1),
            Outcome::NotTried => {}
        }
    }
}

/// The rules, with waiting. Cloning shares the book.
#[derive(Clone, Default)]
pub struct PasswordGate(Arc<Shared>);

#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    settled: Notify,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PasswordGate {
    /// Waits for leave to try `password` at `host`.
    pub async fn enter(&self, password: Password, host: &Endpoint, booting: bool) -> Result<Turn, Bar> {
        loop {
            let settled = self.0.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            let answer = self.0.book().ask(password, host, booting);
            match answer {
                Answer::Try => {
                    return Ok(Turn {
                        gate: self.clone(),
                        password,
                        host: host.clone(),
                        outcome: Outcome::NotTried,
                    });
                }
                Answer::Barred(bar) => return Err(bar),
                Answer::Wait => settled.await,
            }
        }
    }
}

/// Leave for one try; settled when dropped.
pub struct Turn {
    gate: PasswordGate,
    password: Password,
    host: Endpoint,
    outcome: Outcome,
}

impl Turn {
    /// The password is on its way: from here on, silence counts as a try.
    pub fn sent(&mut self) {
        self.outcome = Outcome::Unanswered;
    }

    /// Ends the turn.
    pub fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.gate.0.book().settle(self.password, &self.host, self.outcome);
        self.gate.0.settled.notify_waiters();
    }
}
