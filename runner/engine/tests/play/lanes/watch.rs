//! What must hold at every moment of a run with phases.

use std::collections::{BTreeMap, BTreeSet};

use cutover_engine::event::{Ending, Event, EventKind};

use super::scene::{Cluster, Nodes, Scene};

/// Follows a run event by event.
pub(crate) struct Watch<'a> {
    scene: &'a Scene,
    /// Nodes that hold their turn.
    turns: BTreeSet<String>,
    /// Nodes out of service by our hand, and not proved to be back.
    down: BTreeSet<String>,
    stopped: BTreeSet<String>,
    /// Lanes that have come to an end.
    gone: BTreeSet<String>,
    /// Nodes that are at work, and their phase.
    at_work: BTreeMap<String, String>,
    /// Phase and node.
    done: BTreeSet<(String, String)>,
}

impl<'a> Watch<'a> {
    pub(crate) fn of(scene: &'a Scene) -> Self {
        Self {
            scene,
            turns: BTreeSet::new(),
            down: BTreeSet::new(),
            stopped: BTreeSet::new(),
            gone: BTreeSet::new(),
            at_work: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    /// The next event; an error says what must not be.
    pub(crate) fn see(&mut self, event: &Event) -> Result<(), String> {
        match &event.kind {
            EventKind::PhaseStarted { lane, phase } => self.begins(lane, phase)?,
            EventKind::NodeStarted { lane, phase, host } => {
                self.takes_the_floor(lane, phase, host)?;
                self.at_work.insert(host.clone(), phase.clone());
            }
            EventKind::NodeFinished { phase, host, .. } => {
                self.at_work.remove(host);
                self.done.insert((phase.clone(), host.clone()));
            }
            EventKind::TurnTaken { host, .. } => {
                self.takes_its_turn(host)?;
                self.turns.insert(host.clone());
            }
            EventKind::Intent { step, .. } => {
                if !self.turns.contains(&step.host) {
                    return Err(format!("{} goes down without a turn", step.host));
                }
                self.down.insert(step.host.clone());
            }
            EventKind::TurnReleased { host, proved } => {
                self.turns.remove(host);
                if *proved {
                    self.down.remove(host);
                }
            }
            EventKind::LaneFinished { lane, ending } => {
                if !self.gone.insert(lane.clone()) {
                    return Err(format!("{lane} ended twice"));
                }
                if *ending != Ending::Done {
                    self.stopped.insert(lane.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Every lane has ended, and nobody is left out of service but by a failure.
    pub(crate) fn end(&self) -> Result<(), String> {
        let all: BTreeSet<String> = self.scene.clusters.iter().map(|it| it.name.clone()).collect();
        if self.gone != all {
            return Err(format!("only {:?} ended", self.gone));
        }
        let left = self
            .down
            .iter()
            .find(|host| !self.stopped.contains(&self.scene.cluster_of(host).name));
        left.map_or(Ok(()), |host| Err(format!("{host} was left out of service")))
    }

    /// A lane goes through its phases in order, waits for all at a barrier and for the wave before its own.
    fn begins(&self, lane: &str, phase: &str) -> Result<(), String> {
        let phases = &self.scene.phases;
        let at = phases
            .iter()
            .position(|it| it.name == phase)
            .expect("it is of the play");
        let own = self
            .scene
            .clusters
            .iter()
            .position(|it| it.name == lane)
            .expect("it is of the play");
        let has_done = |cluster: &Cluster, phase: usize| {
            let phase = &phases[phase];
            let done = |host: &&String| self.done.contains(&(phase.name.clone(), (*host).clone()));
            phase.hosts_of(cluster).iter().all(done)
        };
        if !(0..at).all(|before| has_done(&self.scene.clusters[own], before)) {
            return Err(format!("{lane} begins {phase} too early"));
        }
        for (place, cluster) in self.scene.clusters.iter().enumerate() {
            if self.gone.contains(&cluster.name) {
                continue;
            }
            if phases[at].barrier && !(0..at).all(|before| has_done(cluster, before)) {
                return Err(format!("{lane} begins {phase} without {}", cluster.name));
            }
            let wave = |place: usize| phases[at].serial.map_or(0, |size| place / size);
            if wave(place) < wave(own) && !has_done(cluster, at) {
                return Err(format!(
                    "{lane} begins {phase} before the wave of {}",
                    cluster.name
                ));
            }
        }
        Ok(())
    }

    /// Where nodes go in turn, the one before is done.
    fn takes_the_floor(&self, lane: &str, phase: &str, host: &str) -> Result<(), String> {
        let it = self
            .scene
            .phases
            .iter()
            .find(|it| it.name == phase)
            .expect("it is of the play");
        let cluster = self.scene.cluster_of(host);
        let order = it.hosts_of(cluster);
        let before = order.iter().take_while(|name| name.as_str() != host);
        for name in before {
            if it.nodes != Nodes::All && !self.done.contains(&(phase.to_owned(), (*name).clone())) {
                return Err(format!("{host} begins {phase} of {lane} before {name} is done"));
            }
        }
        Ok(())
    }

    /// No partner is out, and none has come to grief.
    fn takes_its_turn(&self, host: &str) -> Result<(), String> {
        let own = self.scene.cluster_of(host);
        let partner = |other: &str| self.scene.are_partners(own, self.scene.cluster_of(other));
        let mut others = self.turns.iter().chain(&self.down);
        if let Some(other) = others.find(|other| *other != host && partner(other)) {
            return Err(format!("{host} takes its turn beside {other}"));
        }
        let mut others = self.scene.clusters.iter();
        let grief = others.find(|it| self.scene.are_partners(own, it) && self.stopped.contains(&it.name));
        grief.map_or(Ok(()), |it| {
            Err(format!("{host} takes its turn though {} stopped", it.name))
        })
    }
}
