//! The certificates of the CA that signs for a host.

use cutover_kit::estate::{Ca, CaKey};
use cutover_kit::{Failure, FailureKind, Host, Known, Reach};
use cutover_x509::authority::{KeyKind, Spec, store};
use cutover_x509::{Certificate, read_certificates};

/// The chain of the host's `ca`; empty where the site names none, and where a CA of ours
/// has not been made yet.
pub(crate) fn chain<A>(reach: &Reach<A>, host: &Host) -> Result<Vec<Certificate>, Failure> {
    let (path, ours) = match &host.ca {
        None => return Ok(Vec::new()),
        Some(Ca::Chain(path)) => (path.clone(), false),
        Some(Ca::Local {
            name,
            intermediates,
            key,
        }) => {
            let spec = Spec {
                name: name.clone(),
                intermediates: *intermediates,
                key: match key {
                    CaKey::Rsa2048 => KeyKind::Rsa2048,
                    CaKey::Ec384 => KeyKind::Ec384,
                },
            };
            (store::path(&reach.state().join("ca"), &spec), true)
        }
    };
    let wrong = |what: String| {
        let message = format!("the `ca` of {}, {}, {what}", host.name, path.display());
        Failure::new(FailureKind::Arguments, message)
    };
    match reach.read(&path)? {
        Known::Now(bytes) => {
            read_certificates(&bytes).map_err(|error| wrong(format!("cannot be read: {error}")))
        }
        Known::Absent if !ours => Err(wrong("is not there".to_owned())),
        Known::Absent | Known::Later(_) => Ok(Vec::new()),
    }
}
