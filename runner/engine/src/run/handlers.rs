//! Which handlers there are, and which were notified, by host.

use std::sync::Arc;

use cutover_kit::{Failure, FailureKind, Value};
use cutover_language::playbook::Handler;
use cutover_language::{Diagnostic, Node, Severity};

use super::play::PlayRun;
use crate::sync::{lock, read, write};

impl PlayRun {
    /// Every handler that is known by now: those of the play, then those of included roles.
    fn handlers(&self) -> Vec<Arc<Handler>> {
        read(&self.handlers).clone()
    }

    /// The handler at this place.
    pub(super) fn handler(&self, index: usize) -> Option<Arc<Handler>> {
        let handlers = read(&self.handlers);
        handlers.get(index).cloned()
    }

    /// Handlers that an included role brings.
    pub(super) fn add_handlers(&self, more: impl IntoIterator<Item = Handler>) {
        let mut handlers = write(&self.handlers);
        handlers.extend(more.into_iter().map(Arc::new));
    }

    /// Notifies handlers by name or topic. Of several of one name that of the last list is meant,
    /// and in a list the first.
    pub(super) fn notify(&self, host: &str, names: &[String]) -> Result<(), Failure> {
        let handlers = self.handlers();
        for name in names {
            let named = self.named(&handlers, name);
            let mut due: Vec<usize> = named.into_iter().collect();
            let mut heard: Vec<String> = Vec::new();
            for (index, handler) in handlers.iter().enumerate() {
                let listens = handler.listen.iter().any(|topic| topic.value == *name);
                let called = handler.task.name.as_ref().map(|_| handler.task.title());
                if listens && called.as_ref().is_none_or(|called| !heard.contains(called)) {
                    due.push(index);
                    heard.extend(called);
                }
            }
            if due.is_empty() {
                let message = format!(
                    "The requested handler '{name}' was not found in either the main handlers list nor in the \
                     listening handlers list"
                );
                if self.missing_handler == Severity::Error {
                    return Err(Failure::new(FailureKind::Arguments, message));
                }
                let terms = self.variables.play_terms(&self.layers);
                terms.warn(&Diagnostic::nowhere("unknown-handler", message));
                continue;
            }
            lock(&self.notified)
                .entry(host.to_owned())
                .or_default()
                .extend(due);
        }
        Ok(())
    }

    /// The place of the handler that a name means.
    fn named(&self, handlers: &[Arc<Handler>], name: &str) -> Option<usize> {
        let last = handlers.iter().rposition(|it| self.is_called(it, name))?;
        let list = |at: &usize| {
            let task = &handlers[*at].task;
            let role = task.role.as_ref().map(|role| &role.identity);
            (task.place.source.path().to_owned(), role.cloned())
        };
        let of_last = list(&last);
        let same_list = (0..last).rev().take_while(|at| list(at) == of_last);
        let earlier = same_list.filter(|at| self.is_called(&handlers[*at], name)).last();
        Some(earlier.unwrap_or(last))
    }

    /// Whether a handler has this name; one that is a template is rendered with what the
    /// whole play knows.
    fn is_called(&self, handler: &Handler, name: &str) -> bool {
        let written = handler.task.name.as_ref();
        let Some(template) = written.filter(|name| Node::is_template(name)) else {
            return written.is_some() && handler.names_itself(name);
        };
        let layers: Vec<_> = self.layers.iter().cloned().chain(handler.task.layers()).collect();
        match self.variables.play_terms(&layers).render(template) {
            Ok(Value::String(own)) => own == name || handler.task.titled(&own) == name,
            _ => false,
        }
    }

    /// Whether any handler is to run.
    pub(super) fn is_notified(&self, host: &str) -> bool {
        lock(&self.notified).get(host).is_some_and(|due| !due.is_empty())
    }

    /// Whether the handler at this place is to run; it is no longer, after that.
    pub(super) fn take_notified(&self, host: &str, index: usize) -> bool {
        lock(&self.notified)
            .get_mut(host)
            .is_some_and(|due| due.remove(&index))
    }

    /// Whether hosts that failed run their handlers all the same.
    pub(super) fn forces_handlers(&self) -> bool {
        let terms = self.variables.play_terms(&self.layers);
        let said = terms.setting(self.play.force_handlers.as_ref()).ok().flatten();
        said.unwrap_or(self.force_handlers)
    }
}
