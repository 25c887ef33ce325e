//! Playbooks: the types, and the way from a tree to them.
//!
//! Reading finds every mistake of a file, not only the first. What is inherited
//! (`when`, `tags`, `vars`, `become`, ...) is worked out here once: each
//! [`Task`] carries what holds for it.

mod action;
mod arguments;
mod block;
mod call;
mod directives;
mod duration;
mod escapes;
mod fields;
mod inclusion;
mod late;
mod loader;
mod model;
mod phase;
mod play;
mod reading;
mod role;
mod roles;
mod schema;
mod setting;
mod specification;
mod task;
mod vars_files;

use std::path::Path;

pub use action::{Action, Inclusion, InclusionKind, Meta, ModuleCall, RoleOptions};
pub use arguments::{OTHER_ARGUMENTS, pairs};
pub(crate) use directives::is_variable_name;
pub use directives::{Conditions, Directives, Variables};
pub use late::{Brought, RoleNames, Site};
pub use loader::Loader;
pub use model::{
    Block, Body, Encrypt, Handler, Item, Loop, LoopControl, Nodes, OnFailure, Phase, Play, Playbook, Prompt,
    Rehearse, RoleItems, Task, Until, VarsFile,
};
pub use role::Role;
pub use setting::{Debugger, Literal, Order, Setting, Share, Strategy};

use crate::catalog::Catalog;
use crate::diagnose::Diagnostic;
use crate::files::Files;
use crate::yaml::Node;

/// Reads a playbook with roles only beside it; [`Loader`] knows more.
pub fn load_playbook(
    path: &Path,
    files: &dyn Files,
    catalog: &dyn Catalog,
) -> Result<Playbook, Vec<Diagnostic>> {
    Loader::new(files, catalog).playbook(path)
}

/// The playbook a tree means, as far as it means one, and every fault in it.
pub fn understand(root: &Node, catalog: &dyn Catalog) -> (Playbook, Vec<Diagnostic>) {
    let nothing = crate::files::Memory::default();
    Loader::new(&nothing, catalog).understand(root)
}
