//! From a value to a module's typed arguments, and the schema that describes them.

mod told;

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::value::{Later, Value};
pub use told::Told;

/// Why arguments could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgsError {
    /// They do not fit; `path` names the member (`of[1]`), empty for the whole.
    #[error("{}{message}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
    Misfit {
        /// Which member.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// One of them is known only after an earlier step.
    #[error("{name} is known after {}", later.after)]
    Later {
        /// Which argument.
        name: String,
        /// After which step.
        later: Later,
    },
}

impl ArgsError {
    /// An argument that does not fit, by its path, which is empty for the whole.
    pub fn misfit(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Misfit {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Refuses arguments that are known only after an earlier step, where what is asked for depends on them.
pub fn known(given: &Value, depends: impl Fn(&str) -> bool) -> Result<(), ArgsError> {
    let mut members = given.as_map().into_iter().flatten();
    let found = members.find_map(|(name, value)| match depends(name) {
        true => Some((name, value.later()?)),
        false => None,
    });
    match found {
        None => Ok(()),
        Some((name, later)) => Err(ArgsError::Later {
            name: name.clone(),
            later: later.clone(),
        }),
    }
}

/// The arguments of type `A` in `given`. Text is taken for numbers and booleans
/// where the schema wants those, as `k=v` arguments need it.
pub fn decode<A: DeserializeOwned + JsonSchema + 'static>(given: &Value) -> Result<A, ArgsError> {
    known(given, |_| true)?;
    let mut json = given.reveal();
    if json.is_null() {
        json = Json::Object(serde_json::Map::new());
    }
    let schema = schema_once::<A>();
    told::tell(&mut json, given, &schema);
    rename(&mut json, &schema)?;
    coerce(&mut json, &schema);
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        ArgsError::misfit(
            if path == "." { "" } else { &path },
            error.into_inner().to_string(),
        )
    })
}

/// The schema of `A` without a title, made once in a process: every call of a module needs it.
fn schema_once<A: JsonSchema + 'static>() -> Arc<Json> {
    static MADE: LazyLock<Mutex<HashMap<TypeId, Arc<Json>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(TypeId::of::<A>())
        .or_insert_with(|| Arc::new(schema::<A>("")))
        .clone()
}

/// The JSON Schema of `A`, self-contained, titled with the module's name.
pub fn schema<A: JsonSchema>(title: &str) -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<A>();
    schema.insert("title".into(), Json::String(title.into()));
    schema.to_value()
}

/// The other names of an argument: what its schema says under `aliases`.
pub fn aliases(property: &Json) -> impl Iterator<Item = &str> {
    let listed = property.get("aliases").and_then(Json::as_array);
    listed.into_iter().flatten().filter_map(Json::as_str)
}

/// The argument's own name for `name`, which may be another name of it.
pub fn canonical<'a>(schema: &'a Json, name: &str) -> Option<&'a str> {
    let properties = schema.get("properties")?.as_object()?;
    let found = properties
        .iter()
        .find(|(own, property)| *own == name || aliases(property).any(|alias| alias == name));
    found.map(|(own, _)| own.as_str())
}

/// Gives every argument its own name.
fn rename(json: &mut Json, schema: &Json) -> Result<(), ArgsError> {
    let Json::Object(members) = json else {
        return Ok(());
    };
    let others: Vec<(String, String)> = members
        .keys()
        .filter_map(|name| Some((name.clone(), canonical(schema, name)?.to_owned())))
        .filter(|(name, own)| name != own)
        .collect();
    for (name, own) in others {
        if members.contains_key(&own) {
            let message = format!("this is another name of `{own}`, which is given too");
            return Err(ArgsError::misfit(name, message));
        }
        if let Some(value) = members.remove(&name) {
            members.insert(own, value);
        }
    }
    Ok(())
}

/// Turns a value into what its schema wants, where that is plain: text into numbers, booleans and lists,
/// and where only text is wanted numbers and booleans into text. The same for what is inside of it.
fn coerce(json: &mut Json, schema: &Json) {
    if let Some(better) = better(json, &types(schema)) {
        *json = better;
    }
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                if let Some(wanted) = schema.pointer(&format!("/properties/{}", escape(name))) {
                    coerce(value, wanted);
                }
            }
        }
        Json::Array(items) => {
            let Some(wanted) = schema.get("items") else { return };
            for item in items {
                coerce(item, wanted);
            }
        }
        _ => {}
    }
}

/// What a scalar becomes where the schema wants another type.
fn better(json: &Json, wanted: &[&str]) -> Option<Json> {
    match json {
        Json::String(text) => from_text(text, wanted),
        Json::Number(number) if wants_text(wanted) => Some(number.to_string().into()),
        // As Python spells them, and so Ansible.
        Json::Bool(true) if wants_text(wanted) => Some("True".into()),
        Json::Bool(false) if wants_text(wanted) => Some("False".into()),
        single if wanted.contains(&"array") && !wanted.contains(&"object") && is_word(single) => {
            Some(vec![single.clone()].into())
        }
        _ => None,
    }
}

