//! Taking a mapping apart: what is wanted is taken out by name, and what is
//! left over is a mistake.

use std::collections::HashSet;

use super::reading::Reading;
use super::setting::{Literal, Setting};
use crate::diagnose::Diagnostic;
use crate::source::Located;
use crate::yaml::{Entry, Mapping, Node};

/// The entries of one mapping, taken out one by one.
pub(super) struct Fields<'n> {
    /// What the mapping is, as messages say it (`a task`).
    what: &'static str,
    map: &'n Mapping,
    taken: HashSet<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(what: &'static str, map: &'n Mapping) -> Self {
        Self {
            what,
            map,
            taken: HashSet::new(),
        }
    }

    /// The entry of this name; it is known now, whether it was there or not.
    pub(super) fn entry(&mut self, name: &'static str) -> Option<&'n Entry> {
        self.taken.insert(name);
        self.map.entry(name)
    }

    /// The value of this name.
    pub(super) fn node(&mut self, name: &'static str) -> Option<&'n Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// The value of this name, as a literal or a template.
    pub(super) fn setting<T: Literal>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
    ) -> Option<Setting<T>> {
        let node = self.node(name)?;
        reading.setting(&format!("`{name}`"), node)
    }

    /// The value of this name, as a literal.
    pub(super) fn literal<T: Literal>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
    ) -> Option<Located<T>> {
        let node = self.node(name)?;
        reading.literal(&format!("`{name}`"), node)
    }

    /// The value of this name, as text that may be a template.
    pub(super) fn text(&mut self, reading: &mut Reading<'_>, name: &'static str) -> Option<Node> {
        let node = self.node(name)?;
        match node.written() {
            Some(text) => Some(Node::text(text, node.place.clone())),
            None => {
                reading.misfit(&format!("`{name}`"), "text", node);
                None
            }
        }
    }

    /// The names known so far.
    pub(super) fn known(&self) -> impl Iterator<Item = &'static str> {
        self.taken.iter().copied()
    }

    /// The entries that nobody asked for.
    pub(super) fn rest(&self) -> impl Iterator<Item = &'n Entry> {
        self.map
            .iter()
            .filter(|entry| !self.taken.contains(entry.key.as_str()))
    }

    /// Everything else is unknown.
    pub(super) fn finish(self, reading: &mut Reading<'_>) {
        for entry in self.rest() {
            let fault = Diagnostic::error(
                "unknown-keyword",
                &entry.key.place,
                format!("`{}` is no keyword of {}", entry.key.value, self.what),
            );
            let mut known: Vec<_> = self.known().collect();
            known.sort_unstable();
            reading.fault(fault.did_you_mean(&entry.key, known));
        }
    }
}
