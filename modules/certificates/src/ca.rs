//! Who signs for a host, and the certificates of that CA.

use std::path::PathBuf;

use cutover_kit::estate::{Ca, CaKey};
use cutover_kit::{Failure, FailureKind, Host, Known, Reach};
use cutover_x509::authority::{KeyKind, Spec, store};
use cutover_x509::{Certificate, read_certificates};

/// Who signs for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// A CA of ours.
    Ours(Spec),
    /// The site's own command.
    Command(Vec<String>),
    /// People, by hand.
    Hand,
}

impl Signer {
    pub(crate) fn of(host: &Host) -> Self {
        match (&host.ca, &host.ca_command) {
            (Some(ca @ Ca::Local { .. }), _) => spec(ca).map_or(Self::Hand, Self::Ours),
            (_, Some(command)) if !command.is_empty() => Self::Command(command.clone()),
            _ => Self::Hand,
        }
    }
}

/// What a CA of ours is to be; `None` for any other.
fn spec(ca: &Ca) -> Option<Spec> {
    let Ca::Local {
        name,
        intermediates,
        key,
    } = ca
    else {
        return None;
    };
    Some(Spec {
        name: name.clone(),
        intermediates: *intermediates,
        key: match key {
            CaKey::Rsa2048 => KeyKind::Rsa2048,
            CaKey::Ec384 => KeyKind::Ec384,
        },
    })
}

/// The folder in which CAs of ours are kept.
pub(crate) fn folder<A>(reach: &Reach<A>) -> PathBuf {
    reach.state().join("ca")
}

/// The certificates of the CA that signs for `host`; empty where the site names none, and
/// where a CA of ours has signed nothing yet.
pub(crate) fn chain<A>(reach: &Reach<A>, host: &Host) -> Result<Vec<Certificate>, Failure> {
    let (path, ours) = match &host.ca {
        Some(Ca::Chain(path)) => (path.clone(), false),
        Some(ca @ Ca::Local { .. }) => match spec(ca) {
            Some(spec) => (store::path(&folder(reach), &spec), true),
            None => return Ok(Vec::new()),
        },
        None => return Ok(Vec::new()),
    };
    match reach.read(&path)? {
        Known::Now(bytes) => read_certificates(&bytes).map_err(|error| {
            let message = format!("the `ca` of {}, {}: {error}", host.name, path.display());
            Failure::new(FailureKind::Arguments, message)
        }),
        Known::Absent if !ours => {
            let message = format!("the `ca` of {} is not there: {}", host.name, path.display());
            Err(Failure::new(FailureKind::Arguments, message)
                .hint("it holds the root and the intermediates of the CA, as PEM, in any order"))
        }
        Known::Absent | Known::Later(_) => Ok(Vec::new()),
    }
}
