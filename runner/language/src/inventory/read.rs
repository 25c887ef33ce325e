//! One inventory source that is YAML.

use cutover_kit::address;

use super::described::Described;
use super::{Inventory, range};
use crate::diagnose::Diagnostic;
use crate::scope::{Layer, Rank, Variable};
use crate::yaml::{Entry, Mapping, Node};

/// Adds the groups and hosts of one source.
pub(super) fn read(root: &Node, inventory: &mut Inventory, faults: &mut Vec<Diagnostic>) {
    if root.is_null() {
        return;
    }
    let Some(groups) = root.as_map() else {
        faults.push(Diagnostic::error(
            "inventory",
            &root.place.first_line(),
            format!("an inventory is a mapping of groups, not {}", root.describe()),
        ));
        return;
    };
    let mut reader = Reader {
        source: root.place.source.path().to_owned(),
        inventory,
        faults,
    };
    for entry in groups.iter() {
        reader.group(entry);
    }
}

struct Reader<'a> {
    source: String,
    inventory: &'a mut Inventory,
    faults: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn group(&mut self, entry: &Entry) {
        let name = &entry.key;
        super::group::check_name(name, &mut self.inventory.warnings);
        self.inventory.groups.entry(name.value.clone()).or_default();
        let Some(parts) = self.mapping(&format!("the group `{}`", name.value), &entry.value) else {
            return;
        };
        for part in parts.iter() {
            match part.key.as_str() {
                "hosts" => self.hosts(name, &part.value),
                "children" => self.children(name, &part.value),
                "vars" => self.vars(name, &part.value),
                other => {
                    let fault = Diagnostic::error(
                        "unknown-keyword",
                        &part.key.place,
                        format!("`{other}` is no part of a group"),
                    );
                    let fault = fault.did_you_mean(other, ["hosts", "children", "vars"]);
                    self.faults.push(match fault.help {
                        None => fault.help("a group has `hosts`, `children` and `vars`"),
                        Some(_) => fault,
                    });
                }
            }
        }
    }

    fn hosts(&mut self, group: &str, node: &Node) {
        let Some(hosts) = self.mapping("`hosts`", node) else {
            return;
        };
        for entry in hosts.iter() {
            let (pattern, port) = address::split(&entry.key);
            let names = match range::expand(pattern) {
                Ok(names) => names,
                Err(message) => {
                    self.faults
                        .push(Diagnostic::error("host-range", &entry.key.place, message));
                    continue;
                }
            };
            let what = format!("`{}`", entry.key.value);
            let Some(variables) = self.mapping(&what, &entry.value) else {
                continue;
            };
            self.names(&variables);
            let layer = Layer::written(Rank::Host, self.source.clone(), &variables);
            let port = port.map(|port| Variable::from(i64::from(port)));
            let described = Described::new(&self.source, layer, port);
            for name in names {
                described.add(self.inventory, &name, group);
            }
        }
    }

    fn children(&mut self, parent: &str, node: &Node) {
        let Some(children) = self.mapping("`children`", node) else {
            return;
        };
        for entry in children.iter() {
            self.group(entry);
            self.inventory.add_child(parent, &entry.key);
        }
        if let Some(name) = self.inventory.cycle().map(str::to_owned) {
            let message = format!("the group `{name}` is in itself");
            self.faults.push(Diagnostic::error(
                "group-cycle",
                &node.place.first_line(),
                message,
            ));
            // Without the last link the rest can still be read.
            let group = self.inventory.groups.entry(parent.to_owned()).or_default();
            for entry in children.iter() {
                group.children.shift_remove(&entry.key.value);
            }
        }
    }

    fn vars(&mut self, group: &str, node: &Node) {
        let Some(variables) = self.mapping("`vars`", node) else {
            return;
        };
        self.names(&variables);
        let rank = if group == "all" { Rank::All } else { Rank::Group };
        let layer = Layer::written(rank, format!("{} group {group}", self.source), &variables);
        self.inventory
            .groups
            .entry(group.to_owned())
            .or_default()
            .add(layer);
    }

    /// A mapping, or nothing at all, which is an empty one.
    fn mapping(&mut self, what: &str, node: &Node) -> Option<Mapping> {
        if node.is_null() {
            return Some(Mapping::default());
        }
        let map = node.as_map().cloned();
        if map.is_none() {
            let message = format!("{what} takes a mapping, not {}", node.describe());
            let fault = Diagnostic::error("wrong-type", &node.place, message);
            self.faults.push(match node.as_seq().is_some() {
                true => fault.help("write each name as a key: `name:`"),
                false => fault,
            });
        }
        map
    }

    fn names(&mut self, variables: &Mapping) {
        for entry in variables.iter() {
            super::load::check_name(&entry.key, &mut self.inventory.warnings);
        }
    }
}
