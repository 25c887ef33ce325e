//! A role's argument specification, as the task that checks it.

use std::path::Path;
use std::sync::Arc;

use super::action::{Action, ModuleCall};
use super::directives::Directives;
use super::model::{Item, Task};
use super::reading::Reading;
use super::roles::Call;
use crate::source::{Located, Place};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// The module that checks arguments.
const MODULE: &str = "validate_argument_spec";

/// The task that stands before all others of a role whose entry point has a specification.
pub(super) fn task(
    reading: &Reading<'_>,
    call: &Call,
    role: &Path,
    specifications: Option<&Node>,
    outer: &Directives,
) -> Option<Item> {
    let entry_point = call
        .tasks_from
        .as_ref()
        .map_or("main", |from| from.value.as_str());
    let found = specifications?.as_map()?.entry(entry_point)?;
    let specification = found.value.as_map()?;
    let place = &found.key.place;
    reading.module(MODULE)?;
    let mut name = format!("Validating arguments against arg spec '{entry_point}'");
    if let Some(short) = specification.get("short_description").and_then(Node::as_text) {
        name.push_str(&format!(" - {short}"));
    }
    let options = specification.get("options").cloned();
    let text = |text: &str| Node::new(Kind::Unsafe(text.into()), place.clone());
    let context = mapping(
        place,
        [
            ("type", text("role")),
            ("name", text(&call.name)),
            ("argument_spec_name", text(entry_point)),
            ("path", text(&reading.shown(role))),
        ],
    );
    let given = Node::new(Kind::Map(Arc::new(call.parameters.clone())), place.clone());
    let args = mapping(
        place,
        [
            ("argument_spec", options.unwrap_or_else(|| mapping(place, []))),
            ("provided_arguments", given),
            ("validate_args_context", context),
        ],
    );
    let directives = Directives {
        tags: vec![Node::text("always", place.clone())],
        ..Directives::default()
    };
    let action = Action::Module(ModuleCall {
        written: Located::new(MODULE.to_owned(), place.clone()),
        module: MODULE.to_owned(),
        sets_variables: false,
        args,
    });
    Some(Item::Task(Box::new(Task {
        name: Some(text(&name)),
        role: reading.around.role.clone(),
        through: reading.around.through.clone(),
        ..Task::new(place.clone(), action, directives.under(outer))
    })))
}

fn mapping<const N: usize>(place: &Place, entries: [(&str, Node); N]) -> Node {
    let entries = entries.into_iter().map(|(key, value)| Entry {
        key: Located::new(key.to_owned(), place.clone()),
        value,
    });
    let map: Mapping = entries.collect();
    Node::new(Kind::Map(Arc::new(map)), place.clone())
}
