//! Connections, made on first use and kept for all tasks that go the same way to a host.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cutover_kit::session::{Dialer, SshSettings};
use cutover_kit::{Clock, Failure, Platform};

use super::devices::Devices;
use super::roster::Route;
use crate::sync::lock;

type Shared = Arc<dyn Any + Send + Sync>;

/// The connections of a run.
pub(super) struct Connections {
    devices: Arc<dyn Devices>,
    dialer: Arc<dyn Dialer>,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<String, Vec<Open>>>,
}

/// One connection of a host, and the way it goes.
struct Open {
    platform: Platform,
    /// None on this machine.
    settings: Option<SshSettings>,
    shared: Shared,
}

impl Connections {
    /// None yet; making one opens nothing.
    pub(super) fn new(devices: Arc<dyn Devices>, dialer: Arc<dyn Dialer>, clock: Arc<dyn Clock>) -> Self {
        Self {
            devices,
            dialer,
            clock,
            open: Mutex::default(),
        }
    }

    /// The connection that goes this way.
    pub(super) fn of(&self, way: &Route) -> Result<Shared, Failure> {
        let host = &way.host;
        let settings = match host.platform {
            Platform::Local => None,
            _ => Some(way.settings.clone()?),
        };
        let same = |open: &&Open| open.platform == host.platform && open.settings == settings;
        if let Some(open) = lock(&self.open)
            .get(&host.name)
            .and_then(|open| open.iter().find(same))
        {
            return Ok(open.shared.clone());
        }
        let (dialer, clock) = (self.dialer.clone(), self.clock.clone());
        let made = match &settings {
            None => self.devices.here(host, clock)?,
            Some(settings) => self.devices.connect(host, settings.clone(), dialer, clock)?,
        };
        let mut all = lock(&self.open);
        let open = all.entry(host.name.clone()).or_default();
        if let Some(other) = open.iter().find(same) {
            return Ok(other.shared.clone());
        }
        open.push(Open {
            platform: host.platform,
            settings,
            shared: made.clone(),
        });
        Ok(made)
    }

    /// Lets go of the connections of `host`, so that the next use opens a new one.
    pub(super) fn drop_host(&self, host: &str) {
        lock(&self.open).remove(host);
    }

    /// Lets go of all connections.
    pub(super) fn drop_all(&self) {
        lock(&self.open).clear();
    }
}
