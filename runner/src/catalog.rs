//! Every module this build has: one table for the engine, the language's static
//! checks, the manual and the command line.

use std::path::{Path, PathBuf};

use cutover_kit::AnyModule;
use cutover_language::{Diagnostic, Severity};

use crate::run::Modules;

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
    let folders = cutover_site::Folders {
        named: &site.named,
        beside: &beside,
        roles: &site.roles,
        library: &site.library,
    };
    let (own, taken): (Vec<_>, Vec<_>) = cutover_site::find(folders)
        .into_iter()
        .partition(|module| built_in.find(module.name()).is_none());
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
    let own = own.into_iter().map(|module| -> &'static dyn AnyModule { module });
    (
        Modules::new(built_in.iter().chain(own)),
        warnings.chain(missing).collect(),
    )
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
