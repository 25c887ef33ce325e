//! Typed findings as fields of a result.

use cutover_kit::{Map, Value};
use serde::Serialize;

/// What can be written as JSON, as a value.
pub(crate) fn value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).map_or(Value::Null, Value::from)
}

/// The fields of these names.
pub(crate) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
