//! One host's way through a list of tasks and blocks.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use cutover_kit::{Failure, FailureKind, Map};
use cutover_language::playbook::{Action, Block, Item, RoleItems, Task};

use super::pace::{Pace, Position};
use super::play::PlayRun;
use super::rollback::Deeds;
use super::scope::Terms;
use super::stop::Level;
use super::stopped::Stopped;
use super::task::TaskRun;
use crate::event::{EventKind, Section};
use crate::sync::lock;

/// One host in one section of a play or phase.
pub(super) struct Walk {
    /// The play.
    pub play: Arc<PlayRun>,
    /// The host.
    pub host: String,
    /// The section.
    pub section: Section,
    /// What task ids begin with: play, phase and section.
    pub prefix: String,
    /// The phase or section by name, as later steps call it.
    pub called: String,
    /// Who shares a `run_once` task with this host.
    pub once: Once,
    /// How hosts keep step, under the linear strategy.
    pub pace: Option<Arc<Pace>>,
    /// Whether a lane gives turns back at the end of its node; else each task does.
    pub in_lane: bool,
    /// Whether `meta` has ended the batch.
    pub ended: Arc<AtomicBool>,
    /// What it has come across so far.
    pub marks: Marks,
    /// Where it notes what it does, where that may be rolled back.
    pub deeds: Option<Arc<Deeds>>,
}

/// What a walk has come across so far.
#[derive(Default)]
pub(super) struct Marks {
    /// Whether any task of this section ran on this host.
    pub ran: AtomicBool,
    /// Whether the task that failed ends the play for all (`any_errors_fatal`).
    fatal: AtomicBool,
    /// How many failures of others that were fatal for all it has taken notice of.
    dooms: Arc<AtomicUsize>,
    /// Where the one it noticed last happened.
    doomed_at: Arc<Mutex<Option<Position>>>,
    /// How many blocks around it have a `rescue`.
    rescues: Arc<AtomicUsize>,
    /// How many failures in them no rescue has been told of yet.
    caught: Arc<AtomicUsize>,
    /// The task that a rehearsal left out: what comes after it proves nothing.
    pub left_out: Arc<OnceLock<String>>,
}

impl Marks {
    /// What a walk that goes on behind this one must know of it.
    pub(super) fn onwards(&self) -> Self {
        Self {
            dooms: self.dooms.clone(),
            doomed_at: self.doomed_at.clone(),
            rescues: self.rescues.clone(),
            caught: self.caught.clone(),
            left_out: self.left_out.clone(),
            ..Self::default()
        }
    }
}

/// Who shares a `run_once` task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Once {
    /// What the cell's key begins with.
    pub key: Arc<str>,
    /// The hosts, in order.
    pub hosts: Arc<[String]>,
}

/// A way that may lead into itself again.
pub(super) type Going<'a> = Pin<Box<dyn Future<Output = Result<(), Stopped>> + Send + 'a>>;

impl Walk {
    /// Goes through all of `items`.
    pub(super) async fn go(&self, items: &[Item]) -> Result<(), Stopped> {
        let _leaving = Leaving(self);
        let result = self.items(items, &self.prefix, Position::first()).await;
        self.tell_failure(&result);
        result
    }

