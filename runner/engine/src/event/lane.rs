//! Lanes: where they stand, what they wait for, how they end.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::millis;

/// One lane of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Its name: the cluster's.
    pub name: String,
    /// Its hosts, primary first.
    pub hosts: Vec<String>,
}

/// What a lane waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Cause {
    /// The other lanes, at a barrier.
    Barrier {
        /// The phase that begins then.
        phase: String,
    },
    /// Its turn.
    Turn {
        /// The host that wants it.
        host: String,
        /// The host that has it.
        holder: String,
    },
    /// The waves before it.
    Wave {
        /// The phase.
        phase: String,
    },
}

/// How a lane ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ending")]
pub enum Ending {
    /// Every phase is done and every gate passed.
    Done,
    /// It failed there.
    Stopped {
        /// The phase.
        phase: String,
        /// The host.
        host: String,
        /// Why, in one sentence.
        reason: String,
    },
    /// It waits for somebody, or for the window.
    Suspended {
        /// The phase.
        phase: String,
        /// Why, in one sentence.
        reason: String,
    },
}

/// A host that is busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// The host.
    pub host: String,
    /// What it does.
    pub what: String,
    /// Since when, counted from now.
    #[serde(with = "millis")]
    pub since: Duration,
}
