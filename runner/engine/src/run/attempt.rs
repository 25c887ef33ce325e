//! One item of a task on one host: condition, arguments, tries, verdict.

mod delegated;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::args::ArgsError;
use cutover_kit::clock::within;
use cutover_kit::module::Effects;
use cutover_kit::{AnyModule, Become, Failure, FailureKind, Value};
use cutover_language::playbook::{Action, Rehearse};
use tokio::sync::Semaphore;

use super::background::Way;
use super::becoming::Sources;
use super::ground::TaskGround;
use super::perform::{Performance, Performed};
use super::place::Place;
use super::roster::{Keywords, Route};
use super::scope::{Terms, Verdict};
use super::shapes;
use super::task::{TaskRun, status_of};
use super::verdict::Tried;
use crate::event::{EventKind, Made, Section, Status, Step};
use crate::reference::reference;
use crate::sync::lock;

/// One item about to be tried.
pub(super) struct Attempt<'a> {
    pub(super) run: &'a TaskRun<'a>,
    pub(super) terms: Terms,
    item: Option<(usize, Value)>,
}

/// A module's call with everything decided beforehand.
pub(super) struct Prepared {
    module: &'static dyn AnyModule,
    args: Value,
    way: Route,
    delegate: Option<String>,
    check: bool,
    /// What its conditions see: also the host that it is delegated to.
    pub(super) terms: Terms,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(run: &'a TaskRun<'a>, terms: Terms, item: Option<(usize, Value)>) -> Self {
        Self { run, terms, item }
    }

    /// Tries it, as often as `until` asks for.
    pub(super) async fn run(&self) -> Tried {
        match self.prepare() {
            Ok(Ok(prepared)) => {
                let mut tried = self.tries(&prepared).await;
                tried.delegate = prepared
                    .delegate
                    .filter(|delegate| *delegate != self.run.walk.host);
                tried
            }
            Ok(Err(settled)) => settled,
            Err(failure) => Tried::failed(failure),
        }
    }

    /// Everything that is decided before the module is called: or how it ends without.
    fn prepare(&self) -> Result<Result<Prepared, Tried>, Failure> {
        let task = self.run.task;
        let play = &self.run.walk.play;
        let delegate = self.terms.setting(task.directives.delegate_to.as_ref())?;
        let delegated = delegate.as_deref().map(|delegate| self.delegated(delegate));
        let terms = match &delegated {
            Some(Ok((_, seen))) => self.terms.with(seen.clone()),
            _ => self.terms.clone(),
        };
        match terms.verdict(&task.directives.when)? {
            Verdict::Holds => {}
            Verdict::Fails { condition } => {
                return Ok(Err(Tried::of(Status::Skipped, shapes::skipped(condition))));
            }
            Verdict::Later(later) => return Ok(Err(Tried::later(later))),
        }
        if let Some(settled) = self.brought_in()? {
            return Ok(Err(settled));
        }
        let way = match delegated {
            Some(delegated) => delegated?.0,
            None => self.way()?,
        };
        let (module, args) = play.call_of(task, &terms)?;
        let check = self
            .terms
            .setting(task.directives.check_mode.as_ref())?
            .unwrap_or(play.world.check);
        let prepared = Prepared {
            module,
            args: self.run.edits.applied(args),
            way,
            delegate,
            check,
            terms,
        };
        Ok(match self.left_out(&prepared)? {
            Some(tried) => Err(tried),
            None => Ok(prepared),
        })
    }

    /// The way to the host itself.
    fn way(&self) -> Result<Route, Failure> {
        let roster = &self.run.walk.play.world.roster;
        let keywords = Keywords::of(&self.run.task.directives, &self.terms)?;
        roster.way(&self.run.walk.host, &self.terms, &keywords)
    }

    /// What brings something in needs no module: it is read here and now.
    fn brought_in(&self) -> Result<Option<Tried>, Failure> {
        match &self.run.task.action {
            Action::Inclusion(inclusion) => {
                let item = self.item.as_ref().map(|(index, value)| (*index, value));
                let (included, result) = self.run.include(inclusion, &self.terms, item)?;
                self.run.has_included(included);
                Ok(Some(Tried::of(Status::Ok, result)))
            }
            Action::Module(call) if call.module == super::include_vars::NAME => {
                let result = self.run.include_vars(&call.args, &self.terms)?;
                Ok(Some(Tried::of(Status::Ok, result)))
            }
            _ => Ok(None),
        }
    }

