//! One task on one host: loop, once, register, handlers, and what its end means.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::{Failure, FailureKind, Value};
use cutover_language::playbook::Task;

use super::debugger::Edits;
use super::include::Included;
use super::once::{Filling, Shared};
use super::play::PlayRun;
use super::scope::Terms;
use super::shapes;
use super::stopped::Stopped;
use super::walk::Walk;
use crate::event::{EventKind, Section, Setter, Status, TaskRef};
use crate::sync::{lock, unlocked};

/// A task about to be run on a host.
pub(super) struct TaskRun<'a> {
    pub(super) walk: &'a Walk,
    pub(super) task: &'a Task,
    pub(super) about: TaskRef,
    /// What it sees when it begins; its keywords are rendered in these.
    pub(super) terms: Terms,
    /// Whether nothing of it is told.
    pub(super) hidden: bool,
    /// Whether this host runs what is run once.
    leads: bool,
    /// What it has brought in.
    pub(super) included: Mutex<Vec<Arc<Included>>>,
    /// What somebody in the debugger wants otherwise.
    pub(super) edits: Edits,
}

/// How the task ended, before it is known whether that is ignored.
pub(super) struct Ended {
    pub(super) status: Status,
    pub(super) result: Value,
    pub(super) failure: Option<Failure>,
    pub(super) delegate: Option<String>,
    pub(super) looped: bool,
    pub(super) hosts: BTreeMap<String, Failure>,
    /// Whom the items of a loop notify.
    pub(super) notifies: Vec<String>,
}

impl<'a> TaskRun<'a> {
    /// The task of this identity on the walk's host.
    pub(super) fn new(walk: &'a Walk, task: &'a Task, id: String, leads: bool) -> Self {
        let terms = walk.play.terms(&walk.host, Some(task));
        let about = TaskRef {
            id,
            name: PlayRun::title(task, &terms),
            module: walk.play.module_name(task, &terms),
            at: format!("{}:{}", task.place.source.path(), task.place.line),
            section: walk.section,
        };
        Self {
            walk,
            task,
            about,
            hidden: hides(task, &terms),
            terms,
            leads,
            included: Mutex::default(),
            edits: Edits::default(),
        }
    }

    /// Something was brought in.
    pub(super) fn has_included(&self, included: Arc<Included>) {
        lock(&self.included).push(included);
    }

    /// What it has brought in, in order.
    pub(super) fn into_included(self) -> Vec<Arc<Included>> {
        unlocked(self.included)
    }

    pub(super) fn emit(&self, kind: EventKind) {
        self.walk.play.world.bus.emit(kind);
    }

    /// What it sees when it begins.
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What it sees by now.
    pub(super) fn terms_now(&self) -> Terms {
        let terms = self.walk.play.terms(&self.walk.host, Some(self.task));
        self.edits.seen(terms)
    }

    /// The task's identity in the playbook.
    pub(super) fn id(&self) -> &str {
        &self.about.id
    }

    /// This host goes no further; nobody must wait for what it would have run for all.
    pub(super) fn give_up(self) {
        if self.leads && self.walk.pace.is_some() {
            let key = format!("{}:{}", self.walk.once.key, self.about.id);
            drop(Filling::new(self.walk.play.onces.claim(&key).0));
        }
    }

    /// Runs it. An error ends the host's way through its block.
    pub(super) async fn run(&mut self) -> Result<(), Stopped> {
        let begun = self.walk.play.world.clock.elapsed();
        let once = self.terms.setting(self.task.directives.run_once.as_ref());
        let debugger = self.terms.setting(self.task.directives.debugger.as_ref());
        match (once, debugger) {
            (Ok(once), Ok(_))
                if once.unwrap_or(false) || self.walk.play.is_collective(self.task, &self.terms) =>
            {
                self.run_once(begun).await
            }
            (Ok(_), Ok(_)) => self.attend(begun, None).await,
            (Err(failure), _) | (_, Err(failure)) => self.finish(failed(failure), begun),
        }
    }

