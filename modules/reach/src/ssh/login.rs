//! From an endpoint to a logged-in session.

use std::sync::Arc;

use cutover_kit::session::{DialError, HostKeyPolicy, SshSettings};

use super::algorithms;
use super::wire::{Fault, Wire};
use crate::known_hosts::{HostKey, KnownHosts, Verdict};
use crate::socket::Socket;
use cutover_kit::clock::Clock;

/// Exchanges keys over `socket`, and checks the server's.
pub(crate) async fn greet(
    socket: Socket,
    settings: &SshSettings,
    clock: &Arc<dyn Clock>,
    known_hosts: &Arc<KnownHosts>,
) -> Result<(Wire, HostKey), DialError> {
    let failed = |fault: Fault| failed(settings, "exchange keys", &fault);
    let known = ask(settings, known_hosts, KnownHosts::types_for).await?;
    let wire = Wire::new(socket, Arc::clone(clock), settings.timing.handshake).map_err(failed)?;
    algorithms::prefer(&wire.session, settings.legacy, &known)
        .map_err(|error| protocol(settings, error.to_string()))?;
    let mut session = wire.session.clone();
    wire.drive(|| session.handshake()).await.map_err(failed)?;
    let key = wire
        .session
        .host_key()
        .and_then(|(blob, _)| HostKey::from_blob(blob));
    let key = key.ok_or_else(|| protocol(settings, "it shows no host key".into()))?;
    vouch(settings, known_hosts, &key).await?;
    Ok((wire, key))
}

/// Applies the host's policy to the key it has shown.
async fn vouch(
    settings: &SshSettings,
    known_hosts: &Arc<KnownHosts>,
    key: &HostKey,
) -> Result<(), DialError> {
    let asked = key.clone();
    let verdict = match settings.host_keys {
        HostKeyPolicy::Off => return Ok(()),
        HostKeyPolicy::Strict => ask(settings, known_hosts, move |known, at| known.check(at, &asked)).await?,
        HostKeyPolicy::AcceptNew => {
            ask(settings, known_hosts, move |known, at| {
                known.check_or_add(at, &asked)
            })
            .await?
        }
    };
    let endpoint = settings.endpoint.clone();
    let fingerprint = format!("{} {}", key.key_type(), key.fingerprint());
    let changed = |known| {
        Err(DialError::HostKeyChanged {
            endpoint: endpoint.clone(),
            fingerprint: fingerprint.clone(),
            known,
        })
    };
    match verdict {
        Verdict::Known => Ok(()),
        Verdict::Unknown => Err(DialError::HostKeyUnknown {
            endpoint,
            fingerprint,
        }),
        Verdict::Changed { place, known } => changed(format!(
            "{place} has {} {}; if the host was set up anew, take that line out",
            known.key_type(),
            known.fingerprint()
        )),
        Verdict::Revoked { place } => changed(format!("{place} revokes it")),
    }
}

/// Asks the files, which may be slow, beside the runtime's own threads.
async fn ask<T: Send + 'static>(
    settings: &SshSettings,
    known_hosts: &Arc<KnownHosts>,
    question: impl FnOnce(&KnownHosts, &cutover_kit::session::Endpoint) -> std::io::Result<T> + Send + 'static,
) -> Result<T, DialError> {
    let (known_hosts, endpoint) = (Arc::clone(known_hosts), settings.endpoint.clone());
    let answer = tokio::task::spawn_blocking(move || question(&known_hosts, &endpoint)).await;
    let answer = answer.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    answer.map_err(|error| protocol(settings, format!("known_hosts: {error}")))
}

/// A step's failure, as the caller hears it.
pub(crate) fn failed(settings: &SshSettings, step: &'static str, fault: &Fault) -> DialError {
    match fault {
        Fault::Stalled(limit) => DialError::Late {
            endpoint: settings.endpoint.clone(),
            step,
            limit: *limit,
        },
        fault => protocol(settings, format!("could not {step}: {fault}")),
    }
}

fn protocol(settings: &SshSettings, reason: String) -> DialError {
    DialError::Protocol {
        endpoint: settings.endpoint.clone(),
        reason,
    }
}
