//! What a module tells while it works. The engine turns notes into events.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// A command sent to a device.
    Sent {
        /// The host it went to.
        host: String,
        /// The command, one line.
        command: String,
    },
    /// A line that came back.
    Said {
        /// The host it came from.
        host: String,
        /// The line.
        line: String,
    },
    /// A question and the answer given.
    Asked {
        /// The host that asked.
        host: String,
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// Something is waited for.
    Waiting {
        /// What for, as in "waiting for …".
        what: String,
        /// At most this long.
        limit: Duration,
    },
    /// The playbook asks for a pause, which is made whatever happens meanwhile.
    Pausing {
        /// This long.
        duration: Duration,
    },
    /// Something the engineer should know; not a failure.
    Warning {
        /// One sentence.
        message: String,
    },
    /// What happens next cannot be undone.
    NoReturn {
        /// Why, in one sentence.
        message: String,
    },
}

/// Where notes go.
pub trait Notes: Send + Sync {
    /// Tells one.
    fn note(&self, note: Note);
}
