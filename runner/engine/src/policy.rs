//! What distinguishes a run against real addresses from a rehearsal: data handed
//! in at the start. No other code asks which of the two it is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use cutover_kit::estate::Ca;
use cutover_kit::session::Endpoint;
use cutover_kit::timing::Timing;

/// The policy of one run.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Policy {
    /// Where addresses really are; those that are not named are dialled as they stand.
    pub addresses: BTreeMap<Endpoint, SocketAddr>,
    /// Refuse every address outside loopback.
    pub loopback_only: bool,
    /// Waits of every host, instead of the inventory's.
    pub timing: Option<Timing>,
    /// Who signs for every host, instead of the inventory's `ca` and `ca_command`.
    pub signer: Option<Ca>,
    /// known_hosts files, the first one is written to; empty means the user's own.
    pub known_hosts: Vec<PathBuf>,
    /// Requests and signed certificates lie in the state folder, whatever `work` says.
    pub own_work: bool,
    /// What tasks may change.
    pub effects: Effects,
}

/// What tasks may change.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Effects {
    /// Whatever they say.
    #[default]
    All,
    /// These hosts and the granted folders. A task that would change anything
    /// else is listed and not run, unless it says `rehearse: true`.
    Only {
        /// The hosts that may be changed: those that have a twin.
        hosts: BTreeSet<String>,
    },
}