fn wants_text(types: &[&str]) -> bool {
    types.iter().all(|name| ["string", "null"].contains(name)) && types.contains(&"string")
}

fn is_word(value: &Json) -> bool {
    value.is_number() || value.is_boolean()
}

fn escape(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1").into()
    } else {
        name.into()
    }
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn from_text(text: &str, wanted: &[&str]) -> Option<Json> {
    if wanted.is_empty() || wanted.contains(&"string") {
        return None;
    }
    if wanted.contains(&"boolean") {
        match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "t" | "1" => return Some(Json::Bool(true)),
            "no" | "n" | "off" | "false" | "f" | "0" => return Some(Json::Bool(false)),
            _ => {}
        }
    }
    if wanted.contains(&"integer")
        && let Ok(whole) = text.trim().parse::<i64>()
    {
        return Some(whole.into());
    }
    if wanted.contains(&"number")
        && let Ok(number) = text.trim().parse::<f64>()
    {
        return serde_json::Number::from_f64(number).map(Json::Number);
    }
    if wanted.contains(&"array") {
        return Some(
            text.split(',')
                .map(|item| Json::String(item.trim().to_owned()))
                .collect(),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// Waits.
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Args {
        /// How long, in seconds.
        seconds: u32,
        /// Whether to show what is typed.
        #[serde(default)]
        echo: bool,
        /// Names.
        #[serde(default)]
        of: Vec<String>,
    }

    #[test]
    fn text_is_taken_for_what_the_schema_wants() {
        let given = Value::map([("seconds", "30"), ("echo", "yes"), ("of", "self, talks_to")]);
        let args: Args = decode(&given).unwrap();
        let of = vec!["self".to_owned(), "talks_to".to_owned()];
        assert_eq!(
            args,
            Args {
                seconds: 30,
                echo: true,
                of
            }
        );
    }

    /// Makes a folder.
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Folder {
        /// Which.
        #[schemars(extend("aliases" = ["dest", "name"]))]
        path: String,
    }

    #[test]
    fn an_argument_may_have_other_names() {
        let folder: Folder = decode(&Value::map([("name", "/srv")])).unwrap();
        assert_eq!(folder.path, "/srv");
        let error = decode::<Folder>(&Value::map([("name", "/srv"), ("path", "/opt")])).unwrap_err();
        let said = "name: this is another name of `path`, which is given too";
        assert_eq!(error.to_string(), said);
    }

    /// Writes.
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Write {
        /// What.
        content: Option<Told>,
    }

    #[test]
    fn an_argument_may_ask_whether_it_is_secret() {
        let secret = crate::Secret::new("hunter22", crate::secret::Origin::Argument);
        let write: Write = decode(&Value::map([("content", Value::from(secret))])).unwrap();
        assert_eq!(format!("{write:?}"), "Write { content: Some(********) }");
        assert_eq!(write.content.unwrap().text(), "hunter22");
        let write: Write = decode(&Value::map([("content", "plain")])).unwrap();
        assert!(!write.content.unwrap().secret);
    }

    #[test]
    fn where_text_is_wanted_a_number_becomes_text() {
        let folder: Folder = decode(&Value::map([("path", 12_i64)])).unwrap();
        assert_eq!(folder.path, "12");
        let folder: Folder = decode(&Value::map([("path", true)])).unwrap();
        assert_eq!(folder.path, "True");
        let of = Value::from(vec![Value::from("port"), Value::Int(22)]);
        let args: Args = decode(&Value::map([("seconds", Value::Int(1)), ("of", of)])).unwrap();
        assert_eq!(args.of, ["port", "22"]);
    }

    #[test]
    fn a_misfit_names_its_member() {
        let error = decode::<Args>(&Value::map([("seconds", "soon")])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "seconds: invalid type: string \"soon\", expected u32"
        );
        let error = decode::<Args>(&Value::map([("second", 3_i64)])).unwrap_err();
        assert!(
            error.to_string().starts_with("second: unknown field `second`"),
            "{error}"
        );
    }

    #[test]
    fn an_argument_known_later_is_said_to_be_so() {
        let later = Later { after: "sign".into() };
        let error = decode::<Args>(&Value::map([("seconds", Value::Later(later))])).unwrap_err();
        assert_eq!(error.to_string(), "seconds is known after sign");
    }

    #[test]
    fn the_doc_comments_are_in_the_schema() {
        let schema = schema::<Args>("pause");
        assert_eq!(schema["title"], "pause");
        assert_eq!(schema["description"], "Waits.");
        assert_eq!(
            schema["properties"]["seconds"]["description"],
            "How long, in seconds."
        );
    }
}
