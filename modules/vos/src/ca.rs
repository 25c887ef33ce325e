//! The certificates of the CA that signs for a host.

use cutover_kit::estate::{Ca, CaKey};
use cutover_kit::{Failure, FailureKind, Host, Known, Reach};
use cutover_x509::authority::{KeyKind, Spec, store};
use cutover_x509::{Certificate, read_certificates};

/// What is known of the CA that signs for a host.
pub(crate) enum Signer {
    /// The site names none.
    Any,
    /// A CA of ours that has not been made yet: nothing can chain to it.
    NotMadeYet,
    /// Its chain.
    Chain(Vec<Certificate>),
}

impl Signer {
    /// The certificates of it that there are.
    pub(crate) fn into_chain(self) -> Vec<Certificate> {
        match self {
            Self::Any | Self::NotMadeYet => Vec::new(),
            Self::Chain(chain) => chain,
        }
    }
}

/// The host's `ca`.
pub(crate) fn signer<A>(reach: &Reach<A>, host: &Host) -> Result<Signer, Failure> {
    let (path, ours) = match &host.ca {
        None => return Ok(Signer::Any),
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
            let chain = read_certificates(&bytes);
            let chain = chain.map_err(|error| wrong(format!("cannot be read: {error}")))?;
            Ok(Signer::Chain(chain))
        }
        Known::Absent if !ours => Err(wrong("is not there".to_owned())),
        Known::Absent | Known::Later(_) => Ok(Signer::NotMadeYet),
    }
}
