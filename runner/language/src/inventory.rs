//! Inventories: hosts, groups and what their files say about them.
//!
//! A host is in `all`, in the groups that list it, in the groups those are
//! children of, and in a group for every product it runs, whether the inventory
//! spells that group or not.

mod beside;
mod described;
mod group;
mod grow;
mod ini;
mod literal;
mod load;
mod pattern;
mod product;
mod range;
mod read;
mod script;
mod select;
mod toml;

use std::sync::Arc;

use cutover_kit::Value;
use indexmap::{IndexMap, IndexSet};

pub use group::Group;
pub use grow::Growth;
pub use load::{Sources, load};
pub use pattern::{Pattern, Role, Subset, Term, Wanted};
pub use select::{Selection, limit};

use crate::diagnose::Diagnostic;
use crate::scope::{Layer, Rank};

/// Names by which this machine is meant, listed in the inventory or not.
pub const LOCALHOST: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A host as the inventory has it.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// The groups that list it themselves.
    pub groups: IndexSet<String>,
    /// The source that named it first; empty for one added by a run.
    pub source: String,
    /// Its own variables, lowest first.
    layers: Vec<Arc<Layer>>,
}

/// Hosts and groups of all sources.
#[derive(Clone, Debug)]
pub struct Inventory {
    hosts: IndexMap<String, Host>,
    groups: IndexMap<String, Group>,
    /// What is probably not meant so.
    pub warnings: Vec<Diagnostic>,
}

impl Default for Inventory {
    fn default() -> Self {
        let groups = ["all", "ungrouped"].map(|name| (name.to_owned(), Group::default()));
        Self {
            hosts: IndexMap::new(),
            groups: groups.into_iter().collect(),
            warnings: Vec::new(),
        }
    }
}

impl Inventory {
    /// The names of all hosts, in the order in which the sources name them.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.hosts.keys().map(String::as_str)
    }

    /// A host.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(name)
    }

    /// The names of all groups; `all` and `ungrouped` are always there.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// A group.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The hosts of a group and of its children, in the inventory's order.
    pub fn members(&self, group: &str) -> Vec<&str> {
        let within = self.descendants(group);
        self.hosts
            .iter()
            .filter(|(_, host)| match group {
                "all" => true,
                "ungrouped" => host.groups.is_empty(),
                _ => host.groups.iter().any(|group| within.contains(group.as_str())),
            })
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The groups of a host, its groups' parents among them, without `all`; sorted.
    pub fn groups_of(&self, host: &str) -> Vec<&str> {
        let Some(host) = self.hosts.get(host) else {
            return Vec::new();
        };
        let mut names: Vec<_> = self.ancestors(&host.groups).into_iter().collect();
        if names.is_empty() {
            names.push("ungrouped");
        }
        names.sort_unstable();
        names
    }

    /// Everything the inventory and the files beside it say about a host, each
    /// with its rank; the order of those of one rank is that of precedence. For a
    /// name that it does not list what holds for all; for a local one, too, a local
    /// connection.
    pub fn layers(&self, host: &str) -> Vec<Arc<Layer>> {
        let Some(known) = self.hosts.get(host) else {
            let all = self
                .groups
                .get("all")
                .into_iter()
                .flat_map(|all| all.layers.iter().cloned());
            return all.chain(implicit(host).map(Arc::new)).collect();
        };
        let parents = self.parents();
        let mut groups: Vec<_> = parents.above(&known.groups).into_iter().collect();
        groups.sort_by_cached_key(|name| (parents.depth(name), self.groups[*name].priority, *name));
        let all = ["all"]
            .into_iter()
            .chain(known.groups.is_empty().then_some("ungrouped"));
        let by_group: Vec<_> = all.chain(groups).map(|name| &self.groups[name].layers).collect();
        let mut layers: Vec<_> = by_group
            .into_iter()
            .flatten()
            .chain(&known.layers)
            .cloned()
            .collect();
        layers.sort_by_key(|layer| layer.rank);
        layers
    }

    /// Every layer of every group and host, each as often as it is used.
    pub fn all_layers(&self) -> impl Iterator<Item = &Layer> {
        let groups = self.groups.values().flat_map(|group| &group.layers);
        let hosts = self.hosts.values().flat_map(|host| &host.layers);
        groups.chain(hosts).map(|layer| &**layer)
    }

    /// The magic variables that are the same for every host: one layer that all share, since
    /// it holds the name of every host in every group.
    pub fn magic_of_all(&self) -> Layer {
        let parents = self.parents();
        let mut members: IndexMap<&str, Vec<&str>> = self.groups().map(|group| (group, Vec::new())).collect();
        for (name, host) in &self.hosts {
            let own = parents.above(&host.groups);
            let own = own.into_iter().filter(|group| *group != "ungrouped");
            let always = [Some("all"), host.groups.is_empty().then_some("ungrouped")];
            for group in own.chain(always.into_iter().flatten()) {
                members.entry(group).or_default().push(name);
            }
        }
        let groups = members
            .into_iter()
            .map(|(group, hosts)| (group, Value::from(hosts)));
        Layer::new(Rank::Magic, "magic").with("groups", Value::map(groups))
    }

    /// The magic variables of a host that follow from the inventory alone.
    pub fn magic(&self, host: &str) -> Layer {
        let source = self.hosts.get(host).map_or("", |host| &host.source);
        let folder = source.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let short = host.split('.').next().unwrap_or(host);
        Layer::new(Rank::Magic, "magic")
            .with("inventory_hostname", host)
            .with("inventory_hostname_short", short)
            .with("inventory_file", source)
            .with("inventory_dir", folder)
            .with("group_names", self.groups_of(host))
    }

    /// Adds a host, and it to groups, as `add_host` and `group_by` do. The
    /// groups are made if there are none. Says whether anything is new.
    pub fn add<'a>(&mut self, host: &str, groups: impl IntoIterator<Item = &'a str>) -> bool {
        let mut changed = !self.hosts.contains_key(host);
        let host = self.hosts.entry(host.to_owned()).or_default();
        for group in groups {
            self.groups.entry(group.to_owned()).or_default();
            if !matches!(group, "all" | "ungrouped") {
                changed |= host.groups.insert(group.to_owned());
            }
        }
        changed
    }

    /// Makes one group the child of another.
    pub fn add_child(&mut self, parent: &str, child: &str) {
        self.groups.entry(child.to_owned()).or_default();
        let parent = self.groups.entry(parent.to_owned()).or_default();
        parent.children.insert(child.to_owned());
    }
}

/// What holds for this machine where no inventory says otherwise.
fn implicit(host: &str) -> Option<Layer> {
    LOCALHOST.contains(&host).then(|| {
        Layer::new(Rank::Host, "implicit localhost")
            .with("ansible_connection", "local")
            .with("platform", "local")
    })
}
