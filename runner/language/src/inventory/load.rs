//! From sources to an inventory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::beside::Beside;
use super::{Inventory, beside, ini, product, range, read, script, toml};
use crate::diagnose::{Diagnostic, Severity, any_error};
use crate::files::{self, Files, Found, is_named_yaml};
use crate::playbook::is_variable_name;
use crate::source::{Located, Source};
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

impl Sources {
    /// The folders beside which `group_vars` and `host_vars` may stand.
    pub(super) fn folders(&self, files: &dyn Files) -> Vec<(PathBuf, Beside)> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for source in self.inventories.iter().filter(|source| !is_list(source, files)) {
            let path = Path::new(source);
            let folder = match files.find(path) {
                Some(Found::Folder) => path.to_owned(),
                _ => path.parent().map_or_else(PathBuf::new, Path::to_owned),
            };
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        let inventories = folders.into_iter().map(|folder| (folder, Beside::Inventory));
        // The same file is known by the same path, beside whichever it is found.
        let here = |folder: &PathBuf| folder.strip_prefix(".").unwrap_or(folder).to_owned();
        let playbooks = self.playbooks.iter().map(here);
        inventories
            .chain(playbooks.map(|folder| (folder, Beside::Playbook)))
            .collect()
    }
}

/// Reads all sources. Every mistake is reported; what is only odd stands in
/// [`Inventory::warnings`].
pub fn load(sources: &Sources, files: &dyn Files) -> Result<Inventory, Vec<Diagnostic>> {
    let mut inventory = Inventory::default();
    let mut loading = Loading::new(files);
    for source in &sources.inventories {
        match is_list(source, files) {
            true => loading.names(source, &mut inventory),
            false => loading.source(Path::new(source), &mut inventory),
        }
    }
    let folders = sources.folders(files);
    let groups: Vec<String> = inventory.groups().map(str::to_owned).collect();
    let hosts: Vec<String> = inventory.hosts().map(str::to_owned).collect();
    for (folder, beside) in &folders {
        beside::groups(&mut inventory, &groups, folder, *beside, &mut loading);
        beside::hosts(&mut inventory, &hosts, folder, *beside, &mut loading);
    }
    product::and_files(&mut inventory, &hosts, &folders, &mut loading);
    loading.finish(&mut inventory)?;
    let both = inventory.hosts().filter(|host| inventory.group(host).is_some());
    let both: Vec<_> = both.map(same_name).collect();
    inventory.warnings.extend(both);
    Ok(inventory)
}

/// Whether a source is a list of names: a path may have a comma in it, too.
fn is_list(source: &str, files: &dyn Files) -> bool {
    source.contains(',') && files.find(Path::new(source)).is_none()
}

fn same_name(name: &str) -> Diagnostic {
    let message = format!("Found both group and host with same name: {name}");
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::nowhere("same-name", message)
    }
}

/// What reading needs at every step, and what was found wrong so far.
pub(super) struct Loading<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl<'a> Loading<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Loading<'_> {
    /// Every fault, each once, where one of them is an error; the inventory takes mere warnings.
    pub(super) fn finish(self, inventory: &mut Inventory) -> Result<(), Vec<Diagnostic>> {
        let mut faults: Vec<Diagnostic> = Vec::new();
        for fault in self.faults {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        if any_error(&faults) {
            return Err(faults);
        }
        inventory.warnings.extend(self.warnings.into_iter().chain(faults));
        Ok(())
    }

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
        let source = self.text(path)?;
        match yaml::parse(&source) {
            Ok(root) => Some(root),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    fn text(&mut self, path: &Path) -> Option<Arc<Source>> {
        match files::read(self.files, path) {
            Ok(source) => Some(source),
            Err(fault) => {
                self.faults.push(*fault);
                None
            }
        }
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
        if self.files.find(path) == Some(Found::Program) && self.is_script(path) {
            return script::read(path, inventory, self);
        }
        let Some(source) = self.text(path) else {
            return;
        };
        if path.extension().is_some_and(|end| end == "toml") {
            match toml::tree(&source) {
                Ok(root) => read::read(&root, inventory, &mut self.faults),
                Err(fault) => self.faults.push(*fault),
            }
            return;
        }
        match yaml::parse(&source) {
            Ok(root) if is_tree(&root, path) && !is_ini(&source) => {
                read::read(&root, inventory, &mut self.faults);
            }
            Err(faults) if !is_ini(&source) => self.faults.extend(faults),
            _ => ini::read(&source, inventory, &mut self.faults),
        }
    }

    /// Whether a file that may be executed is meant to be: data may carry that mark by accident.
    fn is_script(&self, path: &Path) -> bool {
        match self.files.read(path) {
            Ok(text) => text.starts_with("#!"),
            // No text: a binary.
            Err(error) => error.kind() == std::io::ErrorKind::InvalidData,
        }
    }
}

/// Whether a file is YAML: its name says so, or it is more than one text.
fn is_tree(root: &Node, path: &Path) -> bool {
    root.as_text().is_none() || is_named_yaml(path)
}

/// Whether a file can only be INI: it has a heading, or variables behind its first name.
fn is_ini(source: &Source) -> bool {
    let heading = |line: &str| line.starts_with('[') && !line.contains([',', '"', '{']);
    let mut lines = source.text().lines();
    if lines.clone().any(heading) {
        return true;
    }
    let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with(['#', ';']));
    first.is_some_and(|line| {
        let setting = |word: &str| word.contains('=');
        !line.contains(": ") && line.split_whitespace().skip(1).any(setting)
    })
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
