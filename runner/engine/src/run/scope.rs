//! What a task's templates can see, and how they are rendered for the engine:
//! faults become failures, oddities become warnings, told once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cutover_kit::reach::Rendering;
use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Later, Map, Secret, Value};
use cutover_language::playbook::{Literal, Loop, Setting};
use cutover_language::scope::{Layer, Rank, Scope};
use cutover_language::template::{ErrorKind, FileOptions};
use cutover_language::vault::is_sealed;
use cutover_language::yaml::Kind;
use cutover_language::{Condition, Diagnostic, Node, Place, Templar, TemplateError, Truth};
use indexmap::IndexMap;

use super::variables::DEFAULTS;
use crate::bus::Bus;
use crate::event::EventKind;
use crate::sync::lock;

/// Warnings that were told already.
pub(super) type Told = Arc<Mutex<BTreeSet<String>>>;

/// The templates of one task on one host.
#[derive(Clone)]
pub struct Terms {
    templar: Templar,
    scope: Scope,
    bus: Bus,
    told: Told,
}

/// Variables of a process, in order.
pub(super) type Environment = IndexMap<String, Secret>;

/// What conditions come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// All of them hold.
    Holds,
    /// This one does not.
    Fails {
        /// As written: a text, or a plain false.
        condition: Value,
    },
    /// It shows only after an earlier step.
    Later(Later),
}

impl Terms {
    pub(super) fn new(templar: Templar, scope: Scope, bus: Bus, told: Told) -> Self {
        Self {
            templar,
            scope,
            bus,
            told,
        }
    }

