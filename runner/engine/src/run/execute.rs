//! Carrying out a run that was prepared: its plays, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cutover_kit::{FailureKind, Value};
use cutover_language::render::hide_secrets;
use cutover_language::scope::{Layer, Rank};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use super::hosts::hosts_of;
use super::play::PlayRun;
use super::prepare::Run;
use super::request::Chosen;
use super::stop::Level;
use super::stopped::Stopped;
use super::variables::Variables;
use crate::bus::Durable;
use crate::bytes::hex;
use crate::event::{EventKind, FORMAT, Options};
use crate::exit::Exit;
use crate::reference::reference;
use crate::sync::lock;

/// How often what still runs is told.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Run {
    /// Runs all plays and says how it ended.
    pub async fn execute(mut self) -> Exit {
        self.begin();
        let heartbeat = self.world.heartbeat(HEARTBEAT);
        let dropped = self.world.stop.reached(Level::Drop);
        let exit = tokio::select! {
            // In this order, so that a run tells the same story every time.
            biased;
            () = self.tell_stop() => Exit::Internal,
            () = dropped => self.interrupted(),
            () = heartbeat => Exit::Internal,
            exit = self.all_plays() => exit,
        };
        self.world.connections.drop_all();
        self.world.bus.close();
        exit
    }

    /// Tells of the first Ctrl-C, and does not end.
    async fn tell_stop(&self) {
        self.world.stop.reached(Level::FinishChange).await;
        self.world.bus.emit(EventKind::StopRequested);
        std::future::pending::<()>().await;
    }

    fn begin(&mut self) {
        let (journal, run) = match self.record.take() {
            Some(record) => {
                self.hash_key = record.hash_key;
                (Some(Box::new(record.journal) as Box<dyn Durable>), record.id)
            }
            None => (None, String::new()),
        };
        let first = EventKind::RunStarted {
            format: FORMAT,
            tool: concat!("cutover ", env!("CARGO_PKG_VERSION")).into(),
            run,
            options: Options {
                extra_vars: reference(&Value::from(self.options.extra_vars.clone()), &self.world.secrets),
                ..self.options.clone()
            },
        };
        self.world.bus.begin(journal, first);
        self.tell_files();
        for warning in &self.warnings {
            let place = warning.place.as_ref().map(ToString::to_string);
            let help = warning
                .help
                .as_ref()
                .map(|help| format!("; {help}"))
                .unwrap_or_default();
            self.world.bus.emit(EventKind::Warned {
                place,
                message: format!("{}{help}", warning.message),
            });
        }
    }

    /// Tells of every file that was read and not told of yet.
    fn tell_files(&self) {
        let mut told = lock(&self.told);
        for (path, content) in self.files.so_far() {
            if told.insert(path.clone()) {
                self.world.bus.emit(EventKind::FileRead {
                    path: path.display().to_string(),
                    hash: keyed_hash(&self.hash_key, content.as_bytes()),
                    content: Some(hide_secrets(&content)),
                });
            }
        }
    }

    async fn all_plays(&self) -> Exit {
        let mut gone: BTreeMap<String, Stopped> = BTreeMap::new();
        for (index, chosen) in self.plays.iter().enumerate() {
            let all = self.hosts_now(chosen);
            let still_here = all.iter().filter(|host| !gone.contains_key(*host));
            let hosts: Vec<String> = still_here.cloned().collect();
            if hosts.is_empty() {
                let pattern = chosen
                    .play
                    .hosts
                    .iter()
                    .filter_map(cutover_language::Node::written)
                    .collect::<Vec<_>>()
                    .join(",");
                self.world.bus.emit(EventKind::NoHosts { pattern });
                continue;
            }
            let answers = match self.answers(chosen).await {
                Ok(answers) => answers,
                Err(failure) => {
                    gone.extend(hosts.into_iter().map(|host| (host, Stopped::by(failure.clone()))));
                    break;
                }
            };
            let play = self.play(index, chosen, &all, hosts, answers);
            let over = play.run().await;
            let endings = play.endings();
            if play.cleared.load(Ordering::Relaxed) {
                gone.retain(|_, stopped| !matches!(stopped, Stopped::Failed(_) | Stopped::Unreachable(_)));
            }
            gone.extend(
                endings
                    .into_iter()
                    .filter(|(_, stopped)| *stopped != Stopped::Ended),
            );
            let more = self.plays.get(index + 1);
            let fails_before_the_next_playbook = || {
                more.is_some_and(|next| next.playbook != chosen.playbook)
                    && gone.values().any(Stopped::is_a_failure)
            };
            let invalid = || gone.values().any(is_invalid);
            if over || invalid() || self.world.stop.is_asked() || fails_before_the_next_playbook() {
                break;
            }
        }
        self.finish(&gone)
    }

    /// The hosts of a play: those that were found before the run, unless the run has added some.
    fn hosts_now(&self, chosen: &Chosen) -> Vec<String> {
        if !self.variables.has_grown() {
            return chosen.hosts.clone();
        }
        match hosts_of(&chosen.play, &chosen.folder, &self.variables, self.limit.as_ref()) {
            Ok(meant) => {
                for (term, _) in meant.unmatched {
                    self.warn(
                        None,
                        format!("Could not match supplied host pattern, ignoring: {term}"),
                    );
                }
                meant.hosts
            }
            Err(fault) => {
                self.warn(fault.place.as_ref().map(ToString::to_string), fault.message);
                Vec::new()
            }
        }
    }

    fn warn(&self, place: Option<String>, message: String) {
        self.world.bus.emit(EventKind::Warned { place, message });
    }

    /// A play for the `hosts` that are left of `all` it is for.
    fn play(
        &self,
        index: usize,
        chosen: &Chosen,
        all: &[String],
        hosts: Vec<String>,
        answers: Layer,
    ) -> Arc<PlayRun> {
        let mut layers = vec![Arc::new(answers)];
        layers.extend(Variables::layers_of(&chosen.play, &chosen.folder));
        let all = self.listed(chosen, all);
        layers.push(Arc::new(
            Layer::new(Rank::Magic, "magic").with("ansible_play_hosts_all", all),
        ));
        Arc::new(PlayRun {
            world: self.world.clone(),
            play: chosen.play.clone(),
            index,
            modules: self.modules.clone(),
            variables: self.variables.clone(),
            layers,
            tags: self.tags.clone(),
            play_hosts: Arc::new(hosts.iter().cloned().collect::<BTreeSet<_>>()),
            order: hosts.iter().cloned().zip(0..).collect(),
            lane_orders: self.lane_orders(&hosts),
            listed: self.listed(chosen, &hosts),
            hosts,
            throttles: Default::default(),
            handlers: RwLock::new(chosen.play.handlers.iter().cloned().map(Arc::new).collect()),
            force_handlers: self.options.force_handlers,
            missing_handler: self.options.missing_handler(),
            includes: Default::default(),
            exported: Default::default(),
            late: Default::default(),
            active: RwLock::new(Arc::new(Layer::new(Rank::Magic, "magic"))),
            library: self.library.clone(),
            ended: Default::default(),
            failing: Default::default(),
            forgiven: Default::default(),
            cleared: Default::default(),
            gathering: self.options.gathering,
            onces: Default::default(),
            notified: Default::default(),
            doomed: Default::default(),
            too_many: Default::default(),
            batch: Default::default(),
            forks: self.options.forks,
            finished: Default::default(),
            stopped: Default::default(),
            roles: Default::default(),
            search_paths: Default::default(),
        })
    }

    /// Hosts as templates see them: whatever `order` of the play says, in that of the inventory.
    fn listed(&self, chosen: &Chosen, hosts: &[String]) -> Vec<String> {
        if chosen.play.order.is_none() {
            return hosts.to_vec();
        }
        let inventory = self.variables.inventory();
        let listed = inventory
            .hosts()
            .filter(|host| hosts.iter().any(|other| other == host));
        listed.map(str::to_owned).collect()
    }

    /// The second Ctrl-C: what was under way has an unknown outcome, which the journal shows.
    fn interrupted(&self) -> Exit {
        let go_on = "an intent without an outcome in the journal was cut off: look before you run it again";
        self.world.bus.emit(EventKind::RunFinished {
            exit: Exit::Interrupted.code(),
            awaiting: Vec::new(),
            go_on: Some(go_on.into()),
        });
        Exit::Interrupted
    }

    /// The place of each cluster: that of the first of its hosts.
    fn lane_orders(&self, hosts: &[String]) -> BTreeMap<String, usize> {
        let estate = self.world.estate();
        let mut orders = BTreeMap::new();
        for (order, name) in hosts.iter().enumerate() {
            let cluster = estate.host(name).map_or(name, |host| &host.cluster);
            orders.entry(cluster.clone()).or_insert(order);
        }
        orders
    }

    fn finish(&self, gone: &BTreeMap<String, Stopped>) -> Exit {
        self.tell_files();
        let broken = self.world.bus.broken();
        let exit = match &broken {
            Some(error) => {
                self.world.bus.emit(EventKind::Warned {
                    place: None,
                    message: format!("the journal could not be written: {error}"),
                });
                Exit::Internal
            }
            None => {
                let start = if self.world.stop.is_asked() {
                    Exit::Suspended
                } else {
                    Exit::Done
                };
                gone.values().map(exit_of).fold(start, Exit::worse)
            }
        };
        let awaiting = gone.values().filter_map(|stopped| match stopped {
            Stopped::Suspended(failure) if failure.kind != FailureKind::Stopped => Some(failure),
            _ => None,
        });
        let mut lines: Vec<String> = awaiting
            .flat_map(|failure| {
                if failure.seen.is_empty() {
                    vec![failure.message.clone()]
                } else {
                    failure.seen.clone()
                }
            })
            .collect();
        lines.sort();
        lines.dedup();
        let go_on = (exit == Exit::Suspended || !lines.is_empty())
            .then(|| "run the same command again: what is done stays done".to_owned());
        self.world.bus.emit(EventKind::RunFinished {
            exit: exit.code(),
            awaiting: lines,
            go_on,
        });
        exit
    }
}

/// HMAC-SHA-256, hex.
fn keyed_hash(key: &[u8], content: &[u8]) -> String {
    let sign = || {
        let key = PKey::hmac(key)?;
        Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(content)
    };
    hex(&sign().unwrap_or_default())
}

/// Whether a file that the host came upon does not parse or check.
fn is_invalid(stopped: &Stopped) -> bool {
    stopped
        .failure()
        .is_some_and(|failure| failure.kind == FailureKind::Invalid)
}

fn exit_of(stopped: &Stopped) -> Exit {
    match stopped {
        _ if is_invalid(stopped) => Exit::INVALID,
        Stopped::Failed(failure) if failure.kind == FailureKind::Unknown => Exit::Unknown,
        Stopped::Failed(failure) if failure.kind == FailureKind::Internal => Exit::Internal,
        Stopped::Failed(_) | Stopped::Doomed(_) | Stopped::Over(_) => Exit::Failed,
        Stopped::Unreachable(_) => Exit::Unreachable,
        Stopped::Suspended(_) => Exit::Suspended,
        Stopped::Ended | Stopped::RoleEnded => Exit::Done,
    }
}
