//! How hosts keep step. In a phase each goes on as it can; under the linear
//! strategy all hosts that stand at the same task run it together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::sync::lock;
use tokio::sync::Notify;

/// Where a task stands among those of its section: the number of tasks before it, and for each
/// inclusion it came through the number of tasks before it there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position(Vec<u32>);

impl Position {
    /// The first of a section.
    pub(super) fn first() -> Self {
        Self(vec![0])
    }

    /// So many tasks further on.
    pub(super) fn plus(&self, tasks: u32) -> Self {
        let mut position = self.clone();
        if let Some(last) = position.0.last_mut() {
            *last = last.saturating_add(tasks);
        }
        position
    }

    /// The first task of what is included here, the `number`th of what is included.
    pub(super) fn within(&self, number: u32) -> Self {
        let mut position = self.clone();
        position.0.extend([number, 0]);
        position
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// Failures elsewhere that are fatal for everybody, and that a host has not noticed yet.
pub(super) struct Dooms {
    /// How many there are by now, with those it had noticed.
    pub count: usize,
    /// Where the first of them happened.
    pub first: Position,
    /// The last of them.
    pub why: String,
}

/// The step of one batch of hosts.
pub(super) struct Pace(Mutex<Hosts>);

#[derive(Default)]
struct Hosts {
    /// By their places in the order of the play.
    at: BTreeMap<usize, Host>,
    /// How many are on their way to a task.
    on_the_way: usize,
    /// Who is where.
    crowds: BTreeMap<Position, Crowd>,
    /// Who came first at a position: it stays the one, though it may go on before the others look.
    leaders: BTreeMap<Position, usize>,
    /// Whether the play was over when the first came to a position.
    over: BTreeMap<Position, bool>,
    /// Failures that were fatal for everybody, in order.
    dooms: Vec<(Position, String)>,
}

struct Host {
    stand: Stand,
    wake: Arc<Notify>,
}

/// Where a host stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stand {
    /// It takes no part.
    Gone,
    /// On its way to the next task.
    OnTheWay,
    /// It waits for the others at this one.
    Waits(Position),
    /// It runs this one.
    Runs(Position),
    /// It has run this one and waits for the others' ends.
    Done(Position),
}

/// The hosts at one position.
#[derive(Default)]
struct Crowd {
    waits: BTreeSet<usize>,
    runs: BTreeSet<usize>,
    done: BTreeSet<usize>,
}

impl Pace {
    /// A batch of hosts by their places in the play's order, none of which has begun.
    pub(super) fn linear(hosts: impl IntoIterator<Item = usize>) -> Self {
        let mut all = Hosts::default();
        for host in hosts {
            all.put(host, Stand::OnTheWay);
        }
        Self(Mutex::new(all))
    }

    /// Waits until no host is on its way or stands before `position`, and those before `host`
    /// in order have begun. Returns the first host, in order, of those that stand there then.
    pub(super) async fn step(&self, host: usize, position: &Position) -> usize {
        self.set(host, Some(Stand::Waits(position.clone())));
        let leader = self.until(host, |hosts| hosts.begin(host, position)).await;
        self.set(host, Some(Stand::Runs(position.clone())));
        leader
    }

    /// Waits until no host is on its way or stands before `position`, without beginning anything there.
    pub(super) async fn wait(&self, host: usize, position: &Position) {
        self.set(host, Some(Stand::Waits(position.clone())));
        self.until(host, |hosts| hosts.is_next(host, position).then_some(()))
            .await;
        self.goes_on(host);
    }

    /// `host` has run its task; waits until every other host that stood there has.
    pub(super) async fn settle(&self, host: usize, position: &Position) {
        self.set(host, Some(Stand::Done(position.clone())));
        self.until(host, |hosts| hosts.is_settled(position).then_some(()))
            .await;
    }

    /// `host` goes on to its next task.
    pub(super) fn goes_on(&self, host: usize) {
        self.set(host, Some(Stand::OnTheWay));
    }

    /// `host` takes no further part.
    pub(super) fn leave(&self, host: usize) {
        self.set(host, None);
    }

    /// A failure at `position` is fatal for everybody.
    pub(super) fn doom(&self, position: &Position, why: String) {
        self.lock().dooms.push((position.clone(), why));
    }

    /// What the first found at `position` holds for all that stand there.
    pub(super) fn agreed(&self, position: &Position, over: bool) -> bool {
        *self.lock().over.entry(position.clone()).or_insert(over)
    }

