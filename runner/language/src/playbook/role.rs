//! Roles as a play uses them: their variables and who they belong to.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::scope::{Layer, Rank};
use crate::yaml::Mapping;

/// One use of a role. Tasks of it carry it; what its templates see besides the
/// variables of host, play and task stands in [`Role::layers`].
#[derive(Clone, PartialEq)]
pub struct Role {
    /// Its name, as titles show it.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Uses of one role with the same parameters are the same: it runs once for a
    /// host, unless duplicates are allowed.
    pub identity: String,
    /// Whether the whole play sees its variables.
    pub public: bool,
    /// Whether a task brought it in, and not `roles` of the play.
    pub by_task: bool,
    /// The roles that depend on it or brought it in, outermost first.
    pub parents: Vec<Arc<Role>>,
    /// The roles it depends on, theirs before them.
    pub dependencies: Vec<Arc<Role>>,
    /// What its own files and its use say.
    pub(super) own: Own,
    layers: Vec<Arc<Layer>>,
    exports: Vec<Arc<Layer>>,
}

/// What the files of a role and the use of it say of variables.
#[derive(Clone, PartialEq)]
pub(super) struct Own {
    /// `defaults`.
    pub(super) defaults: Arc<Layer>,
    /// `vars` in its folder.
    pub(super) vars: Arc<Layer>,
    /// `vars` where it is used.
    pub(super) given: Arc<Layer>,
    /// Keys that are no keywords, where it is used.
    pub(super) parameters: Arc<Layer>,
}

impl Own {
    pub(super) fn new(
        name: &str,
        defaults: &Mapping,
        vars: &Mapping,
        given: &Mapping,
        keys: &Mapping,
    ) -> Self {
        let layer = |rank, what: &str, mapping: &Mapping| {
            Arc::new(Layer::written(
                rank,
                format!("{what} of the role {name}"),
                mapping,
            ))
        };
        Self {
            defaults: layer(Rank::RoleDefaults, "defaults", defaults),
            vars: layer(Rank::RoleVars, "vars", vars),
            given: layer(Rank::RoleVars, "vars for the use", given),
            parameters: layer(Rank::RoleParameters, "parameters", keys),
        }
    }
}

/// Who a role is, before its variables are stacked.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// Its folder as templates are told of it.
    pub(super) shown: String,
    pub(super) identity: String,
    pub(super) public: bool,
    pub(super) by_task: bool,
}

impl Role {
    /// A role below `parents`, with everything its templates see stacked in order.
    pub(super) fn new(
        who: Identity,
        own: Own,
        parents: Vec<Arc<Role>>,
        dependencies: Vec<Arc<Role>>,
    ) -> Arc<Self> {
        let (mut defaults, mut vars): (Vec<Arc<Layer>>, Vec<Arc<Layer>>) = (Vec::new(), Vec::new());
        let mut seen: Vec<&str> = Vec::new();
        for dependency in &dependencies {
            if !seen.contains(&dependency.identity.as_str()) {
                seen.push(&dependency.identity);
                defaults.push(dependency.own.defaults.clone());
                vars.push(dependency.own.vars.clone());
            }
        }
        let from_parents = parents.iter().flat_map(|parent| {
            let own = &parent.own;
            [&own.defaults, &own.given, &own.vars, &own.parameters].map(Arc::clone)
        });
        // Of one rank the later wins: defaults of parents over those of dependencies, and `vars` of
        // dependencies over those of parents.
        let mut layers: Vec<Arc<Layer>> = defaults.clone();
        layers.extend(from_parents);
        layers.extend(vars.clone());
        let mine = [&own.defaults, &own.vars].map(Arc::clone);
        let exports = defaults.into_iter().chain(vars).chain(mine.clone()).collect();
        layers.extend(mine);
        layers.extend([own.given.clone(), own.parameters.clone()]);
        layers.push(Arc::new(magic(&who, &parents)));
        let worth = |layers: Vec<Arc<Layer>>| {
            let mut layers = layers;
            layers.retain(|layer| !layer.variables.is_empty());
            layers
        };
        Arc::new(Self {
            name: who.name,
            path: who.path,
            identity: who.identity,
            public: who.public,
            by_task: who.by_task,
            parents,
            dependencies,
            own,
            layers: worth(layers),
            exports: worth(exports),
        })
    }

    /// What templates of its tasks see, besides the variables of host, play and task.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// What the whole play sees of a public role: defaults and `vars`, those of its
    /// dependencies among them.
    pub fn exports(&self) -> &[Arc<Layer>] {
        &self.exports
    }

    /// Folders in which its tasks look for files, nearest first.
    pub fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        let parents = self.parents.iter().rev().map(|parent| &parent.path);
        std::iter::once(&self.path).chain(parents)
    }
}

fn magic(who: &Identity, parents: &[Arc<Role>]) -> Layer {
    let layer = Layer::new(Rank::Magic, "the role")
        .with("role_name", who.name.as_str())
        .with("ansible_role_name", who.name.as_str())
        .with("role_path", who.shown.as_str());
    // Of parents is told only where a task brought the next in: who merely depends on a role is none.
    let below = parents
        .iter()
        .skip(1)
        .map(|role| role.by_task)
        .chain([who.by_task]);
    let bringing = parents.iter().zip(below).filter(|(_, by_task)| *by_task);
    let (mut names, mut paths): (Vec<String>, Vec<String>) = bringing
        .map(|(role, _)| (role.name.clone(), role.path.display().to_string()))
        .unzip();
    if names.is_empty() {
        return layer;
    }
    names.reverse();
    paths.reverse();
    layer
        .with("ansible_parent_role_names", names)
        .with("ansible_parent_role_paths", paths)
}

/// Name and folder only: variables may be secrets.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Role({} in {})", self.name, self.path.display())
    }
}
