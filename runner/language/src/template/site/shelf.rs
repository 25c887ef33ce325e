//! The files of filters: read once for an evaluation, and compiled once for as long as their text stays.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Environment;

use super::{SiteFilter, in_source, paths};
use crate::diagnose::Diagnostic;
use crate::files;
use crate::source::Source;
use crate::template::engine::{ENGINE, STRING_SYNTAX};
use crate::template::error::TemplateError;
use crate::template::file::with_unix_ends;
use crate::template::{Inner, compile, written};

/// A file of filters.
pub(in crate::template) struct SiteFile {
    source: Arc<Source>,
    filters: Vec<SiteFilter>,
    engine: Environment<'static>,
}

impl SiteFile {
    fn of(source: Arc<Source>, base: &Path) -> Result<Self, TemplateError> {
        let filters = in_source(&source, base)?;
        let mut engine = ENGINE.clone();
        engine.set_syntax(written::syntax());
        if let Ok(text) = compile::rewritten(source.text(), &STRING_SYNTAX) {
            // What is wrong with it is told where it is used, by what loads it then.
            let _ = engine.add_template_owned(source.path().to_owned(), text);
        }
        Ok(Self {
            source,
            filters,
            engine,
        })
    }

    /// Its text.
    pub(in crate::template) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The engine with this file in it, under its path.
    pub(in crate::template) fn engine(&self) -> &Environment<'static> {
        &self.engine
    }
}

/// The files that were compiled, by their paths.
#[derive(Default)]
pub(in crate::template) struct Compiled(Mutex<HashMap<PathBuf, Arc<SiteFile>>>);

impl Compiled {
    fn of(&self, source: &Arc<Source>, base: &Path) -> Result<Arc<SiteFile>, TemplateError> {
        let path = PathBuf::from(source.path());
        let same = |file: &&Arc<SiteFile>| {
            file.source.text() == source.text() && file.source.is_sealed() == source.is_sealed()
        };
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(&path).filter(same) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(SiteFile::of(Arc::clone(source), base)?);
        files.insert(path, Arc::clone(&file));
        Ok(file)
    }
}

/// The filters of one folder, as an evaluation has found them.
pub(in crate::template) struct Shelf {
    files: Vec<Arc<SiteFile>>,
    /// What keeps others from being found.
    fault: Option<Diagnostic>,
}

impl Shelf {
    pub(in crate::template) fn of(inner: &Inner, base: &Path) -> Self {
        let mut shelf = Self {
            files: Vec::new(),
            fault: None,
        };
        for path in paths(&*inner.files, base) {
            let file = files::read(&*inner.files, &path).and_then(|source| {
                let file = inner.compiled.of(&with_unix_ends(&source), base);
                file.map_err(|error| Box::new(error.to_diagnostic()))
            });
            match file {
                Ok(file) => shelf.files.push(file),
                Err(fault) => shelf.fault = shelf.fault.or(Some(*fault)),
            }
        }
        shelf
    }

    /// The file with the filter of this name.
    pub(super) fn with(&self, name: &str) -> Option<&Arc<SiteFile>> {
        let has_it = |file: &&Arc<SiteFile>| file.filters.iter().any(|filter| filter.name == name);
        self.files.iter().find(has_it)
    }

    /// The names of all its filters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let filters = self.files.iter().flat_map(|file| &file.filters);
        filters.map(|filter| filter.name.as_str())
    }

    /// What is wrong with one of its files.
    pub(super) fn fault(&self) -> Option<&Diagnostic> {
        self.fault.as_ref()
    }
}
