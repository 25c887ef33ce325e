//! What a task does.

use super::directives::{Directives, Variables};
use super::setting::words;
use crate::source::Located;
use crate::yaml::Node;

/// What a task does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It calls a module.
    Module(ModuleCall),
    /// It tells the engine something.
    Meta(Located<Meta>),
    /// It brings in other tasks.
    Inclusion(Box<Inclusion>),
    /// It calls the module that a template names.
    Template {
        /// The template of the name.
        name: Node,
        /// The arguments, a mapping.
        args: Node,
    },
}

impl Action {
    /// The name as it was written.
    pub fn written(&self) -> &str {
        match self {
            Self::Module(call) => &call.written,
            Self::Meta(_) => "meta",
            Self::Inclusion(inclusion) => &inclusion.written,
            Self::Template { name, .. } => name.as_text().unwrap_or_default(),
        }
    }
}

/// A call of a module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleCall {
    /// The name as it was written.
    pub written: Located<String>,
    /// The module's own name.
    pub module: String,
    /// Whether its result may set variables that nobody can know beforehand.
    pub sets_variables: bool,
    /// The arguments: a mapping, or the template of one.
    pub args: Node,
}

words! {
    /// What `meta` tells the engine.
    Meta, "`flush_handlers`, `noop`, `end_play`, `end_batch`, `end_host`, `end_role`, `clear_facts`, `clear_host_errors`, `refresh_inventory` or `reset_connection`" {
        /// Run the notified handlers now.
        #[default]
        FlushHandlers = "flush_handlers",
        /// Nothing.
        Noop = "noop",
        /// The play is over for every host, and has not failed.
        EndPlay = "end_play",
        /// The batch is over.
        EndBatch = "end_batch",
        /// The play is over for this host, and has not failed.
        EndHost = "end_host",
        /// The role is over.
        EndRole = "end_role",
        /// Forget the facts.
        ClearFacts = "clear_facts",
        /// Hosts that failed take part again.
        ClearHostErrors = "clear_host_errors",
        /// Read the inventory again.
        RefreshInventory = "refresh_inventory",
        /// Open the connection anew.
        ResetConnection = "reset_connection",
    }
}

/// `include_...` or `import_...`.
#[derive(Clone, Debug, PartialEq)]
pub struct Inclusion {
    /// The name as it was written.
    pub written: Located<String>,
    /// What is brought in: a file of tasks or a role, by its name.
    pub target: Node,
    /// Which of them.
    pub kind: InclusionKind,
    /// `vars` of the inclusion itself.
    pub vars: Variables,
    /// `apply`: what the tasks inside inherit of an `include_...`.
    pub apply: Directives,
    /// What stands around the inclusion, and holds for the tasks inside as well.
    pub around: Directives,
}

impl Inclusion {
    /// Whether it is read at load, for all hosts.
    pub fn is_early(&self) -> bool {
        self.kind.is_early()
    }

    /// Its name without a prefix.
    pub fn name(&self) -> &'static str {
        match self.kind {
            InclusionKind::ImportTasks => "import_tasks",
            InclusionKind::IncludeTasks => "include_tasks",
            InclusionKind::ImportRole(_) => "import_role",
            InclusionKind::IncludeRole(_) => "include_role",
        }
    }

    /// What is said of the role, where it brings one in.
    pub fn role(&self) -> Option<&RoleOptions> {
        match &self.kind {
            InclusionKind::ImportRole(options) | InclusionKind::IncludeRole(options) => Some(options),
            InclusionKind::ImportTasks | InclusionKind::IncludeTasks => None,
        }
    }
}

/// Which inclusion.
#[derive(Clone, Debug, PartialEq)]
pub enum InclusionKind {
    /// `import_tasks`: at load.
    ImportTasks,
    /// `include_tasks`: when reached.
    IncludeTasks,
    /// `import_role`: at load.
    ImportRole(RoleOptions),
    /// `include_role`: when reached.
    IncludeRole(RoleOptions),
}

/// The arguments of `import_role` and `include_role` besides the role's name.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleOptions {
    /// `tasks_from`, instead of `main`; may be a template.
    pub tasks_from: Option<Node>,
    /// `vars_from`.
    pub vars_from: Option<Node>,
    /// `defaults_from`.
    pub defaults_from: Option<Node>,
    /// `handlers_from`.
    pub handlers_from: Option<Node>,
    /// `public`: whether the rest of the play sees its variables.
    pub public: bool,
    /// `allow_duplicates`: whether it runs again where it has run already.
    pub allow_duplicates: bool,
    /// `rolespec_validate`: whether its arguments are checked.
    pub validate: bool,
}

impl InclusionKind {
    /// The names of all inclusions.
    pub(super) const NAMES: [&str; 4] = ["import_tasks", "include_tasks", "import_role", "include_role"];

    /// Whether it is read at load, for all hosts.
    pub fn is_early(&self) -> bool {
        matches!(self, Self::ImportTasks | Self::ImportRole(_))
    }
}
