//! Lists and mappings whose members are rendered when they are asked for.

use std::fmt;
use std::sync::Arc;

use cutover_kit::Value as Known;
use cutover_kit::value::Map;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, Value};

use super::error::Stop;
use super::eval::Eval;
use super::leaf::{Depth, settle};
use crate::secrecy::is_secret_name;
use crate::yaml::{Kind, Mapping, Node};

/// A list or a mapping of a file or of the run.
pub(super) struct Tree {
    content: Content,
    eval: Arc<Eval>,
    /// What leads to it (`settings.ports`).
    label: String,
    /// Whether a name on the way says that everything in it is secret.
    secret: bool,
}

enum Content {
    Nodes(Arc<[Node]>),
    Entries(Arc<Mapping>),
    List(Vec<Known>),
    Map(Map),
}

impl Tree {
    /// What a node of a file holds; a scalar holds nothing.
    pub(super) fn of_node(eval: &Arc<Eval>, node: &Node, label: &str, secret: bool) -> Self {
        let content = match &node.kind {
            Kind::Seq(items) => Content::Nodes(Arc::clone(items)),
            Kind::Map(map) => Content::Entries(Arc::clone(map)),
            _ => Content::List(Vec::new()),
        };
        Self {
            content,
            eval: Arc::clone(eval),
            label: label.to_owned(),
            secret,
        }
    }

    /// What a value of the run holds; a leaf holds nothing.
    pub(super) fn of_data(eval: &Arc<Eval>, value: &Known) -> Self {
        let content = match value {
            Known::List(list) => Content::List(list.clone()),
            Known::Map(map) => Content::Map(map.clone()),
            _ => Content::List(Vec::new()),
        };
        Self {
            content,
            eval: Arc::clone(eval),
            label: String::new(),
            secret: false,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.content, Content::Entries(_) | Content::Map(_))
    }

    pub(super) fn len(&self) -> usize {
        match &self.content {
            Content::Nodes(items) => items.len(),
            Content::List(items) => items.len(),
            Content::Entries(map) => map.len(),
            Content::Map(map) => map.len(),
        }
    }

    /// The keys of a mapping.
    pub(super) fn keys(&self) -> Vec<&str> {
        match &self.content {
            Content::Entries(map) => map.keys().collect(),
            Content::Map(map) => map.keys().map(String::as_str).collect(),
            Content::Nodes(_) | Content::List(_) => Vec::new(),
        }
    }

    /// The member of this name.
    pub(super) fn named(&self, key: &str) -> Option<Result<Value, Stop>> {
        match &self.content {
            Content::Entries(map) => map.get(key).map(|node| {
                let label = format!("{}.{key}", self.label);
                self.node(node, label, self.secret || is_secret_name(key))
            }),
            Content::Map(map) => map.get(key).map(|value| Ok(self.eval.data(value))),
            Content::Nodes(_) | Content::List(_) => None,
        }
    }

    /// The member at this position.
    pub(super) fn at(&self, index: usize) -> Option<Result<Value, Stop>> {
        match &self.content {
            Content::Nodes(items) => items.get(index).map(|node| {
                let label = format!("{}[{index}]", self.label);
                self.node(node, label, self.secret)
            }),
            Content::List(items) => items.get(index).map(|value| Ok(self.eval.data(value))),
            Content::Entries(_) | Content::Map(_) => None,
        }
    }

    fn node(&self, node: &Node, label: String, secret: bool) -> Result<Value, Stop> {
        let value = self.eval.node(node, &label, secret);
        self.eval.within(label, value)
    }

    /// Every member with its key, where it has one; keys that are templates are
    /// rendered.
    pub(super) fn members(&self) -> impl Iterator<Item = Result<(Option<String>, Value), Stop>> + '_ {
        let positions = 0..if self.is_map() { 0 } else { self.len() };
        let named = self.keys().into_iter().filter_map(|key| {
            let value = self.named(key)?;
            Some(self.key(key).and_then(|key| Ok((Some(key), value?))))
        });
        let positions = positions.filter_map(|index| Some(self.at(index)?.map(|value| (None, value))));
        named.chain(positions)
    }

    /// A key, rendered where it is a template.
    fn key(&self, key: &str) -> Result<String, Stop> {
        let Content::Entries(map) = &self.content else {
            return Ok(key.to_owned());
        };
        let Some(entry) = map.entry(key).filter(|_| crate::yaml::has_template(key)) else {
            return Ok(key.to_owned());
        };
        let node = Node::text(key, entry.key.place.clone());
        let value = self.eval.render(&node, key);
        let value = self.eval.within(self.label.clone(), value)?;
        let settled = settle(&value, Depth::All).map_err(|error| super::convert::stop_of(&error))?;
        Ok(super::python::text(&settled))
    }

    /// The same as a plain value of the engine, with everything in it used.
    pub(super) fn plain(&self) -> Result<Value, Error> {
        let settled = self.members().map(|member| {
            let (key, value) = member?;
            Ok((key, settle(&value, Depth::All)?))
        });
        let settled = settled.collect::<Result<Vec<_>, Error>>()?;
        Ok(match self.is_map() {
            true => Value::from_pairs(
                settled
                    .into_iter()
                    .map(|(key, value)| (key.unwrap_or_default(), value)),
            ),
            false => settled.into_iter().map(|(_, value)| value).collect(),
        })
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members", self.len())
    }
}

impl Object for Tree {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.is_map() {
            true => ObjectRepr::Map,
            false => ObjectRepr::Seq,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let member = match (self.is_map(), key.as_str()) {
            (true, Some(key)) => self.named(key),
            (true, None) => self.named(&key.to_string()),
            (false, _) => self.at(key.as_usize()?),
        };
        member.map(|member| member.unwrap_or_else(|stop| Value::from(Error::from(stop))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.is_map() {
            true => Enumerator::Values(self.keys().into_iter().map(Value::from).collect()),
            false => Enumerator::Seq(self.len()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain().map_err(|_| fmt::Error)?;
        f.write_str(&super::python::text(&plain))
    }
}
