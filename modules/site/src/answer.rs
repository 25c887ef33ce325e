//! What a program printed.

use cutover_kit::secret::MASK;
use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind, Map, Value};
use serde_json::Value as Json;

/// A program's result.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) changed: bool,
    pub(crate) failed: Option<String>,
    /// Everything else it said.
    pub(crate) fields: Map,
}

impl Answer {
    /// Reads an answer; the texts of `secrets` are cut out of it.
    pub(crate) fn of(name: &str, executed: &Executed, secrets: &[String]) -> Result<Self, Failure> {
        let out = String::from_utf8_lossy(&executed.stdout);
        let said = String::from_utf8_lossy(&executed.stderr);
        let Some(Json::Object(mut object)) = json(&out) else {
            return Err(nothing(
                name,
                executed,
                &masked(&out, secrets),
                &masked(&said, secrets),
            ));
        };
        let truth = |value: Option<Json>| matches!(value, Some(Json::Bool(true)));
        let changed = truth(object.remove("changed"));
        let failed = truth(object.remove("failed")) || executed.status != Some(0);
        object.remove("invocation");
        let message = object.get("msg").and_then(Json::as_str).map(str::to_owned);
        let message = message.unwrap_or_else(|| match executed.status {
            Some(0) | None => format!("{name} failed"),
            Some(code) => format!("{name} ended with {code}"),
        });
        let mut whole = Json::Object(object);
        hide(&mut whole, secrets);
        let Value::Map(fields) = Value::from(whole) else {
            return Err(Failure::new(FailureKind::Internal, "an object is a mapping"));
        };
        Ok(Self {
            changed,
            failed: failed.then(|| masked(&message, secrets)),
            fields,
        })
    }
}

fn nothing(name: &str, executed: &Executed, out: &str, said: &str) -> Failure {
    let status = executed
        .status
        .map_or("a signal".to_owned(), |code| code.to_string());
    let why = match executed.status {
        Some(120) => "no temporary folder could be made on the host".to_owned(),
        Some(121) => "neither `base64` nor `openssl` decodes on the host".to_owned(),
        _ => format!("{name} ended with {status} and printed no JSON object"),
    };
    Failure::new(FailureKind::Task, why)
        .seen_all(said.lines().chain(out.lines()).take(20))
        .hint("a module prints one JSON object, such as {\"changed\": true}")
        .field("module_stdout", out)
        .field("module_stderr", said)
        .field("rc", executed.status)
}

/// The object that a program printed, perhaps after other lines.
fn json(out: &str) -> Option<Json> {
    let starts = std::iter::once(0).chain(out.match_indices('\n').map(|(at, _)| at + 1));
    for start in starts.filter(|start| out[*start..].trim_start().starts_with('{')) {
        let mut objects = serde_json::Deserializer::from_str(&out[start..]).into_iter();
        if let Some(Ok(object @ Json::Object(_))) = objects.next() {
            return Some(object);
        }
    }
    None
}

/// A text with every secret cut out.
pub(crate) fn masked(text: &str, secrets: &[String]) -> String {
    secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), MASK)
        })
}

fn hide(json: &mut Json, secrets: &[String]) {
    match json {
        Json::String(text) => *text = masked(text, secrets),
        Json::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Json::Object(map) => map.values_mut().for_each(|item| hide(item, secrets)),
        _ => {}
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
        match Answer::of("mine", &executed, &["hunter22".to_owned()]) {
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
                "Answer { changed: true, failed: None, fields: {\"a\": [\"x ********\"]} }",
            ),
            (
                0,
                "warning\n  {\"a\": 1}\nbye",
                "Answer { changed: false, failed: None, fields: {\"a\": 1} }",
            ),
            (
                0,
                "{\"failed\": true, \"msg\": \"no\"}",
                "Answer { changed: false, failed: Some(\"no\"), fields: {\"msg\": \"no\"} }",
            ),
            (
                3,
                "{}",
                "Answer { changed: false, failed: Some(\"mine ended with 3\"), fields: {} }",
            ),
            (
                1,
                "boom",
                "mine ended with 1 and printed no JSON object [\"oh ********\", \"boom\"]",
            ),
            (
                120,
                "",
                "no temporary folder could be made on the host [\"oh ********\"]",
            ),
        ];
        for (status, out, expected) in table {
            assert_eq!(read(status, out), expected);
        }
    }
}
