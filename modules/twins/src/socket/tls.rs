//! TLS: what a node presents, and a little HTTP behind it.

use super::Clock;
use crate::estate::{Estate, Presented};
use openssl::error::ErrorStack;
use openssl::ssl::{Ssl, SslContext, SslMethod, SslVersion};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;

/// A client that takes longer to shake hands or to ask is left alone.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_REQUEST: usize = 16 * 1024;

/// The listener of one device port.
#[derive(Debug)]
pub(crate) struct Listener {
    estate: Estate,
    host: String,
    port: u16,
    clock: Clock,
}

impl Listener {
    pub(crate) fn new(estate: &Estate, host: &str, port: u16, clock: Clock) -> Listener {
        Listener {
            estate: estate.clone(),
            host: host.to_owned(),
            port,
            clock,
        }
    }

    /// Shakes hands and answers one request. A client that does neither well is dropped.
    pub(crate) async fn serve(self: std::sync::Arc<Self>, stream: TcpStream) {
        let presented = self.estate.presented(&self.host, self.port, self.clock.now());
        let versions = self.estate.tls_versions(&self.host);
        let Ok(ssl) = side(presented, versions) else {
            return;
        };
        let Ok(mut tls) = SslStream::new(ssl, stream) else {
            return;
        };
        let shaken = timeout(PATIENCE, Pin::new(&mut tls).accept()).await;
        if !matches!(shaken, Ok(Ok(()))) {
            return;
        }
        if let Ok(Some(request)) = timeout(PATIENCE, request(&mut tls)).await {
            let now = self.clock.now();
            let answer = self.estate.http(&self.host, self.port, &request, now);
            // The client may have gone meanwhile.
            let _ = tls.write_all(&answer).await;
        }
        let _ = timeout(PATIENCE, tls.shutdown()).await;
    }
}

/// The server's side of a handshake, with every certificate that may be presented: the client's
/// signature algorithms choose.
fn side(presented: Vec<Presented>, (lowest, highest): Versions) -> Result<Ssl, ErrorStack> {
    let mut context = SslContext::builder(SslMethod::tls_server())?;
    context.set_min_proto_version(Some(lowest))?;
    context.set_max_proto_version(Some(highest))?;
    if lowest == SslVersion::TLS1 {
        context.set_cipher_list("DEFAULT:@SECLEVEL=0")?;
    }
    let mut ssl = Ssl::new(&context.build())?;
    for one in presented {
        ssl.set_certificate(&one.leaf)?;
        ssl.set_private_key(&one.key)?;
        for issuer in one.chain {
            ssl.add_chain_cert(issuer)?;
        }
    }
    Ok(ssl)
}

/// The lowest and the highest version spoken.
type Versions = (SslVersion, SslVersion);

/// The head of a request; none if the client hangs up before it is whole.
async fn request(tls: &mut SslStream<TcpStream>) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 2048];
    while request.len() < LONGEST_REQUEST {
        let count = tls.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        request.extend_from_slice(&buffer[..count]);
        if request.windows(4).any(|end| end == b"\r\n\r\n") {
            return Some(request);
        }
    }
    None
}
