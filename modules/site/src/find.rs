//! Where the site's own modules are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::SiteModule;
use crate::kind::Kind;

/// Where modules of the site may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Folders<'a> {
    /// Folders of modules that were asked for by name (`--module-path`).
    pub named: &'a [PathBuf],
    /// Folders of playbooks: theirs are `library/`, `modules/`, and the `library/` of each role below `roles/`.
    pub beside: &'a [PathBuf],
    /// Folders of roles.
    pub roles: &'a [PathBuf],
    /// Folders of modules of the settings (`library`), where the others hold none of a name.
    pub library: &'a [PathBuf],
}

/// Every module in these folders, in this order. Of two with one name the first counts. What is
/// found stays for the rest of the process.
pub fn find(folders: Folders<'_>) -> Vec<&'static SiteModule> {
    let Folders { named, beside, .. } = folders;
    let own = beside.iter().flat_map(|folder| {
        let folder = folder.as_path();
        [folder.join("library"), folder.join("modules")]
    });
    let roles = beside
        .iter()
        .map(|folder| folder.join("roles"))
        .chain(folders.roles.iter().cloned());
    let of_roles = roles.flat_map(|folder| {
        names(&folder)
            .into_iter()
            .map(move |role| folder.join(role).join("library"))
    });
    let mut found: Vec<&'static SiteModule> = Vec::new();
    let all = named.iter().cloned().chain(own).chain(of_roles);
    for folder in all.chain(folders.library.iter().cloned()) {
        for file in names(&folder) {
            let Some(module) = module(&folder.join(&file)) else {
                continue;
            };
            if !found.iter().any(|known| known.name == module.name) {
                found.push(Box::leak(Box::new(module)));
            }
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
