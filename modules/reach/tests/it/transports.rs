//! Other ways to a socket: addresses given by hand, loopback only, a jump.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Exec, HandshakeError, HostKeyPolicy, Offer, SshSettings,
};
use cutover_reach::{AddressMap, OpenError, Reacher, Socket, TcpTransport, Transport};
use tokio::net::{TcpStream, UnixStream};

use crate::support::{RealClock, Sshd};

fn rehearsing(map: AddressMap) -> Reacher {
    let clock = RealClock::shared();
    let transport = TcpTransport::new(Arc::clone(&clock)).mapped(map).loopback_only();
    Reacher::new(clock).through(Arc::new(transport))
}

fn dialling(server: &Sshd, host: &str, port: u16) -> SshSettings {
    SshSettings {
        endpoint: Endpoint::new(host, port),
        ..server.settings()
    }
}

#[tokio::test]
async fn a_mapped_host_is_known_by_the_name_it_is_dialled_by() {
    let server = Sshd::start();
    let map = AddressMap::from_iter([(Endpoint::new("Finesse.Example", 22), server.address)]);
    let known_hosts = server.path("known_hosts");
    let reacher = rehearsing(map).known_hosts(vec![known_hosts.clone()]);
    let settings = SshSettings {
        host_keys: HostKeyPolicy::AcceptNew,
        ..dialling(&server, "finesse.example", 22)
    };
    assert!(reacher.dial(&settings).await.is_ok());
    let line = format!("finesse.example {}\n", server.host_key("ed25519"));
    assert_eq!(std::fs::read_to_string(known_hosts).unwrap(), line);
}

#[tokio::test]
async fn a_rehearsal_never_leaves_loopback() {
    let server = Sshd::start();
    // Reserved for documentation (RFC 5737, RFC 3849): nobody would answer.
    let outside = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 22));
    let mapped_away = Endpoint::new("mapped.away", 22);
    let reacher = rehearsing(AddressMap::from_iter([(mapped_away.clone(), outside)]));
    let endpoints = [
        Endpoint::new("192.0.2.1", 22),
        Endpoint::new("2001:db8::1", 22),
        Endpoint::new("0.0.0.0", 22),
        mapped_away,
    ];
    for endpoint in endpoints {
        let dialled = reacher
            .dial(&dialling(&server, &endpoint.host, endpoint.port))
            .await
            .err();
        assert_eq!(
            dialled,
            Some(DialError::OutsideLoopback {
                endpoint: endpoint.clone()
            })
        );
        let offer = Offer {
            server_name: None,
            key: None,
            request: None,
            limit: Duration::from_secs(5),
        };
        let shown = reacher.handshake(&endpoint, &offer).await;
        assert_eq!(shown, Err(HandshakeError::OutsideLoopback { endpoint }));
    }
    for host in ["127.0.0.1", "localhost", "::ffff:127.0.0.1"] {
        let dialled = reacher
            .dial(&dialling(&server, host, server.address.port()))
            .await;
        assert!(dialled.is_ok(), "{host}: {:?}", dialled.err());
    }
}

/// What a jump host's channel will be: a socket pair, fed from elsewhere.
struct Jump(SocketAddr);

#[async_trait]
impl Transport for Jump {
    async fn open(&self, to: &Endpoint, _limit: Duration) -> Result<Socket, OpenError> {
        let unreachable = |error: std::io::Error| OpenError::Unreachable {
            endpoint: to.clone(),
            reason: error.to_string(),
        };
        let (ours, mut theirs) = UnixStream::pair().map_err(unreachable)?;
        let mut server = TcpStream::connect(self.0).await.map_err(unreachable)?;
        tokio::spawn(async move { tokio::io::copy_bidirectional(&mut theirs, &mut server).await });
        Ok(Socket::Pair(ours))
    }
}

#[tokio::test]
async fn a_socket_pair_serves_as_well() {
    let server = Sshd::start();
    let reacher = Reacher::new(RealClock::shared()).through(Arc::new(Jump(server.address)));
    let mut link = reacher
        .dial(&dialling(&server, "behind.a.jump", 22))
        .await
        .unwrap();
    let command = Exec {
        command: "seq 1 100000 | tail -n 1".into(),
        ..Exec::default()
    };
    assert_eq!(link.exec(&command).await.unwrap().stdout, b"100000\n");
    link.close().await;
}
