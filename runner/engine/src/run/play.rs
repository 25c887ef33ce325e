//! One play: its hosts, sections, lanes, and what its tasks share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use cutover_kit::{AnyModule, Failure, FailureKind, Host, Value};
use cutover_language::Node;
use cutover_language::playbook::{Action, Body, Handler, Item, Play, Setting, Share, Strategy, Task};
use cutover_language::scope::Layer;
use tokio::task::JoinSet;

use super::barrier::Barriers;
use super::hosts::patterns as patterns_of;
use super::lane::{LaneRun, crashed};
use super::modules::Modules;
use super::once::Onces;
use super::pace::Pace;
use super::scope::Terms;
use super::stopped::Stopped;
use super::tags::Tags;
use super::variables::Variables;
use super::walk::{Once, Walk};
use super::waves;
use super::world::{World, lock};
use crate::event::{EventKind, Lane, Section};

/// What all tasks of a play share.
pub(super) struct PlayRun {
    /// The run.
    pub world: Arc<World>,
    /// The play as written.
    pub play: Arc<Play>,
    /// Its place in the run.
    pub index: usize,
    /// Every module there is.
    pub modules: Arc<Modules>,
    /// The variables of all hosts.
    pub variables: Arc<Variables>,
    /// Its own layers of variables.
    pub layers: Vec<Arc<Layer>>,
    /// `--tags`.
    pub tags: Tags,
    /// Its hosts, in order.
    pub hosts: Vec<String>,
    /// The place of each in that order.
    pub order: BTreeMap<String, usize>,
    /// The same, for modules.
    pub play_hosts: Arc<BTreeSet<String>>,
    /// Tasks that run once.
    pub onces: Onces,
    /// This machine, for what is delegated to it.
    pub localhost: Host,
    /// Names of handlers that were notified, by host.
    pub notified: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Why the play is over for everybody.
    pub doomed: Mutex<Option<String>>,
    /// Nodes that have done their part of a phase.
    pub finished: Mutex<BTreeSet<(usize, String)>>,
    /// Why hosts went no further.
    pub stopped: Mutex<BTreeMap<String, Stopped>>,
}

impl PlayRun {
    /// Runs the whole play.
    pub(super) async fn run(self: &Arc<Self>) {
        let lanes = self.lanes();
        let phases = match &self.play.body {
            Body::Phases(phases) => phases.iter().map(|phase| phase.name.value.clone()).collect(),
            Body::Tasks(_) => Vec::new(),
        };
        self.world.bus.emit(EventKind::PlayStarted {
            play: self.index,
            name: self.play.title(),
            lanes: lanes.clone(),
            phases,
        });
        for batch in self.batches() {
            self.section(&batch, Section::PreTasks, "pre_tasks", &self.play.pre_tasks)
                .await;
            match &self.play.body {
                Body::Tasks(items) => self.section(&batch, Section::Tasks, "tasks", items).await,
                Body::Phases(_) => self.all_lanes(&lanes).await,
            }
            self.section(&batch, Section::PostTasks, "post_tasks", &self.play.post_tasks)
                .await;
        }
    }

