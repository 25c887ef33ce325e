//! What a task does.

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
    Inclusion(Inclusion),
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
    /// Which of them.
    pub kind: InclusionKind,
    /// The arguments, a mapping (`file` or `name`, `apply`, `tasks_from`, ...).
    pub args: Node,
}

/// Which inclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InclusionKind {
    /// `import_tasks`: at load.
    ImportTasks,
    /// `include_tasks`: when reached.
    IncludeTasks,
    /// `import_role`: at load.
    ImportRole,
    /// `include_role`: when reached.
    IncludeRole,
}

impl InclusionKind {
    /// Every inclusion by name.
    pub const ALL: [(&str, Self); 4] = [
        ("import_tasks", Self::ImportTasks),
        ("include_tasks", Self::IncludeTasks),
        ("import_role", Self::ImportRole),
        ("include_role", Self::IncludeRole),
    ];

    /// The argument that one free string fills.
    pub(super) fn free_form(self) -> &'static str {
        match self {
            Self::ImportTasks | Self::IncludeTasks => "file",
            Self::ImportRole | Self::IncludeRole => "name",
        }
    }
}
