//! Arguments against the schema of their module, before anything runs.
//!
//! Only what is certain is a fault: a template may become anything, and text is
//! taken for numbers, booleans and lists where the module wants those, as the
//! module itself will do.

use cutover_kit::args::canonical;
use serde_json::Value as Json;

use super::arguments::OTHER_ARGUMENTS;
use super::reading::Reading;
use super::setting::Literal;
use crate::diagnose::Diagnostic;
use crate::source::Located;
use crate::yaml::{Kind, Mapping, Node};

/// Checks the arguments of a call of `module`.
pub(super) fn check(reading: &mut Reading<'_>, module: &Located<String>, args: &Node, schema: &Json) {
    if args.is_template() {
        return;
    }
    let Some(map) = reading.mapping(&format!("`{}`", module.value), args) else {
        return;
    };
    members(
        reading,
        &format!("`{}`", module.value),
        &module.place,
        map,
        schema,
    );
}

/// The members of a mapping against `properties`, `required` and `additionalProperties`.
fn members(
    reading: &mut Reading<'_>,
    what: &str,
    place: &crate::source::Place,
    map: &Mapping,
    schema: &Json,
) {
    let properties = schema.get("properties").and_then(Json::as_object);
    let closed = schema.get("additionalProperties") == Some(&Json::Bool(false));
    for entry in map.iter().filter(|entry| entry.key.value != OTHER_ARGUMENTS) {
        let own = canonical(schema, &entry.key.value);
        match own.and_then(|own| properties.and_then(|properties| properties.get(own))) {
            Some(wanted) => value(reading, &entry.key, &entry.value, wanted),
            None if closed => {
                let names = properties.into_iter().flat_map(|names| names.keys());
                let fault = Diagnostic::error(
                    "unknown-argument",
                    &entry.key.place,
                    format!("{what} has no argument `{}`", entry.key.value),
                );
                let near = fault
                    .clone()
                    .did_you_mean(&entry.key, names.clone().map(String::as_str));
                let known: Vec<_> = names.map(|name| format!("`{name}`")).collect();
                reading.fault(match near.help {
                    None if known.is_empty() => fault.help("it takes none"),
                    None => fault.help(format!("it takes {}", known.join(", "))),
                    Some(_) => near,
                });
            }
            None => {}
        }
    }
    if map.entry(OTHER_ARGUMENTS).is_some() {
        return;
    }
    let required = schema.get("required").and_then(Json::as_array);
    for name in required.into_iter().flatten().filter_map(Json::as_str) {
        let given = map
            .iter()
            .any(|entry| canonical(schema, &entry.key.value) == Some(name));
        if !given {
            reading.fault(Diagnostic::error(
                "missing-argument",
                place,
                format!("{what} needs the argument `{name}`"),
            ));
        }
    }
}

/// One value against its schema.
fn value(reading: &mut Reading<'_>, name: &Located<String>, node: &Node, schema: &Json) {
    if node.is_template() || matches!(node.kind, Kind::Vault(_)) || fits(node, schema) {
        return deeper(reading, name, node, schema);
    }
    let fault = Diagnostic::error(
        "wrong-type",
        &node.place,
        format!("`{}` takes {}, not {}", name.value, wanted(schema), shown(node)),
    );
    let quotes = matches!(node.kind, Kind::Bool(_)) && types(schema).contains(&"string");
    reading.fault(match (quotes, node.as_text()) {
        (true, _) => fault.help(format!("put it in quotes: \"{}\"", node.place.text())),
        (false, Some(text)) => fault.did_you_mean(text, words(schema)),
        (false, None) => fault,
    });
}

/// What is inside of a value that fits by itself.
fn deeper(reading: &mut Reading<'_>, name: &Located<String>, node: &Node, schema: &Json) {
    match &node.kind {
        Kind::Map(map) if schema.get("properties").is_some() => {
            members(reading, &format!("`{}`", name.value), &name.place, map, schema);
        }
        Kind::Seq(items) => {
            if let Some(item) = schema.get("items") {
                for node in items.iter() {
                    value(reading, name, node, item);
                }
            }
        }
        _ => {}
    }
}

/// Whether a value is of a type that the schema allows; what is inside is not looked at.
fn fits(node: &Node, schema: &Json) -> bool {
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(choice).and_then(Json::as_array) {
            return choices.iter().any(|choice| fits(node, choice));
        }
    }
    if let Some(only) = schema.get("const") {
        return node.written().as_deref() == only.as_str() || only.as_str().is_none();
    }
    if let Some(words) = schema.get("enum").and_then(Json::as_array) {
        let written = node.written();
        return words.iter().any(|word| match word {
            Json::String(word) => written.as_ref() == Some(word),
            Json::Null => node.is_null(),
            _ => true,
        });
    }
    let types = types(schema);
    types.is_empty() || types.iter().any(|wanted| is(node, wanted))
}

fn is(node: &Node, wanted: &str) -> bool {
    let text = node.as_text();
    match wanted {
        "null" => node.is_null(),
        "boolean" => {
            matches!(node.kind, Kind::Bool(_)) || text.is_some_and(|text| bool::from_text(text).is_some())
        }
        "integer" => {
            matches!(node.kind, Kind::Int(_)) || text.is_some_and(|text| text.trim().parse::<i64>().is_ok())
        }
        "number" => {
            matches!(node.kind, Kind::Int(_) | Kind::Float(_))
                || text.is_some_and(|text| text.trim().parse::<f64>().is_ok())
        }
        // Numbers are plain; of `yes` it has to be asked which text is meant.
        "string" => text.is_some() || matches!(node.kind, Kind::Int(_) | Kind::Float(_)),
        "array" => node.as_seq().is_some() || text.is_some(),
        "object" => node.as_map().is_some(),
        _ => true,
    }
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The words a schema lists, at any depth of its choices.
fn words(schema: &Json) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let only = schema.get("const").into_iter();
    let mut words: Vec<_> = listed.chain(only).filter_map(Json::as_str).collect();
    for choice in ["anyOf", "oneOf"] {
        let choices = schema.get(choice).and_then(Json::as_array).into_iter().flatten();
        words.extend(choices.flat_map(self::words));
    }
    words
}

/// What a schema wants, in words.
fn wanted(schema: &Json) -> String {
    let words = words(schema);
    if !words.is_empty() {
        return one_of(words.iter().map(|word| format!("`{word}`")));
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(choice).and_then(Json::as_array) {
            return one_of(choices.iter().filter(|choice| !is_null(choice)).map(wanted));
        }
    }
    one_of(
        types(schema)
            .into_iter()
            .filter(|name| *name != "null")
            .map(|name| {
                let word = match name {
                    "boolean" => "true or false",
                    "integer" => "a whole number",
                    "number" => "a number",
                    "string" => "text",
                    "array" => "a list",
                    "object" => "a mapping",
                    other => other,
                };
                word.to_owned()
            }),
    )
}

fn is_null(schema: &Json) -> bool {
    types(schema) == ["null"]
}

fn one_of(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" or ")
}

/// What stands there instead.
fn shown(node: &Node) -> String {
    match (&node.kind, node.as_text()) {
        (_, Some(text)) if text.chars().count() <= 30 => format!("`{text}`"),
        _ => node.describe().to_owned(),
    }
}
