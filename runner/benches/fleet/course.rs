//! What every contestant has to do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Hosts, and what is run on each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Course {
    /// How many hosts; each is an address of its own, all are one server.
    pub(crate) hosts: u16,
    /// How many times `true` is run on each, one after the other.
    pub(crate) commands: usize,
    /// How many hosts are worked on at once.
    pub(crate) width: usize,
    /// The server's port.
    pub(crate) port: u16,
    /// The account.
    pub(crate) user: String,
    /// Its private key.
    pub(crate) key: PathBuf,
    /// The server's key, for each address.
    pub(crate) known_hosts: PathBuf,
}

/// One of the hosts.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) address: String,
}

impl Course {
    /// The hosts, from 127.0.0.1 on.
    pub(crate) fn hosts(&self) -> Vec<Host> {
        (0..self.hosts).map(host).collect()
    }
}

/// The host of a number, counted from nought.
pub(crate) fn host(number: u16) -> Host {
    let (block, last) = (number / 250, number % 250 + 1);
    Host {
        name: format!("host-{:03}", number + 1),
        address: format!("127.0.{block}.{last}"),
    }
}
