//! SSH and TLS servers on loopback for every node of an estate.

mod door;
mod host_key;
mod ssh;
mod tls;

use crate::estate::Estate;
use crate::state::world::NodeId;
use door::{Door, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Device port of SSH.
const SSH: u16 = 22;
/// A port that could not be opened again is tried again after this.
const RETRY: Duration = Duration::from_millis(20);

/// The estate's clock on real sockets: it goes on from where the estate stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
    offset: Duration,
}

impl Clock {
    fn starting(offset: Duration) -> Clock {
        Clock {
            start: Instant::now(),
            offset,
        }
    }

    /// The time since the estate was started.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed() + self.offset
    }

    fn instant(&self, at: Duration) -> Instant {
        self.start + at.saturating_sub(self.offset)
    }

    /// Waits until a time of the estate, for ever without one.
    pub(crate) async fn until(&self, at: Option<Duration>) {
        match at {
            Some(at) => tokio::time::sleep_until(self.instant(at)).await,
            None => std::future::pending().await,
        }
    }
}

/// Running servers: one listener on `127.0.0.1` for SSH and for each TLS port of every node, on free
/// ports. While a node or a service is down, its listeners are closed and connections to them are
/// refused; they come back on the same ports.
#[derive(Debug)]
pub struct Servers {
    clock: Clock,
    addresses: BTreeMap<(String, u16), SocketAddr>,
    host_keys: BTreeMap<String, String>,
    keeper: JoinHandle<()>,
}

impl Servers {
    /// Starts a server for every device of the estate. Must be called within a tokio runtime. Every
    /// listener takes a file descriptor, and so does every connection.
    ///
    /// # Errors
    /// Where no listener can be had, or a host key cannot be made.
    pub async fn start(estate: Estate) -> io::Result<Servers> {
        let clock = Clock::starting(estate.now());
        let mut addresses = BTreeMap::new();
        let mut host_keys = BTreeMap::new();
        let mut doors = BTreeMap::new();
        for (id, name, ports) in estate.listeners() {
            let key = host_key::of(&estate, id)?;
            let line = key.public_key().to_openssh().map_err(io::Error::other)?;
            host_keys.insert(name.clone(), line);
            let server = ssh::Server::new(&estate, id, &name, clock, key);
            let mut services = vec![(SSH, Service::Ssh(Arc::new(server)))];
            services.extend(ports.into_iter().map(|port| {
                let listener = tls::Listener::new(&estate, &name, port, clock);
                (port, Service::Tls(Arc::new(listener)))
            }));
            for (port, service) in services {
                let door = Door::new(service)?;
                addresses.insert((name.clone(), port), door.address());
                doors.insert((id, port), door);
            }
        }
        let keeper = tokio::spawn(keep(estate, clock, doors));
        Ok(Servers {
            clock,
            addresses,
            host_keys,
            keeper,
        })
    }

    /// Where to reach what: (device's name, device port) to a loopback address. SSH is port 22.
    #[must_use]
    pub fn addresses(&self) -> &BTreeMap<(String, u16), SocketAddr> {
        &self.addresses
    }

    /// The estate's time on these servers' clock, for whoever asks the estate beside them.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// A node's SSH host key as an OpenSSH public key line; empty for a host that is not there.
    #[must_use]
    pub fn host_key(&self, host: &str) -> String {
        self.host_keys.get(host).cloned().unwrap_or_default()
    }

    /// Closes everything. Dropping the servers does so too, but does not wait for it.
    pub async fn stop(mut self) {
        self.keeper.abort();
        // It was just told to end; that it did is all there is to know.
        let _ = (&mut self.keeper).await;
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Opens and closes doors as nodes and services come and go.
async fn keep(estate: Estate, clock: Clock, mut doors: BTreeMap<(NodeId, u16), Door>) {
    let mut unsettled: BTreeSet<NodeId> = doors.keys().map(|(id, _)| *id).collect();
    loop {
        unsettled.extend(estate.moved(clock.now()));
        let mut later = BTreeSet::new();
        for id in unsettled {
            for ((_, port), door) in doors.range_mut((id, 0)..=(id, u16::MAX)) {
                let settled = if estate.opens(id, *port) {
                    door.open()
                } else {
                    door.close().await;
                    true
                };
                if !settled {
                    later.insert(id);
                }
            }
        }
        unsettled = later;
        let retry = (!unsettled.is_empty()).then(|| clock.now() + RETRY);
        tokio::select! {
            () = estate.changed() => {}
            () = clock.until(estate.next()) => {}
            () = clock.until(retry) => {}
        }
    }
}
