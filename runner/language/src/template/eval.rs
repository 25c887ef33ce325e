//! One evaluation: where names are looked up, and what is found under them.

use std::sync::Arc;

use cutover_kit::{Secret, Value as Known};
use minijinja::Value;

use super::error::{ErrorKind, Fault, Stop, TemplateError};
use super::leaf::{Leaf, missing};
use super::shared::Shared;
use super::taint::{is_in_variable, origin};
use super::tree::Tree;
use super::{Inner, merging};
use crate::scope::{Layer, Scope, Variable};
use crate::secrecy::is_secret_name;
use crate::yaml::{Kind, Node, has_template};

/// The variables of one host, as a part of one evaluation.
pub(super) struct Eval {
    pub(super) shared: Arc<Shared>,
    pub(super) scope: Scope,
    /// The host, where it is another than the one evaluated for.
    host: Option<String>,
    number: usize,
}

impl Eval {
    /// The beginning of an evaluation.
    pub(super) fn start(inner: &Arc<Inner>, scope: &Scope) -> Arc<Self> {
        Arc::new(Self {
            shared: Shared::new(inner),
            scope: scope.clone(),
            host: None,
            number: 0,
        })
    }

    /// The end of it: values that were kept go, and with them what they hold.
    pub(super) fn end(&self) {
        self.shared.forget();
    }

    /// The same evaluation with the variables of another host.
    pub(super) fn for_host(&self, host: &str) -> Option<Arc<Self>> {
        let scope = self.scope.world().scope(host)?;
        Some(Arc::new(Self {
            shared: Arc::clone(&self.shared),
            scope,
            host: Some(host.to_owned()),
            number: self.shared.one_more_scope(),
        }))
    }

    /// Whether there is a variable of this name, whatever its value.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.scope.get(name).is_some()
    }

    /// The same evaluation with more variables.
    pub(super) fn with_layer(&self, layer: Layer) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::clone(&self.shared),
            scope: self.scope.clone().with(layer),
            host: self.host.clone(),
            number: self.shared.one_more_scope(),
        })
    }

    /// The value of a variable. Undefined variables inside of it make it undefined.
    pub(super) fn variable(self: &Arc<Self>, name: &str) -> Option<Result<Value, Stop>> {
        let key = (self.number, name.to_owned());
        if let Some(value) = self.shared.kept(&key) {
            return Some(Ok(value));
        }
        let value = match self.shared.inner.merges {
            true => merging::variable(self, name)?,
            false => self.setting(name, self.scope.get(name)?.0),
        };
        if let Ok(value) = &value {
            self.shared.keep(key, value);
        }
        Some(value)
    }

    /// What one setting of a variable says.
    pub(super) fn setting(self: &Arc<Self>, name: &str, variable: &Variable) -> Result<Value, Stop> {
        match variable {
            Variable::Data(value) => Ok(self.data(value)),
            Variable::Template(node) => self.in_variable(name, node),
        }
    }

    /// Renders the node of a variable, and keeps it from being made of itself.
    fn in_variable(self: &Arc<Self>, name: &str, node: &Node) -> Result<Value, Stop> {
        let label = match &self.host {
            Some(host) => format!("hostvars['{host}'].{name}"),
            None => name.to_owned(),
        };
        let value = self
            .shared
            .once(label.clone(), || self.node(node, &label, is_secret_name(name)))?;
        self.within(label, value)
    }

    /// A fault inside of a variable or a member: undefined makes that undefined.
    pub(super) fn within(
        &self,
        variable: String,
        value: Result<Value, TemplateError>,
    ) -> Result<Value, Stop> {
        value.or_else(|error| {
            let undefined = error.kind == ErrorKind::Undefined;
            let stop = Stop::Within {
                variable,
                error: Box::new(error),
            };
            match undefined {
                true => Ok(missing(move || stop.clone())),
                false => Err(stop),
            }
        })
    }

    /// The value of a node. `label` is what leads to it, `secret` whether its
    /// name says that it is one.
    pub(super) fn node(
        self: &Arc<Self>,
        node: &Node,
        label: &str,
        secret: bool,
    ) -> Result<Value, TemplateError> {
        let value = match &node.kind {
            Kind::Null => Value::from(()),
            Kind::Bool(truth) => Value::from(*truth),
            Kind::Int(number) if !secret => Value::from(*number),
            Kind::Float(number) if !secret => Value::from(*number),
            Kind::Int(_) | Kind::Float(_) => {
                let written = node.written().unwrap_or_default();
                return Ok(self.learn(&written, node, label));
            }
            Kind::Text(text) if has_template(text) => self.render(node, text)?,
            Kind::Text(text) | Kind::Unsafe(text) => Value::from(text),
            Kind::Vault(text) => return self.open(node, text, label),
            Kind::Seq(_) | Kind::Map(_) => Value::from_object(Tree::of_node(self, node, label, secret)),
        };
        Ok(match value.as_str() {
            Some("") | None => value,
            Some(text) => match node.place.source.is_sealed() {
                _ if secret => self.learn(text, node, label),
                true if is_in_variable(label) => self.learn(text, node, label),
                true => self.secret(Secret::new(text, origin(node, label))),
                false => value,
            },
        })
    }

    fn learn(&self, text: &str, node: &Node, label: &str) -> Value {
        let secret = self.shared.inner.secrets.learn(text, origin(node, label));
        self.secret(secret)
    }

    /// A secret that nobody has read yet.
    pub(super) fn secret(&self, secret: Secret) -> Value {
        let shared = Arc::clone(&self.shared);
        Leaf::Secret { secret, shared }.into()
    }

    fn open(&self, node: &Node, text: &str, label: &str) -> Result<Value, TemplateError> {
        match self.shared.inner.vault.open_text(text) {
            Ok(clear) => Ok(self.learn(&clear, node, label)),
            Err(error) => Err(Fault::from(error).at(node.place.first_line())),
        }
    }

    /// Data of the run.
    pub(super) fn data(self: &Arc<Self>, value: &Known) -> Value {
        match value {
            Known::Null => Value::from(()),
            Known::Bool(truth) => Value::from(*truth),
            Known::Int(number) => Value::from(*number),
            Known::Float(number) => Value::from(*number),
            Known::String(text) => Value::from(text),
            Known::Secret(secret) => self.secret(secret.clone()),
            Known::Later(later) => Leaf::Later(later.clone()).into(),
            Known::List(_) | Known::Map(_) => Value::from_object(Tree::of_data(self, value)),
        }
    }
}
