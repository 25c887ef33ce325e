//! What people write for cutover, from text to meaning.
//!
//! The story of a file, in the order of the modules:
//!
//! * [`files`] reads it, the one way in which anything is read, so that a run
//!   knows everything it was run with;
//! * [`source`] remembers its text and every place in it;
//! * [`yaml`] makes a tree of it, with Ansible's meaning of plain words;
//! * [`playbook`] understands the tree as plays, phases and tasks, with the help
//!   of a [`catalog`] of modules; [`inventory`] understands it as hosts and groups;
//! * [`scope`] stacks variables in layers, by Ansible's order of precedence;
//! * [`template`] renders what is a template when it is used, keeps secrets
//!   secret ([`secrecy`] says what is one, [`vault`] opens and [`crypt`] hashes them)
//!   and carries what is known only later;
//! * [`check`](mod@check) looks at all of it together before anything runs, and
//!   [`lint`] says what works and should be written otherwise.
//!
//! What is wrong anywhere on the way is a [`Diagnostic`]: data with a place.
//! [`render`] is the one place where it becomes text.
//!
//! Nothing here knows a terminal, a network or a clock.

pub mod catalog;
pub mod check;
pub mod crypt;
pub mod diagnose;
pub mod files;
pub mod inventory;
pub mod lint;
pub mod playbook;
pub mod render;
pub mod scope;
pub mod secrecy;
pub mod source;
pub mod template;
pub mod vault;
pub mod yaml;

pub use catalog::{Catalog, ModuleInfo};
pub use check::check;
pub use diagnose::{Diagnostic, Severity};
pub use files::Files;
pub use inventory::Inventory;
pub use playbook::{Playbook, load_playbook};
pub use scope::{Layer, Rank, Scope, Variable, World};
pub use source::{Located, Place, Source};
pub use template::{Condition, Templar, TemplateError, Truth};
pub use yaml::Node;
