//! Files that a template includes, imports or extends.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind as Engine};

use super::engine::ENGINE;
use super::error::{ErrorKind, Fault, Step, Stop, TemplateError};
use super::eval::Eval;
use super::file::with_unix_ends;
use super::lookups::{has_read, read, search};
use super::site::SiteFile;
use super::{compile, written};
use crate::source::{Place, Source};

/// The files that one run of a template loaded, by the names it gave them.
pub(super) struct Included {
    eval: Arc<Eval>,
    /// The folder of the template itself.
    beside: PathBuf,
    syntax: SyntaxConfig,
    /// The file of filters that is known already.
    known: Option<Arc<SiteFile>>,
    loaded: Mutex<Vec<(String, Arc<Source>)>>,
}

impl Included {
    pub(super) fn new(
        eval: &Arc<Eval>,
        from: &Path,
        syntax: SyntaxConfig,
        known: Option<&Arc<SiteFile>>,
    ) -> Arc<Self> {
        let mut loaded = Vec::new();
        if let Some(file) = known {
            let source = file.source();
            has_read(eval, source);
            loaded.push((source.path().to_owned(), Arc::clone(source)));
        }
        Arc::new(Self {
            known: known.map(Arc::clone),
            eval: Arc::clone(eval),
            beside: from.parent().map(Path::to_owned).unwrap_or_default(),
            syntax,
            loaded: Mutex::new(loaded),
        })
    }

    /// The engine with a way to load these files.
    pub(super) fn engine(self: &Arc<Self>) -> Environment<'static> {
        let mut engine = match &self.known {
            Some(file) => file.engine().clone(),
            None => ENGINE.clone(),
        };
        engine.set_syntax(written::syntax());
        let this = Arc::clone(self);
        engine.set_loader(move |name| this.load(name));
        engine
    }

    /// The file of this name with its tree rewritten; `None` where there is none.
    fn load(&self, name: &str) -> Result<Option<String>, Error> {
        let beside = self.beside.join(name);
        let near = search(&self.eval, "templates", &beside.display().to_string());
        let path = match near
            .ok()
            .flatten()
            .filter(|_| !self.beside.as_os_str().is_empty())
        {
            Some(path) => path,
            None => match search(&self.eval, "templates", name)? {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        let source = with_unix_ends(&read(&self.eval, &path)?);
        has_read(&self.eval, &source);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.push((name.to_owned(), Arc::clone(&source)));
        drop(loaded);
        // Of a file that is brought in the line end at its end goes.
        let text = source.text();
        match compile::rewritten(text.strip_suffix('\n').unwrap_or(text), &self.syntax) {
            Ok(text) => Ok(Some(text)),
            Err(fault) => {
                let place = source.place(fault.range);
                let error = Box::new(fault.fault.at(place));
                let variable = format!("template {name}");
                Err(Stop::Within { variable, error }.into())
            }
        }
    }

    /// A fault in one of these files, where it is one: with its line there.
    pub(super) fn fault(&self, error: &Error, stop: &Stop, place: &Place) -> Option<TemplateError> {
        let mut innermost = None;
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<Error>()
                && let (Some(name), Some(line)) = (error.name().filter(|name| !name.is_empty()), error.line())
            {
                innermost = Some((name.to_owned(), line));
            }
            next = error.source();
        }
        let Stop::Here(fault) = stop else {
            return None;
        };
        if error.kind() == Engine::TemplateNotFound {
            return None;
        }
        let (name, line) = innermost?;
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, source) = loaded.iter().find(|(known, _)| *known == name)?;
        let lines: usize = source
            .text()
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum();
        let at = source.place(lines..source.text().len()).first_line();
        let mut error = fault.clone().at(at);
        error.chain.push(Step {
            variable: format!("template {name}"),
            place: place.clone(),
        });
        Some(error)
    }
}

/// A file that is not there.
pub(super) fn missing(error: &Error) -> Option<Fault> {
    let is_missing = error.kind() == Engine::TemplateNotFound;
    is_missing.then(|| {
        let detail = error
            .detail()
            .unwrap_or("a template that this one names does not exist");
        let help =
            "files are looked for beside this one, in `templates` of the role and of the playbook".to_owned();
        Fault::new(ErrorKind::Value, detail).help(Some(help))
    })
}
