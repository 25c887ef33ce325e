//! What becomes of a result's `ansible_facts`: facts of a host, or variables it sets.

use cutover_kit::{Map, Value};

use super::gather::SETUP;
use super::task::TaskRun;
use crate::event::Setter;

/// The module whose results are variables rather than facts.
const SET_FACT: &str = "set_fact";
/// Says of the variables of `set_fact` that they are facts, too.
const CACHEABLE: &str = "_ansible_facts_cacheable";

impl TaskRun<'_> {
    /// Takes what a result found out. It belongs to the host of the task, or with
    /// `delegate_facts` to the one that did the work. What only the engine wants to know
    /// is taken out of the result.
    pub(super) fn take_facts(&self, result: &mut Value, delegate: Option<&str>) {
        let Value::Map(result) = result else { return };
        let cacheable = result.shift_remove(CACHEABLE).is_some();
        let Some(found) = result.get("ansible_facts").and_then(Value::as_map) else {
            return;
        };
        let host = match delegate {
            Some(delegate) if self.delegates_facts() => delegate,
            _ => &self.walk.host,
        };
        if self.about.module == super::include_vars::NAME {
            for (name, value) in found {
                self.tell_set(host, name, value, Setter::Fact);
            }
            return;
        }
        let sets = self.about.module == SET_FACT;
        if sets {
            for (name, value) in found {
                self.set_on(host, name, value, Setter::Fact);
            }
        }
        if !sets || cacheable {
            self.add_facts(host, found);
        }
    }

    fn add_facts(&self, host: &str, facts: &Map) {
        let variables = &self.walk.play.variables;
        variables.add_facts(host, facts);
        if self.about.module == SETUP {
            variables.set_gathered(host);
        }
        self.tell_set(host, "ansible_facts", &Value::Map(facts.clone()), Setter::Fact);
    }

    fn delegates_facts(&self) -> bool {
        let directive = self.task.directives.delegate_facts.as_ref();
        matches!(self.terms().setting(directive), Ok(Some(true)))
    }
}
