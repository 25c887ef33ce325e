//! Filters. Each file has a table; a filter is one line in it and a function.

mod addresses;
mod basic;
mod chance;
mod combinations;
mod data;
mod encrypted;
mod links;
mod lists;
mod mappings;
mod markup;
mod numbers;
mod order;
mod passwords;
mod paths;
mod plain;
mod regexes;
mod select;
mod sets;
mod text;
mod times;
mod urls;
mod yaml;

use super::engine::Entry;

/// Every filter.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    [
        addresses::TABLE,
        basic::TABLE,
        chance::TABLE,
        combinations::TABLE,
        data::TABLE,
        encrypted::TABLE,
        links::TABLE,
        lists::TABLE,
        mappings::TABLE,
        markup::TABLE,
        numbers::TABLE,
        order::TABLE,
        passwords::TABLE,
        paths::TABLE,
        regexes::TABLE,
        sets::TABLE,
        text::TABLE,
        times::TABLE,
        urls::TABLE,
    ]
    .into_iter()
    .flatten()
}

pub(super) use basic::truth;
pub(super) use chance::Chance;
pub(super) use combinations::{
    Parent, product, subelements as rows_of_subelements, together as rows_together,
};
pub(super) use lists::items;
pub(super) use order::sorted;
pub(super) use passwords::{drawn_salt, hashed, scheme};
pub(super) use regexes::{Anchor, matches};
pub use yaml::screen as screen_yaml;
