//! What a run includes when it is reached: tasks, roles and variables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::action::Inclusion;
use super::block::items;
use super::inclusion::find_tasks;
use super::loader::{Loader, finished};
use super::model::{Handler, Item, Play, Task, VarsFile};
use super::reading::{Around, Reading};
use super::role::Role;
use super::roles::{self, Call};
use super::vars_files::candidates;
use crate::diagnose::Diagnostic;
use crate::files::{self, Found};
use crate::scope::{Layer, Rank};
use crate::source::{Located, Place};
use crate::yaml::Mapping;

/// Where something is included, and what is handed to what is inside.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// The play.
    pub play: &'a Play,
    /// The task that includes.
    pub task: &'a Task,
    /// Whether it is a handler.
    pub in_handlers: bool,
    /// `vars` of the inclusion and the variables of its loop.
    pub given: Option<Arc<Layer>>,
}

/// What was included.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The tasks.
    pub items: Vec<Item>,
    /// Handlers that are known from now on.
    pub handlers: Vec<Handler>,
    /// Roles that the play uses from now on.
    pub roles: Vec<Arc<Role>>,
    /// What is probably not meant so.
    pub warnings: Vec<Diagnostic>,
}

/// The names of an `include_role`, rendered.
#[derive(Clone, Debug, Default)]
pub struct RoleNames {
    /// The role.
    pub role: String,
    /// `tasks_from`.
    pub tasks_from: Option<String>,
    /// `vars_from`.
    pub vars_from: Option<String>,
    /// `defaults_from`.
    pub defaults_from: Option<String>,
    /// `handlers_from`.
    pub handlers_from: Option<String>,
}

impl Site<'_> {
    fn around(&self) -> Around {
        let vars = Layer::written(Rank::Play, "vars of the play", &self.play.vars);
        let files = self.play.vars_files.iter().filter_map(|file| match file {
            VarsFile::Read(layer) => Some(layer.clone()),
            VarsFile::Later(_) => None,
        });
        let through = self.task.through.iter().cloned().chain(self.given.clone());
        let mut around = Around::of_playbook(Path::new(self.play.place.source.path()));
        around.layers = std::iter::once(Arc::new(vars)).chain(files).collect();
        around.role = self.task.role.clone();
        around.through = through.collect();
        around.in_handlers = self.in_handlers;
        around
    }
}

impl Loader<'_> {
    /// The file of tasks that is meant, or where it was looked for.
    pub fn find_tasks(&self, site: &Site<'_>, name: &str) -> Result<PathBuf, Vec<PathBuf>> {
        let reading = self.reading(site.around());
        find_tasks(&reading, name, Path::new(site.task.place.source.path()))
    }

    /// The folder of the role that is meant, or the folders that it was looked for in.
    pub fn find_role(&self, site: &Site<'_>, name: &str) -> Result<PathBuf, Vec<PathBuf>> {
        let found = roles::find(&self.reading(site.around()), name);
        found.map_err(|tried| {
            let folders = tried.iter().filter_map(|path| path.parent());
            folders.map(Path::to_owned).collect()
        })
    }

    /// A path as templates and events are told of it.
    pub fn shown(&self, path: &Path) -> String {
        files::join(self.folder(), path).display().to_string()
    }

    /// Reads a file of tasks that `include_tasks` names.
    pub fn include_tasks(
        &self,
        site: &Site<'_>,
        inclusion: &Inclusion,
        path: &Path,
    ) -> Result<Brought, Vec<Diagnostic>> {
        let mut reading = self.reading(site.around());
        let directives = inclusion.apply.clone().under(&inclusion.around);
        let place = &inclusion.target.place;
        let read = reading.inside(path, Some(place), |reading, root| {
            items(reading, "a file of tasks", Some(root), &directives)
        });
        brought(reading, read.unwrap_or_default(), Vec::new())
    }

    /// Reads a role that `include_role` names.
    pub fn include_role(
        &self,
        site: &Site<'_>,
        inclusion: &Inclusion,
        names: &RoleNames,
    ) -> Result<Brought, Vec<Diagnostic>> {
        let Some(options) = inclusion.role() else {
            return self.include_tasks(site, inclusion, Path::new(&names.role));
        };
        let mut reading = self.reading(site.around());
        let at = |name: &String| Located::new(name.clone(), inclusion.target.place.clone());
        let call = Call {
            name: at(&names.role),
            tasks_from: names.tasks_from.as_ref().map(at),
            vars_from: names.vars_from.as_ref().map(at),
            defaults_from: names.defaults_from.as_ref().map(at),
            handlers_from: names.handlers_from.as_ref().map(at),
            given: inclusion.vars.clone(),
            parameters: Mapping::default(),
            public: options.public,
            by_task: true,
            allow_duplicates: options.allow_duplicates,
            validate: options.validate,
        };
        let directives = inclusion.apply.clone().under(&inclusion.around);
        let (mut items, mut handlers) = (Vec::new(), Vec::new());
        if let Some(loaded) = roles::load(&mut reading, &call, &directives) {
            reading.roles.push(loaded.role);
            (items, handlers) = (loaded.items, loaded.handlers);
        }
        brought(reading, items, handlers)
    }

    /// The files of variables that `name` means, a file or (with `folder`) all in a folder
    /// and those below it; or where it was looked for.
    pub fn find_variables(
        &self,
        site: &Site<'_>,
        name: &str,
        folder: bool,
    ) -> Result<Vec<PathBuf>, Vec<PathBuf>> {
        let reading = self.reading(site.around());
        let mut tried: Vec<PathBuf> = Vec::new();
        for place in site.task.folders(site.play) {
            for path in [files::join(&place.join("vars"), name), files::join(&place, name)] {
                if !tried.contains(&path) {
                    tried.push(path);
                }
            }
        }
        if folder {
            let is_folder = |path: &&PathBuf| reading.origin.files.find(path) == Some(Found::Folder);
            let found = tried
                .iter()
                .find(is_folder)
                .map(|path| roles::all_below(&reading, path));
            return found.ok_or(tried);
        }
        let found = reading.first_file(tried.iter().cloned()).map(|path| vec![path]);
        found.ok_or(tried)
    }

    /// The first of some files of `vars_files` that is there, and its variables.
    pub fn first_variables(
        &self,
        play: &Play,
        names: &[String],
        place: &Place,
    ) -> Result<Option<(PathBuf, Mapping)>, Vec<Diagnostic>> {
        let reading = self.reading(Around::of_playbook(Path::new(play.place.source.path())));
        let candidates = names.iter().flat_map(|name| candidates(&reading, name));
        match reading.first_file(candidates) {
            Some(path) => self.variables(&path, place).map(|read| Some((path, read))),
            None => Ok(None),
        }
    }

    /// The variables of a file, as they were written.
    pub fn variables(&self, path: &Path, place: &Place) -> Result<Mapping, Vec<Diagnostic>> {
        let mut reading = self.reading(Around::default());
        let map = reading.variables_of(path, Some(place));
        finished(reading)?;
        Ok(map.unwrap_or_default())
    }
}

fn brought(
    mut reading: Reading<'_>,
    items: Vec<Item>,
    mut handlers: Vec<Handler>,
) -> Result<Brought, Vec<Diagnostic>> {
    handlers.append(&mut reading.brought);
    let roles = std::mem::take(&mut reading.roles);
    let warnings = finished(reading)?;
    Ok(Brought {
        items,
        handlers,
        roles,
        warnings,
    })
}
