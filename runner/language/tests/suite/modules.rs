//! A small catalog for playbooks under test.

use std::path::PathBuf;

use cutover_language::{Catalog, ModuleInfo};
use serde_json::{Value as Json, json};

/// Modules enough for every kind of argument.
pub(crate) struct Modules;

impl Catalog for Modules {
    fn find(&self, name: &str, _: &[PathBuf]) -> Option<ModuleInfo> {
        let (free_form, schema) = schema(name)?;
        Some(ModuleInfo {
            name: name.to_owned(),
            free_form: free_form.map(str::to_owned),
            schema,
            sets_variables: name == "setup",
            unusable: None,
            doubt: None,
        })
    }

    fn names(&self) -> Vec<String> {
        ["command", "debug", "set_fact", "vos_csr", "vos_restart", "copy"]
            .map(str::to_owned)
            .to_vec()
    }
}

fn schema(name: &str) -> Option<(Option<&'static str>, Json)> {
    let closed = |properties: Json, required: &[&str]| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    Some(match name {
        "command" => (
            Some("cmd"),
            closed(
                json!({"cmd": {"type": ["string", "null"]}, "chdir": {"type": ["string", "null"]}, "creates": {"type": ["string", "null"]}}),
                &[],
            ),
        ),
        "debug" => (None, closed(json!({"msg": {}, "var": {"type": "string"}}), &[])),
        "set_fact" => (None, json!({"type": "object"})),
        "vos_csr" => (
            None,
            closed(
                json!({
                    "unit": {"type": "string"},
                    "dest": {"type": "string"},
                    "bits": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "hash": {"enum": ["sha256", "sha384"]},
                    "force": {"type": "boolean"},
                    "of": {"type": "array", "items": {"oneOf": [{"const": "self"}, {"const": "talks_to"}]}},
                    "subject": {"type": "object", "properties": {"o": {"type": "string"}}, "additionalProperties": false},
                }),
                &["unit"],
            ),
        ),
        "vos_restart" | "setup" => (None, closed(json!({}), &[])),
        "copy" => (
            None,
            closed(
                json!({"src": {"type": "string"}, "dest": {"type": "string"}, "mode": {"type": "string"}}),
                &["dest"],
            ),
        ),
        _ => return None,
    })
}
