//! The variables of all hosts: what files say, and what the run has found out.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock, Weak};

use cutover_kit::{Failure, Host, Map, Node, Value};
use cutover_language::Templar;
use cutover_language::inventory::Inventory;
use cutover_language::playbook::{Play, Task, VarsFile};
use cutover_language::scope::{Layer, Rank, Scope, Variable, World as Surroundings};

use super::magic;
use super::scope::{Terms, Told};
use super::window::Window;
use super::world::lock;
use crate::bus::Bus;

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

/// What is known of all hosts at a moment.
struct Known {
    inventory: Arc<Inventory>,
    /// What is magic about it, and the same for all hosts.
    magic: Arc<Layer>,
    /// [`Parts::defaults`].
    defaults: HashMap<String, Arc<Layer>>,
    /// [`Parts::windows`].
    windows: BTreeMap<String, Window>,
    /// Whether the inventory is another than the one that was read.
    has_grown: bool,
}

/// What the run has found out about one host.
#[derive(Clone)]
struct Found {
    /// `set_fact` and `register`.
    set: Arc<Layer>,
    /// `ansible_facts` and what they put in sight.
    facts: Arc<Layer>,
    /// `include_vars`.
    included: Arc<Layer>,
    /// Whether its facts were gathered.
    gathered: bool,
}

/// The origin of cutover's own variables where no file says anything.
pub(super) const DEFAULTS: &str = "defaults of cutover";

/// The mapping of all facts.
const FACTS: &str = "ansible_facts";

impl Default for Found {
    fn default() -> Self {
        Self {
            set: Arc::new(Layer::new(Rank::Set, "the run")),
            facts: Arc::new(Layer::new(Rank::Facts, "facts").with(FACTS, Value::Map(Map::new()))),
            included: Arc::new(Layer::new(Rank::Included, "include_vars")),
            gathered: false,
        }
    }
}

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
        self.0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .upgrade()
    }
}

impl Inner {
    fn known(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn inventory(&self) -> Arc<Inventory> {
        self.known().inventory.clone()
    }

    fn scope(&self, host: &str) -> Scope {
        let found = lock(&self.found).get(host).cloned();
        let Found {
            set, facts, included, ..
        } = found.unwrap_or_default();
        self.base(host).with_all([facts, included, set])
    }

    fn base(&self, host: &str) -> Scope {
        let cached = self
            .base
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(host)
            .cloned();
        cached.unwrap_or_else(|| {
            let parts = &self.parts;
            // Under the same lock, so that nothing that is put together here is older than what
            // [`Variables::settle`] clears.
            let known = self.known();
            let scope = Scope::new(self.surroundings.clone())
                .with_all(known.defaults.get(host).cloned())
                .with_all(known.inventory.layers(host))
                .with(parts.extra.clone())
                .with(known.magic.clone())
                .with(magic::from_everywhere(known.inventory.magic(host)))
                .with(parts.magic.clone());
            let mut base = self
                .base
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            base.entry(host.to_owned()).or_insert(scope).clone()
        })
    }
}

impl Variables {
    /// The variables made of these parts.
    pub fn new(parts: Parts) -> Self {
        let surroundings = Arc::new(Hosts(RwLock::new(Weak::new())));
        let known = RwLock::new(Known {
            inventory: Arc::new(parts.inventory.clone()),
            magic: Arc::new(parts.inventory.magic_of_all()),
            defaults: parts.defaults.clone(),
            windows: parts.windows.clone(),
            has_grown: false,
        });
        let inner = Arc::new(Inner {
            parts,
            known,
            base: RwLock::default(),
            found: Mutex::default(),
            surroundings: surroundings.clone(),
            told: Told::default(),
        });
        *surroundings
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::downgrade(&inner);
        Self(inner)
    }

    /// The inventory as it is now.
    pub fn inventory(&self) -> Arc<Inventory> {
        self.0.inventory()
    }

    /// Whether the run has added to the inventory, or read it again.
    pub fn has_grown(&self) -> bool {
        self.0.known().has_grown
    }

    /// Makes this the inventory; of these hosts our own defaults are to be found again.
    pub(super) fn settle(&self, inventory: Arc<Inventory>, anew: &[&str]) {
        let mut known = self
            .0
            .known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known.magic = Arc::new(inventory.magic_of_all());
        known.inventory = inventory;
        known.has_grown = true;
        known.defaults.retain(|host, _| !anew.contains(&host.as_str()));
        self.forget_bases();
    }

