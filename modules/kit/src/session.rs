//! The seam above SSH and TLS: a shell's bytes, a command's streams, a
//! handshake's result. Real devices and twins in memory both plug in here.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::becoming::Gate;
use crate::secret::Secret;
use crate::timing::Timing;

/// A name or address and a port, as the inventory gives them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Endpoint {
    /// The endpoint of `host` and `port`.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// What is done about a host key that known_hosts does not vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKeyPolicy {
    /// Only keys that are known.
    #[default]
    Strict,
    /// Unknown keys are written down; changed ones are refused.
    AcceptNew,
    /// No check at all.
    Off,
}

/// How the account proves itself. One is chosen beforehand; there is one
/// attempt per connection, because three wrong ones lock a VOS account.
#[derive(Clone, Debug, PartialEq)]
pub enum Credential {
    /// Keyboard-interactive where the server offers it, else password.
    Password(Secret),
    /// A private key file, with its passphrase where it has one.
    Key {
        /// The private key's file.
        file: PathBuf,
        /// What opens it.
        passphrase: Option<Secret>,
    },
    /// The user's own keys: those of the SSH agent, then the files that OpenSSH tries. Never for VOS.
    OwnKeys,
}

/// All that opening a connection needs to know about a host.
#[derive(Clone, Debug, PartialEq)]
pub struct SshSettings {
    /// The inventory's name of the host, for messages.
    pub name: String,
    /// Where it is dialled; the transport may map it elsewhere.
    pub endpoint: Endpoint,
    /// The account.
    pub user: String,
    /// How it proves itself.
    pub credential: Credential,
    /// What is done about unknown host keys.
    pub host_keys: HostKeyPolicy,
    /// Whether old SHA-1 algorithms may be used.
    pub legacy: bool,
    /// Its waits: connect, handshake, keepalive.
    pub timing: Timing,
}

/// Opens connections. The engine holds one; modules never see it.
#[async_trait]
pub trait Dialer: Send + Sync + 'static {
    /// Connects, checks the host key, and logs in once.
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError>;

    /// The same for a host that was told to restart after it had accepted this login: while it
    /// boots it may refuse once what it accepts later.
    async fn dial_booting(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        self.dial(to).await
    }

    /// Shakes hands with a TLS listener and hangs up.
    async fn handshake(&self, to: &Endpoint, offer: &Offer) -> Result<Handshake, HandshakeError>;
}

/// A logged-in connection.
#[async_trait]
pub trait Link: Send + 'static {
    /// Opens a shell on a terminal of the given size.
    async fn shell(&mut self, terminal: Terminal) -> Result<Box<dyn Shell>, LinkError>;

    /// Runs one command and waits for its end.
    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError>;

    /// Whether the connection is still of use, as far as this side knows.
    fn alive(&self) -> bool;

    /// The server's key, as known_hosts spells it.
    fn host_key(&self) -> &str;

    /// Says goodbye; errors do not matter any more.
    async fn close(self: Box<Self>);
}

/// Bytes to and from a terminal's shell.
#[async_trait]
pub trait Shell: Send + 'static {
    /// Sends all of `bytes`.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError>;

    /// The next bytes, or `None` when the far side has closed. Cancel-safe.
    async fn read(&mut self) -> Result<Option<Vec<u8>>, LinkError>;

    /// Closes the shell and the connection it lives on.
    async fn close(self: Box<Self>);
}

