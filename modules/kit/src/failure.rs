//! Why a step did not do what it should: a typed value first, text last.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

use crate::session::{DialError, HandshakeError, LinkError};

/// Why a task failed on a host, what was seen, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort of trouble it is; exit codes and the engine's next step follow from it.
    pub kind: FailureKind,
    /// One sentence for people.
    pub message: String,
    /// What was seen: lines of the device, findings, one each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
    /// What to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Fields of the task's result that tell more (`assertion`, the state of each port).
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub fields: Box<serde_json::Map<String, serde_json::Value>>,
}

/// The field of a result that holds the return code of a process, or the system's number of why there
/// was none.
pub const RC: &str = "rc";

/// The sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// What the playbook asks for cannot be: found before anything was sent.
    Arguments,
    /// A file that the run came upon does not parse or check: the run goes no further.
    Invalid,
    /// A check said no before anything was changed (a wrong certificate, a rule of the site).
    Preflight,
    /// The device or the CA refused; it says that nothing was changed.
    Refused,
    /// The device asked something that the step did not announce; it was answered with no.
    Unannounced,
    /// The host cannot be reached or will not let us in.
    Unreachable,
    /// The connection was lost in the middle: whether the change was made is not known.
    Unknown,
    /// What was done cannot be seen on the device or on the wire.
    NotProved,
    /// It was waited for as long as the timing profile allows.
    Late,
    /// Somebody else has to act first; the run is suspended, not failed.
    Awaiting,
    /// Somebody asked the run to stop; it is suspended, not failed.
    Stopped,
    /// Another member of the cluster or pool is not in service.
    Turn,
    /// The task says of itself that it failed (`fail`, `assert`, a return code).
    Task,
    /// A fault in cutover.
    Internal,
}

impl FailureKind {
    /// Whether a change that ends so is known not to have been made.
    pub fn leaves_unchanged(self) -> bool {
        match self {
            Self::Arguments
            | Self::Invalid
            | Self::Preflight
            | Self::Refused
            | Self::Unannounced
            | Self::Unreachable
            | Self::Awaiting
            | Self::Stopped
            | Self::Turn => true,
            Self::Unknown | Self::NotProved | Self::Late | Self::Task | Self::Internal => false,
        }
    }
}

impl Failure {
    /// A failure of this kind, in one sentence.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            seen: Vec::new(),
            hint: None,
            fields: Box::default(),
        }
    }

    /// A process of this machine that could not be begun: nothing has happened. The field `rc` is the
    /// system's number of why, where it has one.
    pub fn not_begun(program: &str, error: &io::Error) -> Self {
        let failure = Self::new(FailureKind::Refused, format!("cannot run {program}: {error}"));
        match error.raw_os_error() {
            Some(number) => failure.field(RC, number),
            None => failure,
        }
    }

    /// With one more line of what was seen.
    #[must_use]
    pub fn seen(mut self, line: impl Into<String>) -> Self {
        self.seen.push(line.into());
        self
    }

    /// With all these lines of what was seen.
    #[must_use]
    pub fn seen_all<S: Into<String>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        self.seen.extend(lines.into_iter().map(Into::into));
        self
    }

    /// With what to do now.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With one more field of the task's result.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<DialError> for Failure {
    fn from(error: DialError) -> Self {
        let failure = Self::new(FailureKind::Unreachable, error.to_string());
        match error {
            DialError::HostKeyChanged { .. } => failure.hint(
                "if the host was really installed anew, remove that line from known_hosts and add the new key; \
                 else somebody stands between",
            ),
            DialError::HostKeyUnknown { endpoint, .. } => failure.hint(format!(
                "compare the fingerprint with the console's, then `ssh-keyscan -p {} {} >> ~/.ssh/known_hosts`, \
                 or set `ansible_host_key_checking: accept-new`",
                endpoint.port, endpoint.host
            )),
            DialError::Refused { .. } => failure.hint(
                "nothing was tried again: three wrong attempts lock a VOS account for five minutes; \
                 check ansible_user and ansible_password",
            ),
            DialError::Locked { .. } => failure.hint("run the same command again when that run has ended"),
            DialError::NoLock { .. } => {
                failure.hint("look whether the state folder can be written to, or set CUTOVER_STATE to another")
            }
            DialError::Algorithms { .. } => {
                failure.hint("`ssh_legacy: true` allows the old SHA-1 algorithms for this host")
            }
            _ => failure,
        }
    }
}

/// A connection lost in the middle of a step leaves its outcome unknown.
impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self::new(FailureKind::Unknown, error.to_string())
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        Self::new(FailureKind::NotProved, error.to_string())
    }
}
