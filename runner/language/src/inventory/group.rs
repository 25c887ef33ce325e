//! Groups and how they stand in one another.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexSet;

use super::Inventory;
use crate::diagnose::Diagnostic;
use crate::scope::{Layer, Variable};
use crate::source::Located;
use crate::yaml::Kind;

/// A group as the inventory has it.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Groups in this one.
    pub children: IndexSet<String>,
    /// `ansible_group_priority`: of groups of one depth the higher wins.
    pub priority: i64,
    /// Its variables, lowest first.
    pub(super) layers: Vec<Arc<Layer>>,
}

impl Group {
    /// Adds variables above those it has.
    pub(super) fn add(&mut self, layer: Layer) {
        if let Some(Variable::Template(node)) = layer.variables.get("ansible_group_priority") {
            let priority = match &node.kind {
                Kind::Int(priority) => Some(*priority),
                Kind::Text(text) => text.parse().ok(),
                _ => None,
            };
            self.priority = priority.unwrap_or(self.priority);
        }
        self.layers.push(Arc::new(layer));
    }
}

/// Warns of a name that not every pattern can use.
pub(super) fn check_name(name: &Located<String>, warnings: &mut Vec<Diagnostic>) {
    let plain = |next: char| next.is_ascii_alphanumeric() || next == '_';
    let known =
        |warning: &Diagnostic| warning.code == "group-name" && warning.place.as_ref() == Some(&name.place);
    if !name.chars().all(plain) && !warnings.iter().any(known) {
        let message = format!("`{}` is an odd name for a group", name.value);
        let warning = Diagnostic::warning("group-name", &name.place, message);
        warnings.push(warning.help("letters, digits and `_` can be used in every pattern"));
    }
}

/// Which groups the groups are in: asked for once where it is asked about many.
#[derive(Default)]
pub(super) struct Parents<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Parents<'a> {
    /// The given groups and all groups above them, without `all`.
    pub(super) fn above(&self, groups: &'a IndexSet<String>) -> IndexSet<&'a str> {
        let mut found = IndexSet::new();
        let mut open: Vec<&str> = groups.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if name != "all" && found.insert(name) {
                open.extend(self.0.get(name).into_iter().flatten());
            }
        }
        found
    }

    /// How many groups lie between a group and `all`, by the longest way.
    pub(super) fn depth(&self, group: &str) -> usize {
        let above = self.0.get(group).into_iter().flatten();
        let deepest = above.map(|parent| self.depth(parent)).max();
        deepest.map_or(1, |deepest| deepest + 1)
    }
}

impl Inventory {
    /// A group and all groups below it.
    pub(super) fn descendants(&self, group: &str) -> HashSet<&str> {
        let mut found = HashSet::new();
        let mut open: Vec<&str> = self
            .groups
            .get_key_value(group)
            .into_iter()
            .map(|(name, _)| name.as_str())
            .collect();
        while let Some(name) = open.pop() {
            if found.insert(name) {
                open.extend(self.groups[name].children.iter().map(String::as_str));
            }
        }
        found
    }

    /// Of every group that is in others, these, without `all`.
    pub(super) fn parents(&self) -> Parents<'_> {
        let mut parents = Parents::default();
        for (name, group) in self.groups.iter().filter(|(name, _)| *name != "all") {
            for child in &group.children {
                parents.0.entry(child).or_default().push(name);
            }
        }
        parents
    }

    /// The given groups and all groups above them, without `all`.
    pub(super) fn ancestors<'a>(&'a self, groups: &'a IndexSet<String>) -> IndexSet<&'a str> {
        self.parents().above(groups)
    }

    /// Whether a group that becomes the child of another would be in itself.
    pub(super) fn is_circle(&self, parent: &str, child: &str) -> bool {
        parent == child || child == "all" || self.descendants(child).contains(parent)
    }

    /// A group that is in itself, by way of others.
    pub(super) fn cycle(&self) -> Option<&str> {
        let is_in = |outer: &str, inner: &str| self.descendants(outer).contains(inner);
        self.groups
            .iter()
            .find(|(name, group)| group.children.iter().any(|child| is_in(child, name)))
            .map(|(name, _)| name.as_str())
    }
}
