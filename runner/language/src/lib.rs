//! Text with places: YAML, playbooks, inventories, templates and their diagnostics.

pub mod catalog;
pub mod check;
pub mod diagnose;
pub mod files;
pub mod inventory;
pub mod playbook;
pub mod render;
pub mod scope;
pub mod secrecy;
pub mod source;
pub mod template;
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
