//! Variables in layers: who set what, where, and who wins.

use std::fmt;
use std::sync::Arc;

use cutover_kit::Value;
use indexmap::IndexMap;

use crate::source::Place;
use crate::yaml::{Mapping, Node};

/// The value of a variable.
///
/// Whether text may be a template is a matter of type: only what was written in
/// a file (or after `-e`) is, what a run found out never.
#[derive(Clone, PartialEq)]
pub enum Variable {
    /// Written by the author; rendered when it is used.
    Template(Node),
    /// Found out by the run; never rendered.
    Data(Arc<Value>),
}

impl Variable {
    /// Whether it is a mapping; what a template makes may be one all the same.
    pub fn is_mapping(&self) -> bool {
        match self {
            Self::Template(node) => node.as_map().is_some(),
            Self::Data(value) => value.as_map().is_some(),
        }
    }

    /// Where it was written, if it was.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Template(node) => Some(&node.place),
            Self::Data(_) => None,
        }
    }
}

impl<T: Into<Value>> From<T> for Variable {
    fn from(value: T) -> Self {
        Self::Data(Arc::new(value.into()))
    }
}

/// Where it was written, or the masked data: a text of a file may be a secret.
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(node) => node.place.fmt(f),
            Self::Data(value) => value.fmt(f),
        }
    }
}

/// The rank of a layer; a later one wins (Ansible's order of precedence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Defaults of roles.
    RoleDefaults,
    /// The group `all` in inventory files.
    All,
    /// Other groups in inventory files.
    Group,
    /// `group_vars/all` beside an inventory.
    AllVars,
    /// `group_vars/all` beside the playbook.
    PlaybookAllVars,
    /// `group_vars` of other groups beside an inventory.
    GroupVars,
    /// `group_vars` of other groups beside the playbook.
    PlaybookGroupVars,
    /// A host in inventory files.
    Host,
    /// `host_vars` beside an inventory.
    HostVars,
    /// `host_vars` beside the playbook.
    PlaybookHostVars,
    /// Facts.
    Facts,
    /// `vars` of the play.
    Play,
    /// Answers to `vars_prompt`.
    Prompt,
    /// `vars_files`.
    VarsFiles,
    /// `vars` of roles.
    RoleVars,
    /// `vars` of blocks, phases and tasks, merged; loop variables.
    Task,
    /// `include_vars`.
    Included,
    /// `set_fact` and `register`.
    Set,
    /// Parameters of roles.
    RoleParameters,
    /// `vars` of inclusions.
    IncludeParameters,
    /// `-e`.
    Extra,
    /// Magic variables, which nobody can override.
    Magic,
}

/// In the words of Ansible's list of precedence.
impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoleDefaults => "role defaults",
            Self::All => "group all",
            Self::Group => "group",
            Self::AllVars => "inventory group_vars/all",
            Self::PlaybookAllVars => "playbook group_vars/all",
            Self::GroupVars => "inventory group_vars",
            Self::PlaybookGroupVars => "playbook group_vars",
            Self::Host => "host",
            Self::HostVars => "inventory host_vars",
            Self::PlaybookHostVars => "playbook host_vars",
            Self::Facts => "facts",
            Self::Play => "play vars",
            Self::Prompt => "play vars_prompt",
            Self::VarsFiles => "play vars_files",
            Self::RoleVars => "role vars",
            Self::Task => "block and task vars",
            Self::Included => "include_vars",
            Self::Set => "set_fact and registered",
            Self::RoleParameters => "role parameters",
            Self::IncludeParameters => "include parameters",
            Self::Extra => "extra vars",
            Self::Magic => "magic",
        })
    }
}

/// Variables of one rank from one origin.
#[derive(Clone, PartialEq)]
pub struct Layer {
    /// Who wins over whom.
    pub rank: Rank,
    /// Where they come from, in words (`group_vars/finesse.yml`, `facts`).
    pub origin: String,
    /// The variables.
    pub variables: IndexMap<String, Variable>,
}

impl Layer {
    /// An empty layer.
    pub fn new(rank: Rank, origin: impl Into<String>) -> Self {
        Self {
            rank,
            origin: origin.into(),
            variables: IndexMap::new(),
        }
    }

    /// The variables of a mapping that was written.
    pub fn written(rank: Rank, origin: impl Into<String>, mapping: &Mapping) -> Self {
        let variables = mapping
            .iter()
            .map(|entry| (entry.key.value.clone(), Variable::Template(entry.value.clone())));
        Self {
            variables: variables.collect(),
            ..Self::new(rank, origin)
        }
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, variable: impl Into<Variable>) -> Self {
        self.variables.insert(name.into(), variable.into());
        self
    }
}

