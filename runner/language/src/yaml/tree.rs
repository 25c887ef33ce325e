//! The tree: nodes, mappings and what they mean as plain data.

use std::fmt;
use std::sync::Arc;

use cutover_kit::Value;
use indexmap::IndexMap;

use crate::source::{Located, Place};

/// One node of a YAML file.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it was written.
    pub place: Place,
}

/// What a node is.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text; a template, where it holds one.
    Text(Arc<str>),
    /// Text marked `!unsafe`: never a template.
    Unsafe(Arc<str>),
    /// The encrypted text of a `!vault` scalar.
    Vault(Arc<str>),
    /// A sequence.
    Seq(Arc<[Node]>),
    /// A mapping.
    Map(Arc<Mapping>),
}

/// The entries of a mapping in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    entries: IndexMap<String, Entry>,
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key; a number or boolean stands as it was written.
    pub key: Located<String>,
    /// The value.
    pub value: Node,
}

/// Where it is and of what kind: its text may be a secret.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.place, self.kind)
    }
}

/// Without any text: it may be a secret.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(_) | Self::Float(_) => f.write_str("a number"),
            Self::Text(text) | Self::Unsafe(text) => write!(f, "text of {} bytes", text.len()),
            Self::Vault(_) => f.write_str("an encrypted value"),
            Self::Seq(items) => items.fmt(f),
            Self::Map(map) => map.fmt(f),
        }
    }
}

impl Node {
    /// A node.
    pub fn new(kind: Kind, place: Place) -> Self {
        Self { kind, place }
    }

    /// Text that was not read from YAML but stands at `place` all the same.
    pub fn text(text: impl Into<Arc<str>>, place: Place) -> Self {
        Self::new(Kind::Text(text.into()), place)
    }

    /// The text of a text node, template or not.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Unsafe(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a sequence.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn as_map(&self) -> Option<&Mapping> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether nothing was written.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// Whether it is text with a template in it.
    pub fn is_template(&self) -> bool {
        matches!(&self.kind, Kind::Text(text) if has_template(text))
    }

    /// Whether a template stands anywhere in it.
    pub fn holds_template(&self) -> bool {
        match &self.kind {
            Kind::Seq(seq) => seq.iter().any(Node::holds_template),
            Kind::Map(map) => map
                .iter()
                .any(|entry| has_template(&entry.key) || entry.value.holds_template()),
            _ => self.is_template(),
        }
    }

    /// A word for what it is, as messages use it.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Float(_) => "a number",
            Kind::Text(_) | Kind::Unsafe(_) => "text",
            Kind::Vault(_) => "an encrypted value",
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The scalar as it was written, without its quotes; what a boolean or a
    /// number looked like before it became one. Lists and mappings have none.
    pub fn written(&self) -> Option<String> {
        match &self.kind {
            Kind::Text(text) | Kind::Unsafe(text) => Some(text.to_string()),
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
                Some(self.place.text().trim_matches(['"', '\'']).to_owned())
            }
            Kind::Null => Some(String::new()),
            Kind::Vault(_) | Kind::Seq(_) | Kind::Map(_) => None,
        }
    }

    /// The same as plain data, with templates left as text. `None` where an
    /// encrypted value stands, which is no plain data.
    pub fn to_value(&self) -> Option<Value> {
        Some(match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::Int(number) => Value::Int(*number),
            Kind::Float(number) => Value::Float(*number),
            Kind::Text(text) | Kind::Unsafe(text) => Value::String(text.to_string()),
            Kind::Vault(_) => return None,
            Kind::Seq(seq) => Value::List(seq.iter().map(Node::to_value).collect::<Option<_>>()?),
            Kind::Map(map) => Value::Map(
                map.iter()
                    .map(|entry| Some((entry.key.value.clone(), entry.value.to_value()?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}

/// Whether text is a template: whether it opens an expression, a statement or a comment.
pub(crate) fn has_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|open| text.contains(open))
}

impl Mapping {
    /// The entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The value with this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.values()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry, in the place of one with the same key if there is one.
    pub fn insert(&mut self, entry: Entry) {
        self.entries.insert(entry.key.value.clone(), entry);
    }

    /// The same, but of two mappings with the same key one is made.
    pub fn merge(&mut self, mut entry: Entry) {
        let known = self.get(&entry.key.value).and_then(Node::as_map);
        if let (Some(known), Some(more)) = (known, entry.value.as_map()) {
            let mut both = known.clone();
            more.iter().for_each(|entry| both.merge(entry.clone()));
            entry.value = Node::new(Kind::Map(Arc::new(both)), entry.value.place.clone());
        }
        self.insert(entry);
    }
}

impl FromIterator<Entry> for Mapping {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        let mut mapping = Self::default();
        for entry in entries {
            mapping.insert(entry);
        }
        mapping
    }
}
