//! The four verbs of a module, in order, with their events: look, plan, apply, prove.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::registry::Described;
use cutover_kit::{AnyTask, Failure, FailureKind, Later, Map, Note, Plan, Reach, Read, Traits, Value, Write};
use serde_json::Value as Json;

use super::ground::TaskGround;
use super::rollback::{Deed, Deeds};
use super::shapes::{self, HIDDEN};
use super::turn::take_turn;
use crate::event::{EventKind, Made, Step};
use crate::sync::lock;

/// One call of a module, about to be performed.
pub(super) struct Performance {
    /// The decoded call.
    pub call: Box<dyn AnyTask>,
    /// What the module says of itself.
    pub traits: Traits,
    /// Whether the task is declared disruptive by the playbook.
    pub declared_disruptive: bool,
    /// Its arguments in reference form, for the journal.
    pub arguments: Json,
    /// Which step this is.
    pub step: Step,
    /// What it can reach.
    pub ground: Arc<TaskGround>,
    /// The place of the host's lane in the play's order.
    pub order: usize,
    /// Whether changes are only planned.
    pub check: bool,
    /// What `diff` of the task says.
    pub diff: Option<bool>,
    /// What later steps call this one (`sign`).
    pub called: String,
    /// Where its changes are noted, where they may be rolled back.
    pub deeds: Option<Arc<Deeds>>,
}

/// How a call went.
#[derive(Debug, Default)]
pub(super) struct Performed {
    /// Whether something was changed, or in check mode would be.
    pub changed: bool,
    /// Fields of the result.
    pub fields: Map,
    /// Set where what will change shows only after an earlier step.
    pub later: Option<Later>,
    /// Set where it failed.
    pub failure: Option<Failure>,
    /// Of a collective module: the hosts that fail or wait, each for its own reason.
    pub hosts: BTreeMap<String, Failure>,
}

impl Performance {
    fn reading(&self) -> Reach<Read> {
        Reach::new(self.ground.clone())
    }

    fn emit(&self, kind: EventKind) {
        self.ground.world.bus.emit(kind);
    }

    /// Performs the call. Failures are part of what comes back.
    pub(super) async fn perform(mut self) -> Performed {
        let mut done = Performed::default();
        self.ground.place.enter().await;
        if let Err(failure) = self.verbs(&mut done).await {
            for (name, value) in failure.fields.iter() {
                done.fields.insert(name.clone(), Value::from(value.clone()));
            }
            done.failure = Some(failure);
        }
        self.ground.place.leave().await;
        done
    }

    async fn verbs(&mut self, done: &mut Performed) -> Result<(), Failure> {
        let mut plan = self.look_and_plan().await?;
        let changes_something = !plan.changes.is_empty() || plan.later.is_some();
        if changes_something && !self.check && self.is_disruptive() && self.wants_turn() {
            take_turn(&self.ground, self.order, &*self.call).await?;
            // The wait may have been long: decide on what is there now.
            plan = self.look_and_plan().await?;
        }
        done.fields.extend(plan.result.clone());
        done.fields.insert("why".into(), plan.why.as_str().into());
        self.emit(EventKind::Planned {
            step: self.step.clone(),
            changes: if self.ground.hidden {
                Vec::new()
            } else {
                plan.changes.clone()
            },
            why: if self.ground.hidden {
                HIDDEN.into()
            } else {
                plan.why.clone()
            },
            diff: self.diff,
        });
        if self.shows_differences() {
            let differences = shapes::differences(&plan.changes, &self.ground.world.secrets);
            done.fields.entry("diff".into()).or_insert(differences);
        }
        if self.check {
            done.changed = !plan.changes.is_empty();
            if self.ground.world.check {
                self.ground.world.remember_made(plan.makes, &self.called);
            }
            done.later = plan.later;
            return Ok(());
        }
        if let Some(later) = plan.later {
            let message = format!("this rests on what {} makes, which is not there", later.after);
            return Err(Failure::new(FailureKind::Preflight, message));
        }
        self.apply_all(&plan, done).await?;
        if !plan.changes.is_empty() || self.traits.collective {
            let proved = self.call.prove(&self.reading()).await?;
            done.fields.extend(proved.fields);
            done.hosts = proved.hosts;
        }
        if done.changed {
            self.ground.world.remember_made(plan.makes, &self.called);
        }
        Ok(())
    }

    async fn look_and_plan(&mut self) -> Result<Plan<Described>, Failure> {
        let reach = self.reading();
        self.call.look(&reach).await?;
        self.call.plan()
    }

    /// Whether the result tells what is before and after: of what can be otherwise, and is not hidden.
    fn shows_differences(&self) -> bool {
        let wanted = self.diff.unwrap_or(self.ground.world.diff);
        let has = matches!(self.traits.effects, Effects::Device | Effects::Folders);
        wanted && has && !self.ground.hidden
    }

    fn is_disruptive(&self) -> bool {
        self.declared_disruptive || self.call.disruptive(&self.ground.way.host)
    }

    fn wants_turn(&self) -> bool {
        !self.ground.world.turns.holds(&self.ground.way.host.name)
    }

