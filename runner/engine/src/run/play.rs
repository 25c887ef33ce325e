//! One play: its hosts, sections, lanes, and what its tasks share.

mod lanes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use cutover_kit::{AnyModule, Failure, FailureKind, Value};
use cutover_language::catalog::short;
use cutover_language::playbook::{Action, Body, Handler, Play, Setting, Share, Strategy, Task};
use cutover_language::scope::Layer;
use cutover_language::{Node, Severity};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::hosts::{patterns as patterns_of, texts};
use super::include::Includes;
use super::late_files::LateFiles;
use super::library::Library;
use super::modules::Modules;
use super::once::Onces;
use super::roles::Roles;
use super::roster::{Keywords, Route};
use super::scope::Terms;
use super::sections::crashed;
use super::stopped::Stopped;
use super::tags::Tags;
use super::variables::Variables;
use super::world::World;
use crate::event::{EventKind, Gathering, Lane, Section};
use crate::sync::lock;

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
    /// The same in the order of the inventory, as templates see them.
    pub listed: Vec<String>,
    /// The place of each in the play's order.
    pub order: BTreeMap<String, usize>,
    /// The same, for modules.
    pub play_hosts: Arc<BTreeSet<String>>,
    /// Whether facts are gathered where the play does not say.
    pub gathering: Gathering,
    /// Tasks that run once.
    pub onces: Onces,
    /// Handlers that were notified, by host and by their places.
    pub notified: Mutex<BTreeMap<String, BTreeSet<usize>>>,
    /// What `throttle` lets at work at once, by where the task is written: a handler is one whoever flushes.
    pub throttles: Mutex<BTreeMap<String, Arc<Semaphore>>>,
    /// Handlers that are known by now.
    pub handlers: RwLock<Vec<Arc<Handler>>>,
    /// `--force-handlers`.
    pub force_handlers: bool,
    /// How bad it is that a handler is notified and not there.
    pub missing_handler: Severity,
    /// What was included so far.
    pub includes: Mutex<Includes>,
    /// What the play sees of roles that were included.
    pub exported: RwLock<Vec<Arc<Layer>>>,
    /// `vars_files` that were read for single hosts.
    pub late: Mutex<LateFiles>,
    /// What is magic about the hosts that still take part.
    pub active: RwLock<Arc<Layer>>,
    /// Reads what is included.
    pub library: Arc<Library>,
    /// Whether `meta` has ended the play.
    pub ended: AtomicBool,
    /// Hosts that have failed, also those whose walk has not come to its end.
    pub failing: Mutex<BTreeSet<String>>,
    /// Those whose failure `meta` has taken back.
    pub forgiven: Mutex<BTreeSet<String>>,
    /// Whether `meta` has taken back failures of hosts.
    pub cleared: AtomicBool,
    /// The place of each cluster: that of the first of its hosts.
    pub lane_orders: BTreeMap<String, usize>,
    /// The hosts that are under way.
    pub batch: Mutex<Batch>,
    /// `--forks`.
    pub forks: usize,
    /// Why the play is over for everybody.
    pub doomed: Mutex<Option<String>>,
    /// The same, where that is the share of hosts that failed; taken when it is told.
    pub too_many: Mutex<Option<String>>,
    /// Nodes that have done their part of a phase.
    pub finished: Mutex<BTreeSet<(usize, String)>>,
    /// `ansible_search_path`, by file and role.
    pub search_paths: Mutex<HashMap<(String, String), Arc<Layer>>>,
    /// Which roles ran on which hosts.
    pub roles: Mutex<Roles>,
    /// Why hosts went no further.
    pub stopped: Mutex<BTreeMap<String, Stopped>>,
}

/// The hosts of a play that are under way.
#[derive(Default)]
pub(super) struct Batch {
    /// All of them.
    pub hosts: Vec<String>,
    /// Those that failed.
    pub failed: BTreeSet<String>,
}

impl PlayRun {
    /// Runs the whole play. Whether no other play of its playbook may follow: nobody was left of a
    /// batch, or what failed is fatal for all.
    pub(super) async fn run(self: &Arc<Self>) -> bool {
        let batches = match self.batches() {
            Ok(batches) => batches,
            Err(failure) => {
                self.tell_start(self.lanes(&self.hosts));
                self.fail_all(&failure);
                return true;
            }
        };
        for batch in batches {
            let lanes = self.lanes(&batch);
            self.tell_start(lanes.clone());
            *lock(&self.batch) = Batch {
                hosts: batch.clone(),
                failed: BTreeSet::new(),
            };
            self.tell_active();
            match &self.play.body {
                Body::Tasks(_) if !self.is_linear() => self.freely(&batch).await,
                _ => self.clone().all_sections(batch.clone(), lanes).await,
            }
            if self.is_linear()
                && let (Body::Tasks(_), Some(why)) = (&self.play.body, lock(&self.too_many).take())
            {
                self.world.bus.emit(EventKind::TooManyFailed { why });
            }
            if self.all_failed(&batch) {
                return true;
            }
            if self.ended.load(Ordering::Relaxed) {
                break;
            }
        }
        self.doom().is_some()
    }

