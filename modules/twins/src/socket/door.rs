//! A listener that closes and opens again on the same port.

use super::{ssh, tls};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Waiting connections that the system holds for a listener.
const BACKLOG: u32 = 128;
/// Before the next connection is taken after one that could not be.
const BREATH: Duration = Duration::from_millis(20);

/// Who answers.
#[derive(Debug, Clone)]
pub(crate) enum Service {
    Ssh(Arc<ssh::Server>),
    Tls(Arc<tls::Listener>),
}

impl Service {
    async fn serve(self, stream: TcpStream) {
        match self {
            Service::Ssh(server) => server.serve(stream).await,
            Service::Tls(listener) => listener.serve(stream).await,
        }
    }
}

/// One port. While it is closed, a bound socket that does not listen keeps the port from being given
/// to anybody else.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    service: Service,
    state: State,
}

#[derive(Debug)]
enum State {
    Open(JoinHandle<()>),
    Closed { _kept: Option<TcpSocket> },
}

impl Door {
    /// A closed door on a free port.
    pub(crate) fn new(service: Service) -> io::Result<Door> {
        let kept = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(Door {
            address: kept.local_addr()?,
            service,
            state: State::Closed { _kept: Some(kept) },
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens it, unless it is open; whether it is now.
    pub(crate) fn open(&mut self) -> bool {
        if matches!(self.state, State::Open(_)) {
            return true;
        }
        match bound(self.address).and_then(|socket| socket.listen(BACKLOG)) {
            Ok(listener) => {
                let answering = tokio::spawn(answer(listener, self.service.clone()));
                self.state = State::Open(answering);
                true
            }
            Err(_) => false,
        }
    }

    /// Closes it with all its connections.
    pub(crate) async fn close(&mut self) {
        if let State::Open(answering) = &mut self.state {
            answering.abort();
            // Only its end is waited for: then the listener is gone.
            let _ = answering.await;
            self.state = State::Closed {
                _kept: bound(self.address).ok(),
            };
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let State::Open(answering) = &self.state {
            answering.abort();
        }
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Takes connections until the task is ended, and they with it.
async fn answer(listener: TcpListener, service: Service) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of descriptors, most likely: some will be given back.
                    tokio::time::sleep(BREATH).await;
                    continue;
                };
                // Nagle's delay would only blur the timing; without the option all works as well.
                let _ = stream.set_nodelay(true);
                connections.spawn(service.clone().serve(stream));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
