//! What a task's templates can see, and how they are rendered for the engine.

use cutover_kit::{Failure, Later, Map, Secret, Secrets, Value};
use cutover_language::playbook::{Literal, Loop, Setting};
use cutover_language::scope::{Layer, Rank, Scope};
use cutover_language::{Diagnostic, Node, Place};

use crate::bus::Bus;

/// STUB.
#[derive(Clone)]
pub struct Templar;

pub(super) fn templar(_secrets: &Secrets) -> Templar {
    Templar
}

/// The templates of one task on one host.
#[derive(Clone)]
pub struct Terms {
    templar: Templar,
    scope: Scope,
    bus: Bus,
}

/// What conditions come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All of them hold.
    Holds,
    /// This one does not.
    Fails {
        /// As written.
        condition: String,
    },
    /// It shows only after an earlier step.
    Later(Later),
}

impl Terms {
    pub(super) fn new(templar: Templar, scope: Scope, bus: Bus) -> Self {
        Self { templar, scope, bus }
    }

    /// The same with these variables over all others.
    pub fn with(&self, variables: Map) -> Self {
        let mut layer = Layer::new(Rank::Magic, "the task");
        layer.variables = variables
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        Self {
            scope: self.scope.clone().with(layer),
            ..self.clone()
        }
    }

    /// The value of a node.
    pub fn render(&self, node: &Node) -> Result<Value, Failure> {
        Ok(node.to_value().unwrap_or_default())
    }

    /// The value of an argument; `None` where it is `omit`.
    pub fn argument(&self, node: &Node) -> Result<Option<Value>, Failure> {
        self.render(node).map(Some)
    }

    /// The text of a node.
    pub fn text(&self, node: &Node) -> Result<String, Failure> {
        Ok(node.written().unwrap_or_default())
    }

    /// The texts of nodes; what is no text is left out.
    pub fn texts(&self, nodes: &[Node]) -> Vec<String> {
        nodes.iter().filter_map(Node::written).collect()
    }

    /// The value of a keyword.
    pub fn setting<T: Literal + Clone>(&self, setting: Option<&Setting<T>>) -> Result<Option<T>, Failure> {
        Ok(setting.and_then(|setting| setting.literal().cloned()))
    }

    /// Whether all conditions hold.
    pub fn verdict(&self, _conditions: &[Node]) -> Result<Verdict, Failure> {
        Ok(Verdict::Holds)
    }

    /// The items of a loop.
    pub fn items(&self, looping: &Loop) -> Result<Vec<Value>, Failure> {
        Ok(self
            .render(&looping.items)?
            .as_list()
            .unwrap_or_default()
            .to_vec())
    }

    /// The value of an expression without braces; `None` where it is undefined.
    pub fn expression(&self, _text: &str, _at: &Node) -> Result<Option<Value>, Failure> {
        Ok(None)
    }

    /// A variable's value and where it was written.
    pub fn variable(&self, name: &str) -> Result<Option<(Value, Option<Place>)>, Box<Diagnostic>> {
        Ok(self.scope.get(name).map(|(variable, _)| match variable {
            cutover_language::Variable::Template(node) => {
                (node.to_value().unwrap_or_default(), Some(node.place.clone()))
            }
            cutover_language::Variable::Data(value) => ((**value).clone(), None),
        }))
    }

    /// The task's environment.
    pub fn environment(&self, _nodes: &[Node]) -> Result<Vec<(String, Secret)>, Failure> {
        Ok(Vec::new())
    }
}
