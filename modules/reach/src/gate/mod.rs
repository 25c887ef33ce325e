//! Which passwords may be tried where.
//!
//! Three wrong passwords lock a VOS account, and a playbook tries one password
//! on a whole estate. So a password is tried on one host at a time until one
//! accepts it; a refusal bars it on that host, and before any acceptance
//! everywhere. A host that is still booting may refuse what it will accept
//! later: there, once accepted elsewhere, it gets one more try.

mod book;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover_kit::session::Endpoint;
use tokio::sync::Notify;

pub(crate) use book::{Answer, Bar, Book, Outcome, Password};

/// The rules, with waiting. Cloning shares the book.
#[derive(Clone, Default)]
pub(crate) struct PasswordGate(Arc<Shared>);

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
    pub(crate) async fn enter(
        &self,
        password: Password,
        host: &Endpoint,
        booting: bool,
    ) -> Result<Turn, Bar> {
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
pub(crate) struct Turn {
    gate: PasswordGate,
    password: Password,
    host: Endpoint,
    outcome: Outcome,
}

impl Turn {
    /// The password is on its way: from here on, silence counts as a try.
    pub(crate) fn sent(&mut self) {
        self.outcome = Outcome::Unanswered;
    }

    /// Ends the turn.
    pub(crate) fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.gate.0.book().settle(self.password, &self.host, self.outcome);
        self.gate.0.settled.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use cutover_kit::Secret;
    use cutover_kit::secret::Origin;

    use super::*;

    fn password() -> Password {
        Password::of("admin", &Secret::new("one for all", Origin::Argument))
    }

    fn host(number: u16) -> Endpoint {
        Endpoint::new(format!("host{number}"), 22)
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_turn_that_is_dropped() {
        let gate = PasswordGate::default();
        let first = gate
            .enter(password(), &host(1), false)
            .await
            .unwrap_or_else(|bar| panic!("{bar}"));
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(password(), &host(2), false).await.is_ok() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.await.unwrap());
    }
}
