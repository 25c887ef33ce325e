//! Where playbooks, roles and what a run includes are read from.

use std::path::PathBuf;
use std::sync::Arc;

use cutover_language::files::{Disk, Recorded};
use cutover_language::inventory::Sources;
use cutover_language::playbook::Loader;
use cutover_language::scope::Layer;

use super::modules::Modules;

/// Everything that reading tasks needs, before and during a run.
pub(super) struct Library {
    /// The disk, with everything that was read of it remembered.
    pub files: Arc<Recorded<Disk>>,
    /// Every module there is.
    pub modules: Arc<Modules>,
    /// Folders of roles, besides those beside the playbook.
    pub roles_path: Vec<PathBuf>,
    /// What the inventory is made of.
    pub sources: Sources,
    /// `-e`.
    pub extra: Arc<Layer>,
    /// The folder that relative paths start from.
    pub here: PathBuf,
    /// Whether mappings of one name are merged.
    pub merges: bool,
}

impl Library {
    /// What reads.
    pub(super) fn loader(&self) -> Loader<'_> {
        Loader::new(&*self.files, &*self.modules)
            .roles_path(self.roles_path.iter().cloned())
            .extra(self.extra.clone())
            .here(self.here.clone())
            .merging(self.merges)
    }
}
