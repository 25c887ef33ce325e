//! The wire log: what was asked of the nodes, and what came of it.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One line of the wire log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Time since the estate was started.
    pub at: Duration,
    /// The device's name.
    pub host: String,
    /// What happened.
    pub what: What,
}

/// What happened on a node. Certificates are named by the SHA-256 of their DER form, in lower-case
/// hex. Pasted text, answers and passwords are not logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A user got a session.
    Login {
        /// The account.
        user: String,
    },
    /// A login was refused: wrong password or method, unknown or locked account.
    LoginRefused {
        /// The account that was named.
        user: String,
    },
    /// A session ended, for whatever reason.
    SessionEnded,
    /// A line was entered at the prompt.
    Command(
        /// The line as it was typed.
        String,
    ),
    /// A question was asked.
    Asked(
        /// The question's last line.
        String,
    ),
    /// A request was made; an older one of the unit is gone.
    RequestMade {
        /// The certificate's unit.
        unit: String,
    },
    /// A certificate was imported into a unit or a trust store.
    Imported {
        /// `tomcat`, `tomcat-trust`, ...
        store: String,
        /// The certificate.
        fingerprint: String,
    },
    /// An import was refused.
    ImportRefused {
        /// `tomcat`, `tomcat-trust`, ...
        store: String,
        /// The reason, whatever the device was made to say.
        reason: String,
    },
    /// A trust certificate came from another node of the cluster.
    Arrived {
        /// The trust store.
        store: String,
        /// The certificate.
        fingerprint: String,
    },
    /// A self-signed certificate was made in place of the unit's own.
    Regenerated {
        /// The certificate's unit.
        unit: String,
        /// The new certificate.
        fingerprint: String,
    },
    /// A trust certificate was deleted.
    Deleted {
        /// The trust store.
        store: String,
        /// Its file.
        file: String,
    },
    /// A service was told to stop, start or restart, or did so because its trust store changed.
    Service {
        /// Its name.
        service: String,
        /// `stop`, `start` or `restart`.
        action: String,
    },
    /// The node was told to restart or shut down.
    Restart,
    /// The node went down.
    NodeDown,
    /// The node is back with all its services.
    NodeUp,
    /// A COP file was installed.
    OptionInstalled(
        /// As `show version active` names it.
        String,
    ),
    /// A setting of the node was changed.
    Setting(
        /// What it is now.
        String,
    ),
}
