//! What a play's templates can see, and what is decided by it.

use std::sync::Arc;

use cutover_kit::Value;
use cutover_language::playbook::Task;
use cutover_language::scope::{Layer, Rank};

use super::play::PlayRun;
use super::scope::Terms;
use super::walk::Walk;
use crate::event::Section;
use crate::sync::{lock, read};

impl PlayRun {
    /// Whether tags choose the task. A gate goes with its phase, whatever tags are chosen.
    pub(super) fn chooses(&self, task: &Task, walk: &Walk) -> bool {
        if matches!(walk.section, Section::Gate | Section::Handlers) {
            return true;
        }
        if task.directives.tags.is_empty() {
            return self.tags.choose(&[]);
        }
        let terms = self.terms(&walk.host, Some(task));
        self.tags.choose(&terms.words(&task.directives.tags))
    }

    /// The task's name for people, templated where that can be done.
    pub(super) fn title(task: &Task, terms: &Terms) -> String {
        let name = Self::own_name(task, terms).map_or_else(|| task.bare_title(), Into::into);
        task.titled(&name)
    }

    /// The name that a task was given, templated where that can be done.
    pub(super) fn own_name(task: &Task, terms: &Terms) -> Option<String> {
        let name = task.name.as_ref()?;
        match terms.render(name) {
            Ok(Value::String(rendered)) => Some(rendered),
            Ok(_) => None,
            Err(_) => terms.patiently(name),
        }
    }

    /// What a host's templates can see.
    pub(super) fn terms(&self, host: &str, task: Option<&Task>) -> Terms {
        let mut layers = self.layers.clone();
        layers.extend(self.late_files(host));
        layers.extend(read(&self.exported).iter().cloned());
        layers.push(read(&self.active).clone());
        layers.extend(task.map(|task| self.search_path(task)));
        self.variables.terms(host, &layers, task)
    }

    /// Where the files that a task names are looked for: the same for all tasks of a file in a role.
    fn search_path(&self, task: &Task) -> Arc<Layer> {
        let role = task.role.as_ref().map_or("", |role| role.identity.as_str());
        let key = (task.place.source.path().to_owned(), role.to_owned());
        if let Some(known) = lock(&self.search_paths).get(&key) {
            return known.clone();
        }
        let layer = Arc::new(self.folders_of(task));
        lock(&self.search_paths).insert(key, layer.clone());
        layer
    }

    fn folders_of(&self, task: &Task) -> Layer {
        let loader = self.library.loader();
        let folders = task.folders(&self.play);
        let folders: Vec<String> = folders.iter().map(|folder| loader.shown(folder)).collect();
        Layer::new(Rank::Magic, "magic").with("ansible_search_path", folders)
    }
}
