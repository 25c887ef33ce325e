//! Templates: Jinja's language with Ansible's meaning.
//!
//! * A text that is one `{{ expression }}` has the value of that expression, of
//!   whatever type; any other template has a text.
//! * Variables are rendered when they are used, with the variables of the host
//!   they are used for, and may use others.
//! * What is undefined may be passed around, tested and given a default; to use
//!   it is an error that says what is undefined, and where.
//! * A text made of secrets is secret. What is made of something that is known
//!   only later is known later.

mod access;
mod arguments;
mod backslash;
mod compile;
mod condition;
mod content;
mod convert;
mod engine;
mod error;
mod eval;
mod file;
mod filler;
mod filters;
mod format;
mod functions;
mod group;
mod included;
mod leaf;
mod lookups;
mod merging;
mod methods;
mod moment;
mod names;
mod operators;
mod patient;
mod python;
mod rewrite;
mod roots;
mod run;
mod shared;
mod site;
mod surroundings;
mod taint;
mod tests;
mod tree;
mod written;

use std::sync::Arc;

pub use condition::{Condition, Truth};
use cutover_kit::{Secrets, Value};
pub use error::{ErrorKind, Step, TemplateError};
pub use file::FileOptions;
pub use filters::screen_yaml;
pub use names::{Names, Use, names};
pub use site::{SiteFilter, site_filters};
pub use surroundings::{About, Fetch, Nothing, Ran, Surroundings};

use crate::files::Files;
use crate::scope::{Layer, Scope, Variable};
use crate::source::Source;
use crate::vault::Vault;
use crate::yaml::{Kind, Node};
use error::Stop;
use eval::Eval;

/// The names of all filters.
pub fn filter_names() -> impl Iterator<Item = &'static str> {
    engine::filters()
}

/// The names of all tests.
pub fn test_names() -> impl Iterator<Item = &'static str> {
    engine::tests()
}

/// The names of all functions.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    functions::NAMES.into_iter()
}

/// The names of all lookups.
pub fn lookup_names() -> impl Iterator<Item = &'static str> {
    functions::lookup_names()
}

/// The methods of values, by the type of the value.
pub fn method_names() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    methods::NAMES.into_iter()
}

/// Renders templates. Cheap to clone.
#[derive(Clone)]
pub struct Templar {
    inner: Arc<Inner>,
}

/// What a templar needs of the world, besides variables.
struct Inner {
    files: Arc<dyn Files>,
    secrets: Secrets,
    vault: Arc<dyn Vault>,
    surroundings: Arc<dyn Surroundings>,
    /// Whether mappings of one name are merged.
    merges: bool,
    /// The site's files of filters.
    compiled: Arc<site::Compiled>,
}

impl Templar {
    /// A templar that looks files up in `files`, opens encrypted values with what opens those,
    /// and tells `secrets` what it finds out to be secret.
    pub fn new(files: Arc<dyn Files>, secrets: Secrets) -> Self {
        Self {
            inner: Arc::new(Inner {
                vault: files.vault(),
                files,
                secrets,
                surroundings: Arc::new(Nothing),
                merges: false,
                compiled: Arc::default(),
            }),
        }
    }

