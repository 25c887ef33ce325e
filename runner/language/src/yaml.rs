//! YAML as Ansible's users write it, as a tree that knows its places.
//!
//! The events come from a YAML 1.2 parser; what a plain scalar means is decided
//! by our own table (`scalar`), which is PyYAML's: `yes` is true, `0644` is
//! octal. Aliases share their node, so a small file cannot become a huge tree.

mod build;
mod indent;
mod inside;
mod scalar;
mod tree;

use std::sync::Arc;

pub use inside::inside;
pub(crate) use tree::has_template;
pub use tree::{Entry, Kind, Mapping, Node};

use crate::diagnose::Diagnostic;
use crate::source::Source;

/// A file larger than this is refused.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Nodes nested deeper than this are refused.
pub const MOST_LEVELS: usize = 128;
/// A tree of more nodes than this, every alias counted as what it stands for, is refused.
pub const MOST_NODES: usize = 100_000;

/// Reads the one document of a source. An empty source is `null`.
///
/// A fault of the syntax ends the reading; faults of meaning, such as a key that
/// stands twice, are all reported.
pub fn parse(source: &Arc<Source>) -> Result<Node, Vec<Diagnostic>> {
    build::build(source)
}