    /// The fatal failures after the first `seen`; but for those of a task that somebody still has
    /// to run at `unless`.
    pub(super) fn dooms(&self, seen: usize, unless: Option<&Position>) -> Option<Dooms> {
        let hosts = self.lock();
        let known: Vec<_> = hosts.dooms.iter().filter(|(at, _)| Some(at) != unless).collect();
        let (first, _) = known.get(seen)?;
        let (_, why) = known.last()?;
        Some(Dooms {
            count: known.len(),
            first: first.clone(),
            why: why.clone(),
        })
    }

    async fn until<T>(&self, host: usize, mut holds: impl FnMut(&mut Hosts) -> Option<T>) -> T {
        loop {
            let wake = {
                let mut hosts = self.lock();
                if let Some(held) = holds(&mut hosts) {
                    return held;
                }
                hosts.wake_of(host)
            };
            wake.notified().await;
        }
    }

    fn set(&self, host: usize, stand: Option<Stand>) {
        let mut hosts = self.lock();
        let left = hosts.remove(host);
        if let Some(stand) = stand {
            hosts.put(host, stand);
        }
        hosts.wake_next();
        if let Some(left) = left {
            hosts.wake_settled(&left);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Hosts> {
        lock(&self.0)
    }
}

impl Hosts {
    /// Whether `host` may begin at `position`; then, who leads there.
    fn begin(&mut self, host: usize, position: &Position) -> Option<usize> {
        self.is_next(host, position)
            .then(|| *self.leaders.entry(position.clone()).or_insert(host))
    }

    fn is_next(&self, host: usize, position: &Position) -> bool {
        self.next() == Some(host) && self.crowds.keys().next() == Some(position)
    }

    /// Who begins next: the first that waits where nobody stands before.
    fn next(&self) -> Option<usize> {
        if self.on_the_way > 0 {
            return None;
        }
        self.crowds.values().next()?.waits.first().copied()
    }

    fn is_settled(&self, position: &Position) -> bool {
        let crowd = self.crowds.get(position);
        crowd.is_none_or(|crowd| crowd.waits.is_empty() && crowd.runs.is_empty())
    }

    fn wake_of(&self, host: usize) -> Arc<Notify> {
        self.at
            .get(&host)
            .map_or_else(Arc::default, |host| host.wake.clone())
    }

    /// Wakes who may go on now, and nobody else: batches may be large.
    fn wake_next(&self) {
        if let Some(next) = self.next() {
            self.wake_of(next).notify_one();
        }
    }

    /// Wakes those who wait for each other at `position`, if its last host has just run.
    fn wake_settled(&self, position: &Position) {
        let crowd = self.crowds.get(position);
        let settled = crowd.filter(|crowd| crowd.waits.is_empty() && crowd.runs.is_empty());
        for host in settled.iter().flat_map(|crowd| &crowd.done) {
            self.wake_of(*host).notify_one();
        }
    }

    fn put(&mut self, host: usize, stand: Stand) {
        match &stand {
            Stand::Gone => {}
            Stand::OnTheWay => self.on_the_way += 1,
            Stand::Waits(at) => drop(self.crowds.entry(at.clone()).or_default().waits.insert(host)),
            Stand::Runs(at) => drop(self.crowds.entry(at.clone()).or_default().runs.insert(host)),
            Stand::Done(at) => drop(self.crowds.entry(at.clone()).or_default().done.insert(host)),
        }
        match self.at.get_mut(&host) {
            Some(known) => known.stand = stand,
            None => drop(self.at.insert(
                host,
                Host {
                    stand,
                    wake: Arc::default(),
                },
            )),
        }
    }

    /// Takes `host` from where it stands; its waker stays for those who look it up. Comes back with
    /// the position that it has not run to its end before.
    fn remove(&mut self, host: usize) -> Option<Position> {
        let known = self.at.get_mut(&host)?;
        let (at, ran) = match std::mem::replace(&mut known.stand, Stand::Gone) {
            Stand::Gone => return None,
            Stand::OnTheWay => {
                self.on_the_way -= 1;
                return None;
            }
            Stand::Waits(at) | Stand::Runs(at) => (at, false),
            Stand::Done(at) => (at, true),
        };
        if let Some(crowd) = self.crowds.get_mut(&at) {
            crowd.waits.remove(&host);
            crowd.runs.remove(&host);
            crowd.done.remove(&host);
            if crowd.waits.is_empty() && crowd.runs.is_empty() && crowd.done.is_empty() {
                self.crowds.remove(&at);
            }
        }
        (!ran).then_some(at)
    }
}
