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
use crate::ssh::own_keys::{OwnKey, OwnKeys, Ring};
use crate::ssh::{actor, auth};
use crate::tls::{self, Shown};
use crate::transport::{TcpTransport, Transport};

/// Reaches devices over SSH and TLS.
pub struct Reacher {
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
    known_hosts: Arc<KnownHosts>,
    own_keys: OwnKeys,
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
            own_keys: OwnKeys::default(),
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
    pub fn agent(mut self, socket: PathBuf) -> Self {
        self.own_keys.agent = AgentSocket(Some(socket));
        self
    }

    /// Tries the private keys in `files`, in this order, after those of the SSH agent.
    pub fn key_files(mut self, files: Vec<PathBuf>) -> Self {
        self.own_keys.files = files;
        self
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
            Credential::OwnKeys => self.log_in_by_own_keys(to).await,
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

    /// A connection for each of the user's keys, until one is accepted.
    async fn log_in_by_own_keys(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        let ring = self.own_keys.ring().await;
        if ring.keys.is_empty() {
            return Err(self.without_a_key(to, ring).await);
        }
        for key in &ring.keys {
            let proof = match key {
                OwnKey::Agent(key) => Proof::AgentKey(&self.own_keys.agent, key),
                OwnKey::File(file) => Proof::KeyFile(file, None),
            };
            match self.log_in(to, &proof).await {
                Err(DialError::Refused { .. }) => {}
                outcome => return outcome,
            }
        }
        let tried: Vec<String> = ring.keys.iter().map(ToString::to_string).collect();
        let not_tried = ring.unusable.iter().map(|reason| format!("; {reason}"));
        Err(DialError::Refused {
            endpoint: to.endpoint.clone(),
            user: to.user.clone(),
            method: format!(
                "publickey ({}){}",
                tried.join(", "),
                not_tried.collect::<String>()
            ),
        })
    }

    /// Why there is nothing to log in with, unless nobody is there to log in to.
    async fn without_a_key(&self, to: &SshSettings, ring: Ring) -> DialError {
        if let Err(error) = self.transport.open(&to.endpoint, to.timing.connect).await {
            return error.into();
        }
        let mut reasons = vec!["there is neither a password nor a key to log in with".to_owned()];
        reasons.extend(ring.unusable);
        DialError::Protocol {
            endpoint: to.endpoint.clone(),
            reason: reasons.join("; "),
        }
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
