//! `hash_behaviour = merge`: a variable that several layers set to mappings is all of them, and of a
//! key that several have the one that would win is taken, or again all of them where it is a mapping.

use std::sync::Arc;

use cutover_kit::Value as Known;
use minijinja::Value;

use super::error::Stop;
use super::eval::Eval;
use crate::scope::{Layer, Variable};
use crate::source::{Located, Place, Source};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// The value of a variable with all its settings, down to the first that is no mapping.
pub(super) fn variable(eval: &Arc<Eval>, name: &str) -> Option<Result<Value, Stop>> {
    let (winner, _) = eval.scope.get(name)?;
    let every = eval.scope.every(name);
    if every.clone().nth(1).is_none() {
        return Some(eval.setting(name, winner));
    }
    let mappings: Vec<Node> = every
        .map_while(|(variable, layer)| mapping(variable, layer))
        .collect();
    // Nodes are rendered only when they are used, so that a member may be made of another.
    let all = mappings.into_iter().reduce(|upper, lower| merged(&lower, &upper));
    Some(match all {
        Some(all) => eval.setting(name, &Variable::Template(all)),
        None => eval.setting(name, winner),
    })
}

/// A setting as something written, where it is a mapping. What the run has found out is plain text
/// there, never a template; with a secret in it, or something known later, it stays what it is.
fn mapping(variable: &Variable, layer: &Layer) -> Option<Node> {
    let node = match variable {
        Variable::Template(node) => node.clone(),
        Variable::Data(value) => {
            value.as_map()?;
            written(value, &Source::new(layer.origin.as_str(), "").place(0..0))?
        }
    };
    node.as_map().is_some().then_some(node)
}

fn written(value: &Known, place: &Place) -> Option<Node> {
    let kind = match value {
        Known::Null => Kind::Null,
        Known::Bool(truth) => Kind::Bool(*truth),
        Known::Int(number) => Kind::Int(*number),
        Known::Float(number) => Kind::Float(*number),
        Known::String(text) => Kind::Unsafe(text.as_str().into()),
        Known::Secret(_) | Known::Later(_) => return None,
        Known::List(items) => {
            let items = items.iter().map(|item| written(item, place));
            Kind::Seq(items.collect::<Option<_>>()?)
        }
        Known::Map(members) => {
            let entries = members.iter().map(|(key, value)| {
                Some(Entry {
                    key: Located::new(key.clone(), place.clone()),
                    value: written(value, place)?,
                })
            });
            Kind::Map(Arc::new(entries.collect::<Option<Mapping>>()?))
        }
    };
    Some(Node::new(kind, place.clone()))
}

/// The keys of the lower one come first.
fn merged(lower: &Node, upper: &Node) -> Node {
    let (Some(below), Some(above)) = (lower.as_map(), upper.as_map()) else {
        return upper.clone();
    };
    let mut both: Mapping = below.clone();
    for entry in above.iter() {
        let value = match below.get(&entry.key) {
            Some(other) => merged(other, &entry.value),
            None => entry.value.clone(),
        };
        let key = entry.key.clone();
        both.insert(Entry { key, value });
    }
    Node::new(Kind::Map(Arc::new(both)), upper.place.clone())
}
