//! `run_once`: one host runs the task, the others take its result.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cutover_kit::{Failure, Value};
use tokio::sync::SetOnce;

use super::world::lock;

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
