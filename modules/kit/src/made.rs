//! What steps of a run make for later ones.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::value::Later;

/// What is known of something that a step of the run may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It is there.
    Now(T),
    /// An earlier step of this check run or plan would make it.
    Later(Later),
    /// It is not there, and no earlier step would make it.
    Absent,
}

/// Something a step makes that later steps may ask for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A file of the granted folders.
    File(PathBuf),
    /// A new certificate in a slot.
    Identity {
        /// The host.
        host: String,
        /// The slot.
        unit: String,
    },
    /// New trust on a host.
    Trust {
        /// The host.
        host: String,
        /// The store's unit (`tomcat` for `tomcat-trust`).
        unit: String,
    },
}
