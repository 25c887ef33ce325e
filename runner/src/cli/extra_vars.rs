//! `-e`: `k=v k2=v2`, JSON or YAML text, or `@FILE`.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Secrets, Value};
use cutover_language::files::{self, Disk};
use cutover_language::playbook::pairs;
use cutover_language::secrecy::is_secret_name;
use cutover_language::vault::{Keyring, Vault};
use cutover_language::yaml::{Kind, Mapping};
use cutover_language::{Diagnostic, Node, Source, yaml};
use serde_json::Value as Json;

use super::fault::Fault;
use super::start::Ground;
use crate::exit::Exit;
use crate::reference::reference;
use cutover_engine::home;

/// What faults call the place of what was typed.
const TYPED: &str = "--extra-vars";

/// One `-e` as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExtraVars {
    /// `k=v k2=v2`: all values are text.
    Pairs(String),
    /// JSON or YAML of a mapping.
    Text(String),
    /// `@FILE` with such a text.
    File(PathBuf),
}

impl FromStr for ExtraVars {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix('@') {
            return Ok(Self::File(path.into()));
        }
        if text.starts_with(['{', '[']) {
            return Ok(Self::Text(text.to_owned()));
        }
        match parted(text) {
            Ok(_) => Ok(Self::Pairs(text.to_owned())),
            Err(_) if Path::new(text).exists() => Err(format!("`{text}` is a file; write `@{text}`")),
            Err(_) => Err(format!("`{text}` is neither NAME=VALUE nor JSON nor @FILE")),
        }
    }
}

fn parted(text: &str) -> Result<Node, Box<Diagnostic>> {
    let place = Source::new(TYPED, text).place(0..text.len());
    pairs(&Node::text(text, place))
}

/// All variables that were given.
pub(super) struct Merged {
    /// As they are written, each value with its place.
    pub(super) written: Mapping,
    /// As they are recorded, in reference form.
    pub(super) shown: Json,
}

/// All of them together; the last one wins. Files and values may be encrypted; what is secret is
/// learnt.
pub(super) fn merge(given: &[ExtraVars], ground: &Ground) -> Result<Merged, Fault> {
    let disk = Disk::with_vault(ground.keyring.clone());
    let mut written = Mapping::default();
    for one in given {
        for entry in mapping(one, &disk)?.iter() {
            written.insert(entry.clone());
        }
    }
    let opened = Opened {
        keyring: &ground.keyring,
        secrets: &ground.secrets,
    };
    let shown = opened
        .mapping(&written)
        .map_err(|fault| Fault::refused(vec![*fault], Exit::Error))?;
    Ok(Merged {
        written,
        shown: reference(&shown, &ground.secrets),
    })
}

/// What one of them means.
fn mapping(given: &ExtraVars, disk: &Disk) -> Result<Mapping, Fault> {
    let (node, exit) = match given {
        ExtraVars::Pairs(text) => (parted(text).map_err(|fault| vec![*fault]), Exit::Usage),
        ExtraVars::Text(text) => (yaml::parse(&Source::new(TYPED, text.as_str())), Exit::Usage),
        ExtraVars::File(path) => {
            let path = home::expand(path, home::of_user().as_deref());
            let source = files::read(disk, &path);
            let source = source.map_err(|fault| Fault::refused(vec![*fault], Exit::Error))?;
            (yaml::parse(&source), Exit::INVALID)
        }
    };
    let node = node.map_err(|faults| Fault::refused(faults, exit))?;
    match &node.kind {
        Kind::Map(map) => Ok(Mapping::clone(map)),
        Kind::Null => Ok(Mapping::default()),
        _ => {
            let message = "extra variables must be a mapping of names to values";
            let fault = Diagnostic::error("bad-extra-vars", &node.place, message);
            Err(Fault::refused(vec![fault], exit))
        }
    }
}

/// What is written, with what is encrypted opened.
struct Opened<'a> {
    keyring: &'a Arc<Keyring>,
    secrets: &'a Secrets,
}

