//! What a program that speaks cutover's protocol says of itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use cutover_kit::bounded::{self, Limit};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// The answer to `describe`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    /// Its manual; the first sentence is the line that lists show.
    #[serde(default)]
    description: String,
    /// Its arguments.
    #[serde(default)]
    arguments: BTreeMap<String, Argument>,
    /// The verbs it has besides `describe` and `apply`.
    #[serde(default)]
    verbs: Vec<Verb>,
    /// Whether `apply` takes the host, or a part of it, out of service.
    #[serde(default)]
    pub(crate) disruptive: bool,
}

/// One argument.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Argument {
    #[serde(default)]
    description: String,
    /// A type of JSON Schema.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    choices: Vec<Json>,
    /// Whether it is a secret.
    #[serde(default)]
    no_log: bool,
}

/// What a program can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verb {
    /// Says what would change, and changes nothing.
    Look,
    /// Makes the change; every program has it.
    Apply,
    /// Reads back what was changed.
    Prove,
    /// Takes the change back.
    Undo,
}

impl Verb {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Apply => "apply",
            Self::Prove => "prove",
            Self::Undo => "undo",
        }
    }
}

impl Description {
    /// Whether it has `verb`.
    pub(crate) fn can(&self, verb: Verb) -> bool {
        verb == Verb::Apply || self.verbs.contains(&verb)
    }

    /// The names of the arguments that are secrets.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let secret = self.arguments.iter().filter(|(_, argument)| argument.no_log);
        secret.map(|(name, _)| name.as_str()).collect()
    }

    /// The schema of its arguments.
    pub(crate) fn schema(&self, name: &str) -> Json {
        let properties: Map<String, Json> = self
            .arguments
            .iter()
            .map(|(name, argument)| (name.clone(), argument.schema()))
            .collect();
        let required: Vec<&String> = self
            .arguments
            .iter()
            .filter(|(_, argument)| argument.required)
            .map(|(name, _)| name)
            .collect();
        json!({
            "title": name,
            "description": self.description,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }
}

impl Argument {
    fn schema(&self) -> Json {
        let mut schema = Map::new();
        schema.insert("description".into(), self.description.clone().into());
        if let Some(kind) = &self.kind {
            schema.insert("type".into(), kind.clone().into());
        }
        if !self.choices.is_empty() {
            schema.insert("enum".into(), self.choices.clone().into());
        }
        if self.no_log {
            schema.insert("writeOnly".into(), true.into());
        }
        schema.into()
    }
}

/// What a program gets to say what it is.
const LIMIT: Limit = Limit {
    time: Duration::from_secs(10),
    bytes: 1 << 20,
};

/// Asks a program on this machine what it is. It gets no input and no arguments.
pub(crate) fn describe(path: &Path) -> Result<Description, String> {
    let ended = bounded::run(path, &["describe"], LIMIT).map_err(|error| format!("`describe` {error}"))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(format!("`describe` ended with {}: {}", ended.status, said.trim()));
    }
    serde_json::from_slice(&ended.stdout)
        .map_err(|error| format!("its answer to `describe` is wrong: {error}"))
}
