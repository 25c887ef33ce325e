//! Secrets that stand in files for everybody to read.

use std::collections::BTreeMap;

use crate::diagnose::Diagnostic;
use crate::inventory::Inventory;
use crate::playbook::{Action, Play};
use crate::scope::Variable;
use crate::secrecy::is_secret_name;
use crate::source::Place;
use crate::yaml::{Kind, Mapping, Node};

const HELP: &str = "encrypt it (`!vault`), or take it from the environment: \"{{ lookup('env', 'NAME') }}\"";

/// Warns of every secret that is written in a play.
pub(super) fn in_play(play: &Play, found: &mut Vec<Diagnostic>) {
    let mut places = Vec::new();
    in_mapping(&play.vars, &mut places);
    for task in play.tasks() {
        in_mapping(&task.directives.vars, &mut places);
        if let Action::Module(call) = &task.action {
            call.args
                .as_map()
                .into_iter()
                .for_each(|args| in_mapping(args, &mut places));
        }
    }
    found.extend(places.iter().map(|(name, place)| warning(name, place)));
}

/// Warns once for each file of the inventory that holds secrets in clear.
pub(super) fn in_inventory(inventory: &Inventory, found: &mut Vec<Diagnostic>) {
    let mut files: BTreeMap<String, Vec<(String, Place)>> = BTreeMap::new();
    for layer in inventory.all_layers() {
        for (name, variable) in &layer.variables {
            let Variable::Template(node) = variable else {
                continue;
            };
            let mut places = Vec::new();
            in_value(name, node, is_secret_name(name), &mut places);
            for (name, place) in places {
                let known = files.entry(place.source.path().to_owned()).or_default();
                if !known.iter().any(|(_, other)| *other == place) {
                    known.push((name, place));
                }
            }
        }
    }
    for mut places in files.into_values() {
        places.sort_by_key(|(_, place)| (place.line, place.column));
        let Some((name, place)) = places.first() else {
            continue;
        };
        let mut warning = warning(name, place);
        let more = match places.len() - 1 {
            0 => String::new(),
            1 => ", and so does one more value in this file".to_owned(),
            more => format!(", and so do {more} more values in this file"),
        };
        warning.message.push_str(&more);
        found.push(warning);
    }
}

fn warning(name: &str, place: &Place) -> Diagnostic {
    Diagnostic::warning("literal-secret", place, format!("`{name}` stands here in clear")).help(HELP)
}

fn in_mapping(map: &Mapping, places: &mut Vec<(String, Place)>) {
    for entry in map.iter() {
        in_value(&entry.key, &entry.value, is_secret_name(&entry.key), places);
    }
}

fn in_value(name: &str, node: &Node, secret: bool, places: &mut Vec<(String, Place)>) {
    match &node.kind {
        Kind::Map(map) => {
            for entry in map.iter() {
                in_value(
                    &entry.key,
                    &entry.value,
                    secret || is_secret_name(&entry.key),
                    places,
                );
            }
        }
        Kind::Seq(items) => items.iter().for_each(|item| in_value(name, item, secret, places)),
        Kind::Text(text) if secret && !text.is_empty() && !node.is_template() => {
            places.push((name.to_owned(), node.place.clone()));
        }
        Kind::Unsafe(_) | Kind::Int(_) | Kind::Float(_) if secret => {
            places.push((name.to_owned(), node.place.clone()));
        }
        _ => {}
    }
}
