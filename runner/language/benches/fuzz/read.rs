//! Reading a text in every way in which the language reads one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_language::files::Memory;
use cutover_language::inventory::{self, Sources};
use cutover_language::render::{Look, render};
use cutover_language::scope::Nowhere;
use cutover_language::{Catalog, Diagnostic, Inventory, ModuleInfo, Scope, Severity, check, load_playbook};

/// How many files were read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) files: u64,
    /// Those in which nothing was wrong.
    pub(crate) good: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, good: bool) {
        self.files += 1;
        self.good += u64::from(good);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.good += other.good;
    }
}

/// Reads `text` as a playbook, as a file of tasks and variables that one brings in, and as an
/// inventory of every kind. Says whether the playbook was good.
pub(crate) fn every_way(text: &str) -> bool {
    let inventory = as_inventory("hosts.yml", text);
    as_inventory("hosts.ini", text);
    as_inventory("hosts.toml", text);
    let around =
        "- hosts: all\n  vars_files: [damaged.yml]\n  roles: [r]\n  tasks: [{import_tasks: damaged.yml}]\n";
    as_playbook(around, text, &inventory);
    as_playbook(text, "- debug:\n", &inventory)
}

fn as_playbook(text: &str, other: &str, inventory: &Inventory) -> bool {
    // Options of a role's arguments are whatever the damaged file is.
    let indented = other.replace('\n', "\n      ");
    let specifications = format!("argument_specs:\n  main:\n    options:\n      {indented}\n");
    let files = Memory::of([
        ("site.yml", text),
        ("damaged.yml", other),
        ("roles/r/tasks/main.yml", other),
        ("roles/r/meta/main.yml", other),
        ("roles/r/meta/argument_specs.yml", &specifications),
        ("roles/r/defaults/main.yml", other),
        ("filters/damaged.j2", other),
    ]);
    match load_playbook(Path::new("site.yml"), &files, &Anything) {
        Ok(playbook) => {
            let scope = |host: &str| Scope::new(Arc::new(Nowhere)).with_all(inventory.layers(host));
            show(&check(&[playbook], inventory, &scope, Severity::Error));
            true
        }
        Err(faults) => {
            show(&faults);
            false
        }
    }
}

fn as_inventory(name: &str, text: &str) -> Inventory {
    let sources = Sources {
        inventories: vec![name.to_owned()],
        playbooks: Vec::new(),
    };
    match inventory::load(&sources, &Memory::of([(name, text)])) {
        Ok(inventory) => inventory,
        Err(faults) => {
            show(&faults);
            Inventory::default()
        }
    }
}

/// Makes text of the first faults; there may be one in every line.
fn show(faults: &[Diagnostic]) {
    for fault in faults.iter().take(20) {
        render(fault, Look::Plain);
    }
}

/// A catalog that knows a few modules, and takes anything as their arguments.
struct Anything;

impl Catalog for Anything {
    fn find(&self, name: &str, _: &[PathBuf]) -> Option<ModuleInfo> {
        self.names().contains(&name.to_owned()).then(|| ModuleInfo {
            name: name.to_owned(),
            free_form: (name == "command").then(|| "cmd".to_owned()),
            schema: serde_json::json!({"type": "object"}),
            sets_variables: false,
            unusable: None,
            doubt: None,
        })
    }

    fn names(&self) -> Vec<String> {
        [
            "assert",
            "command",
            "copy",
            "debug",
            "fail",
            "set_fact",
            "validate_argument_spec",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