    /// Hosts by cluster, primary first; a lane stands where its first host does.
    fn lanes(&self) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = Vec::new();
        for name in &self.hosts {
            let cluster = self.world.estate.host(name).map_or(name, |host| &host.cluster);
            match lanes.iter_mut().find(|lane| lane.name == *cluster) {
                Some(lane) => lane.hosts.push(name.clone()),
                None => lanes.push(Lane {
                    name: cluster.clone(),
                    hosts: vec![name.clone()],
                }),
            }
        }
        for lane in &mut lanes {
            lane.hosts
                .sort_by_key(|name| self.world.estate.host(name).map(|host| host.node));
        }
        lanes
    }

    fn batches(&self) -> Vec<Vec<String>> {
        let shares = self.shares(&self.play.serial).unwrap_or_default();
        let mut rest = self.hosts.as_slice();
        let mut batches = Vec::new();
        for size in waves::cut(self.hosts.len(), &shares) {
            let (batch, after) = rest.split_at(size);
            batches.push(batch.to_vec());
            rest = after;
        }
        batches
    }

    /// The hosts of a batch that still take part.
    fn alive(&self, batch: &[String]) -> Vec<String> {
        let stopped = lock(&self.stopped);
        batch
            .iter()
            .filter(|host| !stopped.contains_key(*host))
            .cloned()
            .collect()
    }

    /// A section of tasks over a batch of hosts, in step unless the strategy is free.
    async fn section(
        self: &Arc<Self>,
        batch: &[String],
        section: Section,
        name: &'static str,
        items: &[Item],
    ) {
        if items.is_empty() {
            return;
        }
        let hosts = self.alive(batch);
        let pace = self
            .is_linear()
            .then(|| Arc::new(Pace::linear(hosts.iter().map(|host| self.order_of(host)))));
        let mut walks = JoinSet::new();
        for host in &hosts {
            let walk = Walk {
                play: self.clone(),
                host: host.clone(),
                section,
                prefix: format!("{}/{name}", self.index),
                called: name.to_owned(),
                once: Once {
                    key: format!("batch {}", batch.join(",")),
                    hosts: hosts.clone(),
                },
                pace: pace.clone(),
                ran: AtomicBool::new(false),
            };
            let items = items.to_vec();
            walks.spawn(async move {
                let mut result = walk.go(&items).await;
                if result.is_ok() {
                    result = walk.flush_handlers().await;
                }
                (walk.host.clone(), result)
            });
        }
        while let Some(ended) = walks.join_next().await {
            match ended {
                Ok((host, Err(stopped))) => self.host_stopped(&host, stopped),
                Ok((_, Ok(()))) => {}
                Err(panic) => self.doom_all(crashed(&panic).message),
            }
        }
    }

    fn is_linear(&self) -> bool {
        let strategy = self
            .play
            .strategy
            .as_ref()
            .and_then(Setting::literal)
            .copied()
            .unwrap_or_default();
        !matches!(strategy, Strategy::Free | Strategy::HostPinned)
    }

    async fn all_lanes(self: &Arc<Self>, lanes: &[Lane]) {
        let alive = |lane: &&Lane| self.alive(&lane.hosts).len() == lane.hosts.len();
        let lanes: Arc<Vec<Lane>> = Arc::new(lanes.iter().filter(alive).cloned().collect());
        let barriers = Arc::new(Barriers::new(lanes.iter().map(|lane| lane.name.as_str())));
        let mut running = JoinSet::new();
        for lane in lanes.iter() {
            let run = LaneRun {
                play: self.clone(),
                lane: lane.clone(),
                lanes: lanes.clone(),
                barriers: barriers.clone(),
            };
            running.spawn(run.run());
        }
        while let Some(ended) = running.join_next().await {
            if let Err(panic) = ended {
                self.doom_all(crashed(&panic).message);
            }
        }
    }

    /// A host goes no further in this and later plays.
    fn host_stopped(&self, host: &str, stopped: Stopped) {
        if stopped != Stopped::Ended {
            let reason = stopped
                .failure()
                .map(|failure| failure.message.clone())
                .unwrap_or_default();
            self.world.turns.stopped([host], &reason);
            if self.world.turns.release(host) {
                self.world.bus.emit(EventKind::TurnReleased {
                    host: host.to_owned(),
                    proved: false,
                });
            }
        }
        lock(&self.stopped).insert(host.to_owned(), stopped);
    }

    /// A lane goes no further in this and later plays.
    pub(super) fn remember_stop(&self, lane: &Lane, stopped: &Stopped) {
        let mut all = lock(&self.stopped);
        all.extend(lane.hosts.iter().map(|host| (host.clone(), stopped.clone())));
    }

    /// The place of `host` in the play's order.
    pub(super) fn order_of(&self, host: &str) -> usize {
        self.order.get(host).copied().unwrap_or(usize::MAX)
    }

    /// The place of a cluster in the play's order: that of the first of its hosts.
    pub(super) fn lane_order(&self, cluster: &str) -> usize {
        let here = |name: &&String| {
            self.world
                .estate
                .host(name)
                .is_some_and(|host| host.cluster == cluster)
        };
        self.hosts
            .iter()
            .find(here)
            .map_or(usize::MAX, |name| self.order_of(name))
    }

    /// Whether tags choose the task. A gate goes with its phase, whatever tags are chosen.
    pub(super) fn chooses(&self, task: &Task, walk: &Walk) -> bool {
        if matches!(walk.section, Section::Gate | Section::Handlers) {
            return true;
        }
        let terms = self.terms(&walk.host, Some(task));
        self.tags.choose(&terms.words(&task.directives.tags))
    }

    /// The task's name for people, templated where that can be done.
    pub(super) fn title(&self, task: &Task, host: &str) -> String {
        let rendered = task
            .name
            .as_ref()
            .and_then(|name| self.terms(host, Some(task)).render(name).ok());
        match rendered {
            Some(Value::String(name)) => name,
            _ => task.title().to_owned(),
        }
    }

    /// The canonical name of the task's module.
    pub(super) fn module_name(&self, task: &Task) -> String {
        match &task.action {
            Action::Module(call) => call.module.clone(),
            other => other.written().to_owned(),
        }
    }

    /// Whether one call of the task's module stands for several hosts.
    pub(super) fn is_collective(&self, task: &Task) -> bool {
        self.modules
            .find(&self.module_name(task))
            .is_some_and(|module| module.traits().collective)
    }

    /// What a host's templates can see.
    pub(super) fn terms(&self, host: &str, task: Option<&Task>) -> Terms {
        self.variables.terms(host, &self.layers, task)
    }

    /// The typed host of this name; `localhost` needs no entry in the inventory.
    pub(super) fn host_for(&self, name: &str) -> Result<Host, Failure> {
        let known = self.world.estate.host(name).cloned();
        let local = || {
            ["localhost", "127.0.0.1", "::1"]
                .contains(&name)
                .then(|| self.localhost.clone())
        };
        known.or_else(local).ok_or_else(|| {
            Failure::new(
                FailureKind::Arguments,
                format!("`{name}` is not a host of the inventory"),
            )
        })
    }

    /// The module that the task calls, and its rendered arguments.
    pub(super) fn call_of(
        &self,
        task: &Task,
        terms: &Terms,
    ) -> Result<(&'static dyn AnyModule, Value), Failure> {
        let (name, args) = match &task.action {
            Action::Module(call) => (call.module.clone(), &call.args),
            Action::Template { name, args } => (terms.text(name)?, args),
            other => {
                let message = format!("`{}` is not supported yet", other.written());
                return Err(Failure::new(FailureKind::Arguments, message));
            }
        };
        let module = self.modules.find(&name).ok_or_else(|| {
            Failure::new(
                FailureKind::Arguments,
                format!("couldn't resolve module/action '{name}'"),
            )
        })?;
        let value = super::arguments::render(module.name(), args, terms)?;
        Ok((module, value))
    }

    /// The hosts that patterns choose, or `None` where there are no patterns.
    pub(super) fn narrowed(&self, patterns: &[Node]) -> Result<Option<BTreeSet<String>>, Failure> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let terms = self.variables.play_terms(&self.layers);
        let patterns = patterns_of(patterns, &terms)
            .map_err(|fault| Failure::new(FailureKind::Arguments, fault.message))?;
        let hosts = self.variables.inventory().select(&patterns).hosts;
        Ok(Some(hosts.into_iter().collect()))
    }

    /// The sizes of batches.
    pub(super) fn shares(&self, serial: &[Setting<Share>]) -> Result<Vec<Share>, Failure> {
        let terms = self.variables.play_terms(&self.layers);
        serial
            .iter()
            .filter_map(|share| terms.setting(Some(share)).transpose())
            .collect()
    }

    /// Notifies handlers by name or topic.
    pub(super) fn notify(&self, host: &str, names: Vec<String>) {
        lock(&self.notified)
            .entry(host.to_owned())
            .or_default()
            .extend(names);
    }

    /// The handlers to run now, by their places, in the order in which they are defined.
    pub(super) fn take_notified(&self, host: &str, handlers: &[Handler]) -> Vec<usize> {
        let names = lock(&self.notified).remove(host).unwrap_or_default();
        let wanted = |handler: &Handler| {
            names.contains(handler.task.title())
                || handler.listen.iter().any(|topic| names.contains(&topic.value))
        };
        (0..handlers.len())
            .filter(|index| wanted(&handlers[*index]))
            .collect()
    }

    /// Why the play is over for everybody, if it is.
    pub(super) fn doom(&self) -> Option<String> {
        lock(&self.doomed).clone()
    }

    fn doom_all(&self, why: String) {
        lock(&self.doomed).get_or_insert(why);
    }

    /// What a failure means for the others: `any_errors_fatal`, `max_fail_percentage`.
    pub(super) fn task_failed(&self, task: &Task, host: &str, failure: &Failure, terms: &Terms) {
        if failure.kind == FailureKind::Awaiting {
            return;
        }
        let fatal = terms
            .setting(task.directives.any_errors_fatal.as_ref())
            .ok()
            .flatten()
            .unwrap_or(false);
        if fatal {
            self.doom_all(format!("{host} failed, and any_errors_fatal is set"));
        }
        let limit = terms
            .setting(self.play.max_fail_percentage.as_ref())
            .ok()
            .flatten();
        let failed = lock(&self.stopped).keys().filter(|name| *name != host).count() + 1;
        if let Some(limit) = limit
            && failed as f64 * 100.0 / self.hosts.len() as f64 > limit
        {
            self.doom_all(format!("more than {limit} % of the hosts failed"));
        }
    }

    /// Whether the window allows a node to begin.
    pub(super) fn window_allows(
        &self,
        lane: &Lane,
        lanes: &[Lane],
        phase: usize,
        host: &str,
    ) -> Result<(), Failure> {
        super::window::allows(self, lane, lanes, phase, host)
    }

    /// How the play ended for each host that went no further.
    pub(super) fn endings(&self) -> BTreeMap<String, Stopped> {
        lock(&self.stopped).clone()
    }
}
