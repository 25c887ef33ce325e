//! One node: what it is, and what it holds.

use super::trust::{Change, Trusted};
use super::unit::{Store, Unit};
use crate::pki::pair::{Key, Pair, Pem};
use crate::product::{self, Kind, Product, Service, TOMCAT};
use crate::profile::Profile;
use crate::spec::{DeviceSpec, SpecError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What does not change while the estate runs.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) spec: DeviceSpec,
    pub(crate) profile: Profile,
    pub(crate) products: Vec<Product>,
    pub(crate) services: Vec<Service>,
    pub(crate) ports: Vec<u16>,
}

/// What does, and is kept from start to start.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) pairs: BTreeMap<u32, Pair>,
    pub(crate) own: BTreeMap<Unit, u32>,
    pub(crate) requests: BTreeMap<Unit, Pending>,
    pub(crate) trust: BTreeMap<Store, Vec<Trusted>>,
    /// What each listener presents; changes only when its service starts.
    pub(crate) active: BTreeMap<u16, Vec<Active>>,
    pub(crate) services: BTreeMap<String, Running>,
    pub(crate) power: Power,
    pub(crate) tries: BTreeMap<String, Tries>,
    /// Database replication as the node itself sees it; 2 is good.
    pub(crate) replication: u8,
    /// Trust changes that came while it could not take them.
    pub(crate) inbox: Vec<(Store, Change)>,
    /// Trust changes that it could not send.
    pub(crate) outbox: Vec<(Store, Change)>,
    pub(crate) options: Vec<String>,
    /// `set tls server cert_type ECDSA` was given.
    pub(crate) ecdsa_chosen: bool,
    pub(crate) host_key: Option<Key>,
    pub(crate) spent: Spent,
}

/// A request that waits for its certificate, with the key that waits with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) key: Key,
    pub(crate) names: Vec<String>,
    pub(crate) pem: String,
}

/// A certificate that a listener presents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Active {
    pub(crate) unit: Unit,
    pub(crate) pair: u32,
    /// Its issuers, as the trust store had them when the service started.
    pub(crate) chain: Vec<Pem>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) state: ServiceState,
    pub(crate) turn: u32,
}

/// The states of `utils service list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ServiceState {
    Started,
    Stopped,
    Starting,
    Stopping,
}

impl ServiceState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            ServiceState::Started => "STARTED",
            ServiceState::Stopped => "STOPPED",
            ServiceState::Starting => "STARTING",
            ServiceState::Stopping => "STOPPING",
        }
    }
}

/// How far a node is in a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Up,
    /// Services stop; sessions are still there.
    Stopping,
    Down,
    /// SSH is there, the rest is coming.
    Booting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Power {
    pub(crate) phase: Phase,
    pub(crate) turn: u32,
    pub(crate) booted_at: Duration,
    /// When its sessions end, while it is stopping.
    pub(crate) down_at: Option<Duration>,
    /// No session gets a prompt before this.
    pub(crate) prompt_at: Duration,
}

/// Failed logins of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    pub(crate) failed: u32,
    pub(crate) locked_until: Option<Duration>,
}

/// Mischief that happens once and has happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spent {
    pub(crate) answer: bool,
    pub(crate) paste: bool,
    pub(crate) request: bool,
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) setup: Setup,
    pub(crate) state: State,
}

impl Setup {
    pub(crate) fn new(spec: &DeviceSpec) -> Result<Setup, SpecError> {
        let profile = Profile::of(&spec.name, &spec.version)?;
        let country = &spec.twin.subject.country;
        if !country.is_empty() && country.len() != 2 {
            return Err(SpecError::Country {
                device: spec.name.clone(),
                country: country.clone(),
            });
        }
        let products: Vec<Product> = spec
            .products
            .iter()
            .map(|word| Product::of(&spec.name, word))
            .collect::<Result<_, _>>()?;
        let services = product::services(&products);
        let ports = match &spec.ports {
            Some(ports) => ports.clone(),
            None => product::ports(&services),
        };
        let setup = Setup {
            spec: spec.clone(),
            profile,
            products,
            services,
            ports,
        };
        setup.check_services()?;
        Ok(setup)
    }

    fn check_services(&self) -> Result<(), SpecError> {
        let twin = &self.spec.twin;
        let mut named = twin.services_down.iter().chain(&twin.mischief.stuck_service);
        let unknown = named.find(|name| !self.services.iter().any(|s| s.name == **name));
        match unknown {
            None => Ok(()),
            Some(service) => Err(SpecError::Service {
                device: self.spec.name.clone(),
                service: service.clone(),
            }),
        }
    }

    pub(crate) fn runs(&self, product: Product) -> bool {
        self.products.contains(&product)
    }

    /// The service that holds a listener.
    pub(crate) fn service_of(&self, port: u16) -> &'static str {
        let holder = self.services.iter().find(|s| s.ports.contains(&port));
        holder.map_or(TOMCAT, |s| s.name)
    }

    /// Whether a service is meant to run on this node.
    pub(crate) fn activated(&self, service: &Service) -> bool {
        match service.kind {
            Kind::Platform | Kind::Everywhere => true,
            Kind::Unused => false,
            Kind::PrimaryOnly => self.spec.primary,
        }
    }

    /// `host` of `host.domain`.
    pub(crate) fn host(&self) -> &str {
        self.spec.fqdn.split('.').next().unwrap_or_default()
    }

    /// `domain` of `host.domain`, empty without one.
    pub(crate) fn domain(&self) -> &str {
        self.spec.fqdn.split_once('.').map_or("", |(_, d)| d)
    }
}

impl Node {
    /// The state of a service; one that the node does not have is stopped.
    pub(crate) fn service(&self, name: &str) -> ServiceState {
        let running = self.state.services.get(name);
        running.map_or(ServiceState::Stopped, |r| r.state)
    }

    /// Whether every service that should run does.
    pub(crate) fn services_started(&self) -> bool {
        let mut wanted = self.setup.services.iter();
        wanted.all(|s| !self.setup.activated(s) || self.service(s.name) == ServiceState::Started)
    }

    /// Whether sessions can be had.
    pub(crate) fn reachable(&self) -> bool {
        self.state.power.phase != Phase::Down
    }
}
