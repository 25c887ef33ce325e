//! Which host keys are known, by OpenSSH's `known_hosts` files.
//!
//! Matching is done here: libssh2's own knows no wildcards, negations or
//! `@revoked`, and mistakes key types it does not know for changed keys.

mod entry;
mod key;
mod store;

pub use key::HostKey;
pub use store::{KnownHosts, Place, Verdict};
