//! The real world, behind the seam that modules see.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_kit::clock::Clock;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Handshake, HandshakeError, Link, Offer, SshSettings,
};

use crate::gate::PasswordGate;
use crate::known_hosts::KnownHosts;
use crate::ssh::link::SshLink;
use crate::ssh::{actor, auth, login};
use crate::transport::{TcpTransport, Transport};

/// Reaches devices over SSH and TLS.
pub struct Reacher {
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
    known_hosts: Arc<KnownHosts>,
    gate: PasswordGate,
}

impl Reacher {
    /// Reaches devices over TCP from this machine, and knows no host keys.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            transport: Arc::new(TcpTransport::new(Arc::clone(&clock))),
            clock,
            known_hosts: Arc::new(KnownHosts::new(Vec::new())),
            gate: PasswordGate::default(),
        }
    }

    /// Opens sockets through `transport`.
    pub fn through(self, transport: Arc<dyn Transport>) -> Self {
        Self { transport, ..self }
    }

    /// Reads host keys from `files`; new ones are written to the first.
    pub fn known_hosts(self, files: Vec<PathBuf>) -> Self {
        Self {
            known_hosts: Arc::new(KnownHosts::new(files)),
            ..self
        }
    }
}

#[async_trait]
impl Dialer for Reacher {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        let socket = self.transport.open(&to.endpoint, to.timing.connect).await?;
        let (wire, key) = login::greet(socket, to, &self.clock, &self.known_hosts).await?;
        auth::log_in(&wire, to, &self.gate).await?;
        Ok(Box::new(SshLink {
            handle: actor::spawn(wire, to.timing.keepalive),
            clock: Arc::clone(&self.clock),
            host_key: key.to_string(),
        }))
    }

    async fn handshake(&self, to: &Endpoint, _offer: &Offer) -> Result<Handshake, HandshakeError> {
        Err(HandshakeError::Protocol {
            endpoint: to.clone(),
            reason: "not yet".into(),
        })
    }
}
