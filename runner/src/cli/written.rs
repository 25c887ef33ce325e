//! Variables as they are written, without what is secret.

use cutover_kit::secret::MASK;
use cutover_language::secrecy::is_secret_name;
use cutover_language::yaml::Kind;
use cutover_language::{Node, Variable};
use serde_json::Value as Json;

use crate::reference::{reference, shown};

/// A variable of this name: templates as they stand, secrets masked.
pub(super) fn variable(name: &str, variable: &Variable) -> Json {
    match variable {
        Variable::Template(node) => written(node, is_secret_name(name)),
        Variable::Data(_) if is_secret_name(name) => MASK.into(),
        Variable::Data(value) => shown(&reference(value, &cutover_kit::Secrets::default())),
    }
}

fn written(node: &Node, secret: bool) -> Json {
    match &node.kind {
        Kind::Map(map) => map
            .iter()
            .map(|entry| {
                let secret = secret || is_secret_name(&entry.key);
                (entry.key.value.clone(), written(&entry.value, secret))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Kind::Seq(items) => items.iter().map(|item| written(item, secret)).collect(),
        Kind::Null => Json::Null,
        _ if node.place.source.is_sealed() || secret && !node.is_template() => MASK.into(),
        _ => {
            let plain = node.to_value();
            plain.map_or_else(
                || MASK.into(),
                |value| serde_json::to_value(&value).unwrap_or_default(),
            )
        }
    }
}