    fn tell_start(&self, lanes: Vec<Lane>) {
        let phases = match &self.play.body {
            Body::Phases(phases) => phases.iter().map(|phase| phase.name.value.clone()).collect(),
            Body::Tasks(_) => Vec::new(),
        };
        self.world.bus.emit(EventKind::PlayStarted {
            play: self.index,
            name: self.name(),
            lanes,
            phases,
        });
    }

    /// Its name for people, or the patterns of its hosts, templated where that can be done.
    fn name(&self) -> String {
        let terms = self.variables.play_terms(&self.layers);
        match &self.play.name {
            Some(name) => terms.text(name).unwrap_or_else(|_| self.play.title()),
            None => {
                let hosts = self.play.hosts.iter().map(|node| texts(node, &terms));
                let texts: Result<Vec<_>, _> = hosts.collect();
                texts.map_or_else(|_| self.play.title(), |texts| texts.concat().join(","))
            }
        }
    }

    /// Each host goes through all sections on its own; under `host_pinned` only so many have begun
    /// and are not done.
    async fn freely(self: &Arc<Self>, batch: &[String]) {
        let most = match self.strategy() {
            Strategy::HostPinned => self.forks,
            _ => batch.len(),
        };
        let begun = Arc::new(Semaphore::new(most.max(1)));
        let mut running = JoinSet::new();
        let mut hosts = HashMap::new();
        for host in batch.iter().cloned() {
            let (play, begun) = (self.clone(), begun.clone());
            let own = host.clone();
            let way = running.spawn(async move {
                let _place = begun.acquire_owned().await;
                play.all_sections(vec![own], Vec::new()).await;
            });
            hosts.insert(way.id(), host);
        }
        while let Some(ended) = running.join_next().await {
            if let Err(panic) = ended
                && let Some(host) = hosts.get(&panic.id())
            {
                self.host_stopped(host, Stopped::by(crashed(&panic)));
            }
        }
    }

    async fn all_sections(self: Arc<Self>, batch: Vec<String>, lanes: Vec<Lane>) {
        self.gather(&batch).await;
        self.section(&batch, Section::PreTasks, &[("pre_tasks", &self.play.pre_tasks)])
            .await;
        let roles = ("roles", self.play.roles.as_slice());
        match &self.play.body {
            Body::Tasks(items) => {
                let parts = [roles, ("tasks", items.as_slice())];
                self.section(&batch, Section::Tasks, &parts).await;
            }
            Body::Phases(_) => {
                self.section(&batch, Section::Tasks, &[roles]).await;
                self.all_lanes(&lanes).await;
            }
        }
        let post_tasks = [("post_tasks", self.play.post_tasks.as_slice())];
        self.section(&batch, Section::PostTasks, &post_tasks).await;
    }

    /// The place of `host` in the play's order.
    pub(super) fn order_of(&self, host: &str) -> usize {
        self.order.get(host).copied().unwrap_or(usize::MAX)
    }

    /// The place of a cluster in the play's order.
    pub(super) fn lane_order(&self, cluster: &str) -> usize {
        self.lane_orders.get(cluster).copied().unwrap_or(usize::MAX)
    }

    /// The canonical name of the task's module, as far as it can be told.
    pub(super) fn module_name(&self, task: &Task, terms: &Terms) -> String {
        match &task.action {
            Action::Module(call) => call.module.clone(),
            Action::Inclusion(inclusion) => inclusion.name().to_owned(),
            Action::Template { name, .. } => {
                let rendered = terms.text(name).ok();
                let module = rendered.and_then(|name| self.modules.meant(&name, task, &self.play));
                module
                    .map_or_else(|| task.action.written(), |module| module.name())
                    .to_owned()
            }
            other => other.written().to_owned(),
        }
    }

    /// Whether one call of the task's module stands for several hosts.
    pub(super) fn is_collective(&self, task: &Task, terms: &Terms) -> bool {
        self.modules
            .meant(&self.module_name(task, terms), task, &self.play)
            .is_some_and(|module| module.traits().collective)
    }

    /// The way to a host before any task; it need not be in the inventory.
    pub(super) fn way_to(&self, name: &str) -> Result<Route, Failure> {
        let terms = self.terms(name, None);
        self.world.roster.way(name, &terms, &Keywords::default())
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
        let module = self
            .modules
            .meant(short(&name), task, &self.play)
            .ok_or_else(|| {
                Failure::new(
                    FailureKind::Arguments,
                    format!("couldn't resolve module/action '{name}'"),
                )
            })?;
        let value = super::arguments::render(module.name(), args, &task.directives.module_defaults, terms)?;
        Ok((module, value))
    }

    /// The places of a throttled task.
    pub(super) fn throttle(&self, task: String, most: usize) -> Arc<Semaphore> {
        let mut all = lock(&self.throttles);
        all.entry(task)
            .or_insert_with(|| Arc::new(Semaphore::new(most)))
            .clone()
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
}