    /// Works and tells how that ended, as often as somebody in the debugger wants that. What is
    /// run once is then given to the others.
    async fn attend(&mut self, mut begun: Duration, filling: Option<Filling>) -> Result<(), Stopped> {
        loop {
            let ended = self.work().await;
            let shared = filling.is_some().then(|| Shared {
                result: ended.result.clone(),
                failure: ended.failure.clone(),
                hosts: ended.hosts.clone(),
            });
            let own = ended.hosts.get(&self.walk.host).cloned();
            let ended = match own.filter(|_| filling.is_some()) {
                Some(failure) => by_failure(&failure, ended),
                None => ended,
            };
            let ended = self.tell_end(ended, begun);
            if self.is_to_run_again(&ended).await {
                begun = self.walk.play.world.clock.elapsed();
                continue;
            }
            if let Some((filling, shared)) = filling.zip(shared) {
                filling.with(shared);
            }
            return self.go_on(ended);
        }
    }

    /// Tells that it begins and goes through its items.
    async fn work(&self) -> Ended {
        let world = &self.walk.play.world;
        self.emit(EventKind::TaskStarted {
            task: self.about.clone(),
            host: self.walk.host.clone(),
        });
        world.set_busy(&self.walk.host, Some(self.about.name.clone()));
        let ended = self.items().await;
        world.set_busy(&self.walk.host, None);
        ended
    }

    /// One host runs it; every host that shares it takes the result.
    async fn run_once(&mut self, begun: Duration) -> Result<(), Stopped> {
        let key = format!("{}:{}", self.walk.once.key, self.about.id);
        let onces = &self.walk.play.onces;
        let (cell, first) = onces.claim(&key);
        // In step, everybody has come before anybody goes on, and the first in order leads.
        let fills = if self.walk.pace.is_some() {
            self.leads
        } else {
            first
        };
        if !fills {
            let shared = cell.wait().await.clone();
            return self.take_shared(&shared, begun);
        }
        self.attend(begun, Some(Filling::new(cell))).await
    }

    /// Takes the result of the host that ran it, without a result line of its own
    /// unless this host fails for its own reasons.
    fn take_shared(&self, shared: &Shared, begun: Duration) -> Result<(), Stopped> {
        if let Some(own) = shared.hosts.get(&self.walk.host) {
            return self.finish(failed(own.clone()), begun);
        }
        let mut result = shared.result.clone();
        self.take_facts(&mut result, None);
        self.register(&result);
        match &shared.failure {
            Some(failure) if !self.ignores(failure) => match Stopped::by(self.told(failure)) {
                Stopped::Failed(_) | Stopped::Unreachable(_) if !self.is_fatal() => Ok(()),
                Stopped::Failed(failure) | Stopped::Unreachable(failure) => Err(Stopped::Doomed(failure)),
                other => Err(other),
            },
            _ => Ok(()),
        }
    }

    /// `no_log` in the terms of an item.
    pub(super) fn hides(&self, terms: &Terms) -> bool {
        self.hidden || hides(self.task, terms)
    }

    /// See [`shapes::shown`].
    pub(super) fn shown(&self, result: &Value, hidden: bool) -> serde_json::Value {
        shapes::shown(result, hidden, &self.walk.play.world.secrets)
    }

    /// The failure as it leaves the task: whoever stops because of it tells no more than this.
    fn told(&self, failure: &Failure) -> Failure {
        shapes::told(failure, self.hidden)
    }

    /// Tells the end, and what it means for the host.
    fn finish(&self, ended: Ended, begun: Duration) -> Result<(), Stopped> {
        self.go_on(self.tell_end(ended, begun))
    }

    /// Tells the end, registers and notifies.
    fn tell_end(&self, mut ended: Ended, begun: Duration) -> Ended {
        if ended
            .failure
            .as_ref()
            .is_some_and(|failure| self.ignores(failure))
        {
            ended.status = Status::Ignored;
        }
        let delegate = ended.delegate.clone();
        self.take_facts(&mut ended.result, delegate.as_deref());
        self.register(&ended.result);
        if ended.status == Status::Changed
            && let Err(failure) = self.notify(&ended)
        {
            ended = failed(failure);
        }
        let world = &self.walk.play.world;
        self.emit(EventKind::TaskFinished {
            task: self.about.clone(),
            host: self.walk.host.clone(),
            delegate: ended.delegate.clone(),
            status: ended.status,
            result: self.shown(&ended.result, self.hidden),
            looped: ended.looped,
            took: world.clock.elapsed().saturating_sub(begun),
            failure: ended.failure.as_ref().map(|failure| self.told(failure)),
        });
        ended
    }