    /// The same with a clock, chance, commands and a network.
    #[must_use]
    pub fn with_surroundings(self, surroundings: Arc<dyn Surroundings>) -> Self {
        let inner = Inner {
            surroundings,
            ..self.parts()
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The same where mappings of one name are merged, whoever wins, instead of the one that wins
    /// hiding the others (`hash_behaviour`).
    #[must_use]
    pub fn merging(self, merges: bool) -> Self {
        let inner = Inner {
            merges,
            ..self.parts()
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    fn parts(&self) -> Inner {
        Inner {
            files: Arc::clone(&self.inner.files),
            secrets: self.inner.secrets.clone(),
            vault: Arc::clone(&self.inner.vault),
            surroundings: Arc::clone(&self.inner.surroundings),
            merges: self.inner.merges,
            compiled: Arc::clone(&self.inner.compiled),
        }
    }

    /// What opens encrypted texts.
    pub fn vault(&self) -> &dyn Vault {
        &*self.inner.vault
    }

    /// The value of a node: every template in it rendered, members that are
    /// `omit` left out. A node that is `omit` itself is null.
    pub fn render(&self, node: &Node, scope: &Scope) -> Result<Value, TemplateError> {
        Ok(self.render_or_omit(node, scope)?.unwrap_or_default())
    }

    /// As [`Self::render`], with `None` for `omit`.
    pub fn render_or_omit(&self, node: &Node, scope: &Scope) -> Result<Option<Value>, TemplateError> {
        self.evaluate(scope, |eval| {
            let value = eval.node(node, "", false)?;
            eval.known(&value, node)
        })
    }

    /// The text of a node: numbers and the like as Python prints them. What is
    /// secret or known later stays that.
    pub fn text(&self, node: &Node, scope: &Scope) -> Result<Value, TemplateError> {
        match &node.kind {
            Kind::Text(text) => {
                let marked = backslash::marked(text);
                let text = marked.as_deref().unwrap_or(text);
                self.as_text(node, compile::text(text, &engine::STRING_SYNTAX), scope)
            }
            _ => self.render(node, scope).map(in_text),
        }
    }

    fn as_text(
        &self,
        node: &Node,
        program: Result<compile::Program<'_>, compile::CompileFault>,
        scope: &Scope,
    ) -> Result<Value, TemplateError> {
        let program = program.map_err(|fault| fault.at(node))?;
        let value = self.evaluate(scope, |eval| {
            let value = eval.run(node, &program)?;
            eval.known(&value, node)
        })?;
        Ok(value.unwrap_or_default())
    }

    /// Whether a condition holds: an expression without braces, or a boolean.
    pub fn condition(&self, node: &Node, scope: &Scope) -> Result<Condition, TemplateError> {
        self.evaluate(scope, |eval| condition::evaluate(eval, node))
    }

    /// The value of an expression without braces.
    pub fn expression(&self, node: &Node, scope: &Scope) -> Result<Value, TemplateError> {
        let text = node.written().unwrap_or_default();
        let value = self.evaluate(scope, |eval| {
            let value = eval.expression(node, &text)?;
            eval.known(&value, node)
        })?;
        Ok(value.unwrap_or_default())
    }

    /// The values that `with_NAME` goes through: those that the lookup of that
    /// name finds for `value`.
    pub fn with_lookup(&self, name: &str, value: &Node, scope: &Scope) -> Result<Vec<Value>, TemplateError> {
        self.evaluate(scope, |eval| {
            let terms = eval.node(value, "", false)?;
            let found = match lookups::with(eval, name, &terms) {
                Ok(found) => found,
                Err(error) => {
                    let later = eval.stopped(convert::stop_of(&error), &value.place.first_line())?;
                    return Ok(vec![eval.known(&later, value)?.unwrap_or_default()]);
                }
            };
            let known = found
                .iter()
                .filter_map(|found| eval.known(found, value).transpose());
            known.collect()
        })
    }

    /// The settings of a variable that its value is made of, the one that wins first: that one alone,
    /// unless mappings are merged.
    pub fn settings<'a>(&self, name: &str, scope: &'a Scope) -> Vec<(&'a Variable, &'a Layer)> {
        let most = if self.inner.merges { usize::MAX } else { 1 };
        merging::settings(scope, name).take(most).collect()
    }

    /// The value of a variable; `None` where there is none, or where it is
    /// undefined because of what it is made of.
    pub fn variable(&self, name: &str, scope: &Scope) -> Result<Option<Value>, TemplateError> {
        let Some((variable, _)) = scope.get(name) else {
            return Ok(None);
        };
        let place = variable.place().cloned();
        let place = place.unwrap_or_else(|| Source::new(name, "").place(0..0));
        let node = Node::new(Kind::Null, place);
        let found = self.evaluate(scope, |eval| match eval.variable(name) {
            None => Ok(None),
            Some(value) => match value.and_then(|value| convert::known(&value)) {
                Ok(value) => Ok(value),
                Err(stop) => Err(innermost(stop, &node)),
            },
        });
        match found {
            Err(error) if error.kind == ErrorKind::Undefined => Ok(None),
            found => found,
        }
    }

    fn evaluate<T>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&Arc<Eval>) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        let eval = Eval::start(&self.inner, scope);
        let done = work(&eval);
        eval.end();
        done
    }
}

/// A fault as it is known where nothing is around it.
fn innermost(stop: Stop, node: &Node) -> TemplateError {
    match stop {
        Stop::Here(fault) => fault.at(node.place.clone()),
        Stop::Within { error, .. } => *error,
        Stop::Later(_) => error::Fault::undefined().at(node.place.clone()),
    }
}

/// The value as the text of a template.
fn in_text(value: Value) -> Value {
    match value {
        Value::String(_) | Value::Secret(_) | Value::Later(_) => value,
        Value::Null => Value::String(String::new()),
        other => match other.later() {
            Some(later) => Value::Later(later.clone()),
            None => Value::String(python::text(&minijinja::Value::from(minijinja::value::Serde(
                &other,
            )))),
        },
    }
}
