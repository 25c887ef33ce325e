//! The four verbs of a module, in order, with their events: look, plan, apply, prove.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover_kit::module::Repeat;
use cutover_kit::registry::Described;
use cutover_kit::{AnyTask, Failure, FailureKind, Later, Map, Note, Plan, Reach, Read, Traits, Value, Write};
use serde_json::Value as Json;

use super::ground::TaskGround;
use super::turn::take_turn;
use crate::event::{EventKind, Made, Step};

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
    /// What later steps call this one (`sign`).
    pub called: String,
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
            take_turn(&self.ground, self.order).await?;
            // The wait may have been long: decide on what is there now.
            plan = self.look_and_plan().await?;
        }
        done.fields.extend(plan.result.clone());
        done.fields.insert("why".into(), plan.why.as_str().into());
        self.emit(EventKind::Planned {
            step: self.step.clone(),
            changes: plan.changes.clone(),
            why: plan.why.clone(),
        });
        done.changed = !plan.changes.is_empty();
        if self.check {
            self.ground.world.remember_made(plan.makes, &self.called);
            done.later = plan.later;
            return Ok(());
        }
        if let Some(later) = plan.later {
            let message = format!("this rests on what {} makes, which is not there", later.after);
            return Err(Failure::new(FailureKind::Preflight, message));
        }
        if done.changed {
            done.changed = self.apply_all(&plan, done).await?;
        }
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

    fn is_disruptive(&self) -> bool {
        self.declared_disruptive || self.call.disruptive(&self.ground.host)
    }

    fn wants_turn(&self) -> bool {
        !self.ground.world.turns.holds(&self.ground.host.name)
    }

    /// Makes every change of the plan; whether at least one changed something.
    async fn apply_all(&mut self, plan: &Plan<Described>, done: &mut Performed) -> Result<bool, Failure> {
        let mut changed = false;
        for (index, change) in plan.changes.iter().enumerate() {
            if self.ground.world.stop.is_asked() {
                return Err(Failure::new(
                    FailureKind::Awaiting,
                    "stopped on request before the next change",
                ));
            }
            if let Some(message) = change.no_return.clone() {
                self.reading().note(Note::NoReturn { message });
            }
            self.emit(EventKind::Intent {
                step: self.step.clone(),
                arguments: self.arguments.clone(),
                change: change.clone(),
                index,
            });
            let applied = self.apply_one(index).await?;
            changed |= !applied.unchanged;
            done.fields.extend(applied.fields);
            if let Some(reason) = applied.failed {
                done.changed = changed;
                return Err(Failure::new(FailureKind::Task, reason));
            }
        }
        Ok(changed)
    }

    /// Makes one change and writes down how it went. A change whose outcome is
    /// unknown is probed, never blindly repeated.
    async fn apply_one(&mut self, index: usize) -> Result<cutover_kit::Applied, Failure> {
        let reach: Reach<Write> = Reach::new(self.ground.clone());
        match self.call.apply(index, &reach).await {
            Ok(applied) => {
                self.outcome(index, Made::Yes);
                Ok(applied)
            }
            Err(failure) if failure.kind == FailureKind::Unknown => {
                self.outcome(
                    index,
                    Made::Unknown {
                        failure: failure.clone(),
                    },
                );
                self.probe(index, failure).await
            }
            Err(failure) => {
                self.outcome(
                    index,
                    Made::No {
                        failure: failure.clone(),
                    },
                );
                Err(failure)
            }
        }
    }

    async fn probe(&mut self, index: usize, lost: Failure) -> Result<cutover_kit::Applied, Failure> {
        if self.traits.repeat == Repeat::Never {
            return Err(lost.hint("nothing that can be read tells whether it was done: look yourself"));
        }
        let left = match self.look_and_plan().await {
            Ok(plan) => plan.changes.len(),
            Err(error) => return Err(lost.seen(format!("and the look that should tell failed: {error}"))),
        };
        if left == 0 {
            self.outcome(index, Made::Yes);
            return Ok(cutover_kit::Applied::default());
        }
        let failure = Failure::new(
            FailureKind::Refused,
            format!("{}; a look shows that it was not done", lost.message),
        )
        .seen_all(lost.seen)
        .hint("run the same command again");
        self.outcome(
            index,
            Made::No {
                failure: failure.clone(),
            },
        );
        Err(failure)
    }

    fn outcome(&self, index: usize, made: Made) {
        self.emit(EventKind::Outcome {
            step: self.step.clone(),
            index,
            made,
        });
    }
}
