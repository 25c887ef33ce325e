//! Restart and shutdown of a node.

use super::agenda::Event;
use super::node::{Phase, Running, ServiceState};
use super::world::{NodeId, World};
use crate::log::What;
use crate::product::{Kind, Product, Service};
use std::time::Duration;

/// The state that database replication goes through after a boot, before it is good again.
const REPLICATION_ON_THE_WAY: [u8; 3] = [0, 3, 4];

impl World {
    /// Takes a node down; where `back` is set, it comes up again.
    pub(crate) fn take_down(&mut self, id: NodeId, back: bool) {
        self.write(id, What::Restart);
        self.one_goes_down();
        let shutdown = self.timing().shutdown;
        let now = self.now();
        let node = self.node_mut(id);
        let back = back && !node.setup.spec.twin.mischief.never_returns;
        node.state.power.turn += 1;
        node.state.power.phase = Phase::Stopping;
        node.state.power.down_at = Some(now + shutdown);
        let turn = node.state.power.turn;
        for running in node.state.services.values_mut() {
            running.turn += 1;
            if running.state != ServiceState::Stopped {
                running.state = ServiceState::Stopping;
            }
        }
        self.moved(id);
        let phase = |phase| Event::Power { turn, phase };
        self.plan_after(id, shutdown, phase(Phase::Down));
        if back {
            let dark = self.timing().dark;
            self.plan_after(id, shutdown + dark, phase(Phase::Booting));
        }
    }

    /// A planned step of a restart.
    pub(crate) fn power_becomes(&mut self, id: NodeId, turn: u32, phase: Phase) {
        if self.node(id).state.power.turn != turn {
            return;
        }
        self.node_mut(id).state.power.phase = phase;
        self.moved(id);
        match phase {
            Phase::Down => self.goes_down(id),
            Phase::Booting => self.boots(id),
            Phase::Up => {
                self.record(id, What::NodeUp);
                self.catch_up_if_good(id);
            }
            Phase::Stopping => {}
        }
        self.settle_live_data(id);
    }

    /// A planned step of database replication.
    pub(crate) fn replication_becomes(&mut self, id: NodeId, turn: u32, code: u8) {
        if self.node(id).state.power.turn == turn {
            self.node_mut(id).state.replication = code;
            self.catch_up_if_good(id);
        }
    }

    fn catch_up_if_good(&mut self, id: NodeId) {
        let state = &self.node(id).state;
        if state.replication == 2 && state.power.phase == Phase::Up {
            self.catch_up(id);
        }
    }

    fn goes_down(&mut self, id: NodeId) {
        let now = self.now();
        self.node_mut(id).state.power.down_at = None;
        for running in self.node_mut(id).state.services.values_mut() {
            running.state = ServiceState::Stopped;
        }
        self.sessions.end_all(id, now);
        self.record(id, What::NodeDown);
    }

    fn boots(&mut self, id: NodeId) {
        let timing = self.timing().clone();
        let now = self.now();
        let healthy = self.node(id).setup.spec.twin.replication;
        let state = &mut self.node_mut(id).state;
        state.power.booted_at = now;
        state.power.prompt_at = now + timing.boot_prompt;
        state.replication = REPLICATION_ON_THE_WAY[0];
        let turn = state.power.turn;
        self.start_everything(id, timing.boot_prompt, timing.boot_services);
        let codes = [
            (timing.boot_services / 2, REPLICATION_ON_THE_WAY[1]),
            (timing.boot_services, REPLICATION_ON_THE_WAY[2]),
            (timing.boot_replication, healthy),
        ];
        for (after, code) in codes {
            self.plan_after(id, after, Event::Replication { turn, code });
        }
        let phase = Phase::Up;
        self.plan_after(id, timing.boot_services, Event::Power { turn, phase });
    }

    /// The platform's daemons are there with SSH; the other services follow one by one between
    /// `first` and `last`.
    fn start_everything(&mut self, id: NodeId, first: Duration, last: Duration) {
        let setup = &self.node(id).setup;
        let activated = setup.services.iter().copied().filter(|s| setup.activated(s));
        let (platform, rest): (Vec<Service>, Vec<Service>) =
            activated.partition(|s| s.kind == Kind::Platform);
        for service in platform {
            self.node_mut(id).set_service(service.name, ServiceState::Started);
        }
        let count = u32::try_from(rest.len()).unwrap_or(u32::MAX).max(1);
        let pace = last.saturating_sub(first) / count;
        for (place, service) in (1..).zip(rest) {
            self.plan_service(id, service.name, first, ServiceState::Starting);
            self.plan_service(id, service.name, first + pace * place, ServiceState::Started);
        }
    }

    /// Whether a node does its work: up, services started, replication good, Live Data not out.
    pub(crate) fn in_service(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let alone = self.cluster(id).len() < 2;
        node.state.power.phase == Phase::Up
            && node.services_started()
            && (alone || node.state.replication == 2)
            && (!node.setup.runs(Product::LiveData) || self.live_data_state(id) != "OUT-OF-SERVICE")
    }

    /// What `show live-data failover` says: one node of the cluster is active, and a node whose other
    /// is away is isolated.
    pub(crate) fn live_data_state(&self, id: NodeId) -> &str {
        let node = self.node(id);
        if let Some(state) = &node.setup.spec.twin.live_data {
            return state;
        }
        if node.state.power.phase != Phase::Up || !node.services_started() {
            return "OUT-OF-SERVICE";
        }
        let active = self.live.get(&node.setup.spec.cluster) == Some(&node.setup.spec.name);
        let up = |other: &NodeId| self.node(*other).state.power.phase == Phase::Up;
        match (self.peers(id).iter().any(up), active) {
            (true, true) => "PAIRED-ACTIVE",
            (true, false) => "PAIRED-STANDBY",
            (false, _) => "ISOLATED-ACTIVE",
        }
    }

    /// Live Data has one active node as long as any is up.
    pub(crate) fn settle_live_data(&mut self, id: NodeId) {
        if !self.node(id).setup.runs(Product::LiveData) {
            return;
        }
        let up: Vec<NodeId> = self
            .cluster(id)
            .iter()
            .copied()
            .filter(|other| self.node(*other).state.power.phase == Phase::Up)
            .collect();
        let name = |world: &World, id: NodeId| world.node(id).setup.spec.name.clone();
        let cluster = self.node(id).setup.spec.cluster.clone();
        let active = self.live.get(&cluster);
        let still = active.is_some_and(|a| up.iter().any(|u| name(self, *u) == *a));
        if still {
            return;
        }
        let primary = up.iter().find(|u| self.node(**u).setup.spec.primary);
        if let Some(next) = primary.or(up.first()).copied() {
            let next = name(self, next);
            self.live.insert(cluster, next);
        }
    }
}

impl super::node::Node {
    /// Sets a service's state now.
    pub(crate) fn set_service(&mut self, name: &str, state: ServiceState) {
        let fresh = Running { state, turn: 0 };
        let running = self.state.services.entry(name.to_owned()).or_insert(fresh);
        running.state = state;
    }
}
