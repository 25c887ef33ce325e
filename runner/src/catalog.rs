//! Every module this build has: one table for the engine, the language's static
//! checks, the manual and the command line.

use std::path::{Path, PathBuf};

use cutover_kit::AnyModule;
use cutover_language::{Diagnostic, Severity};
use cutover_site::{Shelves, SiteModule};

use crate::run::{Modules, OwnModule, OwnModules};

/// Where modules of the site may be, besides beside the playbooks.
#[derive(Clone, Debug, Default)]
pub struct SiteFolders {
    /// `--module-path`.
    pub named: Vec<PathBuf>,
    /// Folders of roles.
    pub roles: Vec<PathBuf>,
    /// The setting `library`.
    pub library: Vec<PathBuf>,
}

/// The modules that are built in, and those of the site: beside these playbooks, in their roles and in
/// these folders. A module of the site that has the name of a built-in one is not used.
pub fn of_site(playbooks: &[String], site: &SiteFolders) -> (Modules, Vec<Diagnostic>) {
    let folder = |playbook: &String| Path::new(playbook).parent().map(Path::to_owned);
    let beside: Vec<PathBuf> = playbooks.iter().filter_map(folder).collect();
    let built_in = built_in();
    let own = Site::of(&beside, site);
    let taken = own
        .all()
        .filter(|module| built_in.find(module.name()).is_some())
        .collect::<Vec<_>>();
    let warnings = taken.into_iter().map(|module| {
        let name = module.name();
        let message = format!(
            "the built-in module `{name}` is used, not {}",
            module.path().display()
        );
        warning(message, "give the file another name")
    });
    let missing = site.named.iter().filter(|folder| !folder.is_dir());
    let missing = missing.map(|folder| {
        let message = format!("--module-path: there is no folder {}", folder.display());
        warning(message, "several folders stand with `:` between them")
    });
    let warnings = warnings.chain(missing).collect();
    (built_in.with_own(own), warnings)
}

/// The modules of a site that are known from the beginning, those first that win where a task has
/// none nearer.
struct Site {
    shelves: Shelves,
    named: Vec<&'static SiteModule>,
    /// Those beside the playbooks that were asked for.
    beside: Vec<&'static SiteModule>,
    /// Those of roles, whether a play uses them or not.
    of_roles: Vec<&'static SiteModule>,
    library: Vec<&'static SiteModule>,
}

impl Site {
    fn of(beside: &[PathBuf], site: &SiteFolders) -> Self {
        let shelves = Shelves::default();
        let of = |folders: &[PathBuf]| folders.iter().flat_map(|folder| shelves.of(folder)).collect();
        let own = beside
            .iter()
            .flat_map(|folder| [folder.join("library"), folder.join("modules")]);
        let roles = beside.iter().map(|folder| folder.join("roles"));
        let roles = roles.chain(site.roles.iter().cloned());
        Self {
            named: of(&site.named),
            beside: of(&own.collect::<Vec<_>>()),
            of_roles: roles.flat_map(|folder| shelves.of_roles(&folder)).collect(),
            library: of(&site.library),
            shelves,
        }
    }

    fn all(&self) -> impl Iterator<Item = &'static SiteModule> {
        let all = [&self.named, &self.beside, &self.of_roles, &self.library];
        all.into_iter().flatten().copied()
    }

    /// Of a role that is none of the task's: a task may use what another role brings.
    fn elsewhere(&self, name: &str) -> Option<OwnModule> {
        let mut found = self.of_roles.iter().filter(|module| module.name() == name);
        let module: &'static SiteModule = found.next()?;
        let doubt = found.find(|other| !other.is_like(module)).map(|other| {
            let (one, other) = (module.path().display(), other.path().display());
            format!("two roles have a module `{name}`: {one} is used, not {other}")
        });
        Some(OwnModule { module, doubt })
    }
}

impl OwnModules for Site {
    fn find(&self, name: &str, folders: &[PathBuf]) -> Option<OwnModule> {
        let among = |modules: &[&'static SiteModule]| {
            let module = modules.iter().copied().find(|module| module.name() == name)?;
            Some(OwnModule { module, doubt: None })
        };
        let near = || folders.iter().find_map(|folder| among(&self.shelves.of(folder)));
        among(&self.named)
            .or_else(near)
            .or_else(|| among(&self.beside))
            .or_else(|| self.elsewhere(name))
            .or_else(|| among(&self.library))
    }

    fn names(&self) -> Vec<String> {
        self.all().map(|module| module.name().to_owned()).collect()
    }
}

fn warning(message: String, help: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::nowhere("site-module", message).help(help)
    }
}

/// All modules that are built in.
pub fn built_in() -> Modules {
    let all = [
        cutover_certificates::modules(),
        cutover_core::modules(),
        cutover_vos::modules(),
    ];
    Modules::new(all.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn every_module_says_what_it_does_and_what_each_argument_means() {
        for module in built_in().iter() {
            let schema = module.schema();
            assert!(
                schema["description"].is_string(),
                "{} has no manual",
                module.name()
            );
            let arguments = schema["properties"].as_object();
            for (name, argument) in arguments.into_iter().flatten() {
                let manual = &argument["description"];
                assert!(manual.is_string(), "{} {name} has no manual", module.name());
            }
        }
    }

    #[test]
    fn what_free_text_fills_is_an_argument() {
        for module in built_in().iter() {
            if let Some(name) = module.traits().free_form {
                let argument = &module.schema()["properties"][name];
                assert_ne!(*argument, Json::Null, "{} has no {name}", module.name());
            }
        }
    }
}
