//! Which roles have run on which hosts: one with the same parameters runs once.

use std::collections::BTreeSet;

use cutover_language::playbook::{Role, Task};

use super::play::PlayRun;
use crate::sync::lock;

/// The roles of a play, each by host and identity.
#[derive(Default)]
pub(super) struct Roles {
    /// A task of it ran and was not skipped.
    worked: BTreeSet<(String, String)>,
    /// It came to its end after that.
    done: BTreeSet<(String, String)>,
}

fn key(host: &str, role: &Role) -> (String, String) {
    (host.to_owned(), role.identity.clone())
}

impl PlayRun {
    /// A task ran on `host` and was neither skipped nor out of reach.
    pub(super) fn has_worked(&self, host: &str, task: &Task) {
        if let Some(role) = &task.role {
            lock(&self.roles).worked.insert(key(host, role));
        }
    }

    /// The role has come to its end on `host`.
    pub(super) fn role_done(&self, host: &str, role: &Role) {
        let mut roles = lock(&self.roles);
        let key = key(host, role);
        if roles.worked.contains(&key) {
            roles.done.insert(key);
        }
    }

    /// Whether the role has run on `host`.
    pub(super) fn has_run(&self, host: &str, role: &Role) -> bool {
        lock(&self.roles).done.contains(&key(host, role))
    }
}