impl Opened<'_> {
    fn mapping(&self, mapping: &Mapping) -> Result<Value, Box<Diagnostic>> {
        let values = mapping.iter().map(|entry| {
            let value = self.value(&entry.key.value, &entry.value)?;
            Ok((entry.key.value.clone(), value))
        });
        Ok(Value::Map(values.collect::<Result<_, Box<Diagnostic>>>()?))
    }

    fn value(&self, name: &str, node: &Node) -> Result<Value, Box<Diagnostic>> {
        let secret = |text: &str| {
            let origin = Origin::Place {
                at: node.place.to_string(),
                variable: name.to_owned(),
            };
            Value::Secret(self.secrets.learn(text, origin))
        };
        Ok(match &node.kind {
            Kind::Map(map) => self.mapping(map)?,
            Kind::Seq(items) => {
                let items = items.iter().map(|item| self.value(name, item));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Kind::Vault(sealed) => {
                let clear = self.keyring.open_text(sealed).map_err(|error| {
                    let fault = Diagnostic::error("vault", &node.place.first_line(), error.to_string());
                    Box::new(match error.hint() {
                        Some(hint) => fault.help(hint),
                        None => fault,
                    })
                })?;
                secret(clear.as_str())
            }
            Kind::Text(text) | Kind::Unsafe(text) if !text.is_empty() && is_hidden(name, node) => {
                secret(text)
            }
            _ => node.to_value().unwrap_or_default(),
        })
    }
}

/// Whether what stands in clear is a secret. A template under the name of one is none yet.
fn is_hidden(name: &str, node: &Node) -> bool {
    node.place.source.is_sealed() || is_secret_name(name) && !node.is_template()
}

#[cfg(test)]
mod tests {
    use cutover_language::vault::{Key, PLAIN_LABEL, seal};
    use serde_json::json;

    use super::*;

    fn ground() -> Ground {
        let password = Secrets::default().learn("throwaway", Origin::Argument);
        let label = PLAIN_LABEL.to_owned();
        Ground {
            settings: Default::default(),
            secrets: Secrets::default(),
            keyring: Arc::new(Keyring::new([Key { label, password }])),
        }
    }

    fn merged(given: &[&str]) -> Json {
        let given: Vec<ExtraVars> = given.iter().map(|text| text.parse().unwrap()).collect();
        merge(&given, &ground()).unwrap().shown
    }

    #[test]
    fn pairs_are_text_and_json_keeps_its_types() {
        assert_eq!(
            merged(&[
                "rotate=always note='two words' empty=",
                r#"{"retries": 3, "deep": {"a": [1, true]}}"#
            ]),
            json!({"rotate": "always", "note": "two words", "empty": "", "retries": 3, "deep": {"a": [1, true]}})
        );
    }

    #[test]
    fn a_template_is_one_word() {
        assert_eq!(
            merged(&["p={{ a }}/x q={{ b | default('no ne') }}"]),
            json!({"p": "{{ a }}/x", "q": "{{ b | default('no ne') }}"})
        );
    }

    #[test]
    fn the_last_one_wins_and_yaml_is_taken() {
        assert_eq!(
            merged(&["a=1 a=2", "{a: yes, b: text}"]),
            json!({"a": true, "b": "text"})
        );
    }

    #[test]
    fn a_file_without_its_sign_is_told_apart() {
        let error = "Cargo.toml".parse::<ExtraVars>().unwrap_err();
        assert_eq!(error, "`Cargo.toml` is a file; write `@Cargo.toml`");
        let error = "nonsense".parse::<ExtraVars>().unwrap_err();
        assert_eq!(error, "`nonsense` is neither NAME=VALUE nor JSON nor @FILE");
    }

    #[test]
    fn secrets_among_them_are_learnt() {
        let ground = ground();
        merge(&["admin_password=hunter22".parse().unwrap()], &ground).unwrap();
        assert_eq!(ground.secrets.mask("login hunter22"), "login ********");
    }

    #[test]
    fn files_and_values_may_be_encrypted() {
        let ground = ground();
        let folder = tempfile::tempdir().unwrap();
        let sealed = |text: &str| seal(text.as_bytes(), &ground.keyring.keys()[0].password, None).unwrap();
        let whole = folder.path().join("whole.yml");
        std::fs::write(&whole, sealed("word: hidden-in-file\n")).unwrap();
        let value = folder.path().join("value.yml");
        let text = sealed("hidden-value").replace('\n', "\n  ");
        std::fs::write(&value, format!("other: !vault |\n  {text}\n")).unwrap();
        let given = [&whole, &value].map(|path| ExtraVars::File(path.clone()));
        let merged = merge(&given, &ground).unwrap();
        assert_eq!(merged.written.iter().count(), 2);
        assert!(!merged.shown.to_string().contains("hidden"), "{}", merged.shown);
        assert_eq!(
            ground.secrets.mask("hidden-in-file hidden-value"),
            "******** ********"
        );
    }
}
