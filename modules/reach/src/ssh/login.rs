//! From an endpoint to a session whose server is known.

use std::io;
use std::sync::Arc;

use cutover_kit::clock::{Clock, within};
use cutover_kit::session::{DialError, Endpoint, HostKeyPolicy, SshSettings};

use super::wire::{Fault, Wire};
use super::{algorithms, offer};
use crate::known_hosts::{HostKey, KnownHosts, Verdict};
use crate::socket::Socket;
use crate::transport::Transport;

/// What it takes to greet a server.
pub(crate) struct Greeting<'a> {
    pub(crate) settings: &'a SshSettings,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) transport: &'a dyn Transport,
    pub(crate) known_hosts: &'a Arc<KnownHosts>,
}

impl Greeting<'_> {
    /// Exchanges keys over `socket`, and checks the server's.
    pub(crate) async fn greet(&self, socket: Socket) -> Result<(Wire, HostKey), DialError> {
        let known = match self.settings.host_keys {
            HostKeyPolicy::Off => Vec::new(),
            HostKeyPolicy::Strict | HostKeyPolicy::AcceptNew => self.ask(KnownHosts::types_for).await?,
        };
        let wire = Wire::new(socket, Arc::clone(self.clock), self.settings.timing.handshake);
        let wire = wire.map_err(|fault| failed(self.settings, EXCHANGE, &fault))?;
        algorithms::prefer(&wire.session, self.settings.legacy, &known)
            .map_err(|error| self.protocol(error.to_string()))?;
        let mut session = wire.session.clone();
        if let Err(fault) = wire.drive(|| session.handshake()).await {
            return Err(self.explained(&fault).await);
        }
        let key = wire
            .session
            .host_key()
            .and_then(|(blob, _)| HostKey::from_blob(blob));
        let key = key.ok_or_else(|| self.protocol("it shows no host key".into()))?;
        self.vouch(&key).await?;
        Ok((wire, key))
    }

    /// Applies the host's policy to the key it has shown.
    async fn vouch(&self, key: &HostKey) -> Result<(), DialError> {
        let shown = key.clone();
        let verdict = match self.settings.host_keys {
            HostKeyPolicy::Off => return Ok(()),
            HostKeyPolicy::Strict => self.ask(move |known, at| known.check(at, &shown)).await?,
            HostKeyPolicy::AcceptNew => self.ask(move |known, at| known.check_or_add(at, &shown)).await?,
        };
        let endpoint = self.settings.endpoint.clone();
        let fingerprint = format!("{} {}", key.key_type(), key.fingerprint());
        let known = match verdict {
            Verdict::Known => return Ok(()),
            Verdict::Unknown => {
                return Err(DialError::HostKeyUnknown {
                    endpoint,
                    fingerprint,
                });
            }
            Verdict::Changed { place, known } => format!(
                "{place} has {} {}; if the host was set up anew, take that line out",
                known.key_type(),
                known.fingerprint()
            ),
            Verdict::Revoked { place } => format!("{place} revokes it"),
        };
        Err(DialError::HostKeyChanged {
            endpoint,
            fingerprint,
            known,
        })
    }

    /// Asks the files, which may be slow, beside the runtime's own threads.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&KnownHosts, &Endpoint) -> io::Result<T> + Send + 'static,
    ) -> Result<T, DialError> {
        let (known_hosts, endpoint) = (Arc::clone(self.known_hosts), self.settings.endpoint.clone());
        let answer = tokio::task::spawn_blocking(move || question(&known_hosts, &endpoint)).await;
        let answer = answer.unwrap_or_else(|error| Err(io::Error::other(error)));
        answer.map_err(|error| self.protocol(format!("known_hosts: {error}")))
    }

    /// A failed key exchange, with both sides' algorithms where they are the reason.
    async fn explained(&self, fault: &Fault) -> DialError {
        let plain = failed(self.settings, EXCHANGE, fault);
        let Fault::Said(
            libssh2_sys::LIBSSH2_ERROR_KEX_FAILURE | libssh2_sys::LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE,
            _,
        ) = fault
        else {
            return plain;
        };
        let limit = self.settings.timing.handshake;
        let offered = within(&**self.clock, limit, self.server_offer()).await;
        match offered {
            Ok(Some(offered)) => DialError::Algorithms {
                endpoint: self.settings.endpoint.clone(),
                offered,
            },
            _ => plain,
        }
    }

    async fn server_offer(&self) -> Option<String> {
        let (to, timing) = (&self.settings.endpoint, &self.settings.timing);
        let socket = self.transport.open(to, timing.connect).await.ok()?;
        let offer = offer::read(socket).await.ok()?;
        offer.against_ours(self.settings.legacy)
    }

    fn protocol(&self, reason: String) -> DialError {
        DialError::Protocol {
            endpoint: self.settings.endpoint.clone(),
            reason,
        }
    }
}

const EXCHANGE: &str = "exchange keys";

/// A step's failure, as the caller hears it.
pub(crate) fn failed(settings: &SshSettings, step: &'static str, fault: &Fault) -> DialError {
    let endpoint = settings.endpoint.clone();
    match fault {
        Fault::Stalled(limit) => DialError::Late {
            endpoint,
            step,
            limit: *limit,
        },
        fault => DialError::Protocol {
            endpoint,
            reason: format!("could not {step}: {fault}"),
        },
    }
}