/// Names only: the values may be secrets.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ", self.rank, self.origin)?;
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// What the variables of one host are looked up in, and the world around them.
pub trait World: Send + Sync {
    /// The hosts of the inventory, for `hostvars`.
    fn hosts(&self) -> Vec<String>;

    /// The variables of a host as other hosts see them.
    fn scope(&self, host: &str) -> Option<Scope>;

    /// An environment variable of this process.
    fn environment(&self, name: &str) -> Option<String>;
}

/// A world without hosts or environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

impl World for Nowhere {
    fn hosts(&self) -> Vec<String> {
        Vec::new()
    }

    fn scope(&self, _: &str) -> Option<Scope> {
        None
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// The world before any host is known: this process has an environment, and that is all.
#[derive(Clone, Copy, Debug, Default)]
pub struct BeforeHosts;

impl World for BeforeHosts {
    fn hosts(&self) -> Vec<String> {
        Vec::new()
    }

    fn scope(&self, _: &str) -> Option<Scope> {
        None
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// All variables of one host at one moment. Cheap to clone.
#[derive(Clone)]
pub struct Scope {
    /// Lowest rank first; of one rank, the later added wins.
    layers: Vec<Arc<Layer>>,
    world: Arc<dyn World>,
}

impl Scope {
    /// No variables yet.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self {
            layers: Vec::new(),
            world,
        }
    }

    /// The same with one more layer, put where its rank belongs, above those of
    /// the same rank.
    #[must_use]
    pub fn with(mut self, layer: impl Into<Arc<Layer>>) -> Self {
        let layer = layer.into();
        let at = self.layers.partition_point(|other| other.rank <= layer.rank);
        self.layers.insert(at, layer);
        self
    }

    /// The same with several more layers.
    #[must_use]
    pub fn with_all<L: Into<Arc<Layer>>>(self, layers: impl IntoIterator<Item = L>) -> Self {
        layers.into_iter().fold(self, Self::with)
    }

    /// The variable that wins, and the layer it is in.
    pub fn get(&self, name: &str) -> Option<(&Variable, &Layer)> {
        self.every(name).next()
    }

    /// Every setting of a variable, the one that wins first.
    pub fn every<'a>(&'a self, name: &str) -> impl Iterator<Item = (&'a Variable, &'a Layer)> + Clone {
        self.layers
            .iter()
            .rev()
            .filter_map(move |layer| Some((layer.variables.get(name)?, &**layer)))
    }

    /// The names of all variables, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self
            .layers
            .iter()
            .flat_map(|layer| layer.variables.keys().map(String::as_str))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The world around.
    pub fn world(&self) -> &Arc<dyn World> {
        &self.world
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.layers).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ansible's order, lowest first.
    const RANKS: [Rank; 22] = [
        Rank::RoleDefaults,
        Rank::All,
        Rank::Group,
        Rank::AllVars,
        Rank::PlaybookAllVars,
        Rank::GroupVars,
        Rank::PlaybookGroupVars,
        Rank::Host,
        Rank::HostVars,
        Rank::PlaybookHostVars,
        Rank::Facts,
        Rank::Play,
        Rank::Prompt,
        Rank::VarsFiles,
        Rank::RoleVars,
        Rank::Task,
        Rank::Included,
        Rank::Set,
        Rank::RoleParameters,
        Rank::IncludeParameters,
        Rank::Extra,
        Rank::Magic,
    ];

    proptest! {
        /// Whatever the order of adding: the highest rank wins, and of one rank the last.
        #[test]
        fn the_highest_rank_wins(settings in proptest::collection::vec((0..RANKS.len(), 0..3_usize), 0..12)) {
            let mut scope = Scope::new(Arc::new(Nowhere));
            for (number, (rank, name)) in settings.iter().enumerate() {
                let layer = Layer::new(RANKS[*rank], number.to_string());
                scope = scope.with(layer.with(format!("v{name}"), i64::try_from(number).unwrap()));
            }
            for name in 0..3 {
                let model = settings
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, set))| *set == name)
                    .max_by_key(|(number, (rank, _))| (*rank, *number))
                    .map(|(number, _)| number.to_string());
                let found = scope.get(&format!("v{name}")).map(|(_, layer)| layer.origin.clone());
                prop_assert_eq!(found, model);
            }
        }
    }
}
