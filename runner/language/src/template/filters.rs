//! Filters. Each file has a table; a filter is one line in it and a function.

mod basic;
mod data;
mod lists;
mod mappings;
mod paths;
mod regexes;
mod text;
mod yaml;

use super::engine::Entry;

/// Every filter.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    [
        basic::TABLE,
        data::TABLE,
        lists::TABLE,
        mappings::TABLE,
        paths::TABLE,
        regexes::TABLE,
        text::TABLE,
    ]
    .into_iter()
    .flatten()
}

pub(super) use basic::truth;
pub(super) use regexes::{Anchor, matches};
