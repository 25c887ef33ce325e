//! Playbooks: the types, and the way from a tree to them.
//!
//! Reading finds every mistake of a file, not only the first. What is inherited
//! (`when`, `tags`, `vars`, `become`, ...) is worked out here once: each
//! [`Task`] carries what holds for it.

mod action;
mod arguments;
mod block;
mod directives;
mod duration;
mod fields;
mod model;
mod phase;
mod play;
mod schema;
mod setting;
mod task;

use std::path::Path;

pub use action::{Action, Inclusion, InclusionKind, Meta, ModuleCall};
pub(crate) use directives::is_variable_name;
pub use directives::{Conditions, Directives, Variables};
pub use model::{
    Block, Body, Handler, ImportPlaybook, Item, Loop, LoopControl, Nodes, OnFailure, Part, Phase, Play,
    Playbook, Prompt, Rehearse, RoleUse, Task, Until,
};
pub use setting::{Literal, Order, Setting, Share, Strategy};

use crate::catalog::Catalog;
use crate::diagnose::{Diagnostic, any_error};
use crate::files::{self, Files};
use crate::yaml::{self, Node};

/// Reads a playbook. Every mistake in it is reported; warnings alone do not stop
/// it and stand in [`Playbook::warnings`].
pub fn load_playbook(
    path: &Path,
    files: &dyn Files,
    catalog: &dyn Catalog,
) -> Result<Playbook, Vec<Diagnostic>> {
    let source = files::read(files, path).map_err(|fault| vec![*fault])?;
    let root = yaml::parse(&source)?;
    let (playbook, faults) = understand(&root, catalog);
    if any_error(&faults) {
        return Err(faults);
    }
    Ok(Playbook {
        warnings: faults,
        ..playbook
    })
}

/// The playbook a tree means, as far as it means one, and every fault in it.
pub fn understand(root: &Node, catalog: &dyn Catalog) -> (Playbook, Vec<Diagnostic>) {
    let mut reader = fields::Reading::new(catalog);
    let parts = play::parts(root, &mut reader);
    let mut faults = reader.into_faults();
    faults.sort_by_key(|fault| fault.place.as_ref().map(|place| (place.line, place.column)));
    let playbook = Playbook {
        path: root.place.source.path().to_owned(),
        parts,
        warnings: Vec::new(),
    };
    (playbook, faults)
}
