//! From what was asked for to a run that may start: everything is read and
//! checked, and no host has been touched.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::{Estate, Host};
use cutover_language::files::{Disk, Recorded};
use cutover_language::inventory::Pattern;
use cutover_language::playbook::Action;
use cutover_language::scope::{Layer, Rank};
use cutover_language::{Diagnostic, lint};
use tokio::sync::Semaphore;

use super::background;
use super::becoming::{self, Asked};
use super::connections::Connections;
use super::debugger::Desk;
use super::folders::Folders;
use super::guard::{Guard, Guarded};
use super::hosts::aim;
use super::library::Library;
use super::magic;
use super::modules::Modules;
use super::record::Record;
use super::request::{Chosen, Refusal, Request};
use super::roster::Roster;
use super::start::Start;
use super::step::Steps;
use super::tags::Tags;
use super::turns::Turns;
use super::variables::{Parts, Variables};
use super::world::World;
use super::{typed, written};
use crate::bus::Bus;
use crate::estate::{Defaults, LoginDefaults, checking};
use crate::event::{EventKind, Options};
use crate::journal::State;

/// A run that may start.
pub struct Run {
    pub(super) world: Arc<World>,
    pub(super) variables: Arc<Variables>,
    pub(super) modules: Arc<Modules>,
    pub(super) library: Arc<Library>,
    pub(super) options: Options,
    pub(super) tags: Tags,
    pub(super) plays: Vec<Chosen>,
    /// `--limit`.
    pub(super) limit: Option<Pattern>,
    /// Every file that was read, also those that templates look up on the way.
    pub(super) files: Arc<Recorded<Disk>>,
    /// Which of them events have told of.
    pub(super) told: Mutex<BTreeSet<PathBuf>>,
    pub(super) warnings: Vec<Diagnostic>,
    /// What it is recorded in; without it, nothing is.
    pub(super) record: Option<Record>,
    pub(super) hash_key: Vec<u8>,
}

impl Run {
    /// Reads and checks everything, takes the locks of the hosts, and opens the journal.
    pub fn prepare(mut request: Request) -> Result<Self, Refusal> {
        let state = request.state.clone();
        let id = State::run_id(request.clock.now(), fastrand::u32(..));
        let guard = Arc::new(Guard::of(&request, id.clone()));
        request.dialer = Arc::new(Guarded::new(request.dialer, guard.clone()));
        let mut run = Self::read(request, Some(guard.clone()))?;
        run.hold_hosts(&guard)?;
        run.record = Some(Record::open(&state, id)?);
        Ok(run)
    }

    /// Takes the locks of all hosts that plays name, so that a run that finds another one at
    /// work ends before it has touched anything.
    fn hold_hosts(&self, guard: &Guard) -> Result<(), Refusal> {
        let names: BTreeSet<&String> = self.plays.iter().flat_map(|chosen| &chosen.hosts).collect();
        let roster = &self.world.roster;
        guard.hold(
            names
                .into_iter()
                .filter_map(|name| Some((name.as_str(), roster.endpoint(name)?))),
        )
    }

    /// Reads and checks everything, and writes nothing: for lists and questions. Such a run
    /// has no journal; carried out, it could change nothing.
    pub fn look(request: Request) -> Result<Self, Refusal> {
        Self::read(request, None)
    }

