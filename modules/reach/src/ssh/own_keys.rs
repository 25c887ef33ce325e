//! The keys of whoever runs cutover, for hosts of which nothing else is said: those of their SSH agent,
//! then the files that OpenSSH tries.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use ssh_key::PrivateKey;

use super::agent::{AgentKey, AgentSocket};

/// As many as OpenSSH's server would let one connection try.
const MOST: usize = 6;

/// Where they are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnKeys {
    pub(crate) agent: AgentSocket,
    pub(crate) files: Vec<PathBuf>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OwnKey {
    Agent(AgentKey),
    File(PathBuf),
}

/// Those that there are, in the order in which they are tried.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    pub(crate) keys: Vec<OwnKey>,
    /// Why others cannot be used.
    pub(crate) unusable: Vec<String>,
}

impl OwnKeys {
    pub(crate) async fn ring(&self) -> Ring {
        let mut ring = Ring::default();
        let held = match self.agent.keys().await {
            Ok(held) => held,
            Err(reason) => {
                ring.unusable
                    .push(format!("the SSH agent cannot be asked: {reason}"));
                Vec::new()
            }
        };
        ring.keys.extend(held.iter().cloned().map(OwnKey::Agent));
        for file in &self.files {
            match key_in(file).await {
                Ok(Some(public)) if held.contains(&public) => {}
                Ok(_) => ring.keys.push(OwnKey::File(file.clone())),
                Err(Unusable::Missing) => {}
                Err(Unusable::For(reason)) => ring.unusable.push(format!("{}: {reason}", file.display())),
            }
        }
        ring.keys.truncate(MOST);
        ring
    }
}

/// Why a file's key cannot be used.
enum Unusable {
    Missing,
    For(String),
}

/// The public part of the key in a file, where its form tells it. One behind a passphrase is for the
/// agent: nobody is asked for it.
async fn key_in(file: &Path) -> Result<Option<AgentKey>, Unusable> {
    let text = match tokio::fs::read_to_string(file).await {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::Missing),
        Err(error) => return Err(Unusable::For(error.to_string())),
    };
    let key = PrivateKey::from_openssh(&text).ok();
    let locked = key
        .as_ref()
        .map_or(text.contains("ENCRYPTED"), PrivateKey::is_encrypted);
    if locked {
        let reason = "it is behind a passphrase (`ssh-add` loads it into the agent)";
        return Err(Unusable::For(reason.into()));
    }
    let public = key.and_then(|key| key.public_key().to_bytes().ok());
    Ok(public.map(AgentKey::new))
}

impl fmt::Display for OwnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(_) => f.write_str("a key of the agent"),
            Self::File(file) => write!(f, "{}", file.display()),
        }
    }
}