    /// Fills our own defaults of a host in.
    pub(super) fn complete(&self, host: &Host, window: Option<Window>) {
        let mut known = self
            .0
            .known
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known
            .defaults
            .insert(host.name.clone(), Arc::new(defaults_of(host)));
        match window {
            Some(window) => drop(known.windows.insert(host.name.clone(), window)),
            None => drop(known.windows.remove(&host.name)),
        }
        self.forget_bases();
    }

    fn forget_bases(&self) {
        let mut base = self.0.base.write();
        base.as_mut()
            .map_or_else(|error| error.get_mut().clear(), |base| base.clear());
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

    /// Sets a variable of a host, as `register` and `set_fact` do.
    pub fn set(&self, host: &str, name: &str, value: Value) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().set;
        Arc::make_mut(layer)
            .variables
            .insert(name.to_owned(), value.into());
    }

    /// Adds facts of a host: each is in sight under its own name, and in `ansible_facts`
    /// without `ansible_` before it (but for `ansible_local`).
    pub fn add_facts(&self, host: &str, facts: &Map) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().facts;
        let variables = &mut Arc::make_mut(layer).variables;
        let mut all = match variables.get(FACTS) {
            Some(Variable::Data(all)) => all.as_map().cloned().unwrap_or_default(),
            _ => Map::new(),
        };
        for (name, value) in facts {
            let bare = name.strip_prefix("ansible_").filter(|_| name != "ansible_local");
            all.insert(bare.unwrap_or(name).to_owned(), value.clone());
            variables.insert(name.clone(), value.clone().into());
        }
        variables.insert(FACTS.to_owned(), Value::Map(all).into());
    }

    /// Sets what `include_vars` read for a host; its texts may be templates.
    pub fn include(&self, host: &str, variables: impl IntoIterator<Item = (String, Variable)>) {
        let mut found = lock(&self.0.found);
        let layer = &mut found.entry(host.to_owned()).or_default().included;
        Arc::make_mut(layer).variables.extend(variables);
    }

    /// Whether the facts of a host were gathered.
    pub fn are_gathered(&self, host: &str) -> bool {
        lock(&self.0.found).get(host).is_some_and(|found| found.gathered)
    }

    /// The facts of a host are gathered.
    pub fn set_gathered(&self, host: &str) {
        lock(&self.0.found).entry(host.to_owned()).or_default().gathered = true;
    }

    /// Forgets the facts of a host; what was set and registered stays.
    pub fn clear_facts(&self, host: &str) {
        if let Some(found) = lock(&self.0.found).get_mut(host) {
            *found = Found {
                set: found.set.clone(),
                included: found.included.clone(),
                ..Found::default()
            };
        }
    }

    /// What `ansible_failed_task` and `ansible_failed_result` say in a rescue.
    pub fn remember_failure(&self, host: &str, task: &str, action: &str, result: Map) {
        let about = Value::map([("name", Value::from(task)), ("action", action.into())]);
        self.set(host, "ansible_failed_task", about);
        self.set(host, "ansible_failed_result", Value::Map(result));
    }

    /// The change window of a host, if it has one.
    pub fn window(&self, host: &str) -> Result<Option<Window>, Failure> {
        Ok(self.0.known().windows.get(host).cloned())
    }
}

/// Our own variables with their defaults filled in, for templates.
fn defaults_of(host: &Host) -> Layer {
    let products: Vec<&str> = host.products.iter().map(|product| product.name()).collect();
    Layer::new(Rank::RoleDefaults, DEFAULTS)
        .with("platform", host.platform.name())
        .with("product", products)
        .with("fqdn", host.fqdn.as_str())
        .with("cluster", host.cluster.as_str())
        .with(
            "node",
            if host.node == Node::Primary {
                "primary"
            } else {
                "secondary"
            },
        )
        .with("pool", host.pool.clone())
        .with("site", host.site.clone())
        .with("tls_ports", host.tls_ports.clone())
        .with("units", host.units.clone())
        .with("talks_to", host.talks_to.clone())
        .with("work", host.work.display().to_string())
}
