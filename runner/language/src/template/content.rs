//! What a list or a mapping was made of. Its members are rendered when they are asked for.

use std::sync::Arc;

use cutover_kit::Value as Known;
use minijinja::Value;

use super::convert;
use super::error::Stop;
use super::eval::Eval;
use super::leaf::{Depth, settle};
use super::merging::{Merged, Part};
use super::python;
use super::tree::Tree;
use crate::secrecy::is_secret_name;
use crate::source::Place;
use crate::yaml::{Kind, Mapping, Node, has_template};

/// What a list or a mapping was made of.
pub(super) enum Content {
    /// By a template.
    Nothing,
    /// By a file.
    Node { node: Node, from: Named },
    /// By the run.
    Data { value: Known, eval: Arc<Eval> },
    /// By several of both.
    Merged { members: Arc<Merged>, from: Named },
}

/// What leads to something written.
pub(super) struct Named {
    eval: Arc<Eval>,
    /// Its name and those around it (`settings.ports`).
    label: String,
    /// Whether a name on the way says that everything in it is secret.
    secret: bool,
}

impl Named {
    pub(super) fn new(eval: &Arc<Eval>, label: &str, secret: bool) -> Self {
        Self {
            eval: Arc::clone(eval),
            label: label.to_owned(),
            secret,
        }
    }

    fn written(&self, node: &Node, label: String, secret: bool) -> Result<Value, Stop> {
        let value = self.eval.node(node, &label, secret);
        self.eval.within(label, value)
    }

    fn member(&self, name: &str) -> (String, bool) {
        let secret = self.secret || is_secret_name(name);
        (format!("{}.{name}", self.label), secret)
    }
}

impl Content {
    pub(super) fn is_map(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Node { node, .. } => node.as_map().is_some(),
            Self::Data { value, .. } => value.as_map().is_some(),
            Self::Merged { .. } => true,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Node { node, .. } => match &node.kind {
                Kind::Seq(items) => items.len(),
                Kind::Map(map) => map.len(),
                _ => 0,
            },
            Self::Data { value, .. } => match value {
                Known::List(items) => items.len(),
                Known::Map(map) => map.len(),
                _ => 0,
            },
            Self::Merged { members, .. } => members.len(),
        }
    }

    /// The keys of a mapping, as they were written.
    pub(super) fn keys(&self) -> Vec<Value> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Node { node, .. } => {
                let keys = node.as_map().into_iter().flat_map(Mapping::keys);
                keys.map(Value::from).collect()
            }
            Self::Data { value, .. } => {
                let keys = value.as_map().into_iter().flat_map(|map| map.keys());
                keys.map(Value::from).collect()
            }
            Self::Merged { members, .. } => members.keys().map(Value::from).collect(),
        }
    }

    /// The member of this key or position.
    pub(super) fn member(&self, key: &Value) -> Option<Result<Value, Stop>> {
        match self {
            Self::Nothing => None,
            Self::Data { value, eval } => {
                let found = match value {
                    Known::Map(map) => map.get(&*python::text(key)),
                    Known::List(items) => items.get(key.as_usize()?),
                    _ => None,
                };
                found.map(|found| Ok(eval.data(found)))
            }
            Self::Node { node, from } => {
                let (found, label, secret) = match &node.kind {
                    Kind::Map(map) => {
                        let name = python::text(key);
                        let (label, secret) = from.member(&name);
                        (map.get(&name)?, label, secret)
                    }
                    Kind::Seq(items) => {
                        let index = key.as_usize()?;
                        (items.get(index)?, format!("{}[{index}]", from.label), from.secret)
                    }
                    _ => return None,
                };
                Some(from.written(found, label, secret))
            }
            Self::Merged { members, from } => {
                let name = python::text(key);
                let (label, secret) = from.member(&name);
                Some(match &members.get(&*name)?.part {
                    Part::Written(node) => from.written(node, label, secret),
                    Part::Data(value) => Ok(from.eval.data(value)),
                    Part::Merged(inner) => {
                        let tree = Tree::of_merged(&from.eval, Arc::clone(inner), &label, secret);
                        Ok(Value::from_object(tree))
                    }
                })
            }
        }
    }

    /// A key, rendered where it is a template.
    pub(super) fn key(&self, key: Value) -> Result<Value, Stop> {
        let Some(name) = key.as_str().filter(|name| has_template(name)) else {
            return Ok(key);
        };
        let Some((place, from)) = self.written_key(name) else {
            return Ok(key);
        };
        let node = Node::text(name, place.clone());
        let value = from.eval.render(&node, name);
        let value = from.eval.within(from.label.clone(), value)?;
        settle(&value, Depth::All).map_err(|error| convert::stop_of(&error))
    }

    /// Where a key was written.
    fn written_key(&self, name: &str) -> Option<(&Place, &Named)> {
        match self {
            Self::Nothing | Self::Data { .. } => None,
            Self::Node { node, from } => Some((&node.as_map()?.entry(name)?.key.place, from)),
            Self::Merged { members, from } => Some((members.get(name)?.key.as_ref()?, from)),
        }
    }
}
