//! What a run adds to the inventory: hosts, and hosts to groups. Files beside the inventory and the
//! playbooks that are called like a new host or group count as if it had been there all along.

use std::sync::Arc;

use super::load::Loading;
use super::{Inventory, Sources, beside, product};
use crate::diagnose::Diagnostic;
use crate::files::Files;
use crate::scope::{Layer, Rank, Variable};

/// Something that a run adds.
#[derive(Clone, Debug, PartialEq)]
pub enum Growth {
    /// `add_host`: a host, its groups, and variables of it.
    Host {
        /// Its name.
        name: String,
        /// The groups it is in, besides those it is in already.
        groups: Vec<String>,
        /// What is said of it.
        variables: Layer,
    },
    /// `group_by`: a host that is known joins a group.
    Group {
        /// The host.
        host: String,
        /// The group.
        group: String,
        /// The groups that this group is in.
        parents: Vec<String>,
    },
}

impl Growth {
    /// The host it is about.
    pub fn host(&self) -> &str {
        match self {
            Self::Host { name, .. } => name,
            Self::Group { host, .. } => host,
        }
    }
}

impl Inventory {
    /// Adds what a run says, and says whether anything is new. What is wrong in files beside a new
    /// host or group is the error.
    pub fn grow(
        &mut self,
        growth: &Growth,
        sources: &Sources,
        files: &dyn Files,
    ) -> Result<bool, Vec<Diagnostic>> {
        let known = self.groups().len();
        let is_new = self.host(growth.host()).is_none();
        let changed = match growth {
            Growth::Host {
                name,
                groups,
                variables,
            } => {
                let added = self.add(name, groups.iter().map(String::as_str));
                self.describe(name, variables) || added
            }
            Growth::Group { host, group, parents } => {
                self.check_parents(group, parents)?;
                let mut added = self.add(host, [group.as_str()]);
                for parent in parents.iter().filter(|parent| *parent != "all") {
                    added |= self.group(parent).is_none_or(|it| !it.children.contains(group));
                    self.add_child(parent, group);
                }
                added
            }
        };
        // New ones stand behind those that were there.
        let groups: Vec<String> = self.groups().skip(known).map(str::to_owned).collect();
        let hosts: Vec<String> = is_new.then(|| growth.host().to_owned()).into_iter().collect();
        let mut loading = Loading::new(files);
        let folders = sources.folders(files);
        for (folder, beside) in &folders {
            beside::groups(self, &groups, folder, *beside, &mut loading);
            beside::hosts(self, &hosts, folder, *beside, &mut loading);
        }
        product::and_files(self, &[growth.host().to_owned()], &folders, &mut loading);
        loading.finish(self)?;
        Ok(changed)
    }

    /// Refuses parents that are in the group already, or are the group itself.
    fn check_parents(&self, group: &str, parents: &[String]) -> Result<(), Vec<Diagnostic>> {
        let mut parents = parents.iter().filter(|parent| *parent != "all");
        let Some(parent) = parents.find(|parent| self.is_circle(parent, group)) else {
            return Ok(());
        };
        let message = match parent == group {
            true => format!("`{group}` cannot be its own parent"),
            false => format!("`{parent}` is in `{group}` already, and cannot be its parent"),
        };
        Err(vec![Diagnostic::nowhere("group-cycle", message)])
    }

    /// Puts variables of a host above those it has, and says whether one of them is new.
    fn describe(&mut self, name: &str, variables: &Layer) -> bool {
        let Some(host) = self.hosts.get_mut(name) else {
            return false;
        };
        let says_already = |(name, value): (&String, &Variable)| {
            let of_host = host.layers.iter().rev().filter(|layer| layer.rank == Rank::Host);
            let last = of_host.filter_map(|layer| layer.variables.get(name)).next();
            last == Some(value)
        };
        let new = !variables.variables.iter().all(says_already);
        if new {
            host.layers.push(Arc::new(variables.clone()));
        }
        new
    }
}
