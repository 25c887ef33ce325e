//! Every module this build has: one table for the engine, the language's static
//! checks, the manual and the command line.

use std::path::{Path, PathBuf};

use cutover_kit::AnyModule;
use cutover_language::{Diagnostic, Severity};

use crate::run::Modules;

/// The modules that are built in, and those of the site: beside these playbooks, in their roles and in
/// these folders of roles. A module of the site that has the name of a built-in one is not used.
pub fn of_site(playbooks: &[String], roles: &[PathBuf]) -> (Modules, Vec<Diagnostic>) {
    let folder = |playbook: &String| Path::new(playbook).parent().map(Path::to_owned);
    let folders: Vec<PathBuf> = playbooks.iter().filter_map(folder).collect();
    let built_in = built_in();
    let (own, taken): (Vec<_>, Vec<_>) = cutover_site::find(&folders, roles)
        .into_iter()
        .partition(|module| built_in.find(module.name()).is_none());
    let warnings = taken.into_iter().map(|module| {
        let name = module.name();
        let message = format!(
            "the built-in module `{name}` is used, not {}",
            module.path().display()
        );
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::nowhere("site-module", message).help("give the file another name")
        }
    });
    let own = own.into_iter().map(|module| -> &'static dyn AnyModule { module });
    (Modules::new(built_in.iter().chain(own)), warnings.collect())
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
