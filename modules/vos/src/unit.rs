//! Names of certificate slots, as the command line spells them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use cutover_kit::session::KeyKind;
use serde::{Deserialize, Deserializer, Serialize};

/// A certificate slot of a VOS node: `tomcat`, `tomcat-ECDSA`, `ipsec`, ...
///
/// Only letters, digits and `-`, so that it can stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Unit(String);

/// A text that is no unit's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a certificate unit; `tomcat` and `tomcat-ECDSA` are")]
pub struct NotAUnit(String);

const ECDSA: &str = "-ECDSA";

impl Unit {
    /// The web identity with an RSA key.
    #[must_use]
    pub fn tomcat() -> Self {
        Self("tomcat".to_owned())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit whose trust store serves this one: `set cert import trust` wants
    /// it without `-trust`, and both tomcat units share one store (`vos-cli.md` §3.1).
    #[must_use]
    pub fn trusting(&self) -> Self {
        Self(self.0.strip_suffix(ECDSA).unwrap_or(&self.0).to_owned())
    }

    /// The trust store that serves this unit: `tomcat-trust`.
    #[must_use]
    pub fn trust_store(&self) -> String {
        format!("{}-trust", self.trusting())
    }

    /// The kind of key its certificate has.
    #[must_use]
    pub fn key(&self) -> KeyKind {
        if self.0.ends_with(ECDSA) {
            KeyKind::Ecdsa
        } else {
            KeyKind::Rsa
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Unit {
    type Err = NotAUnit;

    fn from_str(text: &str) -> Result<Self, NotAUnit> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if starts_well && text.chars().all(plain) && !text.ends_with("-trust") {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAUnit(text.to_owned()))
        }
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Unit {
    fn schema_name() -> Cow<'static, str> {
        "Unit".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9-]*$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tomcat_units_share_one_trust_store() {
        let ec: Unit = "tomcat-ECDSA".parse().unwrap();
        assert_eq!(ec.trust_store(), "tomcat-trust");
        assert_eq!(ec.key(), KeyKind::Ecdsa);
        assert_eq!(Unit::tomcat().trust_store(), "tomcat-trust");
        assert_eq!(Unit::tomcat().key(), KeyKind::Rsa);
    }

    #[test]
    fn what_could_be_more_than_one_word_of_a_command_is_no_unit() {
        for text in ["", "tomcat own", "tomcat\r", "tomcat-trust", "../x", "-x"] {
            assert!(text.parse::<Unit>().is_err(), "{text:?}");
        }
    }
}
