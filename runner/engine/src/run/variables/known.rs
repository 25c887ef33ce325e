//! What is known of all hosts at a moment: the inventory, which the run may add to, with our own
//! defaults and the change windows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cutover_kit::{Host, Node};
use cutover_language::inventory::Inventory;
use cutover_language::scope::{Layer, Rank};

use super::{DEFAULTS, Parts, Variables};
use crate::run::window::Window;
use crate::sync::{read, write};

/// What is known of all hosts at a moment.
pub(super) struct Known {
    pub(super) inventory: Arc<Inventory>,
    /// What is magic about it, and the same for all hosts.
    pub(super) magic: Arc<Layer>,
    /// [`Parts::defaults`].
    pub(super) defaults: HashMap<String, Arc<Layer>>,
    /// [`Parts::windows`].
    windows: BTreeMap<String, Window>,
    /// Whether the inventory is another than the one that was read.
    has_grown: bool,
}

impl Known {
    /// As it was read.
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            inventory: Arc::new(parts.inventory.clone()),
            magic: Arc::new(parts.inventory.magic_of_all()),
            defaults: parts.defaults.clone(),
            windows: parts.windows.clone(),
            has_grown: false,
        }
    }
}

/// Of whom files may say something else than before.
#[derive(Clone, Copy, Debug)]
pub(in crate::run) enum Changed<'a> {
    /// Everybody.
    All,
    /// These hosts.
    Hosts(&'a [String]),
}

impl Variables {
    /// The inventory as it is now.
    pub fn inventory(&self) -> Arc<Inventory> {
        self.0.inventory()
    }

    /// Whether the run has added to the inventory, or read it again.
    pub fn has_grown(&self) -> bool {
        read(&self.0.known).has_grown
    }

    /// Makes this the inventory; of whom has changed our own defaults are to be found again.
    pub(in crate::run) fn settle(&self, inventory: Arc<Inventory>, changed: Changed<'_>) {
        let mut known = write(&self.0.known);
        known.magic = Arc::new(inventory.magic_of_all());
        known.inventory = inventory;
        known.has_grown = true;
        let mut base = write(&self.0.base);
        match changed {
            Changed::All => {
                known.defaults.clear();
                base.clear();
            }
            Changed::Hosts(hosts) => {
                for host in hosts {
                    known.defaults.remove(host);
                    base.remove(host);
                }
            }
        }
    }

    /// Fills our own defaults of a host in.
    pub(in crate::run) fn complete(&self, host: &Host, window: Option<Window>) {
        let mut known = write(&self.0.known);
        known
            .defaults
            .insert(host.name.clone(), Arc::new(defaults_of(host)));
        match window {
            Some(window) => drop(known.windows.insert(host.name.clone(), window)),
            None => drop(known.windows.remove(&host.name)),
        }
        write(&self.0.base).remove(&host.name);
    }

    /// The change window of a host, if it has one.
    pub fn window(&self, host: &str) -> Option<Window> {
        read(&self.0.known).windows.get(host).cloned()
    }
}

/// Our own variables with their defaults filled in, for templates.
pub(super) fn defaults_of(host: &Host) -> Layer {
    let products: Vec<&str> = host.products.iter().map(|product| product.name()).collect();
    Layer::new(Rank::RoleDefaults, DEFAULTS)
        .with("platform", host.platform.name())
        .with("product", products)
        .with("fqdn", host.fqdn.as_str())
        // Ansible's own default, which templates may ask for.
        .with("ansible_host", host.ssh.host.as_str())
        .with("cluster", host.cluster.as_str())
        .with(
            "node",
            if host.node == Node::Primary {
                "primary"
            } else {
                "secondary"
            },
        )
        .with("pool", host.pool.clone())
        .with("site", host.site.clone())
        .with("tls_ports", host.tls_ports.clone())
        .with("units", host.units.clone())
        .with("talks_to", host.talks_to.clone())
        .with("work", host.work.display().to_string())
}
