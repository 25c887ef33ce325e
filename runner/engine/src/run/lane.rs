//! A lane: one cluster's way through the phases of a play.

mod nodes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cutover_kit::Failure;
use cutover_language::playbook::{OnFailure, Phase};

use super::barrier::Barriers;
use super::pace::Position;
use super::play::PlayRun;
use super::rollback::Ledger;
use super::sections::{alone, survive};
use super::stopped::Stopped;
use super::turns::keys;
use super::walk::{Marks, Once, Walk};
use super::waves;
use crate::event::{Cause, Ending, EventKind, Lane, Section};
use crate::sync::lock;

/// One lane of a play with phases.
#[derive(Clone)]
pub(super) struct LaneRun {
    /// The play.
    pub play: Arc<PlayRun>,
    /// Its name and hosts, primary first.
    pub lane: Lane,
    /// All lanes, in the play's order.
    pub lanes: Arc<Vec<Lane>>,
    /// Where lanes wait for each other.
    pub barriers: Arc<Barriers>,
    /// What it has done, where that may be rolled back.
    pub ledger: Option<Arc<Ledger>>,
}

/// Where and why a lane went no further.
struct Halt {
    host: String,
    stopped: Stopped,
}

impl LaneRun {
    pub(super) fn emit(&self, kind: EventKind) {
        self.play.world.bus.emit(kind);
    }

    pub(super) fn phases(&self) -> &[Phase] {
        self.play.phases()
    }

    /// Goes through all phases and says how it ended.
    pub(super) async fn run(self) -> Ending {
        let mut done = Vec::new();
        for index in 0..self.phases().len() {
            if let Err(halt) = self.phase_surviving(index).await {
                let ending = self.halted(index, halt, &done).await;
                self.emit(EventKind::LaneFinished {
                    lane: self.lane.name.clone(),
                    ending: ending.clone(),
                });
                return ending;
            }
            done.push(index);
        }
        self.barriers.gone(&self.lane.name);
        self.emit(EventKind::LaneFinished {
            lane: self.lane.name.clone(),
            ending: Ending::Done,
        });
        Ending::Done
    }

    /// A panic stops the lane as a failure does, and nobody waits for what it held.
    async fn phase_surviving(&self, index: usize) -> Result<(), Halt> {
        let lane = self.clone();
        let phase = alone(async move { lane.phase(index, &lane.phases()[index]).await });
        match phase.await {
            Ok(result) => result,
            Err(panic) => Err(self.lost(panic)),
        }
    }

    /// What is left of a lane that a panic has ended.
    fn lost(&self, panic: Failure) -> Halt {
        let world = &self.play.world;
        let halt = self.halt(Stopped::by(panic));
        self.tell_partners(&halt.host, &halt.stopped);
        world.turns.give_up_place(&self.lane.name);
        for host in &self.lane.hosts {
            world.give_turn_back(host);
        }
        halt
    }

    /// The lane itself was lost on its way.
    pub(super) fn crashed(&self, panic: Failure) {
        let halt = self.lost(panic);
        self.barriers.gone(&self.lane.name);
        self.play.remember_stop(&self.lane, &halt.stopped);
        self.emit(EventKind::LaneFinished {
            lane: self.lane.name.clone(),
            ending: Ending::Stopped {
                phase: String::new(),
                reason: why(&halt.stopped),
                host: halt.host,
            },
        });
    }

    async fn phase(&self, index: usize, phase: &Phase) -> Result<(), Halt> {
        let lane = &self.lane.name;
        self.barriers.arrive(lane, index);
        let waiting = |cause| {
            self.emit(EventKind::LaneWaiting {
                lane: lane.clone(),
                cause,
            });
        };
        let name = phase.name.value.clone();
        if phase.barrier {
            self.barriers
                .all_at(index, || waiting(Cause::Barrier { phase: name.clone() }))
                .await;
        }
        let hosts = self.hosts_of(phase)?;
        if !hosts.is_empty() {
            let before = self.waves_before(phase)?;
            self.barriers
                .all_done(&before, index, || waiting(Cause::Wave { phase: name.clone() }))
                .await;
            self.emit(EventKind::PhaseStarted {
                lane: lane.clone(),
                phase: name,
            });
            self.keep_place(phase, &hosts);
            let result = self.nodes(index, phase, &hosts).await;
            self.play.world.turns.give_up_place(&self.lane.name);
            result?;
        }
        self.barriers.done(lane, index);
        Ok(())
    }

    /// The lane's hosts that the phase is for.
    fn hosts_of(&self, phase: &Phase) -> Result<Vec<String>, Halt> {
        let chosen = self
            .play
            .narrowed(&phase.hosts)
            .map_err(|failure| self.halt(Stopped::by(failure)))?;
        let ended = lock(&self.play.stopped).clone();
        let here = |host: &&String| {
            !ended.contains_key(*host) && chosen.as_ref().is_none_or(|chosen| chosen.contains(*host))
        };
        Ok(self.lane.hosts.iter().filter(here).cloned().collect())
    }

    fn waves_before(&self, phase: &Phase) -> Result<Vec<String>, Halt> {
        let shares = self
            .play
            .shares(&phase.serial)
            .map_err(|failure| self.halt(Stopped::by(failure)))?;
        let names: Vec<String> = self.lanes.iter().map(|lane| lane.name.clone()).collect();
        Ok(waves::before(&names, &shares, &self.lane.name))
    }

    fn halt(&self, stopped: Stopped) -> Halt {
        Halt {
            host: self.lane.hosts.first().cloned().unwrap_or_default(),
            stopped,
        }
    }

