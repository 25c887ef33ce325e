//! The modules of a run, by name. The engine is handed them and knows none itself.

use std::collections::BTreeMap;

use cutover_kit::AnyModule;
use cutover_language::catalog::{Catalog, ModuleInfo};

/// Every module there is.
#[derive(Default)]
pub struct Modules(BTreeMap<&'static str, &'static dyn AnyModule>);

impl Modules {
    /// These modules.
    pub fn new(modules: impl IntoIterator<Item = &'static dyn AnyModule>) -> Self {
        Self(
            modules
                .into_iter()
                .map(|module| (module.name(), module))
                .collect(),
        )
    }

    /// The module of this canonical name.
    pub fn find(&self, name: &str) -> Option<&'static dyn AnyModule> {
        self.0.get(name).copied()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn AnyModule> {
        self.0.values().copied()
    }
}

/// What the language asks when it checks a playbook.
impl Catalog for Modules {
    fn find(&self, name: &str) -> Option<ModuleInfo> {
        let module = Modules::find(self, name)?;
        Some(ModuleInfo {
            name: module.name().to_owned(),
            free_form: module.traits().free_form.map(str::to_owned),
            schema: module.schema(),
            sets_variables: module.sets_variables(),
            unusable: module.unusable(),
        })
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().map(|name| (*name).to_owned()).collect()
    }
}
