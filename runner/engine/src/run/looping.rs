//! What `loop` and `with_…` go through.

use cutover_kit::Value;

/// The items of `loop` (no lookup) or `with_LOOKUP`. A fault is one sentence.
pub(super) fn items(lookup: Option<&str>, value: Value) -> Result<Vec<Value>, String> {
    match (lookup, value) {
        (None, Value::List(items)) => Ok(items),
        (None, other) => Err(format!(
            "the `loop` value must resolve to a list, and is {}",
            other.kind()
        )),
        (Some("list"), Value::List(items)) => Ok(items),
        (Some("items"), Value::List(items)) => Ok(items.into_iter().flat_map(flat).collect()),
        (Some("items"), one) => Ok(vec![one]),
        (Some("dict"), Value::Map(map)) => Ok(map
            .into_iter()
            .map(|(key, value)| Value::map([("key", Value::from(key)), ("value", value)]))
            .collect()),
        (Some("indexed_items"), Value::List(items)) => Ok((0_i64..)
            .zip(items.into_iter().flat_map(flat))
            .map(|(index, item)| Value::List(vec![index.into(), item]))
            .collect()),
        (Some(name @ ("list" | "dict" | "indexed_items")), other) => {
            Err(format!("`with_{name}` cannot go through {}", other.kind()))
        }
        (Some(name), _) => Err(format!("`with_{name}` is not supported yet")),
    }
}

/// One level is flattened.
fn flat(item: Value) -> Vec<Value> {
    match item {
        Value::List(inner) => inner,
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_items_flattens_one_level_and_loop_does_not() {
        let nested = || {
            Value::List(vec![
                vec![1_i64, 2].into(),
                3_i64.into(),
                Value::List(vec![vec![4_i64].into()]),
            ])
        };
        let flat = items(Some("items"), nested()).unwrap();
        assert_eq!(
            flat,
            [1_i64.into(), 2_i64.into(), 3_i64.into(), Value::from(vec![4_i64])]
        );
        assert_eq!(items(None, nested()).unwrap().len(), 3);
        assert_eq!(items(Some("items"), "one".into()).unwrap(), [Value::from("one")]);
        assert_eq!(
            items(None, "one".into()).unwrap_err(),
            "the `loop` value must resolve to a list, and is text"
        );
    }
}
