//! What the run has found out about its hosts: what was set and registered, facts, and what
//! `include_vars` read.

use std::sync::Arc;

use cutover_kit::{Map, Value};
use cutover_language::scope::{Layer, Rank, Variable};

use super::Variables;
use crate::sync::lock;

/// What the run has found out about one host.
#[derive(Clone)]
pub(super) struct Found {
    /// `set_fact` and `register`.
    pub(super) set: Arc<Layer>,
    /// `ansible_facts` and what they put in sight.
    pub(super) facts: Arc<Layer>,
    /// `include_vars`.
    pub(super) included: Arc<Layer>,
    /// Whether its facts were gathered.
    gathered: bool,
}

/// The mapping of all facts.
const FACTS: &str = "ansible_facts";

impl Default for Found {
    fn default() -> Self {
        Self {
            set: Arc::new(Layer::new(Rank::Set, "the run")),
            facts: Arc::new(Layer::new(Rank::Facts, "facts").with(FACTS, Value::Map(Map::new()))),
            included: Arc::new(Layer::new(Rank::Included, "include_vars")),
            gathered: false,
        }
    }
}

impl Variables {
    /// Sets a variable of a host, as `register` and `set_fact` do.
    pub fn set(&self, host: &str, name: &str, value: Value) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().set;
        Arc::make_mut(layer)
            .variables
            .insert(name.to_owned(), value.into());
    }

    /// Adds facts of a host: each is in sight under its own name, and in `ansible_facts`
    /// without `ansible_` before it (but for `ansible_local`).
    pub fn add_facts(&self, host: &str, facts: &Map) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().facts;
        let variables = &mut Arc::make_mut(layer).variables;
        let mut all = match variables.get(FACTS) {
            Some(Variable::Data(all)) => all.as_map().cloned().unwrap_or_default(),
            _ => Map::new(),
        };
        for (name, value) in facts {
            let bare = name.strip_prefix("ansible_").filter(|_| name != "ansible_local");
            all.insert(bare.unwrap_or(name).to_owned(), value.clone());
            variables.insert(name.clone(), value.clone().into());
        }
        variables.insert(FACTS.to_owned(), Value::Map(all).into());
    }

    /// Sets what `include_vars` read for a host; its texts may be templates.
    pub fn include(&self, host: &str, variables: impl IntoIterator<Item = (String, Variable)>) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().included;
        Arc::make_mut(layer).variables.extend(variables);
    }

    /// Whether the facts of a host were gathered.
    pub fn are_gathered(&self, host: &str) -> bool {
        lock(&self.0.found).get(host).is_some_and(|found| found.gathered)
    }

    /// The facts of a host are gathered.
    pub fn set_gathered(&self, host: &str) {
        lock(&self.0.found).entry(host.to_owned()).or_default().gathered = true;
    }

    /// Forgets the facts of a host; what was set and registered stays.
    pub fn clear_facts(&self, host: &str) {
        if let Some(found) = lock(&self.0.found).get_mut(host) {
            *found = Found {
                set: found.set.clone(),
                included: found.included.clone(),
                ..Found::default()
            };
        }
    }

    /// What `ansible_failed_task` and `ansible_failed_result` say in a rescue.
    pub fn remember_failure(&self, host: &str, task: &str, action: &str, result: Map) {
        let about = Value::map([("name", Value::from(task)), ("action", action.into())]);
        self.set(host, "ansible_failed_task", about);
        self.set(host, "ansible_failed_result", Value::Map(result));
    }
}