    /// In a disruptive phase turns go in the play's order, whoever comes to need one first.
    fn keep_place(&self, phase: &Phase, hosts: &[String]) {
        let world = &self.play.world;
        if phase.window {
            let estate = world.estate();
            let keys = hosts
                .iter()
                .filter_map(|name| estate.host(name))
                .flat_map(keys)
                .collect();
            world
                .turns
                .keep(&self.lane.name, self.play.lane_order(&self.lane.name), keys);
        }
    }

    /// A node's tasks, handlers and gate, all of them done before the next node starts.
    async fn node(&self, index: usize, phase: &Phase, host: &str) -> Result<(), Halt> {
        let (lane, name) = (self.lane.name.clone(), phase.name.value.clone());
        self.emit(EventKind::NodeStarted {
            lane: lane.clone(),
            phase: name.clone(),
            host: host.to_owned(),
        });
        let result = self.work_surviving(index, host).await;
        if self.play.world.give_turn_back(host) {
            self.emit(EventKind::TurnReleased {
                host: host.to_owned(),
                proved: result.is_ok(),
            });
        }
        match result.clone() {
            Ok(()) | Err(Stopped::Ended) => {
                if result == Err(Stopped::Ended) {
                    lock(&self.play.stopped).insert(host.to_owned(), Stopped::Ended);
                }
                lock(&self.play.finished).insert((index, host.to_owned()));
                self.emit(EventKind::NodeFinished {
                    lane,
                    phase: name,
                    host: host.to_owned(),
                });
                Ok(())
            }
            Err(stopped) => Err(Halt {
                host: host.to_owned(),
                stopped,
            }),
        }
    }

    /// A panic stops the lane as a failure does.
    async fn work_surviving(&self, index: usize, host: &str) -> Result<(), Stopped> {
        let (lane, name) = (self.clone(), host.to_owned());
        let work = async move { lane.work(index, &lane.phases()[index], &name).await };
        let result = survive(work).await;
        if let Err(stopped) = &result {
            self.tell_partners(host, stopped);
        }
        result
    }

    async fn work(&self, index: usize, phase: &Phase, host: &str) -> Result<(), Stopped> {
        let tasks = self.walk(index, phase, host, Section::Tasks);
        let mut result = tasks.go(&phase.tasks).await;
        result = tasks.at_the_end(result, &Position::first()).await;
        let goes_on = matches!(result, Ok(()) | Err(Stopped::Ended));
        if goes_on && tasks.marks.ran.load(Ordering::Relaxed) {
            let mut gate = self.walk(index, phase, host, Section::Gate);
            gate.marks = tasks.marks.onwards();
            let gate = gate.go(&phase.gate).await;
            result = gate.and(result);
        }
        result
    }

    /// A lane that stopped refuses its partners, one that only waits does so where
    /// it has taken a node out. Told before the turn is given back, so that nobody
    /// who waits for it slips by.
    fn tell_partners(&self, host: &str, stopped: &Stopped) {
        let turns = &self.play.world.turns;
        let refuses = match stopped {
            Stopped::Ended | Stopped::RoleEnded => false,
            Stopped::Suspended(_) => turns.holds(host),
            Stopped::Failed(_) | Stopped::Doomed(_) | Stopped::Over(_) | Stopped::Unreachable(_) => true,
        };
        if refuses {
            turns.stopped(self.lane.hosts.iter().map(String::as_str), &why(stopped));
        }
    }

    pub(super) fn walk(&self, index: usize, phase: &Phase, host: &str, section: Section) -> Walk {
        let name = &phase.name.value;
        let part = match section {
            Section::Gate => "gate",
            Section::Rollback => "rollback",
            _ => "tasks",
        };
        Walk {
            play: self.play.clone(),
            host: host.to_owned(),
            section,
            prefix: format!("{}/{name}/{part}", self.play.index),
            called: name.clone(),
            once: self.once(index, phase),
            pace: None,
            in_lane: true,
            ended: Arc::new(AtomicBool::new(false)),
            marks: Marks::default(),
            deeds: match section {
                Section::Rollback => None,
                _ => self.ledger.as_ref().map(|ledger| ledger.deeds(index, host)),
            },
        }
    }

    /// Once per lane, and in a phase with a barrier once over all that have come.
    fn once(&self, index: usize, phase: &Phase) -> Once {
        if !phase.barrier {
            return Once {
                key: format!("lane {} phase {index}", self.lane.name).into(),
                hosts: self.lane.hosts.clone().into(),
            };
        }
        let here = self.lanes.iter().filter(|lane| self.barriers.is_here(&lane.name));
        let hosts = here
            .flat_map(|lane| lane.hosts.clone())
            .collect::<Vec<_>>()
            .into();
        Once {
            key: format!("phase {index}").into(),
            hosts,
        }
    }

    /// What is left to do when a lane stops: undo where asked, and say how it ended.
    async fn halted(&self, index: usize, halt: Halt, done: &[usize]) -> Ending {
        let phase = &self.phases()[index];
        let reason = why(&halt.stopped);
        if halt.stopped.can_be_rescued() && phase.on_failure == OnFailure::Rollback {
            self.roll_back(index, done).await;
        }
        self.barriers.gone(&self.lane.name);
        let phase = phase.name.value.clone();
        self.play.remember_stop(&self.lane, &halt.stopped);
        match halt.stopped {
            Stopped::Suspended(_) => Ending::Suspended { phase, reason },
            _ => Ending::Stopped {
                phase,
                host: halt.host,
                reason,
            },
        }
    }
}

fn why(stopped: &Stopped) -> String {
    stopped.failure().map_or_else(
        || "the playbook ended it".into(),
        |failure| failure.message.clone(),
    )
}