    /// What an end that was told means for the host.
    fn go_on(&self, ended: Ended) -> Result<(), Stopped> {
        if !matches!(ended.status, Status::Skipped | Status::Unreachable) {
            self.walk.play.has_worked(&self.walk.host, self.task);
        }
        match ended.failure {
            Some(failure) if ended.status != Status::Ignored => {
                let stopped = Stopped::by(self.told(&failure));
                if stopped.can_be_rescued() {
                    let result = ended.result.as_map().cloned().unwrap_or_default();
                    let name = PlayRun::own_name(self.task, &self.terms).unwrap_or_default();
                    self.walk.remember_failure(&name, &self.about.module, result);
                }
                self.walk.mark_fatal(self.task, &self.terms);
                // Other lanes go on to where they are safe; no play comes after this one anyway.
                if failure.kind == FailureKind::Invalid && !self.walk.in_lane {
                    self.walk.play.ends_for_all(&self.walk.host);
                }
                Err(stopped)
            }
            _ => Ok(()),
        }
    }

    /// `any_errors_fatal`, which `run_once` implies; `ignore_errors` switches it off.
    pub(super) fn is_fatal(&self) -> bool {
        let is = |setting| matches!(self.terms.setting(setting), Ok(Some(true)));
        let it = &self.task.directives;
        (is(it.any_errors_fatal.as_ref()) || is(it.run_once.as_ref())) && !is(it.ignore_errors.as_ref())
    }

    fn ignores(&self, failure: &Failure) -> bool {
        let directive = match failure.kind {
            FailureKind::Unreachable => self.task.directives.ignore_unreachable.as_ref(),
            FailureKind::Awaiting | FailureKind::Stopped | FailureKind::Invalid => return false,
            _ => self.task.directives.ignore_errors.as_ref(),
        };
        self.terms.setting(directive).ok().flatten().unwrap_or(false)
    }

    fn register(&self, result: &Value) {
        if let Some(name) = &self.task.register {
            let result = shapes::for_playbooks(result);
            self.set_on(&self.walk.host, &name.value, &result, Setter::Register);
        }
    }

    pub(super) fn set_on(&self, host: &str, name: &str, value: &Value, by: Setter) {
        self.walk.play.variables.set(host, name, value.clone());
        self.tell_set(host, name, value, by);
    }

    pub(super) fn tell_set(&self, host: &str, name: &str, value: &Value, by: Setter) {
        let world = &self.walk.play.world;
        self.emit(EventKind::Set {
            host: host.to_owned(),
            name: name.to_owned(),
            value: shapes::value(value, &world.secrets, self.hidden),
            by,
        });
    }

    /// The handlers that its `notify` names in these terms.
    pub(super) fn notified(&self, terms: &Terms) -> Result<Vec<String>, Failure> {
        let mut all = Vec::new();
        for node in &self.task.directives.notify {
            let names = terms.words(std::slice::from_ref(node));
            if names.is_empty() {
                terms.render(node)?;
            }
            all.extend(names);
        }
        Ok(all)
    }

    fn notify(&self, ended: &Ended) -> Result<(), Failure> {
        if self.walk.section == Section::Gate || self.task.directives.notify.is_empty() {
            return Ok(());
        }
        match ended.looped {
            true => self.walk.play.notify(&self.walk.host, &ended.notifies),
            false => {
                let names = self.notified(&self.terms_now())?;
                self.walk.play.notify(&self.walk.host, &names)
            }
        }
    }
}

/// `no_log`; where that cannot be told, nothing is shown either.
fn hides(task: &Task, terms: &Terms) -> bool {
    let no_log = terms.setting(task.directives.no_log.as_ref());
    !matches!(no_log, Ok(None | Some(false)))
}

pub(super) fn ok(result: Value) -> Ended {
    Ended {
        status: Status::Ok,
        result,
        failure: None,
        delegate: None,
        looped: false,
        hosts: BTreeMap::new(),
        notifies: Vec::new(),
    }
}

pub(super) fn failed(failure: Failure) -> Ended {
    let mut result = shapes::failed(&failure);
    result.insert("changed".into(), false.into());
    Ended {
        status: status_of(&failure),
        failure: Some(failure),
        ..ok(Value::Map(result))
    }
}

fn by_failure(failure: &Failure, ended: Ended) -> Ended {
    Ended {
        delegate: ended.delegate,
        ..failed(failure.clone())
    }
}

/// How a failure shows.
pub(super) fn status_of(failure: &Failure) -> Status {
    match failure.kind {
        FailureKind::Unreachable => Status::Unreachable,
        FailureKind::Awaiting | FailureKind::Stopped => Status::Awaiting,
        _ => Status::Failed,
    }
}
