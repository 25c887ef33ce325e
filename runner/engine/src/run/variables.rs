//! The variables of all hosts: what files say, and what the run has found out.

mod found;
mod known;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock, Weak};

use cutover_kit::Host;
use cutover_language::Templar;
use cutover_language::inventory::Inventory;
use cutover_language::playbook::{Play, Task, VarsFile};
use cutover_language::scope::{Layer, Rank, Scope, World as Surroundings};

use self::found::Found;
use self::known::{Known, defaults_of};
use super::magic;
use super::scope::{Terms, Told};
use super::window::Window;
use crate::bus::Bus;
use crate::sync::{lock, read, write};

pub(super) use self::known::Changed;

/// The variables of all hosts. Cloning shares them.
#[derive(Clone)]
pub struct Variables(Arc<Inner>);

/// What variables are made of.
#[derive(Clone)]
pub struct Parts {
    /// Hosts, groups and their variables.
    pub inventory: Inventory,
    /// Renders templates.
    pub templar: Templar,
    /// `-e`.
    pub extra: Arc<Layer>,
    /// Defaults of cutover's own variables, by host.
    pub defaults: HashMap<String, Arc<Layer>>,
    /// Magic variables that are the same for every host of the run.
    pub magic: Arc<Layer>,
    /// Change windows by host.
    pub windows: BTreeMap<String, Window>,
    /// Where warnings go.
    pub bus: Bus,
}

struct Inner {
    parts: Parts,
    /// The inventory, which the run may add to.
    known: RwLock<Known>,
    /// Of each host what files say, put together on first use.
    base: RwLock<HashMap<String, Scope>>,
    /// Of each host what the run has found out.
    found: Mutex<HashMap<String, Found>>,
    surroundings: Arc<Hosts>,
    told: Told,
}

/// The origin of cutover's own variables where no file says anything.
pub(super) const DEFAULTS: &str = "defaults of cutover";

/// The other hosts, as templates see them through `hostvars`.
struct Hosts(RwLock<Weak<Inner>>);

impl Surroundings for Hosts {
    fn hosts(&self) -> Vec<String> {
        let inner = self.inner();
        inner.map_or_else(Vec::new, |inner| {
            inner.inventory().hosts().map(str::to_owned).collect()
        })
    }

    fn scope(&self, host: &str) -> Option<Scope> {
        let inner = self.inner()?;
        inner.inventory().host(host)?;
        Some(inner.scope(host))
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl Hosts {
    fn inner(&self) -> Option<Arc<Inner>> {
        read(&self.0).upgrade()
    }
}

impl Inner {
    fn inventory(&self) -> Arc<Inventory> {
        read(&self.known).inventory.clone()
    }

    fn scope(&self, host: &str) -> Scope {
        let found = lock(&self.found).get(host).cloned();
        let Found {
            set, facts, included, ..
        } = found.unwrap_or_default();
        let magic = read(&self.known).magic.clone();
        self.base(host).with_all([facts, included, set, magic])
    }

    /// What files say of the host itself: with every host that is added, `magic` of all becomes
    /// another, and this stays.
    fn base(&self, host: &str) -> Scope {
        let cached = read(&self.base).get(host).cloned();
        cached.unwrap_or_else(|| {
            let parts = &self.parts;
            // Under the same lock, so that nothing that is put together here is older than what
            // [`Variables::settle`] forgets.
            let known = read(&self.known);
            let scope = Scope::new(self.surroundings.clone())
                .with_all(known.defaults.get(host).cloned())
                .with_all(known.inventory.layers(host))
                .with(parts.extra.clone())
                .with(magic::from_everywhere(known.inventory.magic(host)))
                .with(parts.magic.clone());
            let mut base = write(&self.base);
            base.entry(host.to_owned()).or_insert(scope).clone()
        })
    }
}

impl Variables {
    /// The variables made of these parts.
    pub fn new(parts: Parts) -> Self {
        let surroundings = Arc::new(Hosts(RwLock::new(Weak::new())));
        let known = RwLock::new(Known::of(&parts));
        let inner = Arc::new(Inner {
            parts,
            known,
            base: RwLock::default(),
            found: Mutex::default(),
            surroundings: surroundings.clone(),
            told: Told::default(),
        });
        *write(&surroundings.0) = Arc::downgrade(&inner);
        Self(inner)
    }

    /// What templates of `host` see in a play: `layers` are the play's own.
    pub fn terms(&self, host: &str, layers: &[Arc<Layer>], task: Option<&Task>) -> Terms {
        let mut scope = self.0.scope(host).with_all(layers.iter().cloned());
        if let Some(task) = task {
            scope = scope.with_all(task.layers());
        }
        self.terms_in(scope)
    }

    /// What templates see before a host is known: `-e` and the play's own.
    pub fn play_terms(&self, layers: &[Arc<Layer>]) -> Terms {
        let scope = Scope::new(self.0.surroundings.clone())
            .with(self.0.parts.extra.clone())
            .with(self.0.parts.magic.clone())
            .with_all(layers.iter().cloned());
        self.terms_in(scope)
    }

    fn terms_in(&self, scope: Scope) -> Terms {
        Terms::new(
            self.0.parts.templar.clone(),
            scope,
            self.0.parts.bus.clone(),
            self.0.told.clone(),
        )
    }

    /// The layers of a play: its `vars`, the files and roles that are known beforehand, and
    /// what is magic about it.
    pub fn layers_of(play: &Play, folder: &Path) -> Vec<Arc<Layer>> {
        let vars = Layer::written(Rank::Play, "vars of the play", &play.vars);
        let files = play.vars_files.iter().filter_map(|file| match file {
            VarsFile::Read(layer) => Some(layer.clone()),
            VarsFile::Later(_) => None,
        });
        let public = play.used.iter().filter(|role| role.public);
        let mut layers = vec![Arc::new(vars)];
        layers.extend(files);
        layers.extend(public.flat_map(|role| role.exports()).cloned());
        let magic = magic::of_roles(play)
            .with("playbook_dir", folder.display().to_string())
            .with("ansible_play_name", play.title());
        layers.push(Arc::new(magic));
        layers
    }

    /// The same files seen through the typed hosts: their defaults become variables.
    #[must_use]
    pub fn with_hosts(self, hosts: &[Host], windows: BTreeMap<String, Window>) -> Self {
        let defaults = hosts
            .iter()
            .map(|host| (host.name.clone(), Arc::new(defaults_of(host))))
            .collect();
        let parts = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.parts,
            Err(shared) => shared.parts.clone(),
        };
        Self::new(Parts {
            defaults,
            windows,
            ..parts
        })
    }
}
