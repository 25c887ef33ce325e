//! What one entry of a source says of its hosts.

use std::sync::Arc;

use super::Inventory;
use crate::scope::{Layer, Variable};

/// The variables of an entry, which may stand for a whole range of hosts.
pub(super) struct Described {
    source: String,
    layer: Arc<Layer>,
    with_port: Arc<Layer>,
}

impl Described {
    /// An entry of `source` with its variables and the port after its name. As in Ansible the port
    /// is one of them only for hosts that nothing named before.
    pub(super) fn new(source: &str, layer: Layer, port: Option<Variable>) -> Self {
        let mut with_port = layer.clone();
        if let Some(port) = port {
            let variables = &mut with_port.variables;
            variables.entry("ansible_port".to_owned()).or_insert(port);
        }
        Self {
            source: source.to_owned(),
            layer: Arc::new(layer),
            with_port: Arc::new(with_port),
        }
    }

    /// Adds one of its hosts to a group.
    pub(super) fn add(&self, inventory: &mut Inventory, name: &str, group: &str) {
        let layer = match inventory.host(name) {
            Some(_) => &self.layer,
            None => &self.with_port,
        };
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
