//! Text with places: YAML, playbooks, inventories, templates and their diagnostics.

pub mod diagnose;
pub mod render;
pub mod secrecy;
pub mod source;
pub mod yaml;

pub use diagnose::{Diagnostic, Severity};
pub use source::{Located, Place, Source};
pub use yaml::Node;
