//! Where events get their number and their time, lose their secrets, and go to
//! everybody who wants them, in one order.

use std::borrow::Cow;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::{Clock, Secrets};
use serde_json::Value as Json;

use crate::event::{Event, EventKind};
use crate::sync::lock;

/// Something that wants every event, in order.
pub trait Sink: Send {
    /// Takes one. `line` is its JSON, already without secrets.
    fn take(&mut self, event: &Event, line: &str) -> io::Result<()>;
}

/// What brings something to the disk; it may block its thread.
pub type Trip = Box<dyn FnOnce() -> io::Result<()> + Send>;

/// A sink whose content outlasts a loss of power.
pub trait Durable: Sink {
    /// What brings everything taken so far to the disk.
    fn sync(&mut self) -> io::Result<Trip>;
}

/// The one way for events to leave the engine. Cloning shares it.
#[derive(Clone)]
pub struct Bus(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    secrets: Secrets,
    state: Mutex<State>,
    /// The last event that is known to be on the disk. Whoever holds this brings more there.
    synced: tokio::sync::Mutex<u64>,
    /// Whether a trip to the disk is coming anyway.
    soon: AtomicBool,
}

/// How long what has happened may wait for its trip to the disk.
const SOON: Duration = Duration::from_millis(100);

struct State {
    seq: u64,
    /// What was told before the run began; it follows the event that begins it.
    early: Option<Vec<EventKind>>,
    journal: Option<Box<dyn Durable>>,
    views: Vec<Box<dyn Sink>>,
    broken: Option<io::Error>,
}

impl Bus {
    /// A bus to views. It keeps what it is told until the run begins.
    pub fn new(clock: Arc<dyn Clock>, secrets: Secrets, views: Vec<Box<dyn Sink>>) -> Self {
        let state = Mutex::new(State {
            seq: 0,
            early: Some(Vec::new()),
            journal: None,
            views,
            broken: None,
        });
        Self(Arc::new(Shared {
            clock,
            secrets,
            state,
            synced: tokio::sync::Mutex::new(0),
            soon: AtomicBool::new(false),
        }))
    }

    /// The run begins with this event. The journal comes before the views, so that what is
    /// shown is recorded; without one nothing can be told durably, and so nothing be changed.
    pub fn begin(&self, journal: Option<Box<dyn Durable>>, first: EventKind) {
        let mut state = lock(&self.0.state);
        state.journal = journal;
        let early = state.early.take().unwrap_or_default();
        std::iter::once(first)
            .chain(early)
            .for_each(|kind| self.tell(&mut state, kind));
    }

    /// Tells everybody. A view that fails is dropped; a journal that fails is remembered.
    pub fn emit(&self, kind: EventKind) {
        let mut state = lock(&self.0.state);
        match &mut state.early {
            Some(early) => early.push(kind),
            None => self.tell(&mut state, kind),
        }
    }

    /// What was told before the run began.
    pub fn early(&self) -> Vec<EventKind> {
        let state = lock(&self.0.state);
        state.early.clone().unwrap_or_default()
    }

    /// Tells everybody, and comes back when the journal holds it on the disk. Fails where that
    /// cannot be: what comes after must not be done.
    ///
    /// Those who ask at the same time share one trip to the disk.
    pub async fn emit_durably(&self, kind: EventKind) -> io::Result<()> {
        let seq = self.told(kind);
        self.sync(seq).await
    }

    /// Tells everybody. The journal holds it on the disk before anything that is told durably from
    /// now on is done, and [`SOON`] in any case. Within the runtime.
    pub fn emit_lastingly(&self, kind: EventKind) {
        self.told(kind);
        if !self.0.soon.swap(true, Ordering::AcqRel) {
            let bus = self.clone();
            tokio::spawn(async move {
                bus.0.clock.sleep(SOON).await;
                bus.0.soon.store(false, Ordering::Release);
                let told = lock(&bus.0.state).seq;
                // Where it fails, the next who wants to change something is told.
                let _ = bus.sync(told).await;
            });
        }
    }

    fn told(&self, kind: EventKind) -> u64 {
        let mut state = lock(&self.0.state);
        self.tell(&mut state, kind);
        state.seq
    }

