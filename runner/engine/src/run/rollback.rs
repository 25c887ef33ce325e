//! Going backwards through what a lane has done.
//!
//! On every host, the last first: changes that their modules can take back, then the phase's own
//! `rollback:` tasks. What stays as it is, is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{AnyTask, Traits, Value};
use cutover_language::playbook::{OnFailure, Phase};
use serde_json::Value as Json;

use super::ground::TaskGround;
use super::lane::LaneRun;
use super::perform::Performance;
use super::sections::alone;
use super::shapes;
use super::task::status_of;
use crate::event::{EventKind, Section, Status, Step, TaskRef};
use crate::sync::lock;

/// What a lane has done, by phase and host.
#[derive(Default)]
pub(super) struct Ledger(Mutex<BTreeMap<(usize, String), Arc<Deeds>>>);

impl Ledger {
    /// One for a play of these phases; none where no failure is rolled back.
    pub(super) fn of(phases: &[Phase]) -> Option<Arc<Self>> {
        let rolls_back = |phase: &Phase| phase.on_failure == OnFailure::Rollback;
        phases.iter().any(rolls_back).then(Arc::default)
    }

    /// Where `host` notes what it does in the phase of this index.
    pub(super) fn deeds(&self, phase: usize, host: &str) -> Arc<Deeds> {
        lock(&self.0).entry((phase, host.to_owned())).or_default().clone()
    }
}

/// What was done on one host in one phase, in order.
#[derive(Default)]
pub(super) struct Deeds(Mutex<Vec<Deed>>);

impl Deeds {
    /// A change is about to be made.
    pub(super) fn begin(&self, deed: Deed) {
        lock(&self.0).push(deed);
    }

    /// The change that began last was not made.
    pub(super) fn forget_last(&self) {
        lock(&self.0).pop();
    }

    /// Takes back what can be taken back, the last first: what stays, in words, and whether it came to
    /// the end. The first that fails ends it: what was done before may rest on it.
    async fn take_back(&self) -> (Vec<String>, bool) {
        let mut stays = Vec::new();
        while let Some(deed) = self.pop() {
            let called = deed.called();
            match deed.undo {
                None if deed.traits.effects == Effects::Nothing => {}
                None => stays.push(called),
                Some(_) => {
                    if !deed.take_back().await {
                        stays.push(called);
                        stays.extend(self.left());
                        return (stays, false);
                    }
                }
            }
        }
        (stays, true)
    }

    fn pop(&self) -> Option<Deed> {
        lock(&self.0).pop()
    }

    /// What was done and is not taken back, in words, the last first.
    fn left(&self) -> Vec<String> {
        let all = lock(&self.0);
        let changes = all
            .iter()
            .rev()
            .filter(|deed| deed.traits.effects != Effects::Nothing);
        changes.map(Deed::called).collect()
    }
}

/// A change that was made, or of which that is not known.
pub(super) struct Deed {
    /// The call that takes it back; none where nothing does.
    pub undo: Option<Box<dyn AnyTask>>,
    /// The change itself, as it may be told.
    pub change: String,
    /// What the module says of itself.
    pub traits: Traits,
    /// Which step made it.
    pub step: Step,
    /// That step's arguments in reference form, for the journal.
    pub arguments: Json,
    /// Whether its task is declared disruptive by the playbook.
    pub declared_disruptive: bool,
    /// What it could reach.
    pub ground: Arc<TaskGround>,
    /// The place of the host's lane in the play's order.
    pub order: usize,
    /// What `diff` of its task says.
    pub diff: Option<bool>,
}

impl Deed {
    fn called(&self) -> String {
        format!("{} ({})", self.ground.task.name, self.change)
    }

