//! A certificate slot of a host: what is installed in it, and whether it is due.

use cutover_kit::session::{KeyKind, Offer};
use cutover_kit::{Failure, FailureKind, Host, Reach, Read};
use cutover_x509::due::{self, Due, Reason};
use cutover_x509::{AltName, Certificate, ChainError, Curve, Key, Names};
use jiff::SignedDuration;

use crate::ca::{self, Signer};
use crate::device::{Reader, Vos};
use crate::read::{Decoded, Shown, serial};
use crate::unit::Unit;

/// What a slot holds, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The host.
    pub host: String,
    /// The unit.
    pub unit: Unit,
    /// The certificate that is installed; `None` where the unit is empty.
    pub installed: Option<Certificate>,
    /// Whether it must be rotated in this run, and why.
    pub due: Due,
}

impl Slot {
    /// Reads the slot of a VOS host and judges it.
    ///
    /// # Errors
    /// Where the host or the file of its `ca` cannot be read.
    pub async fn read(reach: &Reach<Read>, host: &Host, unit: &Unit) -> Result<Self, Failure> {
        let reader = reach.reader::<Vos>(&host.name).await?;
        let installed = installed(reach, &reader, host, unit).await?;
        Ok(Self {
            host: host.name.clone(),
            unit: unit.clone(),
            due: judge(reach, host, unit, installed.as_ref()).await?,
            installed,
        })
    }

    /// Whether it must be rotated in this run.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due.is_due()
    }

    /// In one sentence: why nothing is done.
    #[must_use]
    pub fn why_not(&self) -> String {
        format!("{} of {} is not due: {}", self.unit, self.host, self.due)
    }
}

/// The certificate that is installed in a unit. Where a release shows only its decoded form,
/// a listener that serves the same one shows it whole.
pub(crate) async fn installed(
    reach: &Reach<Read>,
    reader: &Reader,
    host: &Host,
    unit: &Unit,
) -> Result<Option<Certificate>, Failure> {
    let decoded = match reader.own_certificate(unit).await? {
        None => return Ok(None),
        Some(Shown::Whole(certificate)) => return Ok(Some(*certificate)),
        Some(Shown::Decoded(decoded)) => decoded,
    };
    for port in &host.tls_ports {
        let chain = served(reach, host, *port, unit.key()).await.unwrap_or_default();
        if let Some(leaf) = chain.into_iter().next()
            && serial(&leaf.serial) == decoded.serial
        {
            return Ok(Some(leaf));
        }
    }
    Err(unseen(host, unit, &decoded))
}

fn unseen(host: &Host, unit: &Unit, decoded: &Decoded) -> Failure {
    Failure::new(
        FailureKind::NotProved,
        format!(
            "{} does not show the certificate of {unit} as PEM, and no listener serves it",
            host.name
        ),
    )
    .seen(format!("serial {}, subject {}", decoded.serial, decoded.subject))
    .hint("where it was imported and not yet activated, `vos_restart: {always: true}` activates it")
}

/// What a listener serves, leaf first.
pub(crate) async fn served(
    reach: &Reach<Read>,
    host: &Host,
    port: u16,
    key: KeyKind,
) -> Result<Vec<Certificate>, Failure> {
    let offer = Offer {
        server_name: Some(host.fqdn.clone()),
        key: Some(key),
        request: None,
        limit: host.timing.tls,
    };
    let shaken = reach.handshake(&host.name, port, &offer).await?;
    let read = |der: &Vec<u8>| {
        Certificate::from_der(der).map_err(|error| {
            let message = format!("port {port} of {} serves what cannot be read: {error}", host.name);
            Failure::new(FailureKind::NotProved, message)
        })
    };
    shaken.chain.iter().map(read).collect()
}

async fn judge(
    reach: &Reach<Read>,
    host: &Host,
    unit: &Unit,
    installed: Option<&Certificate>,
) -> Result<Due, Failure> {
    let names = names(host, unit, installed);
    let key = smallest(unit.key());
    let signer = ca::signer(reach, host)?;
    let not_made_yet = matches!(signer, Signer::NotMadeYet);
    let ca = signer.into_chain();
    let forced = reach.rotate_always() && still_as_it_was(reach, host, unit, installed);
    let judge = |pool: &[Certificate]| {
        due::judge(&due::Slot {
            installed,
            names: &names,
            key: Some(&key),
            ca: &ca,
            pool,
            renew_before: host.renew_before.and_then(|it| SignedDuration::try_from(it).ok()),
            now: reach.clock().now(),
            forced,
        })
    };
    let due = judge(&[]);
    if let (Due::No { .. }, true, Some(installed)) = (&due, not_made_yet, installed) {
        return Ok(Due::Yes(vec![Reason::Chain(ChainError::MissingIssuer {
            of: installed.subject.clone(),
            issuer: installed.issuer.clone(),
            key_id: None,
        })]));
    }
    if !lacks_an_issuer(&due) {
        return Ok(due);
    }
    // The intermediate need not be in the `ca` file: the listener sends it along.
    for port in &host.tls_ports {
        if let Ok(pool) = served(reach, host, *port, unit.key()).await {
            return Ok(judge(&pool));
        }
    }
    Ok(due)
}

fn lacks_an_issuer(due: &Due) -> bool {
    let Due::Yes(reasons) = due else { return false };
    reasons
        .iter()
        .any(|reason| matches!(reason, Reason::Chain(ChainError::MissingIssuer { .. })))
}

/// Whether the slot holds the certificate it held when the run first looked.
fn still_as_it_was(reach: &Reach<Read>, host: &Host, unit: &Unit, installed: Option<&Certificate>) -> bool {
    let now = installed.map_or_else(|| "none".to_owned(), |it| it.fingerprint.to_string());
    reach.at_start(&format!("vos/{}/{unit}", host.name), &now) == now
}

/// The names the certificate must have: the host's. An ECDSA unit may carry it with `-EC`
/// (`vos-cli.md` §3.1).
fn names(host: &Host, unit: &Unit, installed: Option<&Certificate>) -> Names {
    let own = AltName::dns(&host.fqdn);
    let marked = AltName::dns(&marked(&host.fqdn));
    let has_marked = installed.is_some_and(|it| it.names().contains(&marked) && !it.names().contains(&own));
    let name = if unit.key() == KeyKind::Ecdsa && has_marked {
        marked
    } else {
        own
    };
    Names::from([name])
}

/// `fin-a.example.com` as ECDSA units spell it: `fin-a-EC.example.com`.
pub(crate) fn marked(fqdn: &str) -> String {
    match fqdn.split_once('.') {
        Some((host, domain)) => format!("{host}-EC.{domain}"),
        None => format!("{fqdn}-EC"),
    }
}

/// The smallest key a slot may have.
fn smallest(kind: KeyKind) -> Key {
    match kind {
        KeyKind::Rsa => Key::Rsa { bits: 2048 },
        KeyKind::Ecdsa => Key::Ec { curve: Curve::P256 },
    }
}