    /// What a check run lists, and what a rehearsal must not change.
    fn left_out(&self, prepared: &Prepared) -> Result<Option<Tried>, Failure> {
        let world = &self.run.walk.play.world;
        if super::arguments::is_too_verbose(prepared.module.name(), &prepared.args, world.verbosity) {
            return Ok(Some(Tried::of(Status::Skipped, shapes::too_verbose())));
        }
        if prepared.check && self.run.about.section == Section::Gate {
            return Ok(Some(Tried::of(
                Status::Listed,
                shapes::listed("a gate, proved in a run"),
            )));
        }
        let before = self.run.walk.marks.left_out.get();
        if let Some(task) = before.filter(|_| self.run.about.section == Section::Gate) {
            let why = format!("not rehearsed: it rests on `{task}`, which was not");
            return Ok(Some(Tried::of(Status::Listed, shapes::listed(&why))));
        }
        let outside = match prepared.module.traits().effects {
            Effects::Nothing | Effects::Folders => false,
            Effects::Device | Effects::Anything => !world.may_change(&prepared.way.host.name),
        };
        if !outside {
            return Ok(None);
        }
        match &self.run.task.rehearse {
            Some(Rehearse::Run(_)) => Ok(None),
            Some(Rehearse::Assume(node)) => {
                let assumed = self.terms.render(node)?.as_map().cloned().unwrap_or_default();
                Ok(Some(Tried::of(Status::Ok, assumed)))
            }
            None => {
                // The first of them is what a gate is told to rest on.
                let _ = self.run.walk.marks.left_out.set(self.run.about.name.clone());
                let why = "not rehearsed: it would change something outside the twins";
                Ok(Some(Tried::of(Status::Listed, shapes::listed(why))))
            }
        }
    }

    /// One call of the module, and the playbook's own verdict on it, which sees the number of the
    /// try where those are `counted`.
    pub(super) async fn once(&self, prepared: &Prepared, attempt: u32, counted: bool) -> Tried {
        let mut done = match self.call(prepared, attempt).await {
            Ok(done) => done,
            Err(tried) => return tried,
        };
        if done.failure.is_none() {
            let hidden = self.run.hides(&self.terms);
            match self.run.take_asked(prepared.module.name(), &done.fields, hidden) {
                Ok(new) => done.changed |= new,
                Err(failure) => done.failure = Some(failure),
            }
        }
        let mut result = shapes::performed(&done);
        let mut status = match (&done.failure, done.changed) {
            (Some(failure), _) => status_of(failure),
            (None, true) => Status::Changed,
            (None, false) => Status::Ok,
        };
        if let (Some(later), None) = (&done.later, &done.failure) {
            return Tried::later(later.clone());
        }
        if prepared.check && done.changed && prepared.module.traits().effects == Effects::Anything {
            (status, result) = (Status::Skipped, shapes::would_have_run());
        }
        if counted {
            result.insert("attempts".into(), attempt.into());
        }
        let tried = Tried {
            failure: done.failure,
            hosts: done.hosts,
            ..Tried::of(status, result)
        };
        let seen = self.with_result(prepared, &tried);
        tried.judged(self.run.task, &seen)
    }

