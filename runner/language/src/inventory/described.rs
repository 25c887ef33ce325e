//! What one entry of a source says of its hosts.

use std::sync::Arc;

use super::Inventory;
use crate::scope::{Layer, Variable};

/// The variables of an entry, which may stand for a whole range of hosts.
pub(super) struct Described {
    source: String,
    layer: Arc<Layer>,
    /// The same with the port, where one is written and the variables do not say it.
    with_port: Option<Arc<Layer>>,
}

impl Described {
    /// An entry of `source` with its variables and the port after its name. As in Ansible the port
    /// is one of them only for hosts that nothing named before.
    pub(super) fn new(source: &str, layer: Layer, port: Option<Variable>) -> Self {
        let port = port.filter(|_| !layer.variables.contains_key("ansible_port"));
        let with_port = port.map(|port| Arc::new(layer.clone().with("ansible_port", port)));
        Self {
            source: source.to_owned(),
            layer: Arc::new(layer),
            with_port,
        }
    }

    /// Adds one of its hosts to a group.
    pub(super) fn add(&self, inventory: &mut Inventory, name: &str, group: &str) {
        let is_new = inventory.host(name).is_none();
        let layer = self.with_port.as_ref().filter(|_| is_new).unwrap_or(&self.layer);
        inventory.add(name, [group]);
        let host = inventory.hosts.entry(name.to_owned()).or_default();
        if host.source.is_empty() {
            host.source.clone_from(&self.source);
        }
        if !layer.variables.is_empty() {
            host.layers.push(Arc::clone(layer));
        }
    }
}