    /// Goes through the parts of a section, one after the other.
    pub(super) async fn go_through(&self, parts: &[(&'static str, Arc<[Item]>)]) -> Result<(), Stopped> {
        let _leaving = Leaving(self);
        let mut position = Position::first();
        let mut result = Ok(());
        for (name, items) in parts {
            let path = format!("{}/{name}", self.play.index);
            if result.is_ok() {
                result = self.items(items, &path, position.clone()).await;
            }
            position = position.plus(items.iter().map(count).sum());
        }
        let told = result.is_err();
        self.tell_failure(&result);
        let result = self.at_the_end(result, &position).await;
        if !told {
            self.tell_failure(&result);
        }
        // Before those who keep step go on without it: they see who still takes part.
        if let Err(stopped) = &result {
            self.play.host_stopped(&self.host, stopped.clone());
        }
        result
    }

    fn tell_failure(&self, result: &Result<(), Stopped>) {
        match result {
            Err(stopped @ (Stopped::Failed(_) | Stopped::Unreachable(_))) => {
                let fatal = self.pace.is_none() && self.marks.fatal.load(Ordering::Relaxed);
                self.play.host_failed(&self.host, stopped, fatal);
            }
            Err(stopped @ Stopped::Doomed(_)) => self.play.host_failed(&self.host, stopped, false),
            _ => {}
        }
    }

    /// `position` counts the tasks before these, in the order they are written.
    pub(super) fn items<'a>(&'a self, items: &'a [Item], path: &'a str, mut position: Position) -> Going<'a> {
        Box::pin(async move {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}/{index}");
                match item {
                    Item::Task(task) => self.task(task, path, position.clone()).await?,
                    Item::Block(block) => self.block(block, &path, &position).await?,
                    Item::Role(role) => self.role(role, &path, position.clone()).await?,
                }
                position = position.plus(count(item));
            }
            Ok(())
        })
    }

    /// A role that has run on this host does not run again, unless that is allowed.
    async fn role(&self, role: &RoleItems, path: &str, position: Position) -> Result<(), Stopped> {
        if !role.repeats && self.play.has_run(&self.host, &role.role) {
            return Ok(());
        }
        match self.items(&role.items, path, position).await {
            Ok(()) | Err(Stopped::RoleEnded) => {
                self.play.role_done(&self.host, &role.role);
                Ok(())
            }
            stopped => stopped,
        }
    }

    async fn block(&self, block: &Block, path: &str, position: &Position) -> Result<(), Stopped> {
        let rescue_at = position.plus(block.items.iter().map(count).sum::<u32>());
        let always_at = rescue_at.plus(block.rescue.iter().map(count).sum::<u32>());
        let rescues = usize::from(!block.rescue.is_empty());
        self.marks.rescues.fetch_add(rescues, Ordering::Relaxed);
        let mut result = self.items(&block.items, path, position.clone()).await;
        if result.is_ok() && !(block.rescue.is_empty() && block.always.is_empty()) {
            result = self.all_are_through(&rescue_at).await;
        }
        self.marks.rescues.fetch_sub(rescues, Ordering::Relaxed);
        if self.ended_before(position, &result) {
            return result;
        }
        if rescues > 0 {
            self.tell_rescued();
            if result.as_ref().is_err_and(Stopped::can_be_rescued) {
                let path = format!("{path}/rescue");
                result = self.items(&block.rescue, &path, rescue_at).await;
            }
        }
        if result.as_ref().err().is_none_or(Stopped::runs_always) {
            let always = self
                .items(&block.always, &format!("{path}/always"), always_at)
                .await;
            result = match always {
                // Who is lost on the way there is lost, whatever led there.
                Err(Stopped::Unreachable(_)) => always,
                _ => result.and(always),
            };
        }
        result
    }

    /// What another host still does in a block may be fatal for all: who is through it waits for that,
    /// for it counts as the block's.
    async fn all_are_through(&self, end: &Position) -> Result<(), Stopped> {
        let Some(pace) = &self.pace else { return Ok(()) };
        pace.wait(self.play.order_of(&self.host), end).await;
        match self.new_doom(pace, None) {
            Some(why) => Err(Stopped::Doomed(Failure::new(FailureKind::Task, why))),
            None => Ok(()),
        }
    }

    /// A rescue takes care of every failure in its block, of those in an inner `always`, too.
    fn tell_rescued(&self) {
        for _ in 0..self.marks.caught.swap(0, Ordering::Relaxed) {
            let host = self.host.clone();
            self.play.world.bus.emit(EventKind::Rescued { host });
        }
    }

    /// One task, whatever it is.
    pub(super) async fn task(&self, task: &Task, id: String, position: Position) -> Result<(), Stopped> {
        if self.is_before_start(task) || !self.play.chooses(task, self) {
            return Ok(());
        }
        let order = self.play.order_of(&self.host);
        let leader = match &self.pace {
            Some(pace) => Some(pace.step(order, &position).await),
            None => None,
        };
        let leads = leader.is_none_or(|leader| leader == order);
        let mut run = TaskRun::new(self, task, id, leads);
        if let Err(stopped) = self.may_go_on(&position) {
            run.give_up();
            return Err(stopped);
        }
        if !self.somebody_says_yes(task, &run).await {
            run.give_up();
            return self.may_go_on(&position);
        }
        self.marks.ran.store(true, Ordering::Relaxed);
        if let Action::Meta(meta) = &task.action {
            return self.meta(meta.value, task, leads, &position).await;
        }
        let result = run.run().await;
        if !self.in_lane {
            self.give_back(result.is_ok());
        }
        match &self.pace {
            Some(pace) => self.settled(pace, &run, &position, result).await?,
            None => result?,
        }
        match &task.action {
            Action::Inclusion(_) => self.go_inside(run, &position).await,
            _ => Ok(()),
        }
    }

    /// Whether `--start-at-task` leaves the task out. Facts are gathered in the play it begins in.
    fn is_before_start(&self, task: &Task) -> bool {
        let play = self.play.index;
        self.play.world.start.as_ref().is_some_and(|start| {
            start.is_after(play) || self.called != "facts" && start.is_ahead(play, &self.host, task)
        })
    }

    /// What `--step` was answered, if it asks. The first Ctrl-C is a no.
    async fn somebody_says_yes(&self, task: &Task, run: &TaskRun<'_>) -> bool {
        let Some(steps) = self.play.world.steps.as_ref().filter(|_| !is_meta(task)) else {
            return true;
        };
        let key = format!("{}:{}", self.once.key, run.id());
        tokio::select! {
            () = self.play.world.stop.reached(Level::FinishChange) => false,
            yes = steps.allow(&key, run.about.name.clone()) => yes,
        }
    }

    /// Where a failure is fatal for all, nobody goes on before everybody has run the task; then
    /// the failure of one is one of all.
    async fn settled(
        &self,
        pace: &Pace,
        run: &TaskRun<'_>,
        position: &Position,
        result: Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let order = self.play.order_of(&self.host);
        if !run.is_fatal() {
            pace.goes_on(order);
            return result;
        }
        if let Err(Stopped::Failed(_) | Stopped::Unreachable(_)) = &result {
            pace.doom(
                position,
                format!("{} failed, and that is fatal for all", self.host),
            );
        }
        pace.settle(order, position).await;
        let doomed = self.new_doom(pace, None);
        pace.goes_on(order);
        match doomed {
            Some(why) if result.is_ok() => Err(Stopped::Doomed(Failure::new(FailureKind::Task, why))),
            _ => result,
        }
    }

    /// A failure elsewhere that is fatal for all, and that this host has not noticed yet.
    fn new_doom(&self, pace: &Pace, unless: Option<&Position>) -> Option<String> {
        let dooms = pace.dooms(self.noticed(), unless)?;
        self.marks.dooms.fetch_max(dooms.count, Ordering::Relaxed);
        *lock(&self.marks.doomed_at) = Some(dooms.first);
        Some(dooms.why)
    }

    /// Whether what ended this host happened before it came to `block`: then it is none of the
    /// block's failures.
    fn ended_before(&self, block: &Position, result: &Result<(), Stopped>) -> bool {
        let before = |at: &Position| at < block;
        matches!(result, Err(Stopped::Doomed(_))) && lock(&self.marks.doomed_at).as_ref().is_some_and(before)
    }

    /// How many failures of others that were fatal for all this host has taken notice of.
    pub(super) fn noticed(&self) -> usize {
        self.marks.dooms.load(Ordering::Relaxed)
    }

    /// Gives back every turn that was taken on behalf of this host.
    pub(super) fn give_back(&self, proved: bool) {
        if self.play.world.give_turn_back(&self.host) {
            let host = self.host.clone();
            self.play.world.bus.emit(EventKind::TurnReleased { host, proved });
        }
    }

    /// Remembers whether the task that failed ends the play for all.
    pub(super) fn mark_fatal(&self, task: &Task, terms: &Terms) {
        let fatal = terms.setting(task.directives.any_errors_fatal.as_ref());
        let fatal = !matches!(fatal, Ok(None | Some(false)));
        self.marks.fatal.store(fatal, Ordering::Relaxed);
    }

    /// Ctrl-C, failures elsewhere that end the play for all, and `meta` tasks that end it.
    pub(super) fn may_go_on(&self, position: &Position) -> Result<(), Stopped> {
        if self.play.world.stop.is_asked() {
            let message = "stopped on request";
            return Err(Stopped::Suspended(Failure::new(FailureKind::Stopped, message)));
        }
        if !matches!(self.section, Section::Gate | Section::Rollback) && self.is_over() {
            return Err(Stopped::Ended);
        }
        let by_task = |why| Failure::new(FailureKind::Task, why);
        let doom = self.play.doom().filter(|_| self.section != Section::Rollback);
        let Some(pace) = &self.pace else {
            return doom.map_or(Ok(()), |why| Err(Stopped::Doomed(by_task(why))));
        };
        match doom.filter(|_| pace.agreed(position, true)) {
            Some(why) => Err(Stopped::Over(by_task(why))),
            None => {
                pace.agreed(position, false);
                let doomed = self.new_doom(pace, Some(position));
                doomed.map_or(Ok(()), |why| Err(Stopped::Doomed(by_task(why))))
            }
        }
    }

    /// What `ansible_failed_task` and `ansible_failed_result` say in a rescue.
    pub(super) fn remember_failure(&self, task: &str, action: &str, result: Map) {
        if self.marks.rescues.load(Ordering::Relaxed) == 0 {
            return;
        }
        self.marks.caught.fetch_add(1, Ordering::Relaxed);
        self.play
            .variables
            .remember_failure(&self.host, task, action, result);
    }
}

/// Whoever keeps step must not wait for a host that has left, however it left.
struct Leaving<'a>(&'a Walk);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Some(pace) = &self.0.pace {
            pace.leave(self.0.play.order_of(&self.0.host));
        }
    }
}

/// How many tasks stand in an item.
fn count(item: &Item) -> u32 {
    u32::try_from(item.tasks().len()).unwrap_or(u32::MAX)
}

/// What the playbook tells the engine is not asked about.
fn is_meta(task: &Task) -> bool {
    matches!(task.action, Action::Meta(_))
}
