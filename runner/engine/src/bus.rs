//! Where events get their number and their time, lose their secrets, and go to
//! everybody who wants them, in one order.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use cutover_kit::{Clock, Secrets};
use serde_json::Value as Json;

use crate::event::{Event, EventKind};

/// Something that wants every event, in order.
pub trait Sink: Send {
    /// Takes one. `line` is its JSON, already without secrets.
    fn take(&mut self, event: &Event, line: &str) -> io::Result<()>;
}

/// The one way for events to leave the engine. Cloning shares it.
#[derive(Clone)]
pub struct Bus(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    secrets: Secrets,
    state: Mutex<State>,
}

struct State {
    seq: u64,
    sinks: Vec<Box<dyn Sink>>,
    broken: Option<io::Error>,
}

impl Bus {
    /// A bus to these sinks; the journal comes first, so that what is shown is on disk.
    pub fn new(clock: Arc<dyn Clock>, secrets: Secrets, sinks: Vec<Box<dyn Sink>>) -> Self {
        let state = Mutex::new(State {
            seq: 0,
            sinks,
            broken: None,
        });
        Self(Arc::new(Shared {
            clock,
            secrets,
            state,
        }))
    }

    /// Tells everybody. A sink that fails is remembered; see [`Bus::broken`].
    pub fn emit(&self, kind: EventKind) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seq += 1;
        let event = Event {
            seq: state.seq,
            at: self.0.clock.now(),
            elapsed: self.0.clock.elapsed(),
            kind,
        };
        let (event, line) = self.without_secrets(event);
        let State { sinks, broken, .. } = &mut *state;
        for sink in sinks {
            if let Err(error) = sink.take(&event, &line) {
                broken.get_or_insert(error);
            }
        }
    }

    /// The first error of a sink, once. A run whose journal cannot be written must not go on.
    pub fn broken(&self) -> Option<io::Error> {
        self.0
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .broken
            .take()
    }

    /// All that this process knows to be secret.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Drops the sinks, so that they finish what they hold.
    pub fn close(&self) {
        self.0
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .sinks
            .clear();
    }

    /// The second line of defence: known secrets are cut out of every text, whatever made it.
    fn without_secrets(&self, event: Event) -> (Event, String) {
        let json = serde_json::to_value(&event).unwrap_or(Json::Null);
        let mut masked = json.clone();
        mask(&mut masked, &self.0.secrets);
        if masked == json {
            let line = json.to_string();
            return (event, line);
        }
        let line = masked.to_string();
        let event = serde_json::from_value(masked).unwrap_or(event);
        (event, line)
    }
}

fn mask(json: &mut Json, secrets: &Secrets) {
    match json {
        Json::String(text) => {
            if let std::borrow::Cow::Owned(masked) = secrets.mask(text) {
                *text = masked;
            }
        }
        Json::Array(list) => list.iter_mut().for_each(|item| mask(item, secrets)),
        Json::Object(map) => map.values_mut().for_each(|item| mask(item, secrets)),
        _ => {}
    }
}
