//! Secrets: values that are used and never shown.
//!
//! Two lines of defence. A [`Secret`] cannot be printed: its `Display` and
//! `Debug` are a mask. And every secret text this process has learnt is kept in
//! [`Secrets`], which cuts it out of any text on its way out: events, the
//! journal, errors, the terminal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What stands in a secret's place.
pub const MASK: &str = "********";

/// Texts shorter than this are masked by type only: cutting every `a` out of
/// every line would hide more than it protects.
const SHORTEST_CUT: usize = 4;

/// Text that must never show. Cloning shares it; the last drop wipes it.
#[derive(Clone)]
pub struct Secret(Arc<Inner>);

struct Inner {
    text: Zeroizing<String>,
    origin: Origin,
}

/// Where a secret comes from, so that a later run can find it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// A place in a file of the inventory or playbook: `path:line:column` and the variable.
    Place {
        /// `path:line:column`.
        at: String,
        /// The variable that holds it.
        variable: String,
    },
    /// An environment variable of this name.
    Environment(String),
    /// An answer to a prompt with this text.
    Prompt(String),
    /// The content of a file.
    File(String),
    /// Read from a host.
    Host {
        /// The host it was read from.
        host: String,
        /// What was read.
        what: String,
    },
    /// Made by a template from other secrets.
    Derived(Vec<Origin>),
    /// A module's own argument, decoded from a value that was a secret.
    Argument,
}

impl Origin {
    /// A secret found in the environment.
    pub fn environment(name: impl Into<String>) -> Self {
        Self::Environment(name.into())
    }
}

impl Secret {
    /// A secret that no [`Secrets`] knows of. Prefer [`Secrets::learn`], which
    /// also cuts the text out of everything shown.
    pub fn new(text: impl Into<String>, origin: Origin) -> Self {
        Self(Arc::new(Inner {
            text: Zeroizing::new(text.into()),
            origin,
        }))
    }

    /// The text itself, for the wire only.
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// A module's arguments may hold secrets; they arrive as text.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(text, Origin::Argument))
    }
}

impl schemars::JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "writeOnly": true})
    }
}

/// All secret texts this process has learnt. Cloning shares the collection.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    secrets: HashMap<String, Secret>,
    /// What is cut out of texts: each secret, and the long lines of those that have several.
    cuts: Vec<(String, Origin)>,
    /// Made when it is first needed after something was learnt; `None` where nothing is to be cut.
    finder: OnceLock<Option<AhoCorasick>>,
    /// The same for texts that are written as JSON.
    finder_in_json: OnceLock<Option<AhoCorasick>>,
}

impl Known {
    fn finder(&self) -> Option<&AhoCorasick> {
        let texts = || self.cuts.iter().map(|(text, _)| text.as_str());
        self.finder.get_or_init(|| finder(texts())).as_ref()
    }

    fn finder_in_json(&self) -> Option<&AhoCorasick> {
        let texts = || {
            let written = |text: &String| serde_json::Value::from(text.as_str()).to_string();
            self.cuts.iter().map(move |(text, _)| written(text))
        };
        let inside = |quoted: String| quoted[1..quoted.len() - 1].to_owned();
        self.finder_in_json
            .get_or_init(|| finder(texts().map(inside)))
            .as_ref()
    }
}

/// A piece of a text that was searched for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text with nothing secret in it.
    Text(&'a str),
    /// A secret stood here; this is where it comes from.
    Secret(Origin),
}

impl Secrets {
    /// Remembers `text` as a secret from `origin`; the first origin learnt for a text stays.
    pub fn learn(&self, text: impl Into<String>, origin: Origin) -> Secret {
        let text = text.into();
        let mut known = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(secret) = known.secrets.get(&text) {
            return secret.clone();
        }
        let secret = Secret::new(text.clone(), origin);
        known.secrets.insert(text, secret.clone());
        known.cuts.extend(cuts(&secret));
        known.finder = OnceLock::new();
        known.finder_in_json = OnceLock::new();
        secret
    }

