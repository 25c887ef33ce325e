//! The real world, behind the seam that modules see.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_kit::clock::{Clock, within};
use cutover_kit::session::{
    Credential, DialError, Dialer, Endpoint, Handshake, HandshakeError, KeyKind, Link, Offer, SshSettings,
};

use crate::doors::Doors;
use crate::gate::PasswordGate;
use crate::known_hosts::KnownHosts;
use crate::ssh::agent::AgentSocket;
use crate::ssh::auth::Proof;
use crate::ssh::link::SshLink;
use crate::ssh::login::Greeting;
use crate::ssh::{actor, auth};
use crate::tls::{self, Shown};
use crate::transport::{TcpTransport, Transport};

/// As many keys of an agent as OpenSSH's server would let one connection try.
const AGENT_KEYS: usize = 6;

/// Reaches devices over SSH and TLS.
pub struct Reacher {
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
    known_hosts: Arc<KnownHosts>,
    agent: AgentSocket,
    gate: PasswordGate,
    doors: Doors,
}

impl Reacher {
    /// Reaches devices over TCP from this machine, and knows no host keys.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            transport: Arc::new(TcpTransport::new(Arc::clone(&clock))),
            clock,
            known_hosts: Arc::new(KnownHosts::new(Vec::new())),
            agent: AgentSocket::default(),
            gate: PasswordGate::default(),
            doors: Doors::default(),
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

    /// Asks the SSH agent that listens at `socket`, instead of the one that
    /// `SSH_AUTH_SOCK` names.
    pub fn agent(self, socket: PathBuf) -> Self {
        Self {
            agent: AgentSocket(Some(socket)),
            ..self
        }
    }
}

#[async_trait]
impl Dialer for Reacher {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        self.dial_as(to, false).await
    }

    async fn dial_booting(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        self.dial_as(to, true).await
    }

    async fn handshake(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError> {
        // Waiting for a place is no fault of the listener's.
        let _place = self.doors.target(to).await;
        let _work = self.doors.work().await;
        let looked = within(&*self.clock, offer.limit, self.look(to, offer)).await;
        looked.unwrap_or_else(|_| {
            Err(HandshakeError::Late {
                endpoint: to.clone(),
                limit: offer.limit,
            })
        })
    }
}

impl Reacher {
    async fn dial_as(&self, to: &SshSettings, booting: bool) -> Result<Box<dyn Link>, DialError> {
        match &to.credential {
            Credential::Password(secret) => {
                self.log_in(to, &Proof::Password(secret, &self.gate, booting))
                    .await
            }
            Credential::Key { file, passphrase } => {
                self.log_in(to, &Proof::KeyFile(file, passphrase.as_ref())).await
            }
            Credential::Agent => self.log_in_by_agent(to).await,
        }
    }

    /// One connection and one attempt.
    async fn log_in(&self, to: &SshSettings, proof: &Proof<'_>) -> Result<Box<dyn Link>, DialError> {
        let _place = self.doors.target(&to.endpoint).await;
        // Connected first, so that hosts that are down keep none waiting that are up.
        let socket = self.transport.open(&to.endpoint, to.timing.connect).await?;
        let (wire, key) = {
            let _work = self.doors.work().await;
            let greeting = Greeting {
                settings: to,
                clock: &self.clock,
                transport: &*self.transport,
                known_hosts: &self.known_hosts,
            };
            greeting.greet(socket).await?
        };
        auth::log_in(&wire, to, proof).await?;
        Ok(Box::new(SshLink {
            handle: actor::spawn(wire, to.timing.keepalive),
            clock: Arc::clone(&self.clock),
            host_key: key.to_string(),
        }))
    }

    /// A connection for each of the agent's keys, until one is accepted.
    async fn log_in_by_agent(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        let protocol = |reason: &str| DialError::Protocol {
            endpoint: to.endpoint.clone(),
            reason: format!("the SSH agent {reason}"),
        };
        let keys = self.agent.keys().await;
        let keys = keys.map_err(|reason| protocol(&format!("cannot be asked: {reason}")))?;
        let mut outcome = Err(protocol("holds no key"));
        for key in keys.iter().take(AGENT_KEYS) {
            outcome = self.log_in(to, &Proof::AgentKey(&self.agent, key)).await;
            if !matches!(outcome, Err(DialError::Refused { .. })) {
                break;
            }
        }
        outcome
    }

    /// Asks for the kind of certificate wanted; a listener that declines is
    /// asked for any kind, which tells whether only that kind is missing.
    async fn look(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError> {
        let mut shown = self.shake(to, offer, offer.key).await?;
        if let (Shown::Declined(_), Some(_)) = (&shown, offer.key) {
            shown = self.shake(to, offer, None).await?;
        }
        match (shown, offer.key) {
            (Shown::Declined(reason), _) => Err(HandshakeError::Protocol {
                endpoint: to.clone(),
                reason,
            }),
            (Shown::Chain(handshake), Some(kind)) if tls::leaf_kind(&handshake) != Some(kind) => {
                Err(HandshakeError::NoSuchKey {
                    endpoint: to.clone(),
                    kind,
                })
            }
            (Shown::Chain(handshake), _) => Ok(handshake),
        }
    }

    async fn shake(
        &self,
        to: &Endpoint,
        offer: &Offer,
        key: Option<KeyKind>,
    ) -> Result<Shown, HandshakeError> {
        let socket = self.transport.open(to, offer.limit).await?;
        tls::shake(socket, to, offer, key).await
    }
}
