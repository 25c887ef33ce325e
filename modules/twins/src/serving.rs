//! What the servers ask of the estate.

use crate::estate::{Estate, is_open};
use crate::pki::pair::Key;
use crate::state::world::{NodeId, World};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::SslVersion;
use std::collections::BTreeSet;
use std::time::Duration;

impl Estate {
    /// Every device with its name and TLS ports.
    pub(crate) fn listeners(&self) -> Vec<(NodeId, String, Vec<u16>)> {
        self.at_rest(|world| {
            let ids = world.ids().into_iter();
            ids.map(|id| {
                let setup = &world.node(id).setup;
                (id, setup.spec.name.clone(), setup.ports.clone())
            })
            .collect()
        })
    }

    /// The nodes whose listeners may have opened or closed since the last call.
    pub(crate) fn moved(&self, now: Duration) -> BTreeSet<NodeId> {
        self.at(now, World::take_moved)
    }

    /// Whether a listener is open as far as the estate knows.
    pub(crate) fn opens(&self, id: NodeId, port: u16) -> bool {
        self.at_rest(|world| is_open(world, id, port))
    }

    pub(crate) fn host_key(&self, id: NodeId) -> Option<Key> {
        self.at_rest(|world| world.node(id).state.host_key.clone())
    }

    pub(crate) fn keep_host_key(&self, id: NodeId, key: Key) {
        self.at_rest(|world| world.node_mut(id).state.host_key = Some(key));
    }

    /// A fresh RSA key.
    pub(crate) fn rsa_key(&self) -> Result<PKey<Private>, ErrorStack> {
        self.at_rest(|world| world.rsa_keys.make())
    }

    /// Whether a node speaks only the SSH algorithms of old.
    pub(crate) fn speaks_old_ssh(&self, id: NodeId) -> bool {
        self.at_rest(|world| {
            let setup = &world.node(id).setup;
            setup.profile.old_ssh || setup.spec.twin.mischief.legacy_ssh
        })
    }

    /// What its SSH server calls itself.
    pub(crate) fn ssh_banner(&self, id: NodeId) -> &'static str {
        self.at_rest(|world| world.node(id).setup.profile.ssh_banner)
    }

    /// Whether an exec request hangs instead of ending.
    pub(crate) fn exec_hangs(&self, id: NodeId) -> bool {
        self.at_rest(|world| world.node(id).setup.spec.twin.mischief.exec_hangs)
    }

    /// The lowest and the highest TLS version of a host's listeners.
    pub(crate) fn tls_versions(&self, host: &str) -> (SslVersion, SslVersion) {
        let profile = self.at_rest(|world| Some(world.node(world.place(host)?).setup.profile));
        let lowest = match profile {
            Some(profile) if profile.old_tls => SslVersion::TLS1,
            _ => SslVersion::TLS1_2,
        };
        let highest = match profile {
            Some(profile) if profile.tls13 => SslVersion::TLS1_3,
            _ => SslVersion::TLS1_2,
        };
        (lowest, highest)
    }
}
