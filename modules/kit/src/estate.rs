//! The inventory as modules see it: typed, complete, read-only.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::product::{Platform, Product};
use crate::session::Endpoint;
use crate::timing::Timing;

/// A host with everything of cutover's own that its variables say, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// `inventory_hostname`.
    pub name: String,
    /// `fqdn`: the name that certificates carry.
    pub fqdn: String,
    /// `platform`.
    pub platform: Platform,
    /// `product`.
    pub products: Vec<Product>,
    /// `version`, where the inventory knows it.
    pub version: Option<String>,
    /// `cluster`; the host's own name where it has none.
    pub cluster: String,
    /// `node`.
    pub node: Node,
    /// `pool`.
    pub pool: Option<String>,
    /// `site`.
    pub site: Option<String>,
    /// Where it is dialled for SSH.
    pub ssh: Endpoint,
    /// `tls_ports`: listeners to prove.
    pub tls_ports: Vec<u16>,
    /// `units`: certificate slots to rotate.
    pub units: Vec<String>,
    /// `talks_to`: products or clusters whose chains it must trust.
    pub talks_to: Vec<String>,
    /// `ca`: who signs for it.
    pub ca: Option<Ca>,
    /// `ca_command`: the site's own signer.
    pub ca_command: Option<Vec<String>>,
    /// `renew_before`.
    pub renew_before: Option<Duration>,
    /// `work`: folder for requests and signed certificates.
    pub work: PathBuf,
    /// `deployment`.
    pub deployment: Deployment,
    /// Decisions of the site, never guessed.
    pub decisions: Decisions,
    /// `timing`.
    pub timing: Timing,
}

/// A host's place in its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Node {
    /// The publisher.
    #[default]
    Primary,
    /// A subscriber.
    Secondary,
}

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ca {
    /// A real CA; what comes back must chain to the certificates of this file.
    Chain(PathBuf),
    /// A CA of ours.
    Local {
        /// Its name.
        name: String,
        /// How many intermediates stand between root and leaf.
        intermediates: u8,
        /// Its keys.
        key: CaKey,
    },
}

/// Keys of a local CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaKey {
    /// RSA, 2048 bits.
    #[default]
    Rsa2048,
    /// ECDSA on P-384.
    Ec384,
}

/// Which solution the estate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deployment {
    /// Unified Contact Center Enterprise.
    #[default]
    Ucce,
    /// Packaged CCE.
    Pcce,
    /// Unified Contact Center Express.
    Uccx,
}

/// What only the site can decide.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Decisions {
    /// `allow_missing_client_auth`.
    pub allow_missing_client_auth: bool,
    /// `accept_lost_names`.
    pub accept_lost_names: bool,
    /// `accept_smaller_key`.
    pub accept_smaller_key: bool,
    /// `accept_multi_server`.
    pub accept_multi_server: bool,
    /// `backup_confirmed`.
    pub backup_confirmed: bool,
    /// `callers_outside: warn`.
    pub callers_outside_only_warn: bool,
}

/// All hosts, in the inventory's order.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    hosts: IndexMap<String, Host>,
}

impl Estate {
    /// The estate of these hosts.
    pub fn new(hosts: impl IntoIterator<Item = Host>) -> Self {
        Self {
            hosts: hosts.into_iter().map(|host| (host.name.clone(), host)).collect(),
        }
    }

    /// Adds a host behind the others, or puts it where the one of its name stands.
    pub fn put(&mut self, host: Host) {
        self.hosts.insert(host.name.clone(), host);
    }

    /// The host of this name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(name)
    }

    /// All hosts, in the inventory's order.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.values()
    }

    /// The members of a cluster, primary first.
    pub fn cluster(&self, cluster: &str) -> Vec<&Host> {
        let mut members: Vec<_> = self.hosts().filter(|host| host.cluster == cluster).collect();
        members.sort_by_key(|host| host.node);
        members
    }

    /// Everybody who takes turns with `host`: its cluster's and its pool's other members.
    pub fn partners(&self, host: &Host) -> Vec<&Host> {
        let same_pool = |other: &Host| host.pool.is_some() && host.pool == other.pool;
        self.hosts()
            .filter(|other| other.name != host.name)
            .filter(|other| other.cluster == host.cluster || same_pool(other))
            .collect()
    }

    /// The hosts whose chains `host` must trust: its own cluster's and those it talks to.
    pub fn talks_to(&self, host: &Host) -> Vec<&Host> {
        self.hosts()
            .filter(|other| other.name != host.name && host.names(other))
            .collect()
    }

    /// The hosts that must trust the chain of `host`.
    pub fn callers(&self, host: &Host) -> Vec<&Host> {
        self.hosts()
            .filter(|other| other.name != host.name && other.names(host))
            .collect()
    }
}

impl Host {
    /// Whether this host's `talks_to` names `other`, by product or by cluster.
    /// Members of one cluster always talk to each other.
    fn names(&self, other: &Host) -> bool {
        self.cluster == other.cluster
            || self.talks_to.iter().any(|name| {
                *name == other.cluster || other.products.iter().any(|product| product.name() == name)
            })
    }

    /// Whether it runs `product`.
    pub fn runs(&self, product: Product) -> bool {
        self.products.contains(&product)
    }
}