    /// Comes back when everything up to this event is on the disk.
    async fn sync(&self, seq: u64) -> io::Result<()> {
        let mut synced = self.0.synced.lock().await;
        if *synced >= seq {
            return Ok(());
        }
        let (upto, sync) = self.begin_sync()?;
        let done = tokio::task::spawn_blocking(sync)
            .await
            .map_err(io::Error::other)?;
        if let Err(error) = done {
            let mut state = lock(&self.0.state);
            return Err(again(state.broken.get_or_insert(error)));
        }
        *synced = upto;
        Ok(())
    }

    /// The last event told so far and what brings it to the disk.
    fn begin_sync(&self) -> io::Result<(u64, Trip)> {
        let mut state = lock(&self.0.state);
        if let Some(error) = &state.broken {
            return Err(again(error));
        }
        let upto = state.seq;
        match &mut state.journal {
            Some(journal) => Ok((upto, journal.sync()?)),
            None => Err(io::Error::other("there is no journal")),
        }
    }

    fn tell(&self, state: &mut State, kind: EventKind) {
        state.seq += 1;
        let event = Event {
            seq: state.seq,
            at: self.0.clock.now(),
            elapsed: self.0.clock.elapsed(),
            kind,
        };
        let (event, line) = self.without_secrets(event);
        if let Some(journal) = &mut state.journal
            && let Err(error) = journal.take(&event, &line)
        {
            state.broken.get_or_insert(error);
        }
        state.views.retain_mut(|view| view.take(&event, &line).is_ok());
    }

    /// Why the journal could not be written, where it could not. Such a run must not go on.
    pub fn broken(&self) -> Option<String> {
        let state = lock(&self.0.state);
        state.broken.as_ref().map(ToString::to_string)
    }

    /// All that this process knows to be secret.
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Brings the journal to the disk and drops the sinks, so that they finish what they hold.
    pub fn close(&self) {
        let mut state = lock(&self.0.state);
        if let Some(mut journal) = state.journal.take()
            && let Err(error) = journal.sync().and_then(|sync| sync())
        {
            state.broken.get_or_insert(error);
        }
        state.views.clear();
    }

    /// The second line of defence: known secrets are cut out of every text, whatever made it.
    fn without_secrets(&self, event: Event) -> (Event, String) {
        if let Ok(line) = serde_json::to_string(&event)
            && !self.0.secrets.are_in_json(&line)
        {
            return (event, line);
        }
        let mut json = serde_json::to_value(&event).unwrap_or(Json::Null);
        if !mask(&mut json, &self.0.secrets, true) {
            return (event, json.to_string());
        }
        let line = json.to_string();
        let masked = serde_json::from_value(json).unwrap_or_else(|_| Event {
            kind: EventKind::Warned {
                place: None,
                message: "an event is withheld: it cannot be shown without a secret in it".into(),
            },
            ..event
        });
        (masked, line)
    }
}

/// The same error for one more who asks.
fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// Members whose texts are words of the format, not of the world.
const WORDS: [&str; 12] = [
    "event",
    "at",
    "made",
    "status",
    "section",
    "kind",
    "note",
    "for",
    "ending",
    "by",
    "hash",
    "gathering",
];

/// Members in which everything is of the world, whatever its keys are called.
const WORLD: [&str; 11] = [
    "result",
    "value",
    "arguments",
    "label",
    "extra_vars",
    "variables",
    "data",
    "content",
    "fields",
    "looked",
    "accept_outage",
];

/// Masks every text and every key but the words of the `format`; whether anything had to be.
fn mask(json: &mut Json, secrets: &Secrets, format: bool) -> bool {
    match json {
        Json::String(text) => match secrets.mask(text) {
            Cow::Owned(masked) => {
                *text = masked;
                true
            }
            Cow::Borrowed(_) => false,
        },
        Json::Array(list) => list
            .iter_mut()
            .fold(false, |any, item| mask(item, secrets, format) | any),
        Json::Object(map) => {
            let mut any = map
                .iter_mut()
                .filter(|(key, value)| !(format && value.is_string() && WORDS.contains(&key.as_str())))
                .fold(false, |any, (key, item)| {
                    let format = format && !WORLD.contains(&key.as_str());
                    mask(item, secrets, format) | any
                });
            if map.keys().any(|key| matches!(secrets.mask(key), Cow::Owned(_))) {
                let pairs = std::mem::take(map).into_iter();
                *map = pairs
                    .map(|(key, item)| (secrets.mask(&key).into_owned(), item))
                    .collect();
                any = true;
            }
            any
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
