//! The modules a playbook may name.

use std::path::{Path, PathBuf};

use crate::playbook::Role;

/// What the language must know of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleInfo {
    /// Its name, without a prefix.
    pub name: String,
    /// The argument that one free string fills (`command: uptime`), if there is one.
    pub free_form: Option<String>,
    /// JSON Schema of its arguments.
    pub schema: serde_json::Value,
    /// Whether its result may set variables that nobody can know beforehand.
    pub sets_variables: bool,
    /// Why it cannot be used, and what to use instead.
    pub unusable: Option<String>,
    /// Why another module may be meant.
    pub doubt: Option<String>,
}

/// Where modules are found.
pub trait Catalog {
    /// The module of this name, which has no prefix of ours or of Ansible's core, for a task that
    /// finds modules of the site in these folders, in this order.
    fn find(&self, name: &str, folders: &[PathBuf]) -> Option<ModuleInfo>;

    /// Every name there is, for "did you mean".
    fn names(&self) -> Vec<String>;
}

/// The folders in which a task finds modules of the site: those beside its playbook, as Ansible has
/// it, before that of its role, and then those of the roles that brought this one in.
pub(crate) fn folders(playbook: &Path, role: Option<&Role>) -> Vec<PathBuf> {
    let beside = ["library", "modules"].map(|name| playbook.join(name));
    let of_roles = role.into_iter().flat_map(Role::folders);
    let of_roles = of_roles.map(|folder| folder.join("library"));
    beside.into_iter().chain(of_roles).collect()
}

/// Prefixes under which the built-in modules are known too.
const PREFIXES: [&str; 3] = ["ansible.builtin.", "ansible.legacy.", "cutover."];

/// A name without the prefix that only says "built in".
pub fn short(name: &str) -> &str {
    PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}
