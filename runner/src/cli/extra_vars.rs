//! `-e`: `k=v k2=v2`, JSON or YAML text, or `@FILE`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cutover_kit::secret::Origin;
use cutover_kit::{Secrets, Value};
use cutover_language::secrecy::is_secret_name;
use cutover_language::{Diagnostic, Source, yaml};
use serde_json::{Map, Value as Json};

use super::fault::Fault;

/// One `-e` as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExtraVars {
    /// `k=v k2=v2`: all values are text.
    Pairs(Vec<(String, String)>),
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
        let words = shell_words::split(text).map_err(|error| error.to_string())?;
        words
            .iter()
            .map(|word| pair(word))
            .collect::<Result<_, _>>()
            .map(Self::Pairs)
    }
}

fn pair(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ if Path::new(word).exists() => Err(format!("`{word}` is a file; write `@{word}`")),
        _ => Err(format!("`{word}` is neither NAME=VALUE nor JSON nor @FILE")),
    }
}

/// All of them together; the last one wins. Values of secret names are learnt as secrets.
pub(super) fn merge(given: &[ExtraVars], secrets: &Secrets) -> Result<Json, Fault> {
    let mut all = Map::new();
    for one in given {
        all.extend(understand(one)?);
    }
    for (name, value) in &all {
        if let (true, Json::String(text)) = (is_secret_name(name), value) {
            secrets.learn(text.as_str(), Origin::Argument);
        }
    }
    Ok(all.into())
}

fn understand(given: &ExtraVars) -> Result<Map<String, Json>, Fault> {
    match given {
        ExtraVars::Pairs(pairs) => Ok(pairs
            .iter()
            .map(|(name, value)| (name.clone(), Json::String(value.clone())))
            .collect()),
        ExtraVars::Text(text) => mapping("--extra-vars", text).map_err(usage),
        ExtraVars::File(path) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(Fault::io(format!("read {shown}")))?;
            mapping(&shown, &text).map_err(Fault::invalid)
        }
    }
}

fn usage(faults: Vec<Diagnostic>) -> Fault {
    Fault::refused(faults, crate::exit::Exit::Usage)
}

fn mapping(path: &str, text: &str) -> Result<Map<String, Json>, Vec<Diagnostic>> {
    let source = Source::new(path, text);
    let node = yaml::parse(&source)?;
    let wrong = |what: &str| vec![Diagnostic::error("bad-extra-vars", &node.place, what)];
    match node.to_value().as_ref().map(Value::reveal) {
        Some(Json::Object(map)) => Ok(map),
        Some(Json::Null) => Ok(Map::new()),
        Some(_) => Err(wrong("extra variables must be a mapping of names to values")),
        None => Err(wrong("extra variables cannot hold vault values")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(given: &[&str]) -> Json {
        let given: Vec<ExtraVars> = given.iter().map(|text| text.parse().unwrap()).collect();
        merge(&given, &Secrets::default()).unwrap()
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
        let secrets = Secrets::default();
        merge(&["admin_password=hunter22".parse().unwrap()], &secrets).unwrap();
        assert_eq!(secrets.mask("login hunter22"), "login ********");
    }
}
