//! Values as events and the journal hold them: every secret part is a reference
//! to where it comes from, never the text.

use cutover_kit::secret::{MASK, Origin, Part};
use cutover_kit::{Secrets, Value};
use serde_json::{Value as Json, json};

/// `value` in reference form.
///
/// A secret becomes `{"$secret": origin}`; a text with secrets in it
/// `{"$parts": [text or {"$secret": origin}, …]}`.
pub fn reference(value: &Value, secrets: &Secrets) -> Json {
    match value {
        Value::Secret(secret) => json!({"$secret": secret.origin()}),
        Value::String(text) => reference_text(text, secrets),
        Value::List(list) => list.iter().map(|item| reference(item, secrets)).collect(),
        Value::Map(map) => map
            .iter()
            .map(|(key, item)| (secrets.mask(key).into_owned(), reference(item, secrets)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Later(later) => json!({"$later": later.after}),
        plain => plain.reveal(),
    }
}

fn reference_text(text: &str, secrets: &Secrets) -> Json {
    let parts = secrets.parts(text);
    match parts.as_slice() {
        [Part::Text(_)] => Json::String(text.to_owned()),
        [Part::Secret(origin)] => json!({"$secret": origin}),
        _ => json!({"$parts": parts.iter().map(part).collect::<Vec<_>>()}),
    }
}

fn part(part: &Part<'_>) -> Json {
    match part {
        Part::Text(text) => Json::String((*text).to_owned()),
        Part::Secret(origin) => json!({"$secret": origin}),
    }
}

/// What people are shown of a value in reference form: masks for secrets.
pub fn shown(json: &Json) -> Json {
    match json {
        Json::Object(map) => match map.iter().next() {
            Some((key, _)) if map.len() == 1 && key == "$secret" => Json::String(MASK.into()),
            Some((key, after)) if map.len() == 1 && key == "$later" => Json::String(format!(
                "(known after {})",
                after.as_str().unwrap_or("an earlier step")
            )),
            Some((key, Json::Array(parts))) if map.len() == 1 && key == "$parts" => {
                Json::String(parts.iter().map(|part| part.as_str().unwrap_or(MASK)).collect())
            }
            _ => map
                .iter()
                .map(|(key, item)| (key.clone(), shown(item)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        },
        Json::Array(list) => list.iter().map(shown).collect(),
        plain => plain.clone(),
    }
}

/// The value that a reference form stands for. `find` resolves a secret's origin;
/// `None` where a secret cannot be found again.
pub fn resolve(json: &Json, find: &dyn Fn(&Origin) -> Option<String>) -> Option<Value> {
    match json {
        Json::Object(map) if map.len() == 1 && map.contains_key("$secret") => {
            let origin: Origin = serde_json::from_value(map["$secret"].clone()).ok()?;
            find(&origin).map(|text| Value::Secret(cutover_kit::Secret::new(text, origin)))
        }
        Json::Object(map) if map.len() == 1 && map.contains_key("$parts") => {
            let mut text = String::new();
            for part in map["$parts"].as_array()? {
                match resolve(part, find)? {
                    Value::Secret(secret) => text.push_str(secret.expose()),
                    Value::String(plain) => text.push_str(&plain),
                    _ => return None,
                }
            }
            Some(Value::String(text))
        }
        Json::Object(map) => {
            let pairs = map
                .iter()
                .map(|(key, item)| resolve(item, find).map(|value| (key.clone(), value)));
            pairs.collect::<Option<cutover_kit::Map>>().map(Value::Map)
        }
        Json::Array(list) => list
            .iter()
            .map(|item| resolve(item, find))
            .collect::<Option<Vec<_>>>()
            .map(Value::List),
        plain => Some(Value::from(plain.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_leaves_as_a_reference_and_comes_back_by_it() {
        let secrets = Secrets::default();
        let secret = secrets.learn("hunter22", Origin::environment("PASS"));
        let value = Value::map([
            ("whole", Value::Secret(secret)),
            ("inside", Value::from("login admin/hunter22 now")),
            ("plain", Value::from(7_i64)),
        ]);
        let json = reference(&value, &secrets);
        assert_eq!(
            json,
            json!({
                "whole": {"$secret": {"environment": "PASS"}},
                "inside": {"$parts": ["login admin/", {"$secret": {"environment": "PASS"}}, " now"]},
                "plain": 7,
            })
        );
        assert_eq!(
            shown(&json),
            json!({"whole": "********", "inside": "login admin/******** now", "plain": 7})
        );
        let find = |origin: &Origin| (*origin == Origin::environment("PASS")).then(|| "hunter22".to_owned());
        let back = resolve(&json, &find).unwrap();
        assert_eq!(back.reveal(), value.reveal());
    }
}
