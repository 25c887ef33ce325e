//! Arguments that are told whether they are secret.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde_json::Value as Json;

use super::{canonical, escape};
use crate::value::Value;

/// The key under which an argument arrives that says of itself whether it is secret. No file can
/// hold it: YAML has no zero character.
const SECRET: &str = "\0secret";

/// An argument of which is told whether it is secret: a module that would show it must not then.
#[derive(Clone, PartialEq)]
pub struct Told {
    /// What is given.
    pub value: Json,
    /// Whether it is a secret, or made of one.
    pub secret: bool,
}

impl Told {
    /// As text; what is no text is spelt as JSON.
    pub fn text(&self) -> String {
        match &self.value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.secret {
            true => f.write_str(crate::secret::MASK),
            false => self.value.fmt(f),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Told {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Json::deserialize(deserializer)?;
        let secret = value.as_object_mut().and_then(|map| map.remove(SECRET));
        Ok(match secret {
            Some(text) => Self {
                value: text,
                secret: true,
            },
            None => Self { value, secret: false },
        })
    }
}

impl JsonSchema for Told {
    fn schema_name() -> Cow<'static, str> {
        "Told".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"tells_secret": true})
    }
}

/// Lets the arguments that want it say that they are secret.
pub(super) fn tell(json: &mut Json, given: &Value, schema: &Json) {
    let (Json::Object(members), Value::Map(map)) = (json, given) else {
        return;
    };
    for (name, value) in map {
        // Few arguments are secrets: only of those it is asked what the schema says.
        let Value::Secret(secret) = value else { continue };
        let wants = canonical(schema, name).is_some_and(|own| {
            let property = schema.pointer(&format!("/properties/{}", escape(own)));
            property.is_some_and(|property| property.to_string().contains("\"tells_secret\":true"))
        });
        if let (true, Some(member)) = (wants, members.get_mut(name)) {
            *member = serde_json::json!({ SECRET: secret.expose() });
        }
    }
}
