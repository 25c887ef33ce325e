//! Running a compiled template: what it makes, and what an early end of it means.

use std::path::Path;
use std::sync::Arc;

use cutover_kit::Value as Known;
use minijinja::Value;

use super::compile::{self, Outcome, Program};
use super::error::{Fault, Step, Stop, TemplateError, engine_fault, innermost, stop_in};
use super::eval::Eval;
use super::included::{self, Included};
use super::leaf::{Leaf, leaf};
use super::roots::Root;
use super::shared::MOST_TEXT;
use super::site::SiteFile;
use super::{backslash, convert, engine, file, python};
use crate::source::Place;
use crate::yaml::{Node, inside};

impl Eval {
    /// Renders a text with a template in it.
    pub(super) fn render(self: &Arc<Self>, node: &Node, text: &str) -> Result<Value, TemplateError> {
        let marked = backslash::marked(text);
        let source = marked.as_deref().unwrap_or(text);
        let program = compile::template(source, &engine::STRING_SYNTAX).map_err(|fault| fault.at(node))?;
        let value = self.run(node, &program)?;
        Ok(match text.ends_with('\n') {
            true => file::with_ends_of(self, value, text, "\n"),
            false => value,
        })
    }

    /// Evaluates an expression.
    pub(super) fn expression(self: &Arc<Self>, node: &Node, text: &str) -> Result<Value, TemplateError> {
        let program = compile::expression(text).map_err(|fault| fault.at(node))?;
        self.run(node, &program)
    }

    /// Runs a compiled template of `node` in a frame of its own.
    pub(super) fn run(self: &Arc<Self>, node: &Node, program: &Program<'_>) -> Result<Value, TemplateError> {
        self.run_with(node, program, None)
    }

    /// The same, where a file of filters that it imports is known already.
    pub(super) fn run_with(
        self: &Arc<Self>,
        node: &Node,
        program: &Program<'_>,
        known: Option<&Arc<SiteFile>>,
    ) -> Result<Value, TemplateError> {
        let outer = self.shared.enter();
        let outer = outer.map_err(|fault| fault.at(node.place.first_line()))?;
        let from = Path::new(node.place.source.path());
        let included = program
            .refers()
            .map(|syntax| Included::new(self, from, syntax.clone(), known));
        let loading = included.as_ref().map(Included::engine);
        let engine = loading.as_ref().unwrap_or(&engine::ENGINE);
        let result = program.run(Value::from_object(Root(Arc::clone(self))), engine);
        let frame = self.shared.leave(outer);
        if frame.changed {
            self.shared.forget();
        }
        let value = match result {
            Err(error) => {
                let stop = stop_in(&error)
                    .cloned()
                    .or_else(|| included::missing(&error).map(Stop::Here))
                    .unwrap_or_else(|| engine_fault(innermost(&error)).into());
                let elsewhere = error.name().is_some_and(|name| !name.is_empty());
                let range = error.range().filter(|_| !elsewhere);
                let place = inside(node, range.unwrap_or_else(|| program.range()));
                let fault = included.and_then(|included| included.fault(&error, &stop, &place));
                return match fault {
                    Some(fault) => Err(self.masked(fault)),
                    None => self.stopped(stop, &place),
                };
            }
            Ok(Outcome::Value(value)) => value,
            Ok(Outcome::Text(text)) if text.len() > MOST_TEXT => {
                return Err(Fault::too_much_text().at(node.place.first_line()));
            }
            Ok(Outcome::Text(text)) if program.keeps_type() => native(text, &frame.printed),
            Ok(Outcome::Text(text)) => Value::from(text),
        };
        let place = || inside(node, program.range());
        match leaf(&value) {
            Some(Leaf::Missing(why)) => self.stopped(why(), &place()),
            Some(Leaf::Nothing) => Ok(Value::from("")),
            Some(_) => Ok(value),
            None if value.is_undefined() => self.stopped(Fault::undefined().into(), &place()),
            None => self.tainted(value, &frame.reads, &place()),
        }
    }

    /// The value as ours; `None` is `omit`.
    pub(super) fn known(&self, value: &Value, node: &Node) -> Result<Option<Known>, TemplateError> {
        let error = match convert::known(value) {
            Ok(known) => return Ok(known),
            Err(Stop::Later(later)) => return Ok(Some(Known::Later(later))),
            Err(Stop::Here(fault)) => fault.at(node.place.first_line()),
            // The place of the fault says more than that of the whole.
            Err(Stop::Within { error, .. }) => *error,
        };
        Err(self.masked(error))
    }

    fn masked(&self, mut error: TemplateError) -> TemplateError {
        error.message = self.shared.inner.secrets.mask(&error.message).into_owned();
        error
    }

    /// What an early end means at the place where it became known.
    pub(super) fn stopped(&self, stop: Stop, place: &Place) -> Result<Value, TemplateError> {
        let error = match stop {
            Stop::Later(later) => return Ok(Leaf::Later(later).into()),
            Stop::Here(fault) => fault.at(place.clone()),
            Stop::Within { variable, mut error } => {
                let place = place.clone();
                error.chain.push(Step { variable, place });
                *error
            }
        };
        Err(self.masked(error))
    }
}

/// A template of which a single value was printed, and nothing else, is that value.
fn native(text: String, printed: &[Value]) -> Value {
    match printed {
        [] if text.is_empty() => Value::from(()),
        _ if text.is_empty() && printed.iter().all(Value::is_none) => Value::from(()),
        [only] if python::joined(only) == text => only.clone(),
        _ => Value::from(text),
    }
}
