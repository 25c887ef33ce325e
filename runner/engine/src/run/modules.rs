//! The modules of a run, by name. The engine is handed them and knows none itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cutover_kit::AnyModule;
use cutover_language::catalog::{Catalog, ModuleInfo};
use cutover_language::playbook::{Play, Task};

/// Every module there is.
#[derive(Default)]
pub struct Modules {
    built_in: BTreeMap<&'static str, &'static dyn AnyModule>,
    own: Option<Box<dyn OwnModules>>,
}

/// The modules of the site: which one a name means may depend on the task.
pub trait OwnModules: Send + Sync {
    /// The module of this name for a task that looks for it in these folders first, in this order.
    fn find(&self, name: &str, folders: &[PathBuf]) -> Option<OwnModule>;

    /// The names of those that are known from the beginning.
    fn names(&self) -> Vec<String>;
}

/// A module of the site.
pub struct OwnModule {
    /// The module.
    pub module: &'static dyn AnyModule,
    /// Why another one may be meant.
    pub doubt: Option<String>,
}

impl Modules {
    /// These modules, which every task means by their names.
    pub fn new(modules: impl IntoIterator<Item = &'static dyn AnyModule>) -> Self {
        let modules = modules.into_iter().map(|module| (module.name(), module));
        Self {
            built_in: modules.collect(),
            own: None,
        }
    }

    /// The same with those of the site.
    #[must_use]
    pub fn with_own(self, own: impl OwnModules + 'static) -> Self {
        let own: Option<Box<dyn OwnModules>> = Some(Box::new(own));
        Self { own, ..self }
    }

    /// The module of this canonical name that is not the site's.
    pub fn find(&self, name: &str) -> Option<&'static dyn AnyModule> {
        self.built_in.get(name).copied()
    }

    /// The module that a task of a play means by this canonical name.
    pub fn meant(&self, name: &str, task: &Task, play: &Play) -> Option<&'static dyn AnyModule> {
        let own = || Some(self.own.as_ref()?.find(name, &task.module_folders(play))?.module);
        self.find(name).or_else(own)
    }

    /// All of them that are not the site's, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn AnyModule> {
        self.built_in.values().copied()
    }
}

/// What the language asks when it checks a playbook.
impl Catalog for Modules {
    fn find(&self, name: &str, folders: &[PathBuf]) -> Option<ModuleInfo> {
        let (module, doubt) = match Modules::find(self, name) {
            Some(module) => (module, None),
            None => {
                let own = self.own.as_ref()?.find(name, folders)?;
                (own.module, own.doubt)
            }
        };
        Some(ModuleInfo {
            name: module.name().to_owned(),
            free_form: module.traits().free_form.map(str::to_owned),
            schema: module.schema(),
            sets_variables: module.sets_variables(),
            unusable: module.unusable(),
            doubt,
        })
    }

    fn names(&self) -> Vec<String> {
        let built_in = self.built_in.keys().map(|name| (*name).to_owned());
        built_in
            .chain(self.own.iter().flat_map(|own| own.names()))
            .collect()
    }
}
