//! One evaluation: where names are looked up, what is being rendered right now,
//! and which secrets were read on the way.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover_kit::{Secret, Value as Known};
use minijinja::Value;

use super::compile::{self, Outcome, Program};
use super::error::{ErrorKind, Fault, Step, Stop, TemplateError, engine_fault, innermost, stop_in};
use super::included::{self, Included};
use super::leaf::{Leaf, leaf, missing};
use super::roots::Root;
use super::site::Shelf;
use super::taint::{is_in_variable, origin};
use super::tree::Tree;
use super::{Inner, backslash, convert, engine, merging, python};
use crate::scope::{Layer, Scope, Variable};
use crate::secrecy::is_secret_name;
use crate::source::Place;
use crate::yaml::{Kind, Node, has_template, inside};

/// Variables made of variables may be nested this deep.
const MOST_LEVELS: usize = 40;
/// One evaluation renders at most so many templates.
const MOST_RENDERS: usize = 20_000;
/// One template makes at most so many bytes of text.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// What all parts of one evaluation share.
pub(super) struct Shared {
    pub(super) inner: Arc<Inner>,
    state: Mutex<State>,
    /// The filters of the site, by folder.
    shelves: Mutex<HashMap<PathBuf, Arc<Shelf>>>,
}

#[derive(Default)]
struct State {
    /// The variables being rendered, outermost first.
    stack: Vec<String>,
    /// Variables already rendered, by scope and name.
    memo: HashMap<(usize, String), Value>,
    /// How many templates were rendered.
    renders: usize,
    /// How many scopes take part.
    scopes: usize,
    frame: Frame,
}

/// What happened in the template that is being rendered.
#[derive(Default)]
struct Frame {
    /// The secrets it read.
    reads: Vec<Secret>,
    /// What it printed outside of macros and captures.
    printed: Vec<Value>,
    /// Whether it changed a list or a mapping.
    changed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The filters of a folder, which are read once.
    pub(super) fn shelf(&self, base: &Path) -> Arc<Shelf> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = shelves.entry(base.to_owned());
        Arc::clone(shelf.or_insert_with(|| Arc::new(Shelf::of(&*self.inner.files, base))))
    }

    /// Remembers that the current template has read a secret.
    pub(super) fn has_read(&self, secret: &Secret) {
        self.state().frame.reads.push(secret.clone());
    }

    /// Remembers that the current template changed a list or a mapping. No other
    /// template is to see that.
    pub(super) fn has_changed(&self) {
        self.state().frame.changed = true;
    }

    /// Remembers what the current template prints.
    pub(super) fn has_printed(&self, value: &Value) {
        self.state().frame.printed.push(value.clone());
    }
}

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
        let shared = Arc::new(Shared {
            inner: Arc::clone(inner),
            state: Mutex::default(),
            shelves: Mutex::default(),
        });
        Arc::new(Self {
            shared,
            scope: scope.clone(),
            host: None,
            number: 0,
        })
    }

    /// The end of it: values that were kept go, and with them what they hold.
    pub(super) fn end(&self) {
        let memo = std::mem::take(&mut self.shared.state().memo);
        drop(memo);
    }

    /// The same evaluation with the variables of another host.
    pub(super) fn for_host(&self, host: &str) -> Option<Arc<Self>> {
        let scope = self.scope.world().scope(host)?;
        let number = {
            let mut state = self.shared.state();
            state.scopes += 1;
            state.scopes
        };
        Some(Arc::new(Self {
            shared: Arc::clone(&self.shared),
            scope,
            host: Some(host.to_owned()),
            number,
        }))
    }

    /// The same evaluation with more variables.
    pub(super) fn with_layer(&self, layer: Layer) -> Arc<Self> {
        let number = {
            let mut state = self.shared.state();
            state.scopes += 1;
            state.scopes
        };
        Arc::new(Self {
            shared: Arc::clone(&self.shared),
            scope: self.scope.clone().with(layer),
            host: self.host.clone(),
            number,
        })
    }

    /// Does something that has a name, and keeps it from being a part of itself.
    pub(super) fn once<T>(
        &self,
        label: String,
        work: impl FnOnce() -> Result<T, TemplateError>,
    ) -> Result<Result<T, TemplateError>, Stop> {
        {
            let mut state = self.shared.state();
            if let Some(at) = state.stack.iter().position(|known| *known == label) {
                let cycle = [&state.stack[at..], &[label]].concat().join(" -> ");
                return Err(Stop::Here(Fault::new(
                    ErrorKind::Cycle,
                    format!("this variable is made of itself: {cycle}"),
                )));
            }
            if state.stack.len() >= MOST_LEVELS {
                let message = format!("variables are nested more than {MOST_LEVELS} deep here");
                return Err(Stop::Here(Fault::new(ErrorKind::Limit, message)));
            }
            state.stack.push(label);
        }
        let done = work();
        self.shared.state().stack.pop();
        Ok(done)
    }

    /// The value of a variable. Undefined variables inside of it make it undefined.
    pub(super) fn variable(self: &Arc<Self>, name: &str) -> Option<Result<Value, Stop>> {
        let key = (self.number, name.to_owned());
        if let Some(value) = self.shared.state().memo.get(&key) {
            return Some(Ok(value.clone()));
        }
        let value = match self.shared.inner.merges {
            true => merging::variable(self, name)?,
            false => self.setting(name, self.scope.get(name)?.0),
        };
        if let Ok(value) = &value {
            self.shared.state().memo.insert(key, value.clone());
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
        let value = self.once(label.clone(), || self.node(node, &label, is_secret_name(name)))?;
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

    /// Renders a text with a template in it.
    pub(super) fn render(self: &Arc<Self>, node: &Node, text: &str) -> Result<Value, TemplateError> {
        let marked = backslash::marked(text);
        let text = marked.as_deref().unwrap_or(text);
        let program = compile::template(text, &engine::STRING_SYNTAX).map_err(|fault| fault.at(node))?;
        self.run(node, &program)
    }

    /// Evaluates an expression.
    pub(super) fn expression(self: &Arc<Self>, node: &Node, text: &str) -> Result<Value, TemplateError> {
        let program = compile::expression(text).map_err(|fault| fault.at(node))?;
        self.run(node, &program)
    }

    /// Runs a compiled template of `node` in a frame of its own.
    pub(super) fn run(self: &Arc<Self>, node: &Node, program: &Program<'_>) -> Result<Value, TemplateError> {
        let outer = self.begin().map_err(|fault| fault.at(node.place.first_line()))?;
        let from = Path::new(node.place.source.path());
        let included = program
            .refers()
            .map(|syntax| Included::new(self, from, syntax.clone()));
        let loading = included.as_ref().map(Included::engine);
        let engine = loading.as_ref().unwrap_or(&engine::ENGINE);
        let result = program.run(Value::from_object(Root(Arc::clone(self))), engine);
        let frame = std::mem::replace(&mut self.shared.state().frame, outer);
        if frame.changed {
            self.end();
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
                let fault = Fault::new(ErrorKind::Limit, "this makes too much text");
                return Err(fault.at(node.place.first_line()));
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

    fn begin(&self) -> Result<Frame, Fault> {
        let mut state = self.shared.state();
        state.renders += 1;
        if state.renders > MOST_RENDERS {
            let message = format!("this renders more than {MOST_RENDERS} templates");
            return Err(Fault::new(ErrorKind::Limit, message));
        }
        Ok(std::mem::take(&mut state.frame))
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
