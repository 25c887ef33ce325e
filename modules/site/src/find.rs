//! Where the site's own modules are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::SiteModule;
use crate::kind::Kind;

/// The modules of a site, by the folders they are in. Each folder is looked into once, and what is
/// found stays for the rest of the process.
#[derive(Default)]
pub struct Shelves(Mutex<BTreeMap<PathBuf, Vec<&'static SiteModule>>>);

impl Shelves {
    /// The modules in a folder, in order of their files' names; of two with one name the first counts.
    pub fn of(&self, folder: &Path) -> Vec<&'static SiteModule> {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = shelves.entry(folder.to_owned());
        shelf.or_insert_with(|| modules(folder)).clone()
    }

    /// The modules in the `library/` of every role in a folder of roles, role by role.
    pub fn of_roles(&self, folder: &Path) -> Vec<&'static SiteModule> {
        let roles = names(folder).into_iter();
        let libraries = roles.map(|role| folder.join(role).join("library"));
        libraries.flat_map(|library| self.of(&library)).collect()
    }
}

fn modules(folder: &Path) -> Vec<&'static SiteModule> {
    let mut found: Vec<&'static SiteModule> = Vec::new();
    for file in names(folder) {
        let Some(module) = module(&folder.join(&file)) else {
            continue;
        };
        if !found.iter().any(|known| known.name == module.name) {
            found.push(Box::leak(Box::new(module)));
        }
    }
    found
}

/// The names in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with(['.', '_']) && !name.ends_with('~'))
        .collect();
    names.sort();
    names
}

/// The module in a file: its name is the file's without the ending.
fn module(path: &Path) -> Option<SiteModule> {
    let name = path.file_stem()?.to_str()?;
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let other = ["md", "txt", "rst", "yml", "yaml", "json", "pyc", "orig", "bak"].contains(&ending);
    let plain = |next: char| next.is_ascii_alphanumeric() || next == '_';
    if other || !path.is_file() || !name.chars().all(plain) {
        return None;
    }
    let program = std::fs::read(path).ok()?;
    Some(SiteModule {
        name: Box::leak(name.to_owned().into_boxed_str()),
        kind: Kind::of(&program, ending),
        path: path.to_owned(),
        program,
        described: OnceLock::new(),
    })
}
