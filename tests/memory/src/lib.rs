//! Twins in memory: the session seam without sockets, on the runtime's own time.
//!
//! With the runtime's time paused, an hour of restarts passes in no time and always the same way.

mod clock;
mod shell;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_kit::session::{
    Credential, DialError, Dialer, Endpoint, Handshake, HandshakeError, KeyKind, Link, Offer, SshSettings,
};
use cutover_twins::{Estate, EstateSpec, KeyKind as TwinKey, Login, Method, SpecError, Timing};

pub use clock::RuntimeClock;
use shell::MemoryLink;

/// An estate of twins that is dialled in memory. Cloning gives another handle to the same twins.
#[derive(Clone)]
pub struct MemoryTwins {
    estate: Estate,
    clock: Arc<RuntimeClock>,
    /// Every name and address of a device, and the device's name.
    names: Arc<HashMap<String, String>>,
}

impl MemoryTwins {
    /// Fresh twins on a clock whose time begins with them.
    ///
    /// # Errors
    /// [`SpecError`] where the specification contradicts itself.
    pub fn new(spec: &EstateSpec, timing: Timing, clock: Arc<RuntimeClock>) -> Result<Self, SpecError> {
        let names = spec.devices.iter().flat_map(|device| {
            [&device.name, &device.fqdn, &device.address].map(|it| (it.clone(), device.name.clone()))
        });
        Ok(Self {
            estate: Estate::new(spec, timing, clock.epoch().into())?,
            names: Arc::new(names.collect()),
            clock,
        })
    }

    /// The twins themselves: their log and the truth about them.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// The clock they live on.
    #[must_use]
    pub fn clock(&self) -> Arc<RuntimeClock> {
        self.clock.clone()
    }

    fn device(&self, endpoint: &Endpoint) -> Option<&str> {
        self.names.get(&endpoint.host).map(String::as_str)
    }

    fn now(&self) -> std::time::Duration {
        self.clock.since_start()
    }
}

#[async_trait]
impl Dialer for MemoryTwins {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        let endpoint = to.endpoint.clone();
        let unreachable = |reason: &str| DialError::Unreachable {
            endpoint: endpoint.clone(),
            reason: reason.to_owned(),
        };
        let device = self
            .device(&endpoint)
            .filter(|device| self.estate.port_open(device, 22, self.now()))
            .ok_or_else(|| unreachable("connection refused"))?;
        let methods = self.estate.methods(device);
        let interactive = methods.contains(&Method::KeyboardInteractive);
        let method = if interactive {
            Method::KeyboardInteractive
        } else {
            Method::Password
        };
        let Credential::Password(password) = &to.credential else {
            return Err(unreachable("twins take passwords only"));
        };
        match self
            .estate
            .login(device, self.now(), method, &to.user, password.expose())
        {
            Login::Accepted(terminal) => Ok(Box::new(MemoryLink::new(terminal, self.clock.clone()))),
            Login::Refused => Err(DialError::Refused {
                endpoint,
                user: to.user.clone(),
                method: format!("{method:?}"),
            }),
            Login::Closed => Err(DialError::Protocol {
                endpoint,
                reason: "the connection was closed".to_owned(),
            }),
        }
    }

    async fn handshake(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError> {
        let now = self.now();
        let device = self
            .device(to)
            .filter(|device| self.estate.port_open(device, to.port, now))
            .ok_or_else(|| HandshakeError::Unreachable {
                endpoint: to.clone(),
                reason: "connection refused".to_owned(),
            })?;
        let served = |key| {
            let key = match key {
                KeyKind::Rsa => TwinKey::Rsa,
                KeyKind::Ecdsa => TwinKey::Ec,
            };
            self.estate.served(device, to.port, key, now)
        };
        let chain = match offer.key {
            Some(kind) => served(kind),
            None => served(KeyKind::Ecdsa).or_else(|| served(KeyKind::Rsa)),
        };
        let chain = chain.ok_or_else(|| HandshakeError::NoSuchKey {
            endpoint: to.clone(),
            kind: offer.key.unwrap_or(KeyKind::Rsa),
        })?;
        let answer = |request: &Vec<u8>| self.estate.http(device, to.port, request, now);
        Ok(Handshake {
            chain,
            protocol: "TLSv1.2".to_owned(),
            reply: offer.request.as_ref().map(answer),
        })
    }
}
