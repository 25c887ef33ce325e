//! The seam below SSH and TLS: from an endpoint to an open socket.
//!
//! A rehearsal is a [`TcpTransport`] with an [`AddressMap`] and
//! [`loopback_only`](TcpTransport::loopback_only); a jump host is another
//! [`Transport`] that hands out one end of a socket pair.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::clock::{Clock, within};
use cutover_kit::session::{DialError, Endpoint, HandshakeError};
use tokio::net::TcpStream;

use crate::socket::Socket;

/// Opens sockets to endpoints.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// A socket connected to `to`, within `limit`.
    async fn open(&self, to: &Endpoint, limit: Duration) -> Result<Socket, OpenError>;
}

/// Why there is no socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Every address refused, or the name has none.
    #[error("{endpoint} does not answer: {reason}")]
    Unreachable {
        /// Where it was tried.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// The policy keeps to loopback, and the endpoint is elsewhere.
    #[error("{endpoint} is outside loopback")]
    OutsideLoopback {
        /// Where it would have gone.
        endpoint: Endpoint,
    },
    /// No address answered in time.
    #[error("{endpoint} did not connect within {limit:?}")]
    Late {
        /// Where it was tried.
        endpoint: Endpoint,
        /// How long it was waited for.
        limit: Duration,
    },
}

impl From<OpenError> for DialError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unreachable { endpoint, reason } => Self::Unreachable { endpoint, reason },
            OpenError::OutsideLoopback { endpoint } => Self::OutsideLoopback { endpoint },
            OpenError::Late { endpoint, limit } => Self::Late {
                endpoint,
                step: "connect",
                limit,
            },
        }
    }
}

impl From<OpenError> for HandshakeError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unreachable { endpoint, reason } => Self::Unreachable { endpoint, reason },
            OpenError::OutsideLoopback { endpoint } => Self::OutsideLoopback { endpoint },
            OpenError::Late { endpoint, limit } => Self::Late { endpoint, limit },
        }
    }
}

/// Where endpoints really are, when not where they say. Host names are
/// compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressMap(HashMap<Endpoint, SocketAddr>);

impl AddressMap {
    /// Sends what is dialled as `from` to `to`.
    pub fn insert(&mut self, from: &Endpoint, to: SocketAddr) {
        self.0.insert(folded(from), to);
    }

    /// Where `endpoint` is sent, if anywhere but to itself.
    pub fn get(&self, endpoint: &Endpoint) -> Option<SocketAddr> {
        self.0.get(&folded(endpoint)).copied()
    }
}

impl FromIterator<(Endpoint, SocketAddr)> for AddressMap {
    fn from_iter<I: IntoIterator<Item = (Endpoint, SocketAddr)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(from, to)| (folded(&from), to)).collect())
    }
}

fn folded(endpoint: &Endpoint) -> Endpoint {
    Endpoint::new(endpoint.host.to_lowercase(), endpoint.port)
}

/// TCP from this machine.
pub struct TcpTransport {
    clock: Arc<dyn Clock>,
    map: AddressMap,
    loopback_only: bool,
}

impl TcpTransport {
    /// Connects to endpoints where they say they are.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            map: AddressMap::default(),
            loopback_only: false,
        }
    }

    /// Sends the endpoints in `map` elsewhere.
    pub fn mapped(self, map: AddressMap) -> Self {
        Self { map, ..self }
    }

    /// Refuses every address outside 127.0.0.0/8 and `::1`, however it was found.
    pub fn loopback_only(self) -> Self {
        Self {
            loopback_only: true,
            ..self
        }
    }

    async fn addresses(&self, to: &Endpoint) -> Result<Vec<SocketAddr>, OpenError> {
        let found = match self.map.get(to) {
            Some(address) => vec![address],
            None => resolve(to).await?,
        };
        if self.loopback_only && !found.iter().all(|address| is_loopback(address.ip())) {
            return Err(OpenError::OutsideLoopback { endpoint: to.clone() });
        }
        Ok(found)
    }

    /// Tries the addresses in turn; each may use its share of what is left of `limit`.
    async fn connect(&self, to: &Endpoint, limit: Duration) -> Result<Socket, OpenError> {
        let end = self.clock.elapsed() + limit;
        let addresses = within(&*self.clock, limit, self.addresses(to))
            .await
            .unwrap_or_else(|_| Err(late(to, limit)))?;
        let mut failure = late(to, limit);
        for (index, address) in addresses.iter().enumerate() {
            let left = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            let share = end.saturating_sub(self.clock.elapsed()) / left;
            match within(&*self.clock, share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(Socket::tcp(stream)),
                Ok(Err(error)) => failure = unreachable(to, error.to_string()),
                Err(_) => failure = late(to, limit),
            }
        }
        Err(failure)
    }
}

#[async_trait]
impl Transport for TcpTransport {
    async fn open(&self, to: &Endpoint, limit: Duration) -> Result<Socket, OpenError> {
        self.connect(to, limit).await
    }
}

async fn resolve(to: &Endpoint) -> Result<Vec<SocketAddr>, OpenError> {
    let found = tokio::net::lookup_host((to.host.as_str(), to.port)).await;
    let addresses: Vec<_> = found
        .map_err(|error| unreachable(to, error.to_string()))?
        .collect();
    if addresses.is_empty() {
        return Err(unreachable(to, "the name has no address".into()));
    }
    Ok(addresses)
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn unreachable(to: &Endpoint, reason: String) -> OpenError {
    OpenError::Unreachable {
        endpoint: to.clone(),
        reason,
    }
}

fn late(to: &Endpoint, limit: Duration) -> OpenError {
    OpenError::Late {
        endpoint: to.clone(),
        limit,
    }
}
