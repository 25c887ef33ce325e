//! Services that stop and start, and what their listeners present from then on.

use super::agenda::Event;
use super::node::{Active, Phase, ServiceState};
use super::unit::Unit;
use super::world::{NodeId, World};
use crate::log::What;
use crate::pki::check;
use crate::pki::pair::Pem;
use crate::product::Product;
use crate::profile::Ecdsa;
use std::time::Duration;

/// Steps of a restart after which a service is starting, and started.
const STARTING_AFTER: f64 = 2.5;
const STARTED_AFTER: f64 = 7.5;

/// What an operator can do to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Start,
    Stop,
    Restart,
}

impl Action {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Action::Start => "start",
            Action::Stop => "stop",
            Action::Restart => "restart",
        }
    }
}

impl World {
    /// An operator's command on a service that the node has.
    pub(crate) fn command_service(&mut self, id: NodeId, service: &str, action: Action) {
        let what = What::Service {
            service: service.to_owned(),
            action: action.word().to_owned(),
        };
        self.write(id, what);
        let step = self.timing().service_step;
        match action {
            Action::Stop => {
                self.new_turn(id, service, ServiceState::Stopping);
                self.plan_service(id, service, step.mul_f64(1.5), ServiceState::Stopped);
            }
            Action::Start => {
                self.new_turn(id, service, ServiceState::Starting);
                self.plan_start(id, service, step.mul_f64(STARTED_AFTER - STARTING_AFTER));
            }
            Action::Restart => {
                self.new_turn(id, service, ServiceState::Stopping);
                let starting = step.mul_f64(STARTING_AFTER);
                self.plan_service(id, service, starting, ServiceState::Starting);
                self.plan_start(id, service, step.mul_f64(STARTED_AFTER));
            }
        }
    }

    /// A service restarts by itself.
    pub(crate) fn bounce(&mut self, id: NodeId, service: &str) {
        if self.node(id).service(service) != ServiceState::Started {
            return;
        }
        let what = What::Service {
            service: service.to_owned(),
            action: Action::Restart.word().to_owned(),
        };
        self.record(id, what);
        let outage = self.timing().notification_outage;
        self.new_turn(id, service, ServiceState::Stopping);
        self.plan_service(id, service, outage / 2, ServiceState::Starting);
        self.plan_service(id, service, outage, ServiceState::Started);
    }

    fn plan_start(&mut self, id: NodeId, service: &str, after: Duration) {
        let stuck = &self.node(id).setup.spec.twin.mischief.stuck_service;
        if stuck.as_deref() != Some(service) {
            self.plan_service(id, service, after, ServiceState::Started);
        }
    }

    fn new_turn(&mut self, id: NodeId, service: &str, state: ServiceState) {
        let node = self.node_mut(id);
        node.set_service(service, state);
        if let Some(running) = node.state.services.get_mut(service) {
            running.turn += 1;
        }
        self.moved(id);
    }

    /// Plans a service's state within its present turn.
    pub(crate) fn plan_service(&mut self, id: NodeId, service: &str, after: Duration, state: ServiceState) {
        let running = self.node(id).state.services.get(service);
        let event = Event::Service {
            service: service.to_owned(),
            turn: running.map_or(0, |r| r.turn),
            state,
        };
        self.plan_after(id, after, event);
    }

    /// A planned change of a service.
    pub(crate) fn service_becomes(&mut self, id: NodeId, service: &str, turn: u32, state: ServiceState) {
        let node = self.node_mut(id);
        let stuck = node.setup.spec.twin.mischief.stuck_service.as_deref() == Some(service);
        let booting = node.state.power.phase == Phase::Booting;
        match node.state.services.get_mut(service) {
            Some(running) if running.turn == turn => {
                if state == ServiceState::Started && stuck && booting {
                    return;
                }
                running.state = state;
            }
            _ => return,
        }
        if state == ServiceState::Started {
            self.activate(id, service);
        }
        self.moved(id);
    }

