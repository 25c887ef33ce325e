//! What all tasks of a run share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::session::{Dialer, Endpoint};
use cutover_kit::{Clock, Estate, Failure, FailureKind, Host, Later, Made, Secret, Secrets};
use cutover_language::inventory::Growth;
use tokio::sync::Semaphore;

use super::becoming::Asked;
use super::connections::Connections;
use super::debugger::Desk;
use super::folders::Folders;
use super::guard::Guard;
use super::roster::Roster;
use super::start::Start;
use super::step::Steps;
use super::stop::{Level, Stop};
use super::turns::Turns;
use crate::bus::Bus;
use crate::event::{Busy, EventKind};
use crate::policy::Effects;
use crate::sync::lock;

/// One run's shared state and its ways to the outside.
pub(super) struct World {
    /// Where events go.
    pub bus: Bus,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Opens connections.
    pub dialer: Arc<dyn Dialer>,
    /// All known secrets.
    pub secrets: Secrets,
    /// Every host and the way to it.
    pub roster: Roster,
    /// The connection kept for each host.
    pub connections: Connections,
    /// Places for tasks that work.
    pub forks: Arc<Semaphore>,
    /// Who may be out of service.
    pub turns: Turns,
    /// Who of other runs is kept away; a run that only looks keeps nobody.
    pub guard: Option<Arc<Guard>>,
    /// The files tasks may touch.
    pub folders: Folders,
    /// The state folder.
    pub state: PathBuf,
    /// What tasks may change.
    pub effects: Effects,
    /// Whether this is a check run.
    pub check: bool,
    /// Whether differences are shown where a task says nothing of that.
    pub diff: bool,
    /// How often `-v` was given.
    pub verbosity: u8,
    /// `-e rotate=always`.
    pub rotate_always: bool,
    /// Ctrl-C.
    pub stop: Stop,
    /// `--start-at-task`.
    pub start: Option<Start>,
    /// `--step`.
    pub steps: Option<Steps>,
    /// The keyword `debugger`.
    pub debugger: Desk,
    /// `--become` and what goes with it.
    pub becoming: Asked,
    /// `--accept-outage`.
    pub accept_outage: BTreeMap<String, String>,
    /// What steps made, or in a check run would make.
    pub made: Mutex<BTreeMap<Made, Later>>,
    /// What the run has added to the inventory. Who adds to it holds this.
    pub growths: Mutex<Vec<Growth>>,
    /// What was asked for at the start.
    pub at_start: Mutex<BTreeMap<String, String>>,
    /// What busy hosts do.
    pub busy: Mutex<BTreeMap<String, (String, Duration)>>,
    /// Who can be asked.
    pub terminal: Arc<dyn super::terminal::Terminal>,
    /// How to connect to devices and see whether they are in service.
    pub devices: Arc<dyn super::devices::Devices>,
}

impl World {
    /// Asks the person at the terminal; `None` where there is nobody.
    /// The first Ctrl-C ends the waiting.
    pub(super) async fn ask(&self, prompt: &str, echo: bool) -> Result<Option<Secret>, Failure> {
        tokio::select! {
            () = self.stop.reached(Level::FinishChange) => {
                Err(Failure::new(FailureKind::Stopped, "stopped on request before there was an answer"))
            }
            answer = self.terminal.ask(prompt, echo) => Ok(answer),
        }
    }

    /// Waits while nothing is under way: fails as stopped as soon as the run is asked to stop.
    pub(super) async fn rest(&self, duration: Duration) -> Result<(), Failure> {
        tokio::select! {
            // Who is to stop does not go on because the time is up as well.
            biased;
            () = self.stop.reached(Level::FinishChange) => {
                Err(Failure::new(FailureKind::Stopped, "stopped on request while it waited"))
            }
            () = self.clock.sleep(duration) => Ok(()),
        }
    }

    /// The typed inventory as it is now.
    pub(super) fn estate(&self) -> Arc<Estate> {
        self.roster.estate()
    }

    /// Remembers that `what` was made (or would be) by the step called `by`.
    pub(super) fn remember_made(&self, what: impl IntoIterator<Item = Made>, by: &str) {
        let mut made = lock(&self.made);
        made.extend(what.into_iter().map(|it| (it, Later { after: by.to_owned() })));
    }

    /// Says what `host` is doing, for heartbeats; `None` when it is idle.
    pub(super) fn set_busy(&self, host: &str, what: Option<String>) {
        let mut busy = lock(&self.busy);
        match what {
            Some(what) => drop(busy.insert(host.to_owned(), (what, self.clock.elapsed()))),
            None => drop(busy.remove(host)),
        }
    }

    /// Tells what still runs, every `every`, until dropped.
    pub(super) async fn heartbeat(&self, every: Duration) {
        loop {
            self.clock.sleep(every).await;
            let now = self.clock.elapsed();
            let busy: Vec<Busy> = lock(&self.busy)
                .iter()
                .map(|(host, (what, since))| Busy {
                    host: host.clone(),
                    what: what.clone(),
                    since: now.saturating_sub(*since),
                })
                .collect();
            if !busy.is_empty() {
                self.bus.emit(EventKind::Heartbeat { busy });
            }
        }
    }

    /// Takes the turn of `host` and its partners, as other runs see it.
    pub(super) fn keep_others_away(&self, host: &Host) -> Result<(), Failure> {
        let Some(guard) = &self.guard else { return Ok(()) };
        let estate = self.estate();
        let partners = estate
            .partners(host)
            .into_iter()
            .map(|partner| partner.name.as_str());
        let members: Vec<Endpoint> = std::iter::once(host.name.as_str())
            .chain(partners)
            .filter_map(|name| self.roster.endpoint(name))
            .collect();
        guard.take_turn(&host.name, &members)
    }

    /// Gives back the turn of `host`; true where it held one.
    pub(super) fn give_turn_back(&self, host: &str) -> bool {
        let held = self.turns.release(host);
        if let Some(guard) = &self.guard {
            guard.keep_turns(|host| self.turns.holds(host));
        }
        held
    }

    /// Whether a task that changes more than nothing may do so on `host`.
    pub(super) fn may_change(&self, host: &str) -> bool {
        match &self.effects {
            Effects::All => true,
            Effects::Only { hosts } => hosts.contains(host),
        }
    }
}
