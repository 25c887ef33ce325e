//! `validate_argument_spec`: checks arguments against a specification, as a role's first task does.

use cutover_kit::{Applied, Failure, FailureKind, Map, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map as Fields, Value as Json};

use crate::settled::Never;

/// The `validate_argument_spec` module.
#[derive(Clone, Copy, Debug)]
pub struct ValidateArgumentSpec;

/// Checks arguments against a specification.
///
/// A role whose `meta` holds `argument_specs` has such a task in front of all others. What is not given is taken from
/// the variables of the same names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The options by name: `type`, `required`, `choices`, `elements`, `options` and the like.
    argument_spec: Fields<String, Json>,
    /// What is checked; variables of the options' names fill what is missing.
    #[serde(default)]
    provided_arguments: Fields<String, Json>,
    /// What the result tells of where this comes from.
    #[serde(default)]
    validate_args_context: Fields<String, Json>,
}

impl Module for ValidateArgumentSpec {
    const NAME: &'static str = "validate_argument_spec";
    type Args = Args;
    type Facts = ();
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits::LOOKS
    }

    async fn look(&self, _args: &Args, _reach: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, args: &Args, (): &()) -> Result<Plan<Never>, Failure> {
        let mut errors = Vec::new();
        check(&args.argument_spec, &args.provided_arguments, "", &mut errors);
        let context = Json::Object(args.validate_args_context.clone());
        if errors.is_empty() {
            let result = Map::from_iter([
                ("msg".to_owned(), Value::from("The arg spec validation passed")),
                ("validate_args_context".to_owned(), context.into()),
            ]);
            return Ok(Plan::nothing("the arguments fit").with(result));
        }
        let message = format!("Validation of arguments failed:\n{}", errors.join("\n"));
        Err(Failure::new(FailureKind::Task, message)
            .field("argument_errors", errors)
            .field("argument_spec_data", Json::Object(args.argument_spec.clone()))
            .field("validate_args_context", context))
    }

    async fn apply(&self, _: &Args, (): &(), change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}

/// What is wrong with `given`, whose options `spec` tells; `within` is the option they belong to.
fn check(spec: &Fields<String, Json>, given: &Fields<String, Json>, within: &str, errors: &mut Vec<String>) {
    let found_in = match within {
        "" => String::new(),
        within => format!(" found in {within}"),
    };
    let is = |option: &Json, key: &str| option.get(key).and_then(Json::as_bool).unwrap_or(false);
    let missing: Vec<&str> = spec
        .iter()
        .filter(|(name, option)| {
            let absent = given.get(*name).is_none_or(Json::is_null);
            is(option, "required") && absent && !aliases(option).any(|alias| given.contains_key(alias))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        errors.push(format!(
            "missing required arguments: {}{found_in}",
            missing.join(", ")
        ));
    }
    for (name, option) in spec {
        let value = given
            .get(name)
            .or_else(|| aliases(option).find_map(|alias| given.get(alias)));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            check_one(name, option, value, within, errors);
        }
    }
}

fn aliases(option: &Json) -> impl Iterator<Item = &str> {
    let aliases = option.get("aliases").and_then(Json::as_array);
    aliases.into_iter().flatten().filter_map(Json::as_str)
}

fn check_one(name: &str, option: &Json, value: &Json, within: &str, errors: &mut Vec<String>) {
    let wanted = option.get("type").and_then(Json::as_str).unwrap_or("str");
    let found_in = match within {
        "" => String::new(),
        within => format!(" found in '{within}'"),
    };
    let Some(value) = converted(value, wanted) else {
        errors.push(format!(
            "argument '{name}' is of type {}{found_in} and we were unable to convert to {wanted}",
            kind(value)
        ));
        return;
    };
    choices(name, option, &value, within, errors);
    let inner = option.get("options").and_then(Json::as_object);
    let path = match within {
        "" => name.to_owned(),
        within => format!("{within} -> {name}"),
    };
    if let Some(elements) = option.get("elements").and_then(Json::as_str) {
        for item in value.as_array().into_iter().flatten() {
            if converted(item, elements).is_none() {
                errors.push(format!(
                    "Elements value for option '{name}' is of type {} and we were unable to convert to {elements}",
                    kind(item)
                ));
            }
        }
    }
    let Some(inner) = inner else { return };
    let members = match &value {
        Json::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    for member in members.into_iter().filter_map(Json::as_object) {
        check(inner, member, &path, errors);
        let known: Vec<&str> = inner.keys().map(String::as_str).collect();
        let unknown = member.keys().filter(|key| !known.contains(&key.as_str()));
        let unknown: Vec<String> = unknown.map(|key| format!("{name}.{key}")).collect();
        if !unknown.is_empty() {
            errors.push(format!(
                "{}. Supported parameters include: {}.",
                unknown.join(", "),
                known.join(", ")
            ));
        }
    }
}

fn choices(name: &str, option: &Json, value: &Json, within: &str, errors: &mut Vec<String>) {
    let Some(choices) = option.get("choices").and_then(Json::as_array) else {
        return;
    };
    let found_in = match within {
        "" => String::new(),
        within => format!(" found in {within}"),
    };
    let texts: Vec<String> = choices.iter().map(text).collect();
    let given = value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect());
    let wrong: Vec<String> = given
        .into_iter()
        .map(text)
        .filter(|it| !texts.contains(it))
        .collect();
    if let Some(wrong) = wrong.first() {
        let (how, texts) = match value.is_array() {
            true => ("one or more of", texts.join(", ")),
            false => ("one of", texts.join(", ")),
        };
        let secret = option.get("no_log").and_then(Json::as_bool).unwrap_or(false);
        let got = if secret { "********" } else { wrong.as_str() };
        errors.push(format!(
            "value of {name} must be {how}: {texts}, got: {got}{found_in}"
        ));
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// What Python calls the type.
fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float",
        Json::Number(_) => "int",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "dict",
    }
}

