//! What a run is recorded in: its folder, its journal, and the key of its files' hashes.

use std::io;

use cutover_kit::Clock;
use cutover_language::Diagnostic;

use super::prepare::Refusal;
use crate::exit::Exit;
use crate::journal::{Journal, State};

/// The record of one run.
pub(super) struct Record {
    /// The run's id.
    pub id: String,
    /// The key of its files' hashes.
    pub hash_key: Vec<u8>,
    /// Its journal.
    pub journal: Journal,
}

impl Record {
    /// A new one in the state folder.
    pub(super) fn open(state: &State, clock: &dyn Clock) -> Result<Self, Refusal> {
        Self::make(state, clock).map_err(|error| Refusal {
            diagnostics: vec![unusable(&error)],
            exit: Exit::Error,
        })
    }

    fn make(state: &State, clock: &dyn Clock) -> io::Result<Self> {
        let folder = state.new_run(clock.now(), fastrand::u32(..))?;
        Ok(Self {
            hash_key: state.hash_key()?,
            journal: Journal::create(&folder.path)?,
            id: folder.id,
        })
    }
}

fn unusable(error: &io::Error) -> Diagnostic {
    let fault = Diagnostic::nowhere("state", format!("the state folder cannot be used: {error}"));
    fault.help("set CUTOVER_STATE to a folder of your own")
}
