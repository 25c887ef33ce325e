//! Turns: members of a cluster or pool are taken out of service one at a time.
//!
//! A host holds its cluster's and its pool's turn from just before its first
//! disruptive change until its gate has passed. Turns are given in the play's
//! order among those who wait. What a host left behind when its lane stopped is
//! remembered: its partners are refused, not made to wait.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use cutover_kit::Host;
use tokio::sync::Notify;

/// Who holds what. One keeper serves a run.
#[derive(Default)]
pub(super) struct Turns {
    state: Mutex<Table>,
    changed: Notify,
}

/// The pure table underneath.
#[derive(Debug, Default)]
pub(super) struct Table {
    held: BTreeMap<String, String>,
    waiting: BTreeMap<(usize, String), Vec<String>>,
    stopped: BTreeMap<String, String>,
}

/// What asking for a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is yours.
    Granted,
    /// Somebody holds it or comes first.
    Wait {
        /// Who.
        holder: String,
    },
}

/// What a host has to hold: its cluster and, where it has one, its pool.
pub(super) fn keys(host: &Host) -> Vec<String> {
    let cluster = format!("cluster {}", host.cluster);
    let pool = host.pool.iter().map(|pool| format!("pool {pool}"));
    std::iter::once(cluster).chain(pool).collect()
}

impl Table {
    /// Asks for all of `keys` at once; the lowest `order` among those who wait comes first.
    pub(super) fn ask(&mut self, host: &str, order: usize, keys: &[String]) -> Asked {
        let me = (order, host.to_owned());
        let holder = keys
            .iter()
            .find_map(|key| self.held.get(key))
            .filter(|holder| *holder != host);
        let ahead = || {
            let mut before = self.waiting.range(..me.clone());
            before
                .find(|(_, theirs)| theirs.iter().any(|key| keys.contains(key)))
                .map(|((_, name), _)| name)
        };
        match holder.or_else(ahead).cloned() {
            Some(holder) => {
                self.waiting.insert(me, keys.to_vec());
                Asked::Wait { holder }
            }
            None => {
                self.waiting.remove(&me);
                self.held
                    .extend(keys.iter().map(|key| (key.clone(), host.to_owned())));
                Asked::Granted
            }
        }
    }

    /// Gives back all that `host` holds and waits for. Whether it held something.
    pub(super) fn release(&mut self, host: &str) -> bool {
        let before = self.held.len();
        self.held.retain(|_, holder| holder != host);
        self.waiting.retain(|(_, name), _| name != host);
        self.held.len() < before
    }

    /// Whether `host` holds its turn.
    pub(super) fn holds(&self, host: &str) -> bool {
        self.held.values().any(|holder| holder == host)
    }
}

impl Turns {
    fn table<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether `host` holds its turn.
    pub(super) fn holds(&self, host: &str) -> bool {
        self.table(|table| table.holds(host))
    }

    /// Waits for the turn of `host`. `waits` is told whom for, each time that changes.
    pub(super) async fn take(&self, host: &str, order: usize, keys: &[String], mut waits: impl FnMut(&str)) {
        let mut told = String::new();
        let guard = Withdraw {
            turns: self,
            host,
            armed: true,
        };
        loop {
            let changed = self.changed.notified();
            match self.table(|table| table.ask(host, order, keys)) {
                Asked::Granted => break,
                Asked::Wait { holder } => {
                    if holder != told {
                        waits(&holder);
                        told = holder;
                    }
                    changed.await;
                }
            }
        }
        guard.disarm();
    }

    /// Gives back the turn of `host`; true where it held one.
    pub(super) fn release(&self, host: &str) -> bool {
        let held = self.table(|table| table.release(host));
        self.changed.notify_waiters();
        held
    }

    /// Remembers that the lane of `hosts` stopped, and why.
    pub(super) fn stopped<'a>(&self, hosts: impl IntoIterator<Item = &'a str>, why: &str) {
        self.table(|table| {
            table
                .stopped
                .extend(hosts.into_iter().map(|host| (host.to_owned(), why.to_owned())));
        });
    }

    /// Why the lane of `host` stopped, where it did.
    pub(super) fn why_stopped(&self, host: &str) -> Option<String> {
        self.table(|table| table.stopped.get(host).cloned())
    }
}

/// Leaves the queue when the wait is given up.
struct Withdraw<'a> {
    turns: &'a Turns,
    host: &'a str,
    armed: bool,
}

impl Withdraw<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.turns.release(self.host);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys_of(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn members_of_a_pool_wait_for_each_other_in_the_plays_order() {
        let mut table = Table::default();
        let pool = keys_of(&["pool vvb"]);
        assert_eq!(table.ask("vvb-1", 0, &pool), Asked::Granted);
        assert_eq!(
            table.ask("vvb-3", 2, &pool),
            Asked::Wait {
                holder: "vvb-1".into()
            }
        );
        assert_eq!(
            table.ask("vvb-2", 1, &pool),
            Asked::Wait {
                holder: "vvb-1".into()
            }
        );
        assert!(table.release("vvb-1"));
        assert_eq!(
            table.ask("vvb-3", 2, &pool),
            Asked::Wait {
                holder: "vvb-2".into()
            }
        );
        assert_eq!(table.ask("vvb-2", 1, &pool), Asked::Granted);
    }

    #[test]
    fn a_host_takes_cluster_and_pool_together_or_not_at_all() {
        let mut table = Table::default();
        assert_eq!(table.ask("a", 0, &keys_of(&["cluster x"])), Asked::Granted);
        let both = keys_of(&["cluster x", "pool p"]);
        assert_eq!(table.ask("b", 1, &both), Asked::Wait { holder: "a".into() });
        assert!(!table.holds("b"));
        assert_eq!(
            table.ask("c", 0, &keys_of(&["pool p"])),
            Asked::Granted,
            "the pool is still free for one who comes first"
        );
    }

    proptest! {
        /// Whatever is asked and given back in whatever order, no key has two holders,
        /// and whoever holds one of its keys holds them all.
        #[test]
        fn no_key_has_two_holders(steps in prop::collection::vec((0usize..6, any::<bool>()), 1..60)) {
            let wants: Vec<Vec<String>> = (0..6)
                .map(|host| vec![format!("cluster {}", host / 2), format!("pool {}", host % 3)])
                .collect();
            let mut table = Table::default();
            for (host, asks) in steps {
                let name = format!("h{host}");
                if asks {
                    table.ask(&name, host, &wants[host]);
                } else {
                    table.release(&name);
                }
                for (index, wanted) in wants.iter().enumerate() {
                    let name = format!("h{index}");
                    let count = wanted.iter().filter(|key| table.held.get(*key) == Some(&name)).count();
                    prop_assert!(count == 0 || count == wanted.len());
                }
            }
        }
    }
}
