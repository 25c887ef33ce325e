//! Certificates as OpenSSL's `s_server` shows them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cutover_kit::session::{Dialer, Endpoint, Handshake, HandshakeError, KeyKind, Offer};
use openssl::x509::X509;
use tempfile::TempDir;

use crate::support::reacher;

struct Listener {
    folder: TempDir,
    port: u16,
    server: Child,
}

impl Listener {
    /// A server with an RSA leaf below an issuer, and, where `dual`, a
    /// self-signed ECDSA certificate besides.
    fn start(dual: bool, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        let mut server = Command::new("openssl");
        server
            .current_dir(folder.path())
            .args(["s_server", "-accept", "127.0.0.1:0", "-www"]);
        server.args(["-cert", "rsa.pem", "-key", "rsa.key", "-cert_chain", "issuer.pem"]);
        if dual {
            server.args(["-dcert", "ec.pem", "-dkey", "ec.key"]);
        }
        let server = server
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = server.spawn().expect("openssl");
        let lines = BufReader::new(server.stdout.take().expect("its output")).lines();
        let accept = lines
            .map_while(Result::ok)
            .find(|line| line.starts_with("ACCEPT"));
        let port = accept
            .and_then(|line| line.rsplit(':').next()?.parse().ok())
            .expect("a port");
        Self { folder, port, server }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::new("127.0.0.1", self.port)
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let pem = std::fs::read(self.folder.path().join(name)).expect("a certificate");
        X509::from_pem(&pem).and_then(|it| it.to_der()).expect("PEM")
    }

    async fn shows(&self, key: Option<KeyKind>) -> Result<Handshake, HandshakeError> {
        reacher().handshake(&self.endpoint(), &offer(key)).await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn offer(key: Option<KeyKind>) -> Offer {
    Offer {
        server_name: Some("host.example".into()),
        key,
        request: None,
        limit: Duration::from_secs(20),
    }
}

fn certificates(folder: &Path) {
    let steps = [
        "req -x509 -newkey rsa:2048 -nodes -keyout issuer.key -out issuer.pem -subj /CN=issuer -days 2",
        "req -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.csr -subj /CN=rsa",
        "x509 -req -in rsa.csr -CA issuer.pem -CAkey issuer.key -CAcreateserial -out rsa.pem -days 2",
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout ec.key -out ec.pem -subj /CN=ec -days 2",
    ];
    for step in steps {
        let done = Command::new("openssl")
            .current_dir(folder)
            .args(step.split(' '))
            .output();
        let done = done.expect("openssl");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[tokio::test]
async fn each_kind_of_certificate_is_shown_when_asked_for() {
    for (version, protocol) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let listener = Listener::start(true, &[version]);
        let rsa = listener.shows(Some(KeyKind::Rsa)).await;
        let expected = Handshake {
            chain: vec![listener.der("rsa.pem"), listener.der("issuer.pem")],
            protocol: protocol.into(),
            reply: None,
        };
        assert_eq!(rsa, Ok(expected));
        let ecdsa = listener.shows(Some(KeyKind::Ecdsa)).await;
        let expected = Handshake {
            chain: vec![listener.der("ec.pem")],
            protocol: protocol.into(),
            reply: None,
        };
        assert_eq!(ecdsa, Ok(expected));
    }
}

#[tokio::test]
async fn a_kind_the_listener_lacks_is_told_from_other_failures() {
    for version in ["-tls1_2", "-tls1_3"] {
        let listener = Listener::start(false, &[version]);
        let missing = listener.shows(Some(KeyKind::Ecdsa)).await;
        assert_eq!(
            missing,
            Err(HandshakeError::NoSuchKey {
                endpoint: listener.endpoint(),
                kind: KeyKind::Ecdsa,
            })
        );
        assert_eq!(
            listener.shows(None).await.unwrap().chain[0],
            listener.der("rsa.pem")
        );
    }
}

#[tokio::test]
async fn old_protocols_are_read_too() {
    let old = ["-no_tls1_2", "-no_tls1_3", "-cipher", "ALL:@SECLEVEL=0"];
    let listener = Listener::start(true, &old);
    for (kind, leaf) in [(KeyKind::Rsa, "rsa.pem"), (KeyKind::Ecdsa, "ec.pem")] {
        let shown = listener.shows(Some(kind)).await.unwrap();
        assert_eq!(
            (shown.protocol.as_str(), &shown.chain[0]),
            ("TLSv1.1", &listener.der(leaf))
        );
    }
}

#[tokio::test]
async fn plain_rsa_key_exchange_is_read_too() {
    let listener = Listener::start(false, &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"]);
    let shown = listener.shows(Some(KeyKind::Rsa)).await.unwrap();
    assert_eq!(shown.chain[0], listener.der("rsa.pem"));
}

/// Java management ports do that.
#[tokio::test]
async fn a_listener_that_wants_our_certificate_still_shows_its_own() {
    for version in ["-tls1_2", "-tls1_3"] {
        let listener = Listener::start(false, &[version, "-Verify", "1"]);
        let shown = listener.shows(None).await.unwrap();
        assert_eq!(shown.chain[0], listener.der("rsa.pem"));
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    let listener = Listener::start(false, &[]);
    let request = Some(b"GET / HTTP/1.0\r\n\r\n".to_vec());
    let shown = reacher()
        .handshake(
            &listener.endpoint(),
            &Offer {
                request,
                ..offer(None)
            },
        )
        .await
        .unwrap();
    let reply = String::from_utf8_lossy(&shown.reply.unwrap()).into_owned();
    assert!(reply.starts_with("HTTP/1.0 200 ok\r\n"), "{reply}");
    assert!(
        reply.contains("host.example") || reply.contains("s_server"),
        "{reply}"
    );
}

#[tokio::test]
async fn what_is_no_tls_listener_is_a_protocol_error() {
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new("127.0.0.1", plain.local_addr().unwrap().port());
    let talk = tokio::spawn(async move {
        loop {
            let (mut socket, _) = plain.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut socket, b"220 mail.example ready\r\n")
                .await
                .unwrap();
            drop(socket);
        }
    });
    for key in [None, Some(KeyKind::Rsa)] {
        let shown = reacher().handshake(&endpoint, &offer(key)).await;
        assert!(matches!(shown, Err(HandshakeError::Protocol { .. })), "{shown:?}");
    }
    talk.abort();
}

#[tokio::test]
async fn a_listener_that_says_nothing_is_late() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new("127.0.0.1", silent.local_addr().unwrap().port());
    let limit = Duration::from_millis(200);
    let shown = reacher()
        .handshake(&endpoint, &Offer { limit, ..offer(None) })
        .await;
    assert_eq!(shown, Err(HandshakeError::Late { endpoint, limit }));
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::new("127.0.0.1", taken.local_addr().unwrap().port());
    drop(taken);
    let shown = reacher().handshake(&endpoint, &offer(None)).await;
    assert!(
        matches!(shown, Err(HandshakeError::Unreachable { .. })),
        "{shown:?}"
    );
}
