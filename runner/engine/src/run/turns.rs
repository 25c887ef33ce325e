//! Turns: members of a cluster or pool are taken out of service one at a time.
//!
//! A host holds its cluster's and its pool's turn from just before its first
//! disruptive change until its gate has passed. Turns are given in the play's
//! order among those who wait. What a host left behind when its lane stopped is
//! remembered: its partners are refused, not made to wait.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::sync::lock;
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
    held: BTreeMap<String, Held>,
    /// Who waits or has kept a place, in order.
    waiting: BTreeMap<(usize, String), Waiting>,
    stopped: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Held {
    host: String,
    /// On whose behalf: the host whose task took it.
    owner: String,
}

#[derive(Debug)]
struct Waiting {
    lane: String,
    keys: Vec<String>,
}

/// Who asks for a turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    /// The host.
    pub(super) host: &'a str,
    /// The host whose task this is; another one where the task is delegated.
    pub(super) owner: &'a str,
    /// Its lane; members of one lane do not stand in each other's way while they wait.
    pub(super) lane: &'a str,
    /// The lane's place in the play's order.
    pub(super) order: usize,
    /// What it has to hold.
    pub(super) keys: &'a [String],
}

/// What asking for a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is yours.
    Granted,
    /// The same task's host holds it for another member already: waiting would never end.
    Never {
        /// For which.
        holder: String,
    },
    /// Somebody holds it or comes first.
    Wait {
        /// Who: a host, or a lane that has kept its place.
        holder: String,
    },
}

/// The name under which a lane keeps its place.
fn place_of(lane: &str) -> String {
    format!("lane {lane}")
}

/// What a host has to hold: its cluster and, where it has one, its pool.
pub(super) fn keys(host: &Host) -> Vec<String> {
    let cluster = format!("cluster {}", host.cluster);
    let pool = host.pool.iter().map(|pool| format!("pool {pool}"));
    std::iter::once(cluster).chain(pool).collect()
}

impl Table {
    /// Asks for all keys at once; the lowest order among those who wait comes first.
    pub(super) fn ask(&mut self, asking: Asking<'_>) -> Asked {
        let Asking {
            host,
            owner,
            lane,
            order,
            keys,
        } = asking;
        let holder = keys
            .iter()
            .find_map(|key| self.held.get(key))
            .filter(|held| held.host != host);
        if let Some(held) = holder.filter(|held| held.owner == owner) {
            return Asked::Never {
                holder: held.host.clone(),
            };
        }
        let holder = holder.map(|held| &held.host);
        let ahead = || {
            let mut before = self.waiting.range(..(order, String::new()));
            let in_the_way = |it: &Waiting| it.lane != lane && it.keys.iter().any(|key| keys.contains(key));
            before.find(|(_, it)| in_the_way(it)).map(|((_, name), _)| name)
        };
        let me = (order, host.to_owned());
        match holder.or_else(ahead).cloned() {
            Some(holder) => {
                self.waiting.insert(
                    me,
                    Waiting {
                        lane: lane.to_owned(),
                        keys: keys.to_vec(),
                    },
                );
                Asked::Wait { holder }
            }
            None => {
                self.waiting.remove(&me);
                let held = || Held {
                    host: host.to_owned(),
                    owner: owner.to_owned(),
                };
                self.held.extend(keys.iter().map(|key| (key.clone(), held())));
                Asked::Granted
            }
        }
    }

    /// Keeps the place of a lane that has begun a disruptive phase: those behind it wait.
    pub(super) fn keep(&mut self, lane: &str, order: usize, keys: Vec<String>) {
        self.waiting.insert(
            (order, place_of(lane)),
            Waiting {
                lane: lane.to_owned(),
                keys,
            },
        );
    }

    /// Gives back all that a host or lane holds, waits for and keeps. Whether it held something.
    pub(super) fn release(&mut self, name: &str) -> bool {
        let before = self.held.len();
        self.held
            .retain(|_, held| held.host != name && held.owner != name);
        self.waiting.retain(|(_, other), _| other != name);
        self.held.len() < before
    }

    /// Whether `host` holds its turn.
    pub(super) fn holds(&self, host: &str) -> bool {
        self.held.values().any(|held| held.host == host)
    }
}

