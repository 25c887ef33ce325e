//! Every module this build has: one table for the engine, the language's static
//! checks, the manual and the command line.

use std::collections::BTreeMap;

use cutover_kit::AnyModule;
use cutover_language::catalog::{Catalog, ModuleInfo};

/// The modules by name.
pub struct Modules {
    by_name: BTreeMap<&'static str, &'static dyn AnyModule>,
}

impl Modules {
    /// All that are built in.
    pub fn built_in() -> Self {
        let all = [cutover_core::modules(), cutover_certificates::modules()];
        let by_name = all.into_iter().flatten().map(|module| (module.name(), module));
        Self {
            by_name: by_name.collect(),
        }
    }

    /// The module of this name.
    pub fn get(&self, name: &str) -> Option<&'static dyn AnyModule> {
        self.by_name.get(name).copied()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn AnyModule> + '_ {
        self.by_name.values().copied()
    }
}

impl Catalog for Modules {
    fn find(&self, name: &str) -> Option<ModuleInfo> {
        self.get(name).map(|module| ModuleInfo {
            name: module.name().to_owned(),
            free_form: module.traits().free_form.map(str::to_owned),
            schema: module.schema(),
        })
    }

    fn names(&self) -> Vec<String> {
        self.by_name.keys().map(|name| (*name).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn every_module_says_what_it_does_and_what_each_argument_means() {
        for module in Modules::built_in().iter() {
            let schema = module.schema();
            assert!(
                schema["description"].is_string(),
                "{} has no manual",
                module.name()
            );
            let arguments = schema["properties"].as_object();
            for (name, argument) in arguments.into_iter().flatten() {
                assert!(
                    argument["description"].is_string(),
                    "{} {name} has no manual",
                    module.name()
                );
            }
        }
    }

    #[test]
    fn what_free_text_fills_is_an_argument() {
        for module in Modules::built_in().iter() {
            if let Some(name) = module.traits().free_form {
                let argument = &module.schema()["properties"][name];
                assert_ne!(*argument, Json::Null, "{} has no {name}", module.name());
            }
        }
    }
}
