//! What a TLS listener shows: certificates as sent, by kind of key.
//!
//! Everything a server may still speak is accepted, down to TLS 1.0, and
//! nothing is verified: this reads, it does not trust.

use std::pin::Pin;

use cutover_kit::session::{Endpoint, Handshake, HandshakeError, KeyKind, Offer};
use openssl::error::ErrorStack;
use openssl::pkey::Id;
use openssl::ssl::{
    Error, Ssl, SslAlert, SslContext, SslMethod, SslOptions, SslRef, SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_openssl::SslStream;

use crate::socket::Socket;

/// The longest answer to a request that is kept, in bytes.
const REPLY: usize = 64 * 1024;

/// `SSL_OP_LEGACY_SERVER_CONNECT`: servers from before RFC 5746 are read, too.
const LEGACY_SERVERS: SslOptions = SslOptions::from_bits_retain(0x4);

const RSA_SIGNATURES: &str = "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:\
    rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:\
    RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA224:RSA+SHA1";

const ECDSA_SIGNATURES: &str = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA224:ECDSA+SHA1";

/// What came of one handshake.
pub(crate) enum Shown {
    /// Certificates, and what came back for the request.
    Chain(Handshake),
    /// The listener would not go on. With a kind of key asked for, that may be
    /// all it lacks: Java sends an alert then, Windows just hangs up.
    Declined(String),
}

/// Shakes hands on `socket`, asking for certificates of `key`'s kind.
pub(crate) async fn shake(
    socket: Socket,
    to: &Endpoint,
    offer: &Offer,
    key: Option<KeyKind>,
) -> Result<Shown, HandshakeError> {
    let protocol = |reason: String| HandshakeError::Protocol {
        endpoint: to.clone(),
        reason,
    };
    let ssl = client(offer.server_name.as_deref(), key).map_err(|error| protocol(error.to_string()))?;
    let mut stream = SslStream::new(ssl, socket).map_err(|error| protocol(error.to_string()))?;
    if let Err(error) = Pin::new(&mut stream).connect().await {
        return Ok(match shown(stream.ssl()) {
            Some(handshake) if misses_our_certificate(&error) => Shown::Chain(handshake),
            _ => Shown::Declined(text(&error)),
        });
    }
    let mut handshake = shown(stream.ssl()).ok_or_else(|| protocol("it shows no certificate".into()))?;
    if let Some(request) = &offer.request {
        handshake.reply = Some(
            exchange(&mut stream, request)
                .await
                .map_err(|error| protocol(error.to_string()))?,
        );
    }
    Ok(Shown::Chain(handshake))
}

fn client(server_name: Option<&str>, key: Option<KeyKind>) -> Result<Ssl, ErrorStack> {
    let mut context = SslContext::builder(SslMethod::tls_client())?;
    context.set_verify(SslVerifyMode::NONE);
    context.set_security_level(0);
    context.set_min_proto_version(Some(SslVersion::TLS1))?;
    context.set_options(LEGACY_SERVERS);
    // TLS 1.2 and 1.3 choose the certificate by signature, older ones by
    // cipher. Anonymous ciphers would show none at all.
    match key {
        None => context.set_cipher_list("ALL:!aNULL:@SECLEVEL=0")?,
        Some(KeyKind::Rsa) => {
            context.set_cipher_list("aRSA:!aNULL:@SECLEVEL=0")?;
            context.set_sigalgs_list(RSA_SIGNATURES)?;
        }
        Some(KeyKind::Ecdsa) => {
            context.set_cipher_list("aECDSA:!aNULL:@SECLEVEL=0")?;
            context.set_sigalgs_list(ECDSA_SIGNATURES)?;
        }
    }
    let mut ssl = Ssl::new(&context.build())?;
    if let Some(name) = server_name {
        ssl.set_hostname(name)?;
    }
    Ok(ssl)
}

/// The chain as sent; `None` where there is none.
fn shown(ssl: &SslRef) -> Option<Handshake> {
    let chain: Vec<Vec<u8>> = ssl
        .peer_cert_chain()?
        .iter()
        .filter_map(|it| it.to_der().ok())
        .collect();
    (!chain.is_empty()).then(|| Handshake {
        chain,
        protocol: ssl.version_str().to_owned(),
        reply: None,
    })
}

/// Which kind of key the leaf holds.
pub(crate) fn leaf_kind(handshake: &Handshake) -> Option<KeyKind> {
    let leaf = X509::from_der(handshake.chain.first()?).ok()?;
    match leaf.public_key().ok()?.id() {
        Id::RSA | Id::RSA_PSS => Some(KeyKind::Rsa),
        Id::EC => Some(KeyKind::Ecdsa),
        _ => None,
    }
}

/// Sends `request` and reads the answer to its end.
async fn exchange(stream: &mut SslStream<Socket>, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = Pin::new(stream);
    stream.write_all(request).await?;
    stream.flush().await?;
    let mut reply = Vec::new();
    let mut chunk = vec![0; 8 * 1024];
    while reply.len() < REPLY {
        match stream.read(&mut chunk).await {
            Ok(0) => break,
            Ok(count) => reply.extend(&chunk[..count]),
            // Many servers hang up without saying goodbye.
            Err(_) if !reply.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    reply.truncate(REPLY);
    Ok(reply)
}

/// Alerts of a server that has shown its certificate and misses ours.
const ABOUT_OUR_CERTIFICATE: [SslAlert; 6] = [
    SslAlert::HANDSHAKE_FAILURE,
    SslAlert::BAD_CERTIFICATE,
    SslAlert::UNSUPPORTED_CERTIFICATE,
    SslAlert::CERTIFICATE_UNKNOWN,
    SslAlert::UNKNOWN_CA,
    SslAlert::CERTIFICATE_REQUIRED,
];

fn misses_our_certificate(error: &Error) -> bool {
    let errors = error.ssl_error().map(ErrorStack::errors).unwrap_or_default();
    let mut alerts = errors
        .iter()
        .filter_map(|error| SslAlert::from_reason_code(error.reason_code()));
    alerts.any(|alert| ABOUT_OUR_CERTIFICATE.contains(&alert))
}

fn text(error: &Error) -> String {
    let reasons = error.ssl_error().map(ErrorStack::errors).unwrap_or_default();
    match reasons.iter().find_map(openssl::error::Error::reason) {
        Some(reason) => reason.to_owned(),
        None => "the listener hung up during the handshake".to_owned(),
    }
}