    /// The same with these variables over all others.
    pub(super) fn with(&self, variables: Map) -> Self {
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

    /// How many settings of a variable its value is made of, of those from the one that wins on.
    pub fn makers(&self, name: &str) -> usize {
        self.templar.settings(name, &self.scope).len()
    }

    /// The value of a node.
    pub fn render(&self, node: &Node) -> Result<Value, Failure> {
        self.templar
            .render(node, &self.scope)
            .map_err(|error| failed(&error))
    }

    /// The value of an argument; `None` where it is `omit`.
    pub(super) fn argument(&self, node: &Node) -> Result<Option<Value>, Failure> {
        self.templar
            .render_or_omit(node, &self.scope)
            .map_err(|error| failed(&error))
    }

    /// The text of a node.
    pub(super) fn text(&self, node: &Node) -> Result<String, Failure> {
        match self
            .templar
            .text(node, &self.scope)
            .map_err(|error| failed(&error))?
        {
            Value::String(text) => Ok(text),
            Value::Secret(secret) => Ok(secret.expose().to_owned()),
            other => Err(Failure::new(
                FailureKind::Arguments,
                format!("{}: this must be text, and is {}", node.place, other.kind()),
            )),
        }
    }

    /// The text of a node for people, in which what cannot be rendered says why; that is warned of.
    pub(super) fn patiently(&self, node: &Node) -> Option<String> {
        let (text, faults) = self.templar.patient_text(node, &self.scope)?;
        let Some(first) = faults.first() else {
            return Some(text);
        };
        let told = (1..).zip(&faults);
        let told: Vec<String> = told
            .map(|(number, fault)| format!("error {number} - {}", fault.message))
            .collect();
        let several = if faults.len() == 1 { "error" } else { "errors" };
        let message = format!(
            "Encountered {} template {several}: {}",
            faults.len(),
            told.join(", ")
        );
        self.warn(&Diagnostic::warning(first.kind.code(), &node.place, message));
        Some(text)
    }

    /// The words of nodes, each a text, a list or a text with commas; what cannot
    /// be rendered is left out.
    pub(super) fn words(&self, nodes: &[Node]) -> Vec<String> {
        let rendered = nodes.iter().filter_map(|node| self.render(node).ok());
        rendered.flat_map(|value| words(&value)).collect()
    }

    /// The value of a keyword.
    pub(super) fn setting<T: Literal + Clone>(
        &self,
        setting: Option<&Setting<T>>,
    ) -> Result<Option<T>, Failure> {
        let node = match setting {
            None => return Ok(None),
            Some(Setting::Literal(literal)) => return Ok(Some(literal.value.clone())),
            Some(Setting::Template(node) | Setting::Within(node, _)) => node,
        };
        let value = match (self.argument(node)?, setting) {
            (None, Some(Setting::Within(_, outer))) => return self.setting(Some(outer)),
            (None, _) => return Ok(None),
            (Some(value), _) => value,
        };
        let text = match value {
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::String(text) => text,
            other => return Err(misfit::<T>(node, other.kind())),
        };
        T::from_text(&text)
            .map(Some)
            .ok_or_else(|| misfit::<T>(node, &format!("`{text}`")))
    }

    /// Whether all conditions hold.
    pub(super) fn verdict(&self, conditions: &[Node]) -> Result<Verdict, Failure> {
        for node in conditions {
            let Condition { truth, warning } = self
                .templar
                .condition(node, &self.scope)
                .map_err(|error| failed(&error))?;
            if let Some(warning) = warning {
                self.warn(&warning);
            }
            match truth {
                Truth::True => {}
                Truth::False => {
                    let written = || node.written().unwrap_or_else(|| node.describe().to_owned());
                    let condition = match &node.kind {
                        Kind::Bool(truth) => Value::from(*truth),
                        _ => written().into(),
                    };
                    return Ok(Verdict::Fails { condition });
                }
                Truth::Later(later) => return Ok(Verdict::Later(later)),
            }
        }
        Ok(Verdict::Holds)
    }

    pub(super) fn warn(&self, warning: &Diagnostic) {
        let place = warning.place.as_ref().map(ToString::to_string);
        let help = warning
            .help
            .as_ref()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        let message = format!("{}{help}", warning.message);
        if lock(&self.told).insert(format!("{place:?} {message}")) {
            self.bus.emit(EventKind::Warned { place, message });
        }
    }

    /// The items of a loop.
    pub(super) fn items(&self, looping: &Loop) -> Result<Vec<Value>, Failure> {
        if let Some(lookup) = &looping.lookup {
            let found = self
                .templar
                .with_lookup(&lookup.value, &looping.items, &self.scope);
            return found.map_err(|error| failed(&error));
        }
        super::looping::items(self.render(&looping.items)?).map_err(|wrong| {
            Failure::new(
                FailureKind::Arguments,
                format!("{}: {wrong}", looping.items.place),
            )
        })
    }

    /// The value of an expression without braces; `None` where it is undefined.
    pub(super) fn expression(&self, text: &str, at: &Node) -> Result<Option<Value>, Failure> {
        let node = Node::text(text, at.place.clone());
        match self.templar.expression(&node, &self.scope) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind == ErrorKind::Undefined => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// A variable's value and where it was written.
    pub fn variable(&self, name: &str) -> Result<Option<(Value, Option<Place>)>, Box<Diagnostic>> {
        let place = self
            .scope
            .get(name)
            .and_then(|(variable, _)| variable.place().cloned());
        let value = self.templar.variable(name, &self.scope);
        let value = value.map_err(|error| Box::new(error.to_diagnostic()))?;
        Ok(value.map(|value| (value, place)))
    }

    /// A variable's value for a task, which fails where there is none to be had.
    pub(super) fn value(&self, name: &str) -> Result<Option<Value>, Failure> {
        self.templar
            .variable(name, &self.scope)
            .map_err(|error| failed(&error))
    }

    /// Whether a variable is more than what was filled in for it.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.scope.every(name).any(|(_, layer)| layer.origin != DEFAULTS)
    }

    /// What is in a content that is encrypted as a whole.
    pub(super) fn unsealed(&self, content: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let Some(sealed) = std::str::from_utf8(content).ok().filter(|text| is_sealed(text)) else {
            return Ok(None);
        };
        match self.templar.vault().open(sealed) {
            Ok(clear) => Ok(Some(clear.to_vec())),
            Err(error) => {
                let failure = Failure::new(FailureKind::Preflight, error.to_string());
                Err(match error.hint() {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                })
            }
        }
    }

    /// The text of a template file.
    pub(super) fn file(&self, path: &Path, how: &Rendering) -> Result<Value, Failure> {
        let usual = FileOptions::default();
        let marks = |given: &(Option<String>, Option<String>), begin: String, end: String| {
            (given.0.clone().unwrap_or(begin), given.1.clone().unwrap_or(end))
        };
        let (block_start, block_end) = marks(&how.block, usual.block_start, usual.block_end);
        let (variable_start, variable_end) = marks(&how.variable, usual.variable_start, usual.variable_end);
        let (comment_start, comment_end) = marks(&how.comment, usual.comment_start, usual.comment_end);
        let options = FileOptions {
            block_start,
            block_end,
            variable_start,
            variable_end,
            comment_start,
            comment_end,
            trim_blocks: how.trim_blocks.unwrap_or(usual.trim_blocks),
            lstrip_blocks: how.lstrip_blocks.unwrap_or(usual.lstrip_blocks),
            newline: how.newline.clone().unwrap_or(usual.newline),
            managed: usual.managed,
            destination: how.destination.clone(),
        };
        let text = self.templar.render_file(path, &self.scope, &options);
        text.map_err(|error| failed(&error))
    }

    /// Folders beside which the files that a task names are looked for, nearest first.
    pub(super) fn beside(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for name in ["ansible_search_path", "role_path", "playbook_dir"] {
            let Ok(Some((value, _))) = self.variable(name) else {
                continue;
            };
            let several = value.as_list().unwrap_or(std::slice::from_ref(&value));
            for folder in several.iter().filter_map(Value::as_str).map(PathBuf::from) {
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        folders
    }

    /// The variables that are in sight.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The task's environment: outer mappings first, later ones win. What gathers facts does
    /// without those that need them.
    pub(super) fn environment(&self, nodes: &[Node], gathers: bool) -> Result<Environment, Failure> {
        let mut environment = Environment::new();
        for node in nodes {
            match &node.kind {
                Kind::Map(map) => {
                    for entry in map.iter() {
                        match self.argument(&entry.value) {
                            Ok(Some(value)) => {
                                drop(environment.insert(entry.key.value.clone(), of_process(&value)));
                            }
                            Ok(None) => {}
                            Err(failure) if gathers && needs_facts(&failure) => {}
                            Err(failure) => return Err(failure),
                        }
                    }
                }
                _ => environment.extend(self.environments(node)?),
            }
        }
        Ok(environment)
    }

    /// The mapping, or the mappings, that a template makes; `omit` and nothing are empty ones.
    fn environments(&self, node: &Node) -> Result<Environment, Failure> {
        let mut environment = Environment::new();
        let value = self.argument(node)?.unwrap_or_default();
        for member in value.as_list().unwrap_or(std::slice::from_ref(&value)) {
            match member {
                Value::Null => {}
                Value::Map(map) => {
                    environment.extend(map.iter().map(|(name, value)| (name.clone(), of_process(value))));
                }
                other => {
                    let is = other.kind();
                    let message = format!("{}: environment must be a mapping, and is {is}", node.place);
                    return Err(Failure::new(FailureKind::Arguments, message));
                }
            }
        }
        Ok(environment)
    }
}

/// Whether something failed for want of the variables of the host's environment.
fn needs_facts(failure: &Failure) -> bool {
    ["'ansible_env'", "'env'"]
        .iter()
        .any(|name| failure.message.contains(name))
}

fn words(value: &Value) -> Vec<String> {
    match value {
        Value::List(list) => list.iter().flat_map(words).collect(),
        Value::String(text) => text.split(',').map(|word| word.trim().to_owned()).collect(),
        Value::Int(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// Values of an environment are text; whether they are secret is not asked, they are kept as if.
fn of_process(value: &Value) -> Secret {
    match value {
        Value::Secret(secret) => secret.clone(),
        Value::String(text) => Secret::new(text.clone(), Origin::Argument),
        Value::Null => Secret::new("", Origin::Argument),
        other => Secret::new(other.reveal().to_string(), Origin::Argument),
    }
}

fn misfit<T: Literal>(node: &Node, is: &str) -> Failure {
    let message = format!("{}: this must be {}, and is {is}", node.place, T::WANTED);
    Failure::new(FailureKind::Arguments, message)
}

/// A template that cannot be rendered fails its task before anything is sent.
fn failed(error: &TemplateError) -> Failure {
    let failure = Failure::new(FailureKind::Task, error.message.clone()).seen(format!("at {}", error.place));
    let steps = error
        .chain
        .iter()
        .map(|step| format!("while templating variable `{}` ({})", step.variable, step.place));
    let failure = failure.seen_all(steps);
    match &error.help {
        Some(help) => failure.hint(help.clone()),
        None => failure,
    }
}
