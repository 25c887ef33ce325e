//! The rules, without any waiting.

use std::collections::{HashMap, HashSet};

use cutover_kit::Secret;
use cutover_kit::session::Endpoint;
use openssl::sha::Sha256;

/// A user's password, as good as its text for telling two apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Password([u8; 32]);

impl Password {
    /// The password `secret` of `user`.
    pub(crate) fn of(user: &str, secret: &Secret) -> Self {
        let mut hash = Sha256::new();
        hash.update(&user.len().to_be_bytes());
        hash.update(user.as_bytes());
        hash.update(secret.expose().as_bytes());
        Self(hash.finish())
    }
}

/// What the gate says to a host that asks for a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Try now, and [`settle`](Book::settle) it.
    Try,
    /// Another try is under way; ask again when it has settled.
    Wait,
    /// Never.
    Barred(Bar),
}

/// Why a password is not tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Bar {
    /// This host refused it.
    #[error("it was refused there before; correct it, or unlock the account, and start again")]
    RefusedHere,
    /// The first host that was asked refused it.
    #[error("{0} refused it before any host had accepted it")]
    RefusedElsewhere(Endpoint),
    /// It was sent to this host twice, and at least once the connection broke
    /// before an answer.
    #[error("it was sent there twice without being accepted, and once more might lock the account")]
    NoAnswer,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
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
pub(crate) struct Book(HashMap<Password, Page>);

#[derive(Default)]
struct Page {
    accepted: bool,
    trying: HashSet<Endpoint>,
    refused_first: Option<Endpoint>,
    hosts: HashMap<Endpoint, Tries>,
}

/// What a host has made of a password since it last accepted it.
#[derive(Clone, Copy, Default)]
struct Tries {
    /// It has accepted it once: then a broken connection is no wrong password.
    accepted: bool,
    refused: u8,
    unanswered: u8,
}

/// One try more than these may lock the account.
const MOST: u8 = 2;

impl Book {
    /// Asks to try `password` at `host`. `booting` says that the host is known
    /// to be on its way up, and may refuse what it accepts later.
    pub(crate) fn ask(&mut self, password: Password, host: &Endpoint, booting: bool) -> Answer {
        let page = self.0.entry(password).or_default();
        let tries = page.hosts.get(host).copied().unwrap_or_default();
        let forgiven = u8::from(booting && page.accepted);
        if tries.refused > forgiven {
            return Answer::Barred(Bar::RefusedHere);
        }
        if let Some(elsewhere) = &page.refused_first {
            return Answer::Barred(Bar::RefusedElsewhere(elsewhere.clone()));
        }
        if tries.refused.saturating_add(tries.unanswered) >= MOST {
            return Answer::Barred(Bar::NoAnswer);
        }
        if page.trying.contains(host) || !(page.accepted || page.trying.is_empty()) {
            return Answer::Wait;
        }
        page.trying.insert(host.clone());
        Answer::Try
    }

