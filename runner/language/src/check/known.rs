//! The names that may be defined when a task runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::playbook::{Action, Play, Playbook, Task, VarsFile};
use crate::template::{SiteFilter, filter_names};
use crate::yaml::has_template;

/// Names that are always there, besides those that begin with `ansible_`.
const MAGIC: [&str; 14] = [
    "environment",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "omit",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_path",
    "vars",
];

/// Names that playbooks set.
#[derive(Clone, Default)]
pub(super) struct Known {
    names: BTreeSet<String>,
    /// The filters of the site that some tasks of the playbook can use.
    filters: Vec<SiteFilter>,
    /// The folder of the playbook, whose filters all of them can use.
    folder: PathBuf,
    /// Something sets names that cannot be known.
    open: bool,
}

impl Known {
    /// What any of the playbooks sets for later tasks and plays.
    pub(super) fn by(playbooks: &[Playbook]) -> Self {
        let mut known = Self::default();
        known.names.extend(MAGIC.map(str::to_owned));
        for play in playbooks.iter().flat_map(Playbook::plays) {
            play.tasks().into_iter().for_each(|task| known.set_by(task));
        }
        known
    }

    /// What holds in one play of a playbook, with the names its hosts have.
    pub(super) fn in_play(&self, playbook: &Playbook, play: &Play, hosts: BTreeSet<String>) -> Self {
        let mut known = self.clone();
        known.filters.clone_from(&playbook.filters);
        let folder = Path::new(&playbook.path).parent();
        known.folder = folder.map(Path::to_owned).unwrap_or_default();
        known.names.extend(hosts);
        known.names.extend(play.vars.keys().map(str::to_owned));
        known
            .names
            .extend(play.vars_prompt.iter().map(|prompt| prompt.name.value.clone()));
        for file in &play.vars_files {
            match file {
                VarsFile::Read(layer) => known.names.extend(layer.variables.keys().cloned()),
                VarsFile::Later(_) => known.open = true,
            }
        }
        let of_roles = play.used.iter().flat_map(|role| role.layers());
        let of_tasks = play.tasks().into_iter().filter_map(|task| task.role.as_ref());
        let layers = of_roles.chain(of_tasks.flat_map(|role| role.layers()));
        known
            .names
            .extend(layers.flat_map(|layer| layer.variables.keys().cloned()));
        known
    }

    fn set_by(&mut self, task: &Task) {
        let registered = task.register.iter().map(|name| name.value.clone());
        self.names.extend(registered);
        match &task.action {
            Action::Module(call) if call.module == "set_fact" => match call.args.as_map() {
                Some(args) => {
                    self.open |= args.keys().any(has_template);
                    self.names.extend(args.keys().map(str::to_owned));
                }
                None => self.open = true,
            },
            Action::Module(call) => {
                self.open |= call.sets_variables;
            }
            Action::Inclusion(_) | Action::Template { .. } => self.open = true,
            Action::Meta(_) => {}
        }
    }

    /// Whether a name may be defined.
    pub(super) fn has(&self, name: &str) -> bool {
        self.open || name.starts_with("ansible_") || self.names.contains(name)
    }

    /// Every filter there is for a task that looks for files in these folders.
    pub(super) fn filters<'a>(&'a self, folders: &'a [PathBuf]) -> impl Iterator<Item = &'a str> {
        let near = move |filter: &&SiteFilter| filter.base == self.folder || folders.contains(&filter.base);
        let of_site = self
            .filters
            .iter()
            .filter(near)
            .map(|filter| filter.name.as_str());
        of_site.chain(filter_names().map(|name| -> &'a str { name }))
    }

    /// Every name there is.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}
