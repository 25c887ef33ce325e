//! What all parts of one evaluation share: what is being rendered right now, what was rendered
//! already, and what happened in the template at hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover_kit::Secret;
use minijinja::Value;

use super::Inner;
use super::error::{ErrorKind, Fault, Stop, TemplateError};
use super::site::Shelf;

/// Variables made of variables may be nested this deep.
const MOST_LEVELS: usize = 40;
/// One template makes at most so many bytes of text.
pub(super) const MOST_TEXT: usize = 8 * 1024 * 1024;
/// One evaluation renders at most so many templates.
const MOST_RENDERS: usize = 20_000;

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
pub(super) struct Frame {
    /// The secrets it read.
    pub(super) reads: Vec<Secret>,
    /// What it printed outside of macros and captures.
    pub(super) printed: Vec<Value>,
    /// Whether it changed a list or a mapping.
    pub(super) changed: bool,
    /// How many bytes it has printed, those of macros and captures among them.
    written: usize,
}

impl Shared {
    pub(super) fn new(inner: &Arc<Inner>) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            state: Mutex::default(),
            shelves: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A variable that was rendered already, by the number of its scope and its name.
    pub(super) fn kept(&self, key: &(usize, String)) -> Option<Value> {
        self.state().memo.get(key).cloned()
    }

    pub(super) fn keep(&self, key: (usize, String), value: &Value) {
        self.state().memo.insert(key, value.clone());
    }

    /// Values that were kept go, and with them what they hold.
    pub(super) fn forget(&self) {
        let memo = std::mem::take(&mut self.state().memo);
        drop(memo);
    }

    /// The number of one more scope.
    pub(super) fn one_more_scope(&self) -> usize {
        let mut state = self.state();
        state.scopes += 1;
        state.scopes
    }

    /// Begins a template; the frame of the one around it is to be handed to [`Self::leave`].
    pub(super) fn enter(&self) -> Result<Frame, Fault> {
        let mut state = self.state();
        state.renders += 1;
        if state.renders > MOST_RENDERS {
            let message = format!("this renders more than {MOST_RENDERS} templates");
            return Err(Fault::new(ErrorKind::Limit, message));
        }
        Ok(std::mem::take(&mut state.frame))
    }

    /// Ends a template, and says what happened in it.
    pub(super) fn leave(&self, outer: Frame) -> Frame {
        std::mem::replace(&mut self.state().frame, outer)
    }

    /// Does something that has a name, and keeps it from being a part of itself.
    pub(super) fn once<T>(
        &self,
        label: String,
        work: impl FnOnce() -> Result<T, TemplateError>,
    ) -> Result<Result<T, TemplateError>, Stop> {
        {
            let mut state = self.state();
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
        self.state().stack.pop();
        Ok(done)
    }

    /// The filters of a folder, which are read once.
    pub(super) fn shelf(&self, base: &Path) -> Arc<Shelf> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = shelves.entry(base.to_owned());
        Arc::clone(shelf.or_insert_with(|| Arc::new(Shelf::of(&self.inner, base))))
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

    /// Counts the bytes of a text of the current template, which are not to become too many.
    pub(super) fn has_written(&self, bytes: usize) -> Result<(), Fault> {
        let mut state = self.state();
        state.frame.written = state.frame.written.saturating_add(bytes);
        match state.frame.written > MOST_TEXT {
            true => Err(Fault::too_much_text()),
            false => Ok(()),
        }
    }

    /// Remembers what the current template prints.
    pub(super) fn has_printed(&self, value: &Value) {
        self.state().frame.printed.push(value.clone());
    }
}