/// The value as the wanted type, where it can be that.
fn converted(value: &Json, wanted: &str) -> Option<Json> {
    match (wanted, value) {
        ("raw" | "jsonarg" | "json", _) | ("dict", Json::Object(_)) | ("list", Json::Array(_)) => {
            Some(value.clone())
        }
        ("list", Json::String(text)) => Some(text.split(',').map(str::trim).collect()),
        ("list", Json::Number(_)) => Some(Json::Array(vec![text(value).into()])),
        ("int", Json::Number(number)) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 => Some(value.clone()),
            _ => None,
        },
        ("int", Json::String(text)) => text.trim().parse::<i64>().ok().map(Json::from),
        ("float", Json::Number(_)) => Some(value.clone()),
        ("float", Json::String(text)) => text.trim().parse::<f64>().ok().map(Json::from),
        ("bool", Json::Bool(_)) => Some(value.clone()),
        ("bool", Json::String(_) | Json::Number(_)) => match text(value).to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "t" | "1" | "1.0" => Some(true.into()),
            "no" | "n" | "off" | "false" | "f" | "0" | "0.0" => Some(false.into()),
            _ => None,
        },
        ("dict", Json::String(text)) => {
            let json: Option<Json> = serde_json::from_str(text).ok();
            json.filter(Json::is_object).or_else(|| {
                let pair = |word: &str| {
                    word.split_once('=')
                        .map(|(key, value)| (key.into(), value.into()))
                };
                let pairs: Option<Fields<String, Json>> = text.split([',', ' ']).map(pair).collect();
                pairs.map(Json::Object)
            })
        }
        ("str" | "path" | "bytes" | "bits" | "sid", Json::Array(_) | Json::Object(_)) => None,
        ("str" | "path" | "bytes" | "bits" | "sid", _) => Some(text(value).into()),
        ("int" | "float" | "bool" | "list" | "dict", _) => None,
        _ => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn errors(given: &Json) -> Vec<String> {
        let spec = json!({
            "name": {"type": "str", "required": true},
            "count": {"type": "int", "choices": [1, 2]},
            "tags_of": {"type": "list", "elements": "int"},
            "sub": {"type": "dict", "options": {"a": {"type": "bool", "required": true}}},
        });
        let mut errors = Vec::new();
        let object = |json: &Json| json.as_object().cloned().unwrap_or_default();
        check(&object(&spec), &object(given), "", &mut errors);
        errors
    }

    #[test]
    fn what_fits_passes_and_text_is_taken_for_what_is_wanted() {
        let given = json!({"name": 7, "count": "2", "tags_of": "1,2", "sub": {"a": "yes"}, "other": 1});
        assert_eq!(errors(&given), Vec::<String>::new());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let given = json!({"count": 3, "tags_of": ["x"], "sub": {"b": 1}});
        assert_eq!(
            errors(&given),
            [
                "missing required arguments: name",
                "value of count must be one of: 1, 2, got: 3",
                "Elements value for option 'tags_of' is of type str and we were unable to convert to int",
                "missing required arguments: a found in sub",
                "sub.b. Supported parameters include: a.",
            ]
        );
        assert_eq!(
            errors(&json!({"name": "x", "sub": 5})),
            ["argument 'sub' is of type int and we were unable to convert to dict"]
        );
    }
}