    /// `text` with every known secret replaced by the mask.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match known.finder() {
            Some(finder) if finder.is_match(text) => {
                let masks = vec![MASK; finder.patterns_len()];
                Cow::Owned(finder.replace_all(text, &masks))
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// Whether a text of this JSON document holds a known secret: a quick look that says yes too
    /// often rather than too rarely.
    pub fn are_in_json(&self, json: &str) -> bool {
        let known = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.finder_in_json().is_some_and(|finder| finder.is_match(json))
    }

    /// `text` cut into what may be shown and where secrets stood.
    pub fn parts<'a>(&self, text: &'a str) -> Vec<Part<'a>> {
        let known = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(finder) = known.finder() else {
            return vec![Part::Text(text)];
        };
        let mut parts = Vec::new();
        let mut from = 0;
        for found in finder.find_iter(text) {
            if found.start() > from {
                parts.push(Part::Text(&text[from..found.start()]));
            }
            let cut = known.cuts.get(found.pattern().as_usize());
            parts.extend(cut.map(|(_, origin)| Part::Secret(origin.clone())));
            from = found.end();
        }
        if from < text.len() || parts.is_empty() {
            parts.push(Part::Text(&text[from..]));
        }
        parts
    }
}

/// Lines of a secret that are shorter than this are not cut out by themselves.
const SHORTEST_LINE: usize = 8;

/// What to cut out of texts because of a secret: devices and logs show it line by line.
fn cuts(secret: &Secret) -> Vec<(String, Origin)> {
    let text = secret.expose();
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| line.len() >= SHORTEST_LINE && *line != text);
    let whole = std::iter::once(text).filter(|text| text.len() >= SHORTEST_CUT);
    whole
        .chain(lines)
        .map(|cut| (cut.to_owned(), secret.origin().clone()))
        .collect()
}

fn finder<T: AsRef<[u8]>>(texts: impl Iterator<Item = T>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(texts)
        .ok()
        .filter(|finder| finder.patterns_len() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_cut_out_of_any_text_and_its_origin_kept() {
        let secrets = Secrets::default();
        secrets.learn("C1sco", Origin::environment("A"));
        secrets.learn("C1sco123", Origin::environment("B"));
        secrets.learn("abc", Origin::environment("too short to cut"));
        assert_eq!(
            secrets.mask("login C1sco123 abc C1sco"),
            "login ******** abc ********"
        );
        assert_eq!(
            secrets.parts("C1sco123!"),
            [Part::Secret(Origin::environment("B")), Part::Text("!")]
        );
        assert_eq!(secrets.parts(""), [Part::Text("")]);
    }

    #[test]
    fn a_secret_of_several_lines_is_cut_out_line_by_line() {
        let secrets = Secrets::default();
        secrets.learn("-----BEGIN-----\nMIIEvQIBADAN\nx\n", Origin::environment("KEY"));
        assert_eq!(secrets.mask("> MIIEvQIBADAN <"), "> ******** <");
        assert_eq!(secrets.mask("x"), "x");
    }

    #[test]
    fn a_secret_is_seen_in_json_however_it_is_written_there() {
        let secrets = Secrets::default();
        assert!(!secrets.are_in_json("{}"));
        let odd = "a \"quoted\" \\ one\tü";
        secrets.learn(odd, Origin::environment("ODD"));
        let line = serde_json::json!({"x": [format!("<{odd}>")]}).to_string();
        assert!(secrets.are_in_json(&line), "{line}");
        assert!(!secrets.are_in_json("{\"x\": \"a\"}"));
    }

    #[test]
    fn a_text_keeps_the_first_origin_it_was_learnt_with() {
        let secrets = Secrets::default();
        secrets.learn("same-word", Origin::environment("FIRST"));
        let again = secrets.learn("same-word", Origin::environment("SECOND"));
        assert_eq!(again.origin(), &Origin::environment("FIRST"));
    }
}
