//! Values as playbooks, modules and results see them.

use std::fmt;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::secret::Secret;

/// A mapping that keeps the order in which it was written.
pub type Map = IndexMap<String, Value>;

/// JSON's values and two more leaves: a secret, and what is only known later.
///
/// A `Value` is always data. Text in it is never rendered as a template; what
/// may be a template is a node of a file and has a type of its own.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping with text keys.
    Map(Map),
    /// Text that must never show.
    Secret(Secret),
    /// What an earlier step will make; only check mode and plans hold these.
    Later(Later),
}

/// Why a value is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Later {
    /// The step that will make it, in the words of the playbook (`sign`).
    pub after: String,
}

impl Value {
    /// The mapping of the given pairs, in their order.
    pub fn map<K: Into<String>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }

    /// The member `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The text of a plain string; a secret is not one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The members of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The members of a mapping.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The first leaf in it that is only known later, if there is one.
    pub fn later(&self) -> Option<&Later> {
        match self {
            Self::Later(later) => Some(later),
            Self::List(list) => list.iter().find_map(Value::later),
            Self::Map(map) => map.values().find_map(Value::later),
            _ => None,
        }
    }

    /// A word for the kind of value, as messages use it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::String(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Secret(_) => "a secret",
            Self::Later(_) => "known later",
        }
    }

    /// As JSON with every secret in clear: for a module's arguments and for
    /// comparison in templates, never for anything that leaves the process.
    pub fn reveal(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null | Self::Later(_) => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::String(text) => Json::String(text.clone()),
            Self::List(list) => list.iter().map(Value::reveal).collect(),
            Self::Map(map) => Json::Object(map.iter().map(|(k, v)| (k.clone(), v.reveal())).collect()),
            Self::Secret(secret) => Json::String(secret.expose().to_owned()),
        }
    }
}

/// Secrets are masked; what is known later says after what.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for item in list {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map {
                    out.serialize_entry(key, value)?;
                }
                out.end()
            }
            Self::Secret(secret) => serializer.collect_str(secret),
            Self::Later(later) => serializer.collect_str(later),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::String(text) => text.fmt(f),
            Self::List(list) => list.fmt(f),
            Self::Map(map) => map.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
            Self::Later(later) => later.fmt(f),
        }
    }
}

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(known after {})", self.after)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(truth),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::String(text),
            Json::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Json::Object(map) => Self::Map(map.into_iter().map(|(k, v)| (k, Self::from(v))).collect()),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $into:expr),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from($it: $from) -> Self { $into }
        }
    )*};
}

value_from! {
    bool => |it| Self::Bool(it),
    i64 => |it| Self::Int(it),
    i32 => |it| Self::Int(it.into()),
    u16 => |it| Self::Int(it.into()),
    u32 => |it| Self::Int(it.into()),
    usize => |it| i64::try_from(it).map_or(Self::Float(it as f64), Self::Int),
    f64 => |it| Self::Float(it),
    &str => |it| Self::String(it.to_owned()),
    String => |it| Self::String(it),
    Secret => |it| Self::Secret(it),
    Later => |it| Self::Later(it),
    Map => |it| Self::Map(it),
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Origin, Secrets};

    #[test]
    fn a_secret_leaf_is_masked_wherever_the_value_is_shown() {
        let secrets = Secrets::default();
        let value = Value::map([
            ("user", Value::from("admin")),
            (
                "password",
                secrets
                    .learn("hunter22", Origin::environment("VOS_PASSWORD"))
                    .into(),
            ),
        ]);
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"{"user":"admin","password":"********"}"#
        );
        assert_eq!(format!("{value:?}"), r#"{"user": "admin", "password": ********}"#);
        assert_eq!(value.reveal()["password"], "hunter22");
    }

    #[test]
    fn what_is_known_later_is_found_at_any_depth() {
        let later = Later { after: "sign".into() };
        let value = Value::map([("a", Value::List(vec![Value::Null, Value::Later(later.clone())]))]);
        assert_eq!(value.later(), Some(&later));
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"{"a":[null,"(known after sign)"]}"#
        );
    }
}