    /// From now on the listeners of a service present what is installed.
    pub(crate) fn activate(&mut self, id: NodeId, service: &str) {
        let setup = &self.node(id).setup;
        let held = setup.ports.iter().copied();
        let ports: Vec<u16> = held.filter(|p| setup.service_of(*p) == service).collect();
        for port in ports {
            let presented: Vec<Active> = self
                .presented(id, port)
                .into_iter()
                .filter_map(|unit| self.active(id, unit))
                .collect();
            self.node_mut(id).state.active.insert(port, presented);
        }
        self.forget_unused(id);
    }

    /// Listeners that a new specification brought, or a fresh node has, start with what is installed.
    pub(crate) fn activate_missing(&mut self, id: NodeId) {
        let node = self.node(id);
        let mut services: Vec<&'static str> = node
            .setup
            .ports
            .iter()
            .filter(|port| !node.state.active.contains_key(port))
            .map(|port| node.setup.service_of(*port))
            .collect();
        services.dedup();
        for service in services {
            self.activate(id, service);
        }
    }

    fn active(&mut self, id: NodeId, unit: Unit) -> Option<Active> {
        let pair = *self.node(id).state.own.get(&unit)?;
        let chain = self.installed_chain(id, unit);
        Some(Active { unit, pair, chain })
    }

    /// The issuers of a unit's certificate as far as its trust store has them. A self-signed one has
    /// none, and need not be made to know that.
    fn installed_chain(&mut self, id: NodeId, unit: Unit) -> Vec<Pem> {
        if self.self_signed(id, unit) {
            return Vec::new();
        }
        let Ok(Some(made)) = self.own(id, unit) else {
            return Vec::new();
        };
        let trust = self.trust(id, unit.store());
        let Ok(certificate) = made.certificate.open() else {
            return Vec::new();
        };
        let chain = check::chain(&certificate, &trust).unwrap_or_default();
        chain.iter().filter_map(|c| Pem::keep(c).ok()).collect()
    }

    /// The units that a listener presents when its service starts now.
    fn presented(&mut self, id: NodeId, port: u16) -> Vec<Unit> {
        let node = self.node(id);
        let (setup, state) = (&node.setup, &node.state);
        let both = vec![Unit::Tomcat, Unit::TomcatEcdsa];
        if setup.runs(Product::Cucm) && setup.profile.ecdsa_unit {
            return both;
        }
        match setup.profile.ecdsa {
            Ecdsa::Chosen if state.ecdsa_chosen => vec![Unit::TomcatEcdsa],
            Ecdsa::SomeListeners if offers_ecdsa(setup.service_of(port)) => {
                if self.ecdsa_forbidden(id) || !self.ecdsa_presentable(id) {
                    vec![Unit::Tomcat]
                } else {
                    both
                }
            }
            _ => vec![Unit::Tomcat],
        }
    }

    /// Whether a COP file keeps the ECDSA certificate from being presented: the last installed of
    /// those that name ECDSA decides, and a rollback undoes it.
    fn ecdsa_forbidden(&self, id: NodeId) -> bool {
        let options = self.node(id).state.options.iter().rev();
        let mut named = options.map(|o| o.to_ascii_lowercase());
        named
            .find(|o| o.contains("ecdsa"))
            .is_some_and(|o| !o.contains("rollback"))
    }

    /// A certificate for an EC key that an RSA key signed is not presented at all.
    fn ecdsa_presentable(&mut self, id: NodeId) -> bool {
        if self.self_signed(id, Unit::TomcatEcdsa) {
            return true;
        }
        match self.own(id, Unit::TomcatEcdsa) {
            Ok(Some(made)) => made.certificate.open().is_ok_and(|c| check::signed_with_ec(&c)),
            _ => false,
        }
    }
}

/// The services that present ECDSA on 11.5.
fn offers_ecdsa(service: &str) -> bool {
    [
        "Cisco Unified CCX Socket.IO Service",
        "SocialMiner Notification Service",
    ]
    .contains(&service)
}