    /// Notes how the try ended that [`ask`](Book::ask) allowed.
    pub(crate) fn settle(&mut self, password: Password, host: &Endpoint, outcome: Outcome) {
        let page = self.0.entry(password).or_default();
        page.trying.remove(host);
        let tries = page.hosts.entry(host.clone()).or_default();
        match outcome {
            Outcome::Accepted => {
                page.accepted = true;
                *tries = Tries {
                    accepted: true,
                    ..Tries::default()
                };
            }
            Outcome::Refused => {
                tries.refused = tries.refused.saturating_add(1);
                if !page.accepted {
                    page.refused_first.get_or_insert_with(|| host.clone());
                }
            }
            Outcome::Unanswered if !tries.accepted => {
                tries.unanswered = tries.unanswered.saturating_add(1);
            }
            Outcome::Unanswered | Outcome::NotTried => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cutover_kit::secret::Origin;
    use proptest::prelude::*;

    use super::*;

    fn password() -> Password {
        Password::of("admin", &Secret::new("one for all", Origin::Argument))
    }

    fn host(number: u16) -> Endpoint {
        Endpoint::new(format!("host{number}"), 22)
    }

    #[test]
    fn once_a_host_has_accepted_it_all_others_may_try_at_once() {
        let mut book = Book::default();
        assert_eq!(book.ask(password(), &host(1), false), Answer::Try);
        assert_eq!(book.ask(password(), &host(2), false), Answer::Wait);
        book.settle(password(), &host(1), Outcome::Accepted);
        assert_eq!(book.ask(password(), &host(2), false), Answer::Try);
        assert_eq!(book.ask(password(), &host(3), false), Answer::Try);
        book.settle(password(), &host(2), Outcome::Refused);
        assert_eq!(
            book.ask(password(), &host(2), false),
            Answer::Barred(Bar::RefusedHere)
        );
        assert_eq!(book.ask(password(), &host(4), false), Answer::Try);
    }

    #[test]
    fn before_an_acceptance_one_refusal_bars_it_everywhere() {
        let mut book = Book::default();
        book.ask(password(), &host(1), false);
        book.settle(password(), &host(1), Outcome::Refused);
        assert_eq!(
            book.ask(password(), &host(1), true),
            Answer::Barred(Bar::RefusedHere)
        );
        let elsewhere = Answer::Barred(Bar::RefusedElsewhere(host(1)));
        assert_eq!(book.ask(password(), &host(2), true), elsewhere);
        let other = Password::of("admin", &Secret::new("another", Origin::Argument));
        assert_eq!(book.ask(other, &host(1), false), Answer::Try);
    }

    #[test]
    fn a_booting_host_may_refuse_once_what_was_accepted_before() {
        let mut book = Book::default();
        book.ask(password(), &host(1), false);
        book.settle(password(), &host(1), Outcome::Accepted);
        assert_eq!(book.ask(password(), &host(1), true), Answer::Try);
        book.settle(password(), &host(1), Outcome::Refused);
        assert_eq!(
            book.ask(password(), &host(1), false),
            Answer::Barred(Bar::RefusedHere)
        );
        assert_eq!(book.ask(password(), &host(1), true), Answer::Try);
        book.settle(password(), &host(1), Outcome::Refused);
        assert_eq!(
            book.ask(password(), &host(1), true),
            Answer::Barred(Bar::RefusedHere)
        );
    }

    #[test]
    fn a_host_that_never_answers_gets_it_twice() {
        let mut book = Book::default();
        for _ in 0..2 {
            assert_eq!(book.ask(password(), &host(1), false), Answer::Try);
            book.settle(password(), &host(1), Outcome::Unanswered);
        }
        assert_eq!(
            book.ask(password(), &host(1), false),
            Answer::Barred(Bar::NoAnswer)
        );
        assert_eq!(book.ask(password(), &host(2), false), Answer::Try);
    }

    #[test]
    fn a_restart_that_cuts_logins_short_bars_nothing_that_was_accepted_there() {
        let mut book = Book::default();
        book.ask(password(), &host(1), false);
        book.settle(password(), &host(1), Outcome::Accepted);
        for _ in 0..10 {
            assert_eq!(book.ask(password(), &host(1), true), Answer::Try);
            book.settle(password(), &host(1), Outcome::Unanswered);
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ask(u16, bool),
        Settle(usize, Outcome),
    }

    fn step() -> impl Strategy<Value = Step> {
        let outcome = prop_oneof![
            Just(Outcome::Accepted),
            Just(Outcome::Refused),
            Just(Outcome::Unanswered),
            Just(Outcome::NotTried),
        ];
        prop_oneof![
            (0..5_u16, any::<bool>()).prop_map(|(host, booting)| Step::Ask(host, booting)),
            (0..8_usize, outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        ]
    }

    proptest! {
        /// Whatever the hosts do: no host is sent the password more often than
        /// locks it, and where none ever accepts it, it is refused once in all.
        #[test]
        fn no_account_is_ever_locked(steps in proptest::collection::vec(step(), 0..200)) {
            let mut book = Book::default();
            let mut trying: Vec<u16> = Vec::new();
            let mut accepted = false;
            let (mut wrong, mut refused, mut known) = ([0; 5], [0; 5], [false; 5]);
            let mut refusers = HashSet::new();
            for step in steps {
                match step {
                    Step::Ask(number, booting) => {
                        if book.ask(password(), &host(number), booting) == Answer::Try {
                            prop_assert!(accepted || trying.is_empty(), "one host at a time");
                            prop_assert!(!trying.contains(&number), "one try at a time");
                            trying.push(number);
                        }
                    }
                    Step::Settle(which, outcome) if which < trying.len() => {
                        let number = trying.remove(which);
                        let index = usize::from(number);
                        book.settle(password(), &host(number), outcome);
                        match outcome {
                            Outcome::Accepted => {
                                accepted = true;
                                known[index] = true;
                                wrong[index] = 0;
                                refused[index] = 0;
                            }
                            Outcome::Refused => {
                                wrong[index] += 1;
                                refused[index] += 1;
                                refusers.insert(number);
                            }
                            // What it has accepted once was right.
                            Outcome::Unanswered if !known[index] => wrong[index] += 1,
                            Outcome::Unanswered | Outcome::NotTried => {}
                        }
                        prop_assert!(wrong[index] < 3, "locked");
                        prop_assert!(refused[index] <= 2, "refused too often");
                        prop_assert!(accepted || refusers.len() <= 1, "tried elsewhere after a refusal");
                    }
                    Step::Settle(..) => {}
                }
            }
        }
    }
}
