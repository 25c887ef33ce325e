//! A task's items: the turns of its loop, one after the other, and what they come to together.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::{Failure, Later, Map, Value};
use cutover_language::Diagnostic;
use cutover_language::playbook::{Loop, LoopControl};
use serde_json::Value as Json;

use super::attempt::Attempt;
use super::looping;
use super::scope::{Terms, Verdict};
use super::shapes;
use super::task::{Ended, TaskRun, failed, ok};
use super::verdict::Tried;
use crate::event::{EventKind, Status};
use crate::reference::reference;

/// What the items so far have come to.
#[derive(Default)]
struct Sum {
    results: Vec<Map>,
    statuses: Vec<Status>,
    worst: Option<Tried>,
    later: Option<Later>,
    hosts: BTreeMap<String, Failure>,
    notifies: Vec<String>,
}

impl TaskRun<'_> {
    /// Every item of its loop, or itself.
    pub(super) async fn items(&self) -> Ended {
        let Some(looping) = &self.task.looping else {
            let tried = Attempt::new(self, self.terms().clone(), None).run().await;
            return Ended {
                status: tried.status,
                failure: tried.failure,
                delegate: tried.delegate,
                hosts: tried.hosts,
                ..ok(tried.result)
            };
        };
        match self.terms().items(looping) {
            Ok(items) if items.is_empty() => Ended {
                status: Status::Skipped,
                looped: true,
                ..ok(Value::Map(shapes::no_items()))
            },
            Ok(items) => self.all_items(looping, items).await.unwrap_or_else(failed),
            // An undefined loop does not matter where the condition is false anyway.
            Err(failure) => match self.terms().verdict(&self.task.directives.when) {
                Ok(Verdict::Fails { condition }) => Ended {
                    status: Status::Skipped,
                    ..ok(Value::Map(shapes::skipped(condition)))
                },
                _ => failed(failure),
            },
        }
    }

    async fn all_items(&self, looping: &Loop, items: Vec<Value>) -> Result<Ended, Failure> {
        let control = &looping.control;
        self.warn_of_use(looping);
        let mut sum = Sum::default();
        for (index, item) in items.iter().enumerate() {
            // What an item before has set is seen by the next.
            let before = match index {
                0 => self.terms().clone(),
                _ => self.terms_now(),
            };
            let extra = looping::variables(control, &items, index, &before)?;
            let terms = before.with(extra.clone());
            if index > 0 {
                self.pause(control, &terms).await;
            }
            let attempt = Attempt::new(self, terms.clone(), Some((index, item.clone())));
            let mut tried = attempt.run().await;
            let label = self.label(control, item, &terms, &mut tried);
            let delegate = tried.delegate.clone();
            self.take_facts(&mut tried.result, delegate.as_deref());
            let mut result = tried.result.as_map().cloned().unwrap_or_default();
            result.extend(extra);
            result.insert("ansible_loop_var".into(), control.variable().into());
            self.tell_item(&terms, label, &tried, &result);
            if matches!(tried.status, Status::Ok | Status::Changed) {
                sum.notifies.extend(self.notified(&terms)?);
            }
            // What ends the loop anyway is not lost over a condition that cannot be told.
            if sum.ends_with(tried, result.clone()) || self.breaks(control, &terms, &result)? {
                break;
            }
        }
        Ok(sum.ended(items.len()))
    }

    /// A loop's variable hides what was called so before.
    fn warn_of_use(&self, looping: &Loop) {
        let name = looping.control.variable();
        if self.terms().scope().get(name).is_some() {
            let message = format!("the loop variable `{name}` is in use already");
            let place = &looping.items.place;
            self.terms().warn(
                &Diagnostic::warning("loop", place, message)
                    .help("give the loop a variable of its own: `loop_control: {loop_var: ...}`"),
            );
        }
    }

    async fn pause(&self, control: &LoopControl, terms: &Terms) {
        if let Ok(Some(seconds)) = terms.setting(control.pause.as_ref()) {
            let pause = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            // Where the run is to stop, the next item says whether it may still begin.
            let _ = self.walk.play.world.rest(pause).await;
        }
    }

    /// What the item is called; one whose name cannot be told has failed.
    fn label(&self, control: &LoopControl, item: &Value, terms: &Terms, tried: &mut Tried) -> Json {
        let secrets = &self.walk.play.world.secrets;
        let label = match control.label.as_ref().map(|label| terms.render(label)) {
            None => reference(item, secrets),
            Some(Ok(label)) => reference(&label, secrets),
            Some(Err(failure)) => {
                let message = format!("Failed to template loop_control.label: {}", failure.message);
                tried.fail(Failure { message, ..failure });
                reference(item, secrets)
            }
        };
        match self.hides(terms) {
            true => shapes::HIDDEN_LABEL.into(),
            false => label,
        }
    }

    /// Whether `break_when` ends the loop behind an item; the result is in sight as registered.
    fn breaks(&self, control: &LoopControl, terms: &Terms, result: &Map) -> Result<bool, Failure> {
        if control.break_when.is_empty() {
            return Ok(false);
        }
        let name = self.task.register.iter().map(|name| name.value.clone());
        let seen = name.map(|name| (name, Value::Map(result.clone()))).collect();
        Ok(terms.with(seen).verdict(&control.break_when)? == Verdict::Holds)
    }

    fn tell_item(&self, terms: &Terms, label: Json, tried: &Tried, result: &Map) {
        self.emit(EventKind::ItemFinished {
            task: self.about.clone(),
            host: self.walk.host.clone(),
            delegate: tried.delegate.clone(),
            label,
            status: tried.status,
            result: self.shown(&Value::Map(result.clone()), self.hides(terms)),
        });
    }
}

impl Sum {
    /// Adds an item. Whether nothing may follow it.
    fn ends_with(&mut self, tried: Tried, result: Map) -> bool {
        self.later = self.later.take().or_else(|| tried.result.later().cloned());
        self.results.push(result);
        self.statuses.push(tried.status);
        self.hosts.extend(tried.hosts.clone());
        let ends = tried.failure.as_ref().is_some_and(looping::ends);
        let worst = self.worst.as_ref().and_then(|it| it.failure.as_ref());
        if looping::weight(tried.failure.as_ref()) > looping::weight(worst) {
            self.worst = Some(tried);
        }
        ends
    }

    fn ended(self, count: usize) -> Ended {
        Ended {
            status: looping::sum(&self.statuses),
            result: match self.later {
                Some(later) => Value::Later(later),
                None => Value::Map(shapes::looped(self.results)),
            },
            failure: self.worst.map(|tried| looping::failure(tried, count)),
            delegate: None,
            looped: true,
            hosts: self.hosts,
            notifies: self.notifies,
        }
    }
}
