//! The arguments of `copy`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::files::yes;

/// Writes a file: content, or a copy of a file or folder of this machine (or, with `remote_src`, of the host).
///
/// A file is written whole or not at all. A folder that ends with `/` is copied without itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// Where it goes. Where that is a folder, or ends with `/`, the file keeps its name in it.
    pub(super) dest: String,
    /// The file or folder. A relative one is looked for in `files` beside the role and the playbook.
    #[serde(default)]
    pub(super) src: Option<String>,
    /// The content, instead of a file. A mapping or a list becomes JSON.
    #[serde(default)]
    pub(super) content: Option<Content>,
    /// Permissions: octal digits in quotes (`"0644"`), symbols (`u=rw,g=r`), or `preserve` for those of the source.
    #[serde(default)]
    pub(super) mode: Option<Mode>,
    /// Permissions of folders that are made. Default: those that the system gives.
    #[serde(default)]
    pub(super) directory_mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    pub(super) owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    pub(super) group: Option<Account>,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    pub(super) backup: bool,
    /// Whether a file that is there is replaced.
    #[serde(default = "yes")]
    #[schemars(extend("aliases" = ["thirsty"]))]
    pub(super) force: bool,
    /// Whether `src` is on the host.
    #[serde(default)]
    pub(super) remote_src: bool,
    /// A command that must accept the new file before it takes its place; `%s` stands for it.
    #[serde(default)]
    pub(super) validate: Option<String>,
    /// Whether a link at `dest` stays, and what it leads to is written.
    #[serde(default)]
    pub(super) follow: bool,
    /// Whether links in a folder that is copied are followed.
    #[serde(default = "yes")]
    pub(super) local_follow: bool,
    /// The SHA-1 that the source must have.
    #[serde(default)]
    pub(super) checksum: Option<String>,
    /// Whether a file that cannot be replaced (a mount point) is written into.
    #[serde(default)]
    pub(super) unsafe_writes: bool,
    /// Whether a source encrypted with Ansible Vault is decrypted.
    #[serde(default = "yes")]
    #[expect(dead_code, reason = "sources are decrypted where they are read")]
    pub(super) decrypt: bool,
}

impl Args {
    pub(super) fn wish(&self) -> Wish<'_> {
        Wish {
            mode: self.mode.as_ref(),
            owner: self.owner.as_ref(),
            group: self.group.as_ref(),
        }
    }
}

/// The content of a file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Content(pub(super) String);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Json::deserialize(deserializer)? {
            Json::String(text) => text,
            Json::Null => String::new(),
            Json::Bool(true) => "True".to_owned(),
            Json::Bool(false) => "False".to_owned(),
            other => spaced(&other),
        }))
    }
}

impl JsonSchema for Content {
    fn schema_name() -> Cow<'static, str> {
        "Content".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
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
            assert_eq!(content.0, written);
        }
    }
}
