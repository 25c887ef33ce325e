//! Who is logged in, and who may be.

use super::node::Tries;
use super::world::{NodeId, World};
use crate::log::What;
use crate::spec::Account;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a user proves who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// SSH's method `password`.
    Password,
    /// SSH's method `keyboard-interactive`, with the one question `Password: `.
    KeyboardInteractive,
}

/// The open sessions of all nodes.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    next: u64,
    open: BTreeMap<u64, NodeId>,
    /// Sessions that the node ended, until their holder notices.
    ended: BTreeMap<u64, Duration>,
}

/// What became of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Session(u64),
    Refused,
    Closed,
}

impl Sessions {
    pub(crate) fn count(&self, id: NodeId) -> usize {
        self.open.values().filter(|node| **node == id).count()
    }

    fn begin(&mut self, id: NodeId) -> u64 {
        self.next += 1;
        self.open.insert(self.next, id);
        self.next
    }

    /// The world's time at which the node ended a session.
    pub(crate) fn ended_at(&self, session: u64) -> Option<Duration> {
        self.ended.get(&session).copied()
    }

    /// The node goes down under its sessions.
    pub(crate) fn end_all(&mut self, id: NodeId, now: Duration) {
        let gone = self.open.extract_if(.., |_, node| *node == id);
        self.ended.extend(gone.map(|(session, _)| (session, now)));
    }

    /// A session ends by itself; whether it was open until now.
    pub(crate) fn end(&mut self, session: u64, now: Duration) -> bool {
        let was_open = self.open.remove(&session).is_some();
        if was_open {
            self.ended.insert(session, now);
        }
        was_open
    }

    /// Nobody holds the session any more; whether it was open until now.
    pub(crate) fn drop_session(&mut self, session: u64) -> bool {
        self.ended.remove(&session);
        self.open.remove(&session).is_some()
    }
}

impl World {
    /// The methods that SSH offers on a node.
    pub(crate) fn methods(&self, id: NodeId) -> Vec<Method> {
        let setup = &self.node(id).setup;
        let password = setup.profile.password || setup.spec.twin.password_method;
        let mut methods = Vec::new();
        if setup.profile.keyboard_interactive {
            methods.push(Method::KeyboardInteractive);
        }
        if password {
            methods.push(Method::Password);
        }
        methods
    }

    /// Whether a user gets a session now. A locked account looks like a wrong password.
    pub(crate) fn admit(&mut self, id: NodeId, method: Method, user: &str, password: &str) -> Admission {
        if !self.node(id).reachable() {
            return Admission::Closed;
        }
        if !self.methods(id).contains(&method) || !self.password_fits(id, user, password) {
            let user = user.to_owned();
            self.record(id, What::LoginRefused { user });
            return Admission::Refused;
        }
        let twin = &self.node(id).setup.spec.twin;
        let taken = usize::try_from(twin.sessions_taken).unwrap_or(usize::MAX);
        let limit = usize::try_from(twin.session_limit).unwrap_or(usize::MAX);
        if self.sessions.count(id).saturating_add(taken) >= limit {
            return Admission::Closed;
        }
        let user = user.to_owned();
        self.record(id, What::Login { user });
        Admission::Session(self.sessions.begin(id))
    }

    fn password_fits(&mut self, id: NodeId, user: &str, password: &str) -> bool {
        let now = self.now();
        let node = self.node_mut(id);
        let twin = &node.setup.spec.twin;
        let account = node.setup.spec.accounts.iter().find(|a| a.name == user);
        let right = account.is_some_and(|a| accepts(a, password));
        let tries = node.state.tries.entry(user.to_owned()).or_default();
        if tries.locked_until.is_some_and(|until| now < until) {
            return false;
        }
        if tries.locked_until.is_some() || right {
            *tries = Tries::default();
        }
        if !right {
            tries.failed += 1;
            if tries.failed >= twin.retry_count {
                tries.locked_until = Some(now + Duration::from_secs(twin.unlock_seconds));
            }
        }
        right
    }
}

fn accepts(account: &Account, password: &str) -> bool {
    account.password.as_deref().is_none_or(|p| p == password)
}
