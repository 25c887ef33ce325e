//! What a role says of itself in `meta`.

use std::path::Path;

use super::folder::main_file;
use crate::files::with_ends;
use crate::playbook::inclusion::is_true;
use crate::playbook::reading::Reading;
use crate::yaml::{Kind, Node};

/// `meta/main.yml` of a role.
#[derive(Default)]
pub(super) struct Meta {
    pub(super) dependencies: Vec<Node>,
    pub(super) allow_duplicates: bool,
    pub(super) specifications: Option<Node>,
}

impl Meta {
    pub(super) fn read(reading: &mut Reading<'_>, role: &Path) -> Self {
        let own_file = reading.first_file(with_ends(&role.join("meta/argument_specs")));
        let own_specifications = own_file.and_then(|path| reading.tree(&path, None));
        let own_specifications =
            own_specifications.and_then(|tree| tree.as_map()?.get("argument_specs").cloned());
        let main = main_file(reading, role, "meta", None);
        let tree = main.and_then(|path| reading.tree(&path, None));
        let tree = tree.filter(|tree| !tree.is_null());
        let map = tree
            .as_ref()
            .and_then(|tree| reading.mapping("`meta` of a role", tree));
        let Some(map) = map else {
            return Self {
                specifications: own_specifications,
                ..Self::default()
            };
        };
        let dependencies = map.get("dependencies").map_or(&[][..], |node| match &node.kind {
            Kind::Seq(items) => items,
            _ => reading.list("`dependencies`", node),
        });
        Self {
            dependencies: dependencies.to_vec(),
            allow_duplicates: is_true(map.get("allow_duplicates")),
            specifications: own_specifications.or_else(|| map.get("argument_specs").cloned()),
        }
    }
}