    /// Takes it back as a task of its own, and says whether that went well.
    async fn take_back(self) -> bool {
        let Some(call) = self.undo else { return false };
        let about = &self.ground.task;
        let task = TaskRef {
            id: format!("{}/undo", about.id),
            name: format!("undo {}", about.name),
            section: Section::Rollback,
            ..about.clone()
        };
        let ground = Arc::new(self.ground.for_task(task.clone()));
        let (world, host) = (ground.world.clone(), self.step.host.clone());
        let begun = world.clock.elapsed();
        world.bus.emit(EventKind::TaskStarted {
            task: task.clone(),
            host: host.clone(),
        });
        let performance = Performance {
            call,
            traits: Traits {
                // It was decided before: a look would tell nothing.
                repeat: Repeat::Never,
                ..self.traits
            },
            declared_disruptive: self.declared_disruptive,
            arguments: self.arguments,
            step: Step {
                task: task.id.clone(),
                ..self.step
            },
            ground: ground.clone(),
            order: self.order,
            check: false,
            diff: self.diff,
            called: String::new(),
            deeds: None,
        };
        let done = performance.perform().await;
        let status = match (&done.failure, done.changed) {
            (Some(failure), _) => status_of(failure),
            (None, true) => Status::Changed,
            (None, false) => Status::Ok,
        };
        let result = Value::Map(shapes::performed(&done));
        world.bus.emit(EventKind::TaskFinished {
            task,
            delegate: (ground.way.host.name != host).then(|| ground.way.host.name.clone()),
            host,
            status,
            result: shapes::shown(&result, ground.hidden, &world.secrets),
            looped: false,
            took: world.clock.elapsed().saturating_sub(begun),
            failure: done.failure.as_ref().map(|failure| ground.told(failure)),
        });
        done.failure.is_none()
    }
}

impl LaneRun {
    /// Backwards through what was done, the phase that failed first. Where something could not be
    /// rolled back on a host, nothing earlier is undone there: it may rest on it.
    pub(super) async fn roll_back(&self, failed: usize, done: &[usize]) {
        let mut stuck = BTreeSet::new();
        for index in std::iter::once(failed).chain(done.iter().rev().copied()) {
            if !self.has_something_to_undo(index) {
                continue;
            }
            self.emit(EventKind::RollbackStarted {
                lane: self.lane.name.clone(),
                phase: self.phases()[index].name.value.clone(),
            });
            for host in self.lane.hosts.iter().rev() {
                let (lane, name, undoes) = (self.clone(), host.clone(), !stuck.contains(host));
                let went = alone(async move { lane.roll_back_host(index, &name, undoes).await }).await;
                if let Err(panic) = &went {
                    self.warn(format!("{host} is not rolled back: {}", panic.message));
                    self.tell_stays(host, &self.left(index, host));
                }
                if !went.unwrap_or(false) {
                    stuck.insert(host);
                }
                self.play.world.give_turn_back(host);
            }
        }
    }

    fn has_something_to_undo(&self, index: usize) -> bool {
        let undone = |host: &String| !self.left(index, host).is_empty();
        !self.phases()[index].rollback.is_empty() || self.lane.hosts.iter().any(undone)
    }

    fn left(&self, index: usize, host: &str) -> Vec<String> {
        let ledger = self.ledger.as_ref();
        ledger.map_or_else(Vec::new, |ledger| ledger.deeds(index, host).left())
    }

    /// Whether all went well. The phase's own tasks run in any case.
    async fn roll_back_host(&self, index: usize, host: &str, undoes: bool) -> bool {
        let phase = &self.phases()[index];
        let (stays, went) = match &self.ledger {
            Some(ledger) if undoes => ledger.deeds(index, host).take_back().await,
            _ => (self.left(index, host), undoes),
        };
        // Where the playbook says how the phase is rolled back, it knows what cannot be undone.
        if !went || phase.rollback.is_empty() {
            self.tell_stays(host, &stays);
        }
        let walk = self.walk(index, phase, host, Section::Rollback);
        walk.go(&phase.rollback).await.is_ok() && went
    }

    fn tell_stays(&self, host: &str, stays: &[String]) {
        if !stays.is_empty() {
            self.warn(format!("{host} keeps what is not undone: {}", stays.join(", ")));
        }
    }

    fn warn(&self, message: String) {
        self.emit(EventKind::Warned { place: None, message });
    }
}
