//! One connection per host, made on first use and kept for all its tasks.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cutover_kit::Failure;

use super::world::lock;

type Shared = Arc<dyn Any + Send + Sync>;
type Make = dyn Fn(&str) -> Result<Shared, Failure> + Send + Sync;

/// The connections of a run.
pub(super) struct Connections {
    make: Box<Make>,
    open: Mutex<HashMap<String, Shared>>,
}

impl Connections {
    /// Connections that `make` builds; building one opens nothing yet.
    pub(super) fn new(make: impl Fn(&str) -> Result<Shared, Failure> + Send + Sync + 'static) -> Self {
        Self {
            make: Box::new(make),
            open: Mutex::default(),
        }
    }

    /// The connection of `host`.
    pub(super) fn of(&self, host: &str) -> Result<Shared, Failure> {
        if let Some(connection) = lock(&self.open).get(host) {
            return Ok(connection.clone());
        }
        let made = (self.make)(host)?;
        Ok(lock(&self.open).entry(host.to_owned()).or_insert(made).clone())
    }

    /// Lets go of the connection of `host`, so that the next use opens a new one.
    pub(super) fn drop_host(&self, host: &str) {
        lock(&self.open).remove(host);
    }

    /// Lets go of all connections.
    pub(super) fn drop_all(&self) {
        lock(&self.open).clear();
    }
}
