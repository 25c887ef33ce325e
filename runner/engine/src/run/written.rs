//! What files say, before hosts are typed: playbooks and inventories, read and held against the
//! language.

use std::path::{Path, PathBuf};

use cutover_language::files::Files;
use cutover_language::inventory::{self, Inventory, Sources};
use cutover_language::playbook::Playbook;
use cutover_language::{Diagnostic, Severity};

use super::library::Library;
use super::request::{Refusal, Request};
use crate::event::Options;
use crate::exit::Exit;

/// What files say.
pub(super) struct Written {
    pub(super) playbooks: Vec<Playbook>,
    pub(super) inventory: Inventory,
    /// What is odd and does not stop the run.
    pub(super) warnings: Vec<Diagnostic>,
}

/// Reads everything that was asked for, and reports every mistake in it.
pub(super) fn read(request: &Request, library: &Library) -> Result<Written, Refusal> {
    let files: &dyn Files = &*library.files;
    let loader = library.loader();
    let mut faults = Vec::new();
    let mut warnings = Vec::new();
    let mut playbooks = Vec::new();
    for path in &request.options.playbooks {
        match loader.playbook(Path::new(path)) {
            Ok(playbook) => {
                warnings.extend(playbook.warnings.clone());
                playbooks.push(playbook);
            }
            Err(found) => faults.extend(found),
        }
    }
    let inventory = match inventory::load(&sources_of(&request.options), files) {
        Ok(inventory) => inventory,
        Err(found) => {
            faults.extend(found);
            Inventory::default()
        }
    };
    if !faults.is_empty() {
        let unreadable = faults
            .iter()
            .all(|fault| matches!(fault.code, "unreadable" | "vault"));
        return Err(Refusal::new(
            faults,
            if unreadable { Exit::Error } else { Exit::INVALID },
        ));
    }
    warnings.extend(inventory.warnings.clone());
    if request.strict
        && warnings
            .iter()
            .any(|warning| warning.severity == Severity::Warning)
    {
        return Err(warnings.into());
    }
    Ok(Written {
        playbooks,
        inventory,
        warnings,
    })
}

/// What the inventory is made of.
pub(super) fn sources_of(options: &Options) -> Sources {
    Sources {
        inventories: options.inventories.clone(),
        playbooks: options.playbooks.iter().map(parent).collect(),
    }
}

/// The folder that relative paths of the inventory start from.
pub(super) fn base_folder(inventories: &[String]) -> PathBuf {
    let first = inventories.iter().find(|source| !source.contains(','));
    let path = first.map_or_else(|| PathBuf::from("."), PathBuf::from);
    let folder = if path.is_dir() { path } else { parent(&path) };
    std::path::absolute(&folder).unwrap_or(folder)
}

fn parent(path: impl AsRef<Path>) -> PathBuf {
    let folder = path
        .as_ref()
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
}