/// Size and kind of a pseudo-terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// `TERM`.
    pub kind: &'static str,
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// A command for [`Link::exec`].
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Exec {
    /// The command line, as the far side's shell reads it.
    pub command: String,
    /// What it reads from its standard input.
    pub stdin: Option<Secret>,
    /// When to give up.
    pub limit: Option<Duration>,
    /// What keeps `stdin` back until the command has begun.
    pub gate: Option<Gate>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Exit status, or `None` where a signal or a lost connection ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// Why a connection could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// No TCP connection.
    #[error("{endpoint} does not answer: {reason}")]
    Unreachable {
        /// Where it was tried.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// A rehearsal may not leave loopback.
    #[error("{endpoint} is outside loopback, and a rehearsal never leaves it")]
    OutsideLoopback {
        /// Where it would have gone.
        endpoint: Endpoint,
    },
    /// No common algorithm.
    #[error("no common algorithm with {endpoint}: {offered}")]
    Algorithms {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The server's offer against ours.
        offered: String,
    },
    /// known_hosts has no key for this host.
    #[error("the host key of {endpoint} is not known ({fingerprint})")]
    HostKeyUnknown {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The key's SHA-256 fingerprint.
        fingerprint: String,
    },
    /// known_hosts has another key, or revokes this one.
    #[error("the host key of {endpoint} has CHANGED ({fingerprint}); {known}")]
    HostKeyChanged {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The key's SHA-256 fingerprint.
        fingerprint: String,
        /// Which line of which file says otherwise.
        known: String,
    },
    /// The server refused the account.
    #[error("{endpoint} refused the login of {user} by {method}")]
    Refused {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The account.
        user: String,
        /// The method of the one attempt.
        method: String,
    },
    /// This password was refused before and is not tried again.
    #[error("the password of {user} on {endpoint} is not tried again: {reason}")]
    Barred {
        /// Where it would have been tried.
        endpoint: Endpoint,
        /// The account.
        user: String,
        /// Which refusal bars it.
        reason: String,
    },
    /// Another run has this host.
    #[error("{endpoint} is {reason}")]
    Locked {
        /// Where it would have been tried.
        endpoint: Endpoint,
        /// Held by whom.
        reason: String,
    },
    /// Whether another run has this host cannot be told.
    #[error("{endpoint} is left alone: {reason}")]
    NoLock {
        /// Where it would have been tried.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// Nothing happened for too long.
    #[error("{endpoint} did not {step} within {limit:?}")]
    Late {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The step that hung.
        step: &'static str,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Anything else the protocol said.
    #[error("{endpoint}: {reason}")]
    Protocol {
        /// Where it was tried.
        endpoint: Endpoint,
        /// What the library said.
        reason: String,
    },
}

/// Why an open connection stopped being of use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It is gone.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The far side refuses what was asked.
    #[error("the far side refused: {0}")]
    Refused(String),
    /// Nothing happened for too long.
    #[error("nothing came back within {0:?}")]
    Late(Duration),
}

/// Which kind of certificate a handshake asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// ECDSA.
    Ecdsa,
}

/// What a handshake offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name for SNI; none for an address.
    pub server_name: Option<String>,
    /// Only this kind of certificate; `None` takes what the server prefers.
    pub key: Option<KeyKind>,
    /// Sent after the handshake; the answer comes back as [`Handshake::reply`].
    pub request: Option<Vec<u8>>,
    /// When to give up.
    pub limit: Duration,
}

/// What a listener showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The certificates as sent, leaf first, DER.
    pub chain: Vec<Vec<u8>>,
    /// `TLSv1.2`, `TLSv1.3`, ...
    pub protocol: String,
    /// What came back for the request, up to 64 KiB.
    pub reply: Option<Vec<u8>>,
}

/// Why a listener showed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// No TCP connection.
    #[error("{endpoint} does not answer: {reason}")]
    Unreachable {
        /// Where it was tried.
        endpoint: Endpoint,
        /// What the system said.
        reason: String,
    },
    /// A rehearsal may not leave loopback.
    #[error("{endpoint} is outside loopback, and a rehearsal never leaves it")]
    OutsideLoopback {
        /// Where it would have gone.
        endpoint: Endpoint,
    },
    /// It answers, and has no certificate of the kind asked for.
    #[error("{endpoint} shows no {kind:?} certificate")]
    NoSuchKey {
        /// Where it was tried.
        endpoint: Endpoint,
        /// The kind asked for.
        kind: KeyKind,
    },
    /// It answers, and not as a TLS server should.
    #[error("{endpoint}: {reason}")]
    Protocol {
        /// Where it was tried.
        endpoint: Endpoint,
        /// What the library said.
        reason: String,
    },
    /// Nothing happened for too long.
    #[error("{endpoint} did not shake hands within {limit:?}")]
    Late {
        /// Where it was tried.
        endpoint: Endpoint,
        /// How long it was waited for.
        limit: Duration,
    },
}
