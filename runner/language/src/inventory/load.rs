//! From sources to an inventory.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::beside::Beside;
use super::{Inventory, beside, product, range, read};
use crate::diagnose::{Diagnostic, any_error};
use crate::files::{self, Files, Found};
use crate::playbook::is_variable_name;
use crate::source::Located;
use crate::yaml::{self, Mapping, Node};

/// Files in an inventory folder that are none.
const IGNORED_ENDS: [&str; 13] = [
    "~", ".orig", ".bak", ".cfg", ".retry", ".pyc", ".pyo", ".swp", ".rpm", ".md", ".txt", ".rst", ".j2",
];

/// What an inventory is made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Each a file, a folder, or a list of names with a comma in it; later ones win.
    pub inventories: Vec<String>,
    /// Folders of the playbooks, beside which `group_vars` and `host_vars` may stand too.
    pub playbooks: Vec<PathBuf>,
}

/// Reads all sources. Every mistake is reported; what is only odd stands in
/// [`Inventory::warnings`].
pub fn load(sources: &Sources, files: &dyn Files) -> Result<Inventory, Vec<Diagnostic>> {
    let mut inventory = Inventory::default();
    let mut loading = Loading {
        files,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    for source in &sources.inventories {
        if source.contains(',') {
            loading.names(source, &mut inventory);
            continue;
        }
        let path = Path::new(source);
        folders.push(match files.find(path) {
            Some(Found::Folder) => path.to_owned(),
            _ => path.parent().map_or_else(PathBuf::new, Path::to_owned),
        });
        loading.source(path, &mut inventory);
    }
    let mut seen = HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    let inventories = folders.iter().map(|folder| (folder, Beside::Inventory));
    let playbooks = sources.playbooks.iter().map(|folder| (folder, Beside::Playbook));
    let beside: Vec<_> = inventories.chain(playbooks).collect();
    let groups: Vec<String> = inventory.groups().map(str::to_owned).collect();
    for (folder, beside) in &beside {
        beside::groups(&mut inventory, &groups, folder, *beside, &mut loading);
        beside::hosts(&mut inventory, folder, *beside, &mut loading);
    }
    let made = product::groups(&mut inventory);
    for (folder, beside) in beside {
        beside::groups(&mut inventory, &made, folder, beside, &mut loading);
    }
    inventory.warnings.extend(loading.warnings);
    match any_error(&loading.faults) {
        true => Err(loading.faults),
        false => Ok(inventory),
    }
}

/// What reading needs at every step, and what was found wrong so far.
pub(super) struct Loading<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl Loading<'_> {
    /// The names in a folder.
    pub(super) fn list(&mut self, folder: &Path) -> Vec<String> {
        self.files.list(folder).unwrap_or_else(|error| {
            self.faults.push(Diagnostic::nowhere(
                "unreadable",
                format!("{} cannot be read: {error}", folder.display()),
            ));
            Vec::new()
        })
    }

    /// The mapping of variables a file is; nothing at all is an empty one.
    pub(super) fn variables(&mut self, path: &Path) -> Option<Mapping> {
        let root = self.tree(path)?;
        if root.is_null() {
            return None;
        }
        let map = root.as_map().cloned();
        match &map {
            Some(map) => map
                .iter()
                .for_each(|entry| check_name(&entry.key, &mut self.warnings)),
            None => self.faults.push(Diagnostic::error(
                "variables",
                &root.place.first_line(),
                format!("a file of variables is a mapping, not {}", root.describe()),
            )),
        }
        map
    }

    fn tree(&mut self, path: &Path) -> Option<Node> {
        let source = match files::read(self.files, path) {
            Ok(source) => source,
            Err(fault) => {
                self.faults.push(*fault);
                return None;
            }
        };
        match yaml::parse(&source) {
            Ok(root) => Some(root),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    fn not_yet(&mut self, source: &std::sync::Arc<crate::source::Source>, what: &str) {
        let place = source.place(0..source.text().len()).first_line();
        let message = format!("{what} is not supported yet");
        self.faults.push(Diagnostic::error("not-yet", &place, message));
    }

    /// `-i a,b`: names only.
    fn names(&mut self, source: &str, inventory: &mut Inventory) {
        for text in source.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            match range::expand(text) {
                Ok(names) => {
                    for name in names {
                        inventory.add(&name, []);
                    }
                }
                Err(message) => self.faults.push(Diagnostic::nowhere(
                    "host-range",
                    format!("-i {source}: {message}"),
                )),
            }
        }
    }

    /// A file, or all inventories of a folder.
    fn source(&mut self, path: &Path, inventory: &mut Inventory) {
        match self.files.find(path) {
            Some(Found::Folder) => {
                for name in self.list(path) {
                    let inventories = !name.starts_with('.')
                        && !matches!(name.as_str(), "group_vars" | "host_vars")
                        && !IGNORED_ENDS.iter().any(|end| name.ends_with(end));
                    if inventories {
                        self.source(&path.join(name), inventory);
                    }
                }
            }
            _ => self.file(path, inventory),
        }
    }

    fn file(&mut self, path: &Path, inventory: &mut Inventory) {
        let source = match files::read(self.files, path) {
            Ok(source) => source,
            Err(fault) => return self.faults.push(*fault),
        };
        match kind(source.text(), path) {
            Format::Script => self.not_yet(&source, "an inventory that is a program"),
            Format::Ini => self.not_yet(&source, "an inventory in the INI format"),
            Format::Yaml => {
                if let Some(root) = self.tree(path) {
                    read::read(&root, inventory, &mut self.faults);
                }
            }
        }
    }
}

/// What an inventory file is written in.
enum Format {
    Yaml,
    Ini,
    Script,
}

fn kind(text: &str, path: &Path) -> Format {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let section =
        |line: &str| line.starts_with('[') && line.ends_with(']') && !line.contains([',', '"', '{']);
    let words = |line: &str| {
        line.split_whitespace()
            .nth(1)
            .is_some_and(|word| word.contains('='))
            && !line.contains(": ")
    };
    match first {
        _ if text.starts_with("#!") => Format::Script,
        _ if path.extension().is_some_and(|end| end == "ini") => Format::Ini,
        Some(line) if section(line) || words(line) => Format::Ini,
        _ => Format::Yaml,
    }
}

/// Warns of a name that no template can use.
pub(super) fn check_name(name: &Located<String>, warnings: &mut Vec<Diagnostic>) {
    if !is_variable_name(name) {
        warnings.push(
            Diagnostic::warning(
                "variable-name",
                &name.place,
                format!("no template can use a variable called `{}`", name.value),
            )
            .help("a name is made of letters, digits and `_`, and does not begin with a digit"),
        );
    }
}
