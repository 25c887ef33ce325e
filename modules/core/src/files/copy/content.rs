//! The content of a file as an argument.

use std::borrow::Cow;

use cutover_kit::args::Told;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// The content of a file; what is no text becomes text as Ansible makes it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::files) struct Content {
    pub(super) text: String,
    /// Whether it is a secret.
    pub(super) secret: bool,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.text.len())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let told = Told::deserialize(deserializer)?;
        Ok(Self {
            text: match told.value {
                Json::String(text) => text,
                Json::Null => String::new(),
                Json::Bool(true) => "True".to_owned(),
                Json::Bool(false) => "False".to_owned(),
                other => spaced(&other),
            },
            secret: told.secret,
        })
    }
}

impl JsonSchema for Content {
    fn schema_name() -> Cow<'static, str> {
        "Content".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Told::json_schema(generator)
    }
}

/// JSON in one line with blanks after `,` and `:`, as Python writes it.
fn spaced(json: &Json) -> String {
    let list = |items: Vec<String>, [open, close]: [&str; 2]| format!("{open}{}{close}", items.join(", "));
    match json {
        Json::Array(items) => list(items.iter().map(spaced).collect(), ["[", "]"]),
        Json::Object(map) => {
            let members = map.iter();
            let members =
                members.map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), spaced(value)));
            list(members.collect(), ["{", "}"])
        }
        leaf => leaf.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_that_is_no_text_becomes_text() {
        let table = [
            (serde_json::json!("a\n"), "a\n"),
            (serde_json::json!(12), "12"),
            (serde_json::json!(true), "True"),
            (
                serde_json::json!({"a": [1, "x y"], "b": null}),
                r#"{"a": [1, "x y"], "b": null}"#,
            ),
        ];
        for (given, written) in table {
            let content: Content = serde_json::from_value(given).unwrap();
            assert_eq!(content.text, written);
        }
    }
}