    async fn call(&self, prepared: &Prepared, attempt: u32) -> Result<Performed, Tried> {
        let call = prepared
            .module
            .call(&prepared.args)
            .map_err(|error| match error {
                ArgsError::Later { later, .. } => Tried::later(later),
                misfit @ ArgsError::Misfit { .. } => {
                    Tried::failed(Failure::new(FailureKind::Arguments, misfit.to_string()))
                }
            })?;
        let play = &self.run.walk.play;
        let world = &play.world;
        let way = Way::of(self.run.task, &self.terms, prepared.module).map_err(Tried::failed)?;
        let ground = Arc::new(TaskGround {
            world: world.clone(),
            way: prepared.way.clone(),
            estate: world.estate(),
            play: play.clone(),
            hosts: self.stands_for(prepared),
            play_hosts: play.play_hosts.clone(),
            task: self.run.about.clone(),
            environment: self
                .terms
                .environment(&self.run.task.directives.environment, Self::gathers(prepared))
                .map_err(Tried::failed)?
                .into_iter()
                .collect(),
            becoming: self.becoming(prepared).map_err(Tried::failed)?,
            terms: self.terms.clone(),
            background: way.job(),
            place: Arc::new(Place::new(
                world.forks.clone(),
                self.throttle().map_err(Tried::failed)?,
            )),
            check: prepared.check,
            hidden: self.run.hides(&self.terms),
            walker: self.run.walk.host.clone(),
            applying: Mutex::default(),
        });
        let disruptive = self
            .terms
            .setting(self.run.task.disruptive.as_ref())
            .map_err(Tried::failed)?;
        let limit = self
            .terms
            .setting(self.run.task.directives.timeout.as_ref())
            .map_err(Tried::failed)?;
        let diff = self
            .terms
            .setting(self.run.task.directives.diff.as_ref())
            .map_err(Tried::failed)?;
        let performance = Performance {
            call,
            traits: prepared.module.traits(),
            declared_disruptive: disruptive.unwrap_or(false),
            arguments: reference(&prepared.args, &world.secrets),
            step: self.step(attempt),
            ground: ground.clone(),
            order: play.lane_order(&prepared.way.host.cluster),
            check: prepared.check,
            diff,
            called: self.run.walk.called.clone(),
            deeds: self.run.walk.deeds.clone(),
        };
        let Some((seconds, message)) = way.bound(limit) else {
            return Ok(performance.perform().await);
        };
        let done = within(&*world.clock, Duration::from_secs(seconds), performance.perform()).await;
        done.map_err(|_| Tried::failed(timed_out(&ground, message)))
    }

    /// Whether it finds out the facts of its host.
    fn gathers(prepared: &Prepared) -> bool {
        prepared.module.name() == super::gather::SETUP
    }

    /// As whom the task works. A module without a platform of its own runs nothing on the host.
    fn becoming(&self, prepared: &Prepared) -> Result<Option<Become>, Failure> {
        if prepared.module.traits().platforms.is_empty() {
            return Ok(None);
        }
        let play = &self.run.walk.play;
        let delegate = prepared.delegate.as_ref().map(|host| play.terms(host, None));
        let sources = Sources {
            keywords: &self.run.task.directives,
            task: &self.terms,
            host: delegate.as_ref().unwrap_or(&self.terms),
            asked: &play.world.becoming,
        };
        sources.becoming(&prepared.way.host)
    }

    /// What `throttle` lets at work at once; everybody runs `run_once` alone anyway.
    fn throttle(&self) -> Result<Option<Arc<Semaphore>>, Failure> {
        let most = self.terms.setting(self.run.task.directives.throttle.as_ref())?;
        let most = most
            .and_then(|most| usize::try_from(most).ok())
            .filter(|most| *most > 0);
        let task = self.run.task.place.to_string();
        Ok(most.map(|most| self.run.walk.play.throttle(task, most)))
    }

    fn stands_for(&self, prepared: &Prepared) -> Vec<String> {
        if prepared.module.traits().collective {
            self.run.walk.once.hosts.to_vec()
        } else {
            vec![prepared.way.host.name.clone()]
        }
    }

    fn step(&self, attempt: u32) -> Step {
        let item = self.item.as_ref().map(|(index, item)| {
            let hash = self.run.hash_of(item, &self.terms);
            (*index, hash)
        });
        Step {
            task: self.run.about.id.clone(),
            host: self.run.walk.host.clone(),
            item,
            attempt,
        }
    }
}

/// The time ran out; in the middle of a change nobody knows how that went.
fn timed_out(ground: &TaskGround, message: String) -> Failure {
    let Some((step, index)) = lock(&ground.applying).take() else {
        return Failure::new(FailureKind::Late, message);
    };
    let failure = Failure::new(FailureKind::Unknown, format!("{message} A change was under way"))
        .hint("look whether it was made before you run it again");
    let made = Made::Unknown {
        failure: ground.told(&failure),
    };
    ground.world.bus.emit(EventKind::Outcome { step, index, made });
    failure
}