    fn read(mut request: Request, guard: Option<Arc<Guard>>) -> Result<Self, Refusal> {
        let given = request.given.iter().cloned();
        let files = Arc::new(Recorded::new(Disk::with_vault(request.vault.clone())).with(given));
        let extra = Layer::written(Rank::Extra, "--extra-vars", &request.extra);
        let extra = Arc::new(extra);
        let library = Arc::new(Library {
            files: files.clone(),
            modules: Arc::new(std::mem::take(&mut request.modules)),
            roles_path: std::mem::take(&mut request.roles_path),
            extra: extra.clone(),
            sources: written::sources_of(&request.options),
            here: std::env::current_dir().unwrap_or_default(),
            merges: request.options.merge_hashes,
        });
        let written = written::read(&request, &library)?;
        super::clear::learn(&written.playbooks, &written.inventory, &extra, &request.secrets);
        let bus = Bus::new(request.clock.clone(), request.secrets.clone(), request.sinks);
        let base = written::base_folder(&request.options.inventories);
        let defaults = Defaults {
            work: request.state.of_inventory("work", &request.options.inventories),
            base: base.clone(),
        };
        let surroundings = super::surroundings::World {
            clock: request.clock.clone(),
            bus: bus.clone(),
            loopback_only: request.policy.loopback_only,
            effects: request.policy.effects.clone(),
        };
        let parts = Parts {
            inventory: written.inventory,
            templar: cutover_language::Templar::new(files.clone(), request.secrets.clone())
                .with_surroundings(Arc::new(surroundings))
                .merging(request.options.merge_hashes),
            extra,
            defaults: HashMap::new(),
            magic: Arc::new(match request.policy.own_work {
                true => magic::of_run(&request.options).with("work", defaults.work.display().to_string()),
                false => magic::of_run(&request.options),
            }),
            windows: BTreeMap::new(),
            bus: bus.clone(),
        };
        let plain = Variables::new(parts);
        let login = LoginDefaults {
            user: request.options.user.clone(),
            account: std::env::var("USER").unwrap_or_else(|_| "root".into()),
            password: request.password,
            key_file: request.key_file,
            connection: request.options.connection.clone(),
            timeout: request.options.timeout.map(Duration::from_secs),
            ssh_args: request.options.ssh_args.clone(),
            host_keys: request.options.host_key_checking.map(checking),
            base: base.clone(),
        };
        let roster = Roster::new(defaults.clone(), login, request.policy.clone());
        let typed = typed::hosts(&plain, &roster)?;
        let hosts: Vec<Host> = typed.ways.iter().map(|way| way.host.clone()).collect();
        let variables = Arc::new(plain.with_hosts(&hosts, typed.windows));
        roster.settle(typed.ways);
        let checked = super::check::check(
            &written.playbooks,
            &variables,
            request.strict,
            request.options.missing_handler(),
        )?;
        let mut warnings = written.warnings;
        warnings.extend(checked);
        let aim = aim(written.playbooks, &variables, &request.options, &*files)?;
        warnings.extend(aim.warnings);
        let start = Start::of(request.options.start_at_task.as_deref(), &aim.plays)?;
        let mut misplaced = becoming::check(&aim.plays, &variables, &hosts, &library.modules);
        misplaced.extend(background::check(&aim.plays, &library.modules));
        misplaced.extend(roster.misled(&aim.plays, &variables));
        if !misplaced.is_empty() {
            return Err(misplaced.into());
        }
        let granted = hosts
            .iter()
            .map(|host| host.work.clone())
            .chain([defaults.work.clone(), request.state.root().to_owned()])
            .collect::<BTreeSet<_>>();
        let world = World {
            bus,
            connections: Connections::new(
                request.devices.clone(),
                request.dialer.clone(),
                request.clock.clone(),
            ),
            roster,
            clock: request.clock,
            dialer: request.dialer,
            folders: Folders::new(granted, request.vault, request.secrets.clone()),
            secrets: request.secrets,
            forks: Arc::new(Semaphore::new(request.options.forks.max(1))),
            turns: Turns::default(),
            guard,
            state: request.state.root().to_owned(),
            effects: request.policy.effects,
            check: request.options.check,
            diff: request.options.diff,
            verbosity: request.options.verbosity,
            rotate_always: request
                .options
                .extra_vars
                .get("rotate")
                .and_then(|it| it.as_str())
                == Some("always"),
            stop: request.stop,
            start,
            steps: request.steps.map(Steps::new),
            debugger: Desk::new(request.options.debugger),
            becoming: Asked {
                options: request.options.becoming.clone(),
                password: request.become_password,
            },
            accept_outage: request.options.accept_outage.clone(),
            made: Mutex::default(),
            growths: Mutex::default(),
            at_start: Mutex::default(),
            busy: Mutex::default(),
            devices: request.devices,
            terminal: request.terminal,
        };
        let strict = request.strict;
        let mut run = Self {
            world: Arc::new(world),
            variables,
            modules: library.modules.clone(),
            library,
            tags: Tags {
                only: request.options.tags.clone(),
                skip: request.options.skip_tags.clone(),
            },
            options: request.options,
            plays: aim.plays,
            limit: aim.limit,
            files,
            told: Mutex::default(),
            warnings,
            record: None,
            hash_key: Vec::new(),
        };
        let unknown = run.unknown_tags();
        if strict && !unknown.is_empty() {
            return Err(unknown.into());
        }
        run.warnings.extend(unknown);
        Ok(run)
    }

    /// Tags that were asked for and that no task has, as far as all tasks are known: what dynamic
    /// includes bring in has tags of its own.
    fn unknown_tags(&self) -> Vec<Diagnostic> {
        let mut tags = BTreeSet::new();
        for chosen in &self.plays {
            for task in chosen.play.tasks() {
                if matches!(task.action, Action::Inclusion(_)) {
                    return Vec::new();
                }
                tags.extend(self.tags(chosen, &task.directives.tags));
            }
        }
        let asked = self.tags.only.iter().chain(&self.tags.skip);
        lint::unknown_tags(asked.map(String::as_str), &tags)
    }

    /// What is odd and does not stop the run.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The plays and the hosts they are for.
    pub fn plays(&self) -> &[Chosen] {
        &self.plays
    }

    /// The typed inventory.
    pub fn estate(&self) -> Arc<Estate> {
        self.world.estate()
    }

    /// What was asked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The variables of all hosts.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// What was told while everything was read.
    pub fn early(&self) -> Vec<EventKind> {
        self.world.bus.early()
    }
}
