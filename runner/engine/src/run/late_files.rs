//! `vars_files` whose names depend on the host.

use std::collections::HashMap;
use std::sync::Arc;

use cutover_language::Node;
use cutover_language::playbook::VarsFile;
use cutover_language::scope::{Layer, Rank};

use super::clear;
use super::include::unreadable;
use super::play::PlayRun;
use crate::event::EventKind;
use crate::sync::lock;

/// What was read so far, by host and by the place in `vars_files`.
pub(super) type LateFiles = HashMap<(String, usize), Option<Arc<Layer>>>;

impl PlayRun {
    /// The variables of those files for a host. One whose name rests on something that is not
    /// known yet, such as a fact, is left out until it is.
    pub(super) fn late_files(&self, host: &str) -> Vec<Arc<Layer>> {
        let files = self.play.vars_files.iter().enumerate();
        let late = files.filter_map(|(index, file)| match file {
            VarsFile::Later(choices) => Some((index, choices)),
            VarsFile::Read(_) => None,
        });
        late.filter_map(|(index, choices)| self.late_file(host, index, choices))
            .collect()
    }

    fn late_file(&self, host: &str, index: usize, choices: &[Node]) -> Option<Arc<Layer>> {
        let key = (host.to_owned(), index);
        if let Some(read) = lock(&self.late).get(&key) {
            return read.clone();
        }
        let terms = self.variables.terms(host, &self.layers, None);
        let names: Result<Vec<String>, _> = choices.iter().map(|choice| terms.text(choice)).collect();
        let names = names.ok()?;
        let read = self.read_first(choices, &names);
        lock(&self.late).insert(key, read.clone());
        read
    }

    fn read_first(&self, choices: &[Node], names: &[String]) -> Option<Arc<Layer>> {
        let place = &choices.first()?.place;
        match self.library.loader().first_variables(&self.play, names, place) {
            Ok(Some((path, variables))) => {
                let layer = Layer::written(Rank::VarsFiles, path.display().to_string(), &variables);
                clear::in_layer(&layer, &self.world.secrets);
                Some(Arc::new(layer))
            }
            Ok(None) => {
                self.world.bus.emit(EventKind::Warned {
                    place: Some(place.to_string()),
                    message: format!("there is no file `{}`; it is left out", names.join("`, `")),
                });
                None
            }
            Err(faults) => {
                self.doom_all(format!("vars_files: {}", unreadable(&faults).message));
                None
            }
        }
    }
}
