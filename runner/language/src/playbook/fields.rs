//! Taking a mapping apart: what is wanted is taken out by name, and what is
//! left over is a mistake.

use std::collections::HashSet;

use super::setting::{Literal, Setting};
use crate::catalog::Catalog;
use crate::diagnose::Diagnostic;
use crate::source::{Located, Place};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// What reading a playbook needs at every step, and the faults found so far.
pub(super) struct Reading<'a> {
    pub(super) catalog: &'a dyn Catalog,
    faults: Vec<Diagnostic>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(catalog: &'a dyn Catalog) -> Self {
        Self {
            catalog,
            faults: Vec::new(),
        }
    }

    pub(super) fn into_faults(self) -> Vec<Diagnostic> {
        self.faults
    }

    pub(super) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// Something stands here that was not expected.
    pub(super) fn misfit(&mut self, what: &str, wanted: &str, node: &Node) {
        self.fault(Diagnostic::error(
            "wrong-type",
            &node.place,
            format!("{what} takes {wanted}, not {}", node.describe()),
        ));
    }

    /// A part of the language that this release does not run.
    pub(super) fn not_yet(&mut self, place: &Place, what: &str) {
        self.fault(Diagnostic::error(
            "not-yet",
            place,
            format!("{what} is not supported yet"),
        ));
    }

    /// A keyword that is understood and that this release does not act on.
    pub(super) fn no_effect_yet(&mut self, place: &Place, what: &str) {
        self.fault(Diagnostic::warning(
            "no-effect-yet",
            place,
            format!("`{what}` has no effect yet"),
        ));
    }

    /// The members of a list; nothing at all is an empty one.
    pub(super) fn list<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::Seq(items) => items,
            Kind::Null => &[],
            _ => {
                self.misfit(what, "a list", node);
                &[]
            }
        }
    }

    /// A mapping; nothing at all is a fault here.
    pub(super) fn mapping<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n Mapping> {
        let map = node.as_map();
        if map.is_none() {
            self.misfit(what, "a mapping", node);
        }
        map
    }

    /// A literal of the wanted type or a template for one.
    pub(super) fn setting<T: Literal>(&mut self, what: &str, node: &Node) -> Option<Setting<T>> {
        if node.is_template() {
            return Some(Setting::Template(node.clone()));
        }
        let literal = T::from_node(node);
        if literal.is_none() {
            let fault = Diagnostic::error("wrong-type", &node.place, format!("{what} takes {}", T::WANTED));
            let written = node.written().unwrap_or_default();
            self.fault(fault.did_you_mean(&written, T::WORDS.iter().copied()));
        }
        literal.map(|value| Setting::Literal(Located::new(value, node.place.clone())))
    }

    /// A literal of the wanted type; a template is refused.
    pub(super) fn literal<T: Literal>(&mut self, what: &str, node: &Node) -> Option<Located<T>> {
        match self.setting(what, node)? {
            Setting::Literal(literal) => Some(literal),
            Setting::Template(node) => {
                let fault = Diagnostic::error(
                    "wrong-type",
                    &node.place,
                    format!("{what} is read before any variable is known and cannot be a template"),
                );
                self.fault(fault);
                None
            }
        }
    }

    /// One scalar, or a list of them, each as a node of text.
    pub(super) fn texts(&mut self, what: &str, node: &Node) -> Vec<Node> {
        let items = match &node.kind {
            Kind::Seq(items) => items,
            Kind::Null => return Vec::new(),
            _ => std::slice::from_ref(node),
        };
        let mut texts = Vec::new();
        for item in items {
            match item.written() {
                Some(text) if !item.is_null() => texts.push(Node::text(text, item.place.clone())),
                _ => self.misfit(what, "text or a list of texts", item),
            }
        }
        texts
    }

    /// As [`Self::texts`], with `a, b` standing for two.
    pub(super) fn words(&mut self, what: &str, node: &Node) -> Vec<Node> {
        let mut words = Vec::new();
        for text in self.texts(what, node) {
            let parts = text.as_text().unwrap_or_default().split(',').map(str::trim);
            match text.is_template() {
                true => words.push(text),
                false => words.extend(
                    parts
                        .filter(|part| !part.is_empty())
                        .map(|part| Node::text(part, text.place.clone())),
                ),
            }
        }
        words
    }

    /// Texts that cannot be templates.
    pub(super) fn names(&mut self, what: &str, node: &Node) -> Vec<Located<String>> {
        let texts = self.texts(what, node);
        texts.iter().filter_map(|text| self.literal(what, text)).collect()
    }
}

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
