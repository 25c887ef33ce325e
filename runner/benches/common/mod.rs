//! What the benchmarks share.

pub(crate) mod measure;
pub(crate) mod table;
