//! Reading playbooks, and what a run includes later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::model::{Play, Playbook};
use super::play::{self, Import};
use super::reading::{Around, Origin, Reading};
use crate::catalog::Catalog;
use crate::diagnose::{Diagnostic, any_error};
use crate::files::Files;
use crate::scope::{Layer, Rank};
use crate::template::{SiteFilter, site_filters};
use crate::yaml::Node;

/// Reads playbooks with everything they import, and what a run includes later.
pub struct Loader<'a> {
    files: &'a dyn Files,
    catalog: &'a dyn Catalog,
    roles_path: Vec<PathBuf>,
    extra: Arc<Layer>,
    here: PathBuf,
    merges: bool,
}

impl<'a> Loader<'a> {
    /// A loader that reads from `files` and knows the modules of `catalog`.
    pub fn new(files: &'a dyn Files, catalog: &'a dyn Catalog) -> Self {
        Self {
            files,
            catalog,
            roles_path: Vec::new(),
            extra: Arc::new(Layer::new(Rank::Extra, "--extra-vars")),
            here: PathBuf::new(),
            merges: false,
        }
    }

    /// Folders in which roles are looked for, besides those beside the playbook.
    #[must_use]
    pub fn roles_path(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.roles_path.extend(folders);
        self
    }

    /// `-e`, which names of files and roles may be made of.
    #[must_use]
    pub fn extra(mut self, extra: Arc<Layer>) -> Self {
        self.extra = extra;
        self
    }

    /// The folder that relative paths start from, for what templates are told of paths.
    #[must_use]
    pub fn here(mut self, folder: impl Into<PathBuf>) -> Self {
        self.here = folder.into();
        self
    }

    /// Whether mappings of one name are merged where names of files and roles are made of them
    /// ([`crate::Templar::merging`]).
    #[must_use]
    pub fn merging(mut self, merges: bool) -> Self {
        self.merges = merges;
        self
    }

    /// Reads a playbook. Every mistake in it is reported; warnings alone do not
    /// stop it and stand in [`Playbook::warnings`].
    pub fn playbook(&self, path: &Path) -> Result<Playbook, Vec<Diagnostic>> {
        let mut reading = self.reading(Around::of_playbook(path));
        let plays = reading.inside(path, None, |reading, root| {
            play::plays(root, reading, &Import::default())
        });
        let plays = plays.unwrap_or_default();
        let filters = self.filters(path, &plays, &mut reading);
        let warnings = finished(reading)?;
        Ok(Playbook {
            path: path.display().to_string(),
            plays,
            warnings,
            filters,
        })
    }

    /// The playbook a tree means, as far as it means one, and every fault in it.
    pub fn understand(&self, root: &Node) -> (Playbook, Vec<Diagnostic>) {
        let path = root.place.source.path().to_owned();
        let mut reading = self.reading(Around::of_playbook(Path::new(&path)));
        let plays = play::plays(root, &mut reading, &Import::default());
        let filters = self.filters(Path::new(&path), &plays, &mut reading);
        let playbook = Playbook {
            path,
            plays,
            warnings: Vec::new(),
            filters,
        };
        (playbook, reading.into_faults())
    }

    /// The filters of the site that these plays can use.
    fn filters(&self, path: &Path, plays: &[Play], reading: &mut Reading<'_>) -> Vec<SiteFilter> {
        let of_tasks = |play: &Play| {
            let tasks = play.tasks().into_iter();
            tasks.flat_map(|task| task.folders(play)).collect::<Vec<_>>()
        };
        let roles = plays.iter().flat_map(|play| &play.used);
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut folders: BTreeSet<PathBuf> = plays.iter().flat_map(of_tasks).chain([beside]).collect();
        folders.extend(roles.map(|role| role.path.clone()));
        let mut filters = Vec::new();
        for folder in folders {
            let (found, faults) = site_filters(self.files, &folder);
            filters.extend(found);
            faults.into_iter().for_each(|fault| reading.fault(fault));
        }
        filters
    }

    pub(super) fn folder(&self) -> &Path {
        &self.here
    }

    pub(super) fn reading(&self, around: Around) -> Reading<'_> {
        let origin = Origin {
            files: self.files,
            catalog: self.catalog,
            roles_path: &self.roles_path,
            extra: self.extra.clone(),
            here: &self.here,
            merges: self.merges,
        };
        Reading::new(origin, around)
    }
}

/// The warnings, or every fault where one of them is an error.
pub(super) fn finished(reading: Reading<'_>) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let faults = reading.into_faults();
    match any_error(&faults) {
        true => Err(faults),
        false => Ok(faults),
    }
}
