//! What a run is recorded in: its folder, its journal, and the key of its files' hashes.

use std::io;

use cutover_language::Diagnostic;

use super::request::Refusal;
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
    /// A new one in the state folder, of the run with this id.
    pub(super) fn open(state: &State, id: String) -> Result<Self, Refusal> {
        Self::make(state, id).map_err(|error| Refusal {
            diagnostics: vec![unusable(&error)],
            exit: Exit::Error,
        })
    }

    fn make(state: &State, id: String) -> io::Result<Self> {
        Ok(Self {
            hash_key: state.hash_key()?,
            journal: Journal::create(&state.run_folder(&id)?)?,
            id,
        })
    }
}

pub(super) fn unusable(error: &io::Error) -> Diagnostic {
    let fault = Diagnostic::nowhere("state", format!("the state folder cannot be used: {error}"));
    fault.help("set CUTOVER_STATE to a folder of your own")
}
