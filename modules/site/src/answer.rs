//! What a program printed.

use cutover_kit::secret::Origin;
use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind, Map, Secret, Secrets, Value};
use serde_json::Value as Json;

/// A program's result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) changed: bool,
    pub(crate) failed: Option<String>,
    /// Everything it said besides, as it may be shown.
    pub(crate) fields: Map,
    /// `facts` as it said them, in JSON: for its own next verb, and for nobody else.
    pub(crate) facts: Option<Secret>,
}

impl Answer {
    /// Reads an answer; `secrets` are cut out of it.
    pub(crate) fn of(name: &str, executed: &Executed, secrets: &Secrets) -> Result<Self, Failure> {
        let out = String::from_utf8_lossy(&executed.stdout);
        let Some(mut object) = object(&out) else {
            return Err(nothing(name, executed, secrets));
        };
        let truth = |value: Option<Json>| matches!(value, Some(Json::Bool(true)));
        let changed = truth(object.remove("changed"));
        let failed = truth(object.remove("failed")) || executed.status != Some(0);
        object.remove("invocation");
        let facts = object
            .get("facts")
            .map(|facts| Secret::new(facts.to_string(), Origin::Argument));
        let fields: Map = object
            .into_iter()
            .map(|(name, value)| {
                (
                    secrets.mask(&name).into_owned(),
                    Value::from(masked(value, secrets)),
                )
            })
            .collect();
        let message = match (fields.get("msg").and_then(Value::as_str), executed.status) {
            (Some(message), _) => message.to_owned(),
            (None, Some(0) | None) => format!("{name} failed"),
            (None, Some(code)) => format!("{name} ended with {code}"),
        };
        Ok(Self {
            changed,
            failed: failed.then_some(message),
            fields,
            facts,
        })
    }
}

fn nothing(name: &str, executed: &Executed, secrets: &Secrets) -> Failure {
    let shown = |bytes: &[u8]| secrets.mask(&String::from_utf8_lossy(bytes)).into_owned();
    let (out, said) = (shown(&executed.stdout), shown(&executed.stderr));
    let status = executed
        .status
        .map_or("a signal".to_owned(), |code| code.to_string());
    let why = format!("{name} ended with {status} and printed no JSON object");
    Failure::new(FailureKind::Task, why)
        .seen_all(said.lines().chain(out.lines()).take(20))
        .hint("a module prints one JSON object, such as {\"changed\": true}")
        .field("module_stdout", out)
        .field("module_stderr", said)
        .field("rc", executed.status)
}

/// The object that a program printed, perhaps after other lines.
fn object(out: &str) -> Option<serde_json::Map<String, Json>> {
    let starts = std::iter::once(0).chain(out.match_indices('\n').map(|(at, _)| at + 1));
    for start in starts.filter(|start| out[*start..].trim_start().starts_with('{')) {
        let mut objects = serde_json::Deserializer::from_str(&out[start..]).into_iter();
        if let Some(Ok(Json::Object(object))) = objects.next() {
            return Some(object);
        }
    }
    None
}

/// The same without any secret, in names too. A number that holds one is shown as text.
fn masked(json: Json, secrets: &Secrets) -> Json {
    match json {
        Json::String(text) => secrets.mask(&text).into_owned().into(),
        Json::Number(number) => {
            let text = number.to_string();
            let shown = secrets.mask(&text);
            if *shown == *text {
                Json::Number(number)
            } else {
                shown.into_owned().into()
            }
        }
        Json::Array(items) => items.into_iter().map(|item| masked(item, secrets)).collect(),
        Json::Object(map) => {
            let shown = map
                .into_iter()
                .map(|(name, item)| (secrets.mask(&name).into_owned(), masked(item, secrets)));
            Json::Object(shown.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: i32, out: &str) -> String {
        let executed = Executed {
            status: Some(status),
            stdout: out.into(),
            stderr: b"oh hunter22".to_vec(),
        };
        let secrets = Secrets::default();
        for text in ["hunter2", "hunter22", "471147"] {
            secrets.learn(text, Origin::Argument);
        }
        match Answer::of("mine", &executed, &secrets) {
            Ok(answer) => format!("{answer:?}"),
            Err(failure) => format!("{} {:?}", failure.message, failure.seen),
        }
    }

    #[test]
    fn one_json_object_is_the_answer() {
        let table = [
            (
                0,
                "{\"changed\": true, \"a\": [\"x hunter22\"]}",
                "Answer { changed: true, failed: None, fields: {\"a\": [\"x ********\"]}, facts: None }",
            ),
            (
                0,
                "warning\n  {\"a\": 1}\nbye",
                "Answer { changed: false, failed: None, fields: {\"a\": 1}, facts: None }",
            ),
            (
                0,
                "{\"failed\": true, \"msg\": \"no\"}",
                "Answer { changed: false, failed: Some(\"no\"), fields: {\"msg\": \"no\"}, facts: None }",
            ),
            (
                3,
                "{}",
                "Answer { changed: false, failed: Some(\"mine ended with 3\"), fields: {}, facts: None }",
            ),
            (
                1,
                "boom",
                "mine ended with 1 and printed no JSON object [\"oh ********\", \"boom\"]",
            ),
            (
                0,
                "{\"n\": 471147, \"o\": 47, \"m\": {\"of hunter22\": [{\"x\": \"hunter2\"}]}}",
                "Answer { changed: false, failed: None, fields: {\"n\": \"********\", \"o\": 47, \
                 \"m\": {\"of ********\": [{\"x\": \"********\"}]}}, facts: None }",
            ),
            (
                0,
                "{\"changed\": true, \"facts\": {\"now\": \"hunter22\"}}",
                "Answer { changed: true, failed: None, fields: {\"facts\": {\"now\": \"********\"}}, \
                 facts: Some(********) }",
            ),
        ];
        for (status, out, expected) in table {
            assert_eq!(read(status, out), expected);
        }
    }
}
