//! Shaking hands with every listener, and reading what they should serve.

use std::path::Path;
use std::time::Duration;

use cutover_kit::session::{Handshake, HandshakeError, KeyKind, Offer};
use cutover_kit::{Failure, FailureKind, Host, Known, Later, Made, Note, Platform, Reach, Read};
use cutover_x509::{Certificate, read_certificates};
use jiff::Timestamp;

use super::Args;
use crate::slot::Slot;
use crate::{ca, device};

/// What look found.
#[derive(Debug)]
pub struct Facts {
    pub(super) slot: Slot,
    pub(super) fqdn: String,
    /// The kind of key that the unit has.
    pub(super) kind: KeyKind,
    /// Whether the host's own list of units has the one with the other kind of key.
    pub(super) other_is_ours: bool,
    pub(super) now: Timestamp,
    pub(super) listeners: Vec<Listener>,
    /// What the device says is installed; `None` where no reader speaks to its platform.
    pub(super) installed: Option<Option<Certificate>>,
    /// What this run installed.
    pub(super) new: Option<Certificate>,
    /// Roots of the CA, as far as they are known.
    pub(super) roots: Vec<Certificate>,
    /// The new certificate is only promised.
    pub(super) later: Option<Later>,
}

/// What one listener shows to a client that takes one kind of certificate.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) port: u16,
    pub(super) kind: KeyKind,
    pub(super) shown: Shown,
}

#[derive(Debug)]
pub(super) enum Shown {
    /// A chain, leaf first.
    Chain {
        protocol: String,
        chain: Vec<Certificate>,
    },
    /// It has none of this kind.
    Nothing,
    /// It does not answer, or not as it should.
    Silent(String),
}

pub(super) async fn look(args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
    let host = reach.host();
    let slot = Slot::new(&host.name, &args.unit);
    let installed_here = Made::Identity {
        host: host.name.clone(),
        unit: args.unit.clone(),
    };
    let mut facts = Facts {
        fqdn: host.fqdn.clone(),
        kind: kind(&args.unit),
        other_is_ours: host.units.iter().any(|unit| kind(unit) != kind(&args.unit)),
        now: reach.clock().now(),
        listeners: Vec::new(),
        installed: None,
        new: None,
        roots: ca::chain(reach, host)?,
        later: reach.promised(&installed_here),
        slot,
    };
    if facts.later.is_some() {
        return Ok(facts);
    }
    let ports = args.ports.as_ref().unwrap_or(&host.tls_ports);
    facts.listeners = listeners(reach, host, ports, facts.kind).await?;
    facts.now = reach.clock().now();
    if host.platform == Platform::Vos {
        facts.installed = Some(device::installed(reach, host, &args.unit).await?);
    }
    if let (Some(path), Some(_)) = (&args.cert, reach.made(&installed_here)) {
        let mut bundle = bundle(reach, path)?;
        facts.roots.append(&mut bundle.split_off(1));
        facts.new = bundle.pop();
    }
    // An intermediate from the file must not stand in for one that the listener fails to send.
    if facts.roots.iter().any(Certificate::is_self_signed) {
        facts.roots.retain(Certificate::is_self_signed);
    }
    Ok(facts)
}

/// The kind of key of a unit, by its name.
fn kind(unit: &str) -> KeyKind {
    if unit.ends_with("-ECDSA") {
        KeyKind::Ecdsa
    } else {
        KeyKind::Rsa
    }
}

/// The certificates of the file, that of the host first.
fn bundle(reach: &Reach<Read>, path: &Path) -> Result<Vec<Certificate>, Failure> {
    let wrong = |why: String| Failure::new(FailureKind::Arguments, format!("{}: {why}", path.display()));
    let Known::Now(bytes) = reach.read(path)? else {
        return Err(wrong(
            "this run installed what it holds, and now it is not there".to_owned(),
        ));
    };
    let mut all = read_certificates(&bytes).map_err(|error| wrong(error.to_string()))?;
    let leaf = all
        .iter()
        .position(|one| !one.is_ca())
        .ok_or_else(|| wrong("it holds certificates of CAs only".to_owned()))?;
    all.swap(0, leaf);
    Ok(all)
}

async fn listeners(
    reach: &Reach<Read>,
    host: &Host,
    ports: &[u16],
    ours: KeyKind,
) -> Result<Vec<Listener>, Failure> {
    let until = reach.clock().elapsed() + host.timing.service;
    let other = match ours {
        KeyKind::Rsa => KeyKind::Ecdsa,
        KeyKind::Ecdsa => KeyKind::Rsa,
    };
    let mut listeners = Vec::new();
    for &port in ports {
        // Once the unit's own certificate is there, the listener is up: the other kind is asked for once.
        for (kind, until) in [(ours, until), (other, Duration::ZERO)] {
            let shown = shown(reach, host, port, kind, until).await?;
            listeners.push(Listener { port, kind, shown });
        }
    }
    Ok(listeners)
}

/// What the listener shows, as soon as it shows anything.
async fn shown(
    reach: &Reach<Read>,
    host: &Host,
    port: u16,
    kind: KeyKind,
    until: Duration,
) -> Result<Shown, Failure> {
    let offer = Offer {
        server_name: Some(host.fqdn.clone()),
        key: Some(kind),
        request: None,
        limit: host.timing.tls,
    };
    let mut told = false;
    loop {
        let error = match reach.handshake(&host.name, port, &offer).await {
            Ok(handshake) => return Ok(read(&handshake)),
            Err(HandshakeError::NoSuchKey { .. }) => return Ok(Shown::Nothing),
            Err(error @ HandshakeError::OutsideLoopback { .. }) => return Err(error.into()),
            Err(error) => error,
        };
        let left = until.saturating_sub(reach.clock().elapsed());
        if left.is_zero() {
            return Ok(Shown::Silent(error.to_string()));
        }
        if !std::mem::replace(&mut told, true) {
            reach.note(Note::Waiting {
                what: format!("port {port} of {}", host.name),
                limit: left,
            });
        }
        reach.wait(host.timing.poll.min(left)).await;
    }
}

fn read(handshake: &Handshake) -> Shown {
    let chain: Result<Vec<_>, _> = handshake
        .chain
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Shown::Chain {
            protocol: handshake.protocol.clone(),
            chain,
        },
        Ok(_) => Shown::Silent("it sends no certificate".to_owned()),
        Err(error) => Shown::Silent(format!("it sends what is no certificate: {error}")),
    }
}
