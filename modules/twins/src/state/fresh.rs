//! How a node starts when nothing was kept of it.

use super::identity::Authorities;
use super::node::{Phase, Power, Running, ServiceState, Setup, Spent, State, Tries};
use super::trust::Trusted;
use super::unit::{Store, Unit};
use super::world::World;
use crate::pki::names;
use crate::pki::pair::{Pair, Recipe};
use crate::product::Product;
use openssl::error::ErrorStack;
use std::collections::BTreeMap;
use std::time::Duration;

const DAY: i64 = 86_400;
/// How long a CA's certificate is valid for, and a system's own.
const SIGNED_DAYS: i64 = 365;
const SELF_SIGNED_DAYS: i64 = 5 * 365;

impl World {
    /// The state of a fresh node.
    pub(crate) fn fresh(&mut self, setup: &Setup) -> Result<State, ErrorStack> {
        let mut pairs = BTreeMap::new();
        let mut own = BTreeMap::new();
        for (number, unit) in (0..).zip(Unit::all(&setup.products, &setup.profile)) {
            let recipe = self.first_certificate(setup, unit);
            pairs.insert(number, Pair::Recipe(recipe));
            own.insert(unit, number);
        }
        if setup.runs(Product::LiveData) && setup.spec.primary {
            let cluster = setup.spec.cluster.clone();
            self.live.insert(cluster, setup.spec.name.clone());
        }
        let twin = &setup.spec.twin;
        Ok(State {
            pairs,
            own,
            requests: BTreeMap::new(),
            trust: first_trust(setup, self.authorities.as_ref())?,
            active: BTreeMap::new(),
            services: services(setup),
            power: Power {
                phase: Phase::Up,
                turn: 0,
                booted_at: Duration::ZERO,
                down_at: None,
                prompt_at: Duration::ZERO,
            },
            tries: locked(setup, self.now()),
            replication: twin.replication,
            inbox: Vec::new(),
            outbox: Vec::new(),
            options: twin.options.clone(),
            ecdsa_chosen: false,
            host_key: None,
            spent: Spent::default(),
        })
    }

    fn first_certificate(&mut self, setup: &Setup, unit: Unit) -> Recipe {
        let certificate = &setup.spec.twin.certificate;
        let signed = certificate.signed && unit.is_web();
        let wall = self.true_wall();
        let days = if signed { SIGNED_DAYS } else { SELF_SIGNED_DAYS };
        let left = if unit.is_web() {
            certificate.expires_in
        } else {
            SELF_SIGNED_DAYS / 2
        };
        Recipe {
            common_name: unit.common_name(&setup.spec.fqdn),
            names: vec![setup.spec.fqdn.clone()],
            kind: unit.key(),
            not_before: wall + (left.min(0) + left.clamp(0, days) - days) * DAY,
            not_after: wall + left * DAY,
            serial: self.serial(),
            signed,
        }
    }
}

/// The twins' own CA where the node's certificates are signed by it, and nothing otherwise.
fn first_trust(
    setup: &Setup,
    authorities: Option<&Authorities>,
) -> Result<BTreeMap<Store, Vec<Trusted>>, ErrorStack> {
    let mut trust: BTreeMap<Store, Vec<Trusted>> = BTreeMap::new();
    for store in Store::all(&setup.products) {
        trust.insert(store, Vec::new());
    }
    let twin = &setup.spec.twin;
    let Some(authorities) = authorities.filter(|_| twin.certificate.signed) else {
        return Ok(trust);
    };
    let issuing = authorities.issuing(twin.mischief.expired_intermediate);
    for authority in [&authorities.root, issuing] {
        let certificate = authority.certificate.open()?;
        trust.entry(Store::Tomcat).or_default().push(Trusted {
            file: names::trust_file(&certificate, setup.profile.serial_in_names),
            description: "Signed Certificate".to_owned(),
            certificate: authority.certificate.clone(),
        });
    }
    Ok(trust)
}

fn services(setup: &Setup) -> BTreeMap<String, Running> {
    let down = &setup.spec.twin.services_down;
    let all = setup.services.iter().map(|service| {
        let runs = setup.activated(service) && !down.iter().any(|d| d == service.name);
        let state = if runs {
            ServiceState::Started
        } else {
            ServiceState::Stopped
        };
        (service.name.to_owned(), Running { state, turn: 0 })
    });
    all.collect()
}

fn locked(setup: &Setup, now: Duration) -> BTreeMap<String, Tries> {
    let twin = &setup.spec.twin;
    let until = now + Duration::from_secs(twin.unlock_seconds);
    let all = twin.locked.iter().map(|user| {
        let tries = Tries {
            failed: twin.retry_count,
            locked_until: Some(until),
        };
        (user.clone(), tries)
    });
    all.collect()
}

impl State {
    /// Kept state for a specification that may have changed: services and listeners follow it.
    pub(crate) fn fitting(mut self, setup: &Setup) -> State {
        for (name, running) in services(setup) {
            self.services.entry(name).or_insert(running);
        }
        let known = |name: &str| setup.services.iter().any(|s| s.name == name);
        self.services.retain(|name, _| known(name));
        self.active.retain(|port, _| setup.ports.contains(port));
        self
    }
}
