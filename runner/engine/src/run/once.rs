//! `run_once`: one host runs the task, the others take its result.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cutover_kit::{Failure, FailureKind, Value};
use tokio::sync::SetOnce;

use crate::sync::lock;

/// What a task that ran once came to.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Its result, for every host.
    pub result: Value,
    /// Why it failed, for every host.
    pub failure: Option<Failure>,
    /// Hosts that fail or wait for reasons of their own.
    pub hosts: BTreeMap<String, Failure>,
}

/// Tasks that run once, each by its key.
#[derive(Default)]
pub(super) struct Onces(Mutex<BTreeMap<String, Arc<SetOnce<Shared>>>>);

/// Fills a cell, come what may: whoever waits for it must not wait for ever.
pub(super) struct Filling(Arc<SetOnce<Shared>>);

impl Filling {
    /// The duty to fill `cell`.
    pub(super) fn new(cell: Arc<SetOnce<Shared>>) -> Self {
        Self(cell)
    }

    /// Fills it.
    pub(super) fn with(self, shared: Shared) {
        // Nobody else was given this cell to fill.
        let _ = self.0.set(shared);
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        if !self.0.initialized() {
            let failure = Failure::new(
                FailureKind::Internal,
                "the host that ran this for all did not finish it",
            );
            let shared = Shared {
                result: Value::Null,
                failure: Some(failure),
                hosts: BTreeMap::new(),
            };
            let _ = self.0.set(shared);
        }
    }
}

impl Onces {
    /// The cell of `key`, and whether the caller is the one to fill it.
    pub(super) fn claim(&self, key: &str) -> (Arc<SetOnce<Shared>>, bool) {
        let mut cells = lock(&self.0);
        if let Some(cell) = cells.get(key) {
            return (cell.clone(), false);
        }
        let cell = Arc::new(SetOnce::new());
        cells.insert(key.to_owned(), cell.clone());
        (cell, true)
    }
}
