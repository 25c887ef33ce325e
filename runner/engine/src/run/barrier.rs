//! Barriers: a phase that begins when every lane has arrived. A lane that has
//! failed, was suspended or is done counts as arrived at all of them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::sync::lock;
use tokio::sync::Notify;

/// The barriers and waves of one play.
pub(super) struct Barriers {
    /// How far each lane has come: the phase it is in or waits for.
    at: Mutex<BTreeMap<String, Position>>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    phase: usize,
    /// Whether it has left that phase with its gates passed.
    done: bool,
}

const GONE: Position = Position {
    phase: usize::MAX,
    done: true,
};

impl Barriers {
    /// Barriers for these lanes, all of them before the first phase.
    pub(super) fn new<'a>(lanes: impl IntoIterator<Item = &'a str>) -> Self {
        let start = Position {
            phase: 0,
            done: false,
        };
        let at = lanes.into_iter().map(|lane| (lane.to_owned(), start)).collect();
        Self {
            at: Mutex::new(at),
            changed: Notify::new(),
        }
    }

    /// `lane` has arrived at the phase of this index.
    pub(super) fn arrive(&self, lane: &str, phase: usize) {
        self.set(lane, Position { phase, done: false });
    }

    /// `lane` has done the phase of this index.
    pub(super) fn done(&self, lane: &str, phase: usize) {
        self.set(lane, Position { phase, done: true });
    }

    /// `lane` will not come any further.
    pub(super) fn gone(&self, lane: &str) {
        self.set(lane, GONE);
    }

    /// Whether `lane` still takes part.
    pub(super) fn is_here(&self, lane: &str) -> bool {
        let at = lock(&self.at);
        at.get(lane).is_some_and(|position| *position != GONE)
    }

    fn set(&self, lane: &str, position: Position) {
        let mut at = lock(&self.at);
        at.insert(lane.to_owned(), position);
        drop(at);
        self.changed.notify_waiters();
    }

    /// Waits until every lane has arrived at `phase`. `waits` is told once if it has to.
    pub(super) async fn all_at(&self, phase: usize, waits: impl FnMut()) {
        self.until(|at| at.values().all(|position| position.phase >= phase), waits)
            .await;
    }

    /// Waits until each of `lanes` has done `phase`.
    pub(super) async fn all_done(&self, lanes: &[String], phase: usize, waits: impl FnMut()) {
        let past = Position { phase, done: true };
        let passed = |at: &BTreeMap<String, Position>| {
            lanes
                .iter()
                .all(|lane| at.get(lane).is_none_or(|position| *position >= past))
        };
        self.until(passed, waits).await;
    }

    async fn until(&self, holds: impl Fn(&BTreeMap<String, Position>) -> bool, mut waits: impl FnMut()) {
        let mut told = false;
        loop {
            let changed = self.changed.notified();
            if holds(&lock(&self.at)) {
                return;
            }
            if !told {
                waits();
                told = true;
            }
            changed.await;
        }
    }
}