    /// Makes every change of the plan. A change whose outcome is unknown is probed, never
    /// blindly repeated: what a new look still plans is what is still to be done.
    async fn apply_all(&mut self, plan: &Plan<Described>, done: &mut Performed) -> Result<(), Failure> {
        let mut changes = plan.changes.clone();
        let mut made = 0;
        let mut next = 0;
        while let Some(change) = changes.get(next).cloned() {
            let lost = match self.apply_one(next, made, &change, done).await {
                Ok(()) => None,
                Err(failure) if failure.kind == FailureKind::Unknown => Some(failure),
                Err(failure) => return Err(failure),
            };
            made += 1;
            next += 1;
            if let Some(lost) = lost {
                changes = self.probe(made - 1, &change, lost).await?;
                done.changed = true;
                next = 0;
            }
        }
        Ok(())
    }

    /// Makes one change, with its intent before and its outcome after on the disk.
    async fn apply_one(
        &mut self,
        index: usize,
        number: usize,
        change: &Described,
        done: &mut Performed,
    ) -> Result<(), Failure> {
        if self.ground.world.stop.is_asked() {
            return Err(Failure::new(
                FailureKind::Stopped,
                "stopped on request before the next change",
            ));
        }
        if let Some(message) = change.no_return.clone() {
            self.reading().note(Note::NoReturn { message });
        }
        self.intend(number, change).await?;
        self.note_deed(index, change);
        *lock(&self.ground.applying) = Some((self.step.clone(), number));
        let reach: Reach<Write> = Reach::new(self.ground.clone());
        let applied = self.call.apply(index, &reach).await;
        lock(&self.ground.applying).take();
        let applied = match applied {
            Ok(applied) => applied,
            Err(failure) => {
                if failure.kind.leaves_unchanged() {
                    self.forget_deed();
                }
                let told = self.ground.told(&failure);
                let made = match failure.kind.leaves_unchanged() {
                    true => Made::No { failure: told },
                    false => Made::Unknown { failure: told },
                };
                self.outcome(number, made);
                return Err(failure);
            }
        };
        if applied.unchanged {
            self.forget_deed();
        }
        self.outcome(number, Made::Yes);
        done.changed |= !applied.unchanged;
        done.fields.extend(applied.fields);
        match applied.failed {
            Some(reason) => Err(Failure::new(FailureKind::Task, reason)),
            None => Ok(()),
        }
    }

    /// Noted before it is made: where the time runs out in the middle, it is to be undone as well.
    fn note_deed(&self, index: usize, change: &Described) {
        if let Some(deeds) = &self.deeds {
            deeds.begin(Deed {
                undo: self.call.undo(index),
                change: self.told(change).text,
                traits: self.traits,
                step: self.step.clone(),
                arguments: self.arguments.clone(),
                declared_disruptive: self.declared_disruptive,
                ground: self.ground.clone(),
                order: self.order,
                diff: self.diff,
            });
        }
    }

    fn forget_deed(&self) {
        if let Some(deeds) = &self.deeds {
            deeds.forget_last();
        }
    }

    /// Nothing is done that the journal does not know of.
    fn intend(&self, number: usize, change: &Described) -> impl Future<Output = Result<(), Failure>> + use<> {
        let intent = EventKind::Intent {
            step: self.step.clone(),
            arguments: if self.ground.hidden {
                Json::Null
            } else {
                self.arguments.clone()
            },
            change: self.told(change),
            index: number,
        };
        let recorded = self.record(intent);
        async {
            recorded.await.map_err(|error| {
                let message = format!("nothing more is changed: the journal cannot be written: {error}");
                Failure::new(FailureKind::Internal, message)
            })
        }
    }

    /// The change as it may be told.
    fn told(&self, change: &Described) -> Described {
        if self.ground.hidden {
            return Described {
                text: HIDDEN.into(),
                diff: None,
                no_return: change.no_return.as_ref().map(|_| HIDDEN.into()),
            };
        }
        change.clone()
    }

    /// On the disk when the future is done, which holds nothing of this task: modules need not be shared.
    fn record(&self, kind: EventKind) -> impl Future<Output = io::Result<()>> + use<> {
        let bus = self.ground.world.bus.clone();
        async move { bus.emit_durably(kind).await }
    }

    /// Looks whether a change was made after all; what is still to be done comes back.
    async fn probe(
        &mut self,
        number: usize,
        change: &Described,
        lost: Failure,
    ) -> Result<Vec<Described>, Failure> {
        if self.traits.repeat == Repeat::Never {
            return Err(lost.hint("nothing that can be read tells whether it was done: look yourself"));
        }
        let plan = match self.look_and_plan().await {
            Ok(plan) => plan,
            Err(error) => return Err(lost.seen(format!("and the look that should tell failed: {error}"))),
        };
        if !plan.changes.contains(change) {
            self.outcome(number, Made::Yes);
            return Ok(plan.changes);
        }
        let message = format!("{}; a look shows that it was not done", lost.message);
        let failure = Failure::new(FailureKind::Refused, message)
            .seen_all(lost.seen)
            .hint("run the same command again");
        self.forget_deed();
        self.outcome(
            number,
            Made::No {
                failure: self.ground.told(&failure),
            },
        );
        Err(failure)
    }

    /// Where this cannot be recorded, the bus knows, and nothing more is begun.
    fn outcome(&self, index: usize, made: Made) {
        self.ground.world.bus.emit_lastingly(EventKind::Outcome {
            step: self.step.clone(),
            index,
            made,
        });
    }
}