impl Turns {
    fn table<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut lock(&self.state))
    }

    /// Whether `host` holds its turn.
    pub(super) fn holds(&self, host: &str) -> bool {
        self.table(|table| table.holds(host))
    }

    /// Waits for a turn. `waits` is told whom for, each time that changes.
    pub(super) async fn take(&self, asking: Asking<'_>, mut waits: impl FnMut(&str)) -> Result<(), String> {
        let mut told = String::new();
        let guard = Withdraw {
            turns: self,
            host: asking.host,
            armed: true,
        };
        loop {
            let changed = self.changed.notified();
            match self.table(|table| table.ask(asking)) {
                Asked::Granted => break,
                Asked::Never { holder } => return Err(holder),
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
        Ok(())
    }

    /// Gives up the place of a lane.
    pub(super) fn give_up_place(&self, lane: &str) {
        self.release(&place_of(lane));
    }

    /// Keeps the place of a lane that has begun a disruptive phase.
    pub(super) fn keep(&self, lane: &str, order: usize, keys: Vec<String>) {
        self.table(|table| table.keep(lane, order, keys));
    }

    /// Gives back the turn of a host, or the place of a lane; true where it held a turn.
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

    /// A host that is a lane of its own.
    fn alone<'a>(host: &'a str, order: usize, keys: &'a [String]) -> Asking<'a> {
        Asking {
            host,
            owner: host,
            lane: host,
            order,
            keys,
        }
    }

    fn wait_for(holder: &str) -> Asked {
        Asked::Wait {
            holder: holder.into(),
        }
    }

    #[test]
    fn members_of_a_pool_wait_for_each_other_in_the_plays_order() {
        let mut table = Table::default();
        let pool = keys_of(&["pool vvb"]);
        assert_eq!(table.ask(alone("vvb-1", 0, &pool)), Asked::Granted);
        assert_eq!(table.ask(alone("vvb-3", 2, &pool)), wait_for("vvb-1"));
        assert_eq!(table.ask(alone("vvb-2", 1, &pool)), wait_for("vvb-1"));
        assert!(table.release("vvb-1"));
        assert_eq!(table.ask(alone("vvb-3", 2, &pool)), wait_for("vvb-2"));
        assert_eq!(table.ask(alone("vvb-2", 1, &pool)), Asked::Granted);
    }

    #[test]
    fn a_lane_that_keeps_its_place_goes_first_however_late_it_asks() {
        let mut table = Table::default();
        let pool = keys_of(&["pool vvb"]);
        table.keep("a", 0, pool.clone());
        assert_eq!(table.ask(alone("b-1", 1, &pool)), wait_for("lane a"));
        let second = Asking {
            host: "a-2",
            owner: "a-2",
            lane: "a",
            order: 0,
            keys: &pool,
        };
        assert_eq!(
            table.ask(second),
            Asked::Granted,
            "its own members are not in each other's way"
        );
        table.release("a-2");
        assert_eq!(table.ask(alone("b-1", 1, &pool)), wait_for("lane a"));
        table.release("lane a");
        assert_eq!(table.ask(alone("b-1", 1, &pool)), Asked::Granted);
    }

    #[test]
    fn a_host_takes_cluster_and_pool_together_or_not_at_all() {
        let mut table = Table::default();
        let cluster = keys_of(&["cluster x"]);
        assert_eq!(table.ask(alone("a", 0, &cluster)), Asked::Granted);
        let both = keys_of(&["cluster x", "pool p"]);
        assert_eq!(table.ask(alone("b", 1, &both)), wait_for("a"));
        assert!(!table.holds("b"));
        let pool = keys_of(&["pool p"]);
        let early = table.ask(alone("c", 0, &pool));
        assert_eq!(
            early,
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
                    table.ask(alone(&name, host, &wants[host]));
                } else {
                    table.release(&name);
                }
                for (index, wanted) in wants.iter().enumerate() {
                    let name = format!("h{index}");
                    let count = wanted.iter().filter(|key| table.held.get(*key).is_some_and(|held| held.host == name)).count();
                    prop_assert!(count == 0 || count == wanted.len());
                }
            }
        }
    }
}
