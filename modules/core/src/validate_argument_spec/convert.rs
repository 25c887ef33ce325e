//! Values as the types that a specification wants.

use serde_json::{Map as Fields, Value as Json};

use super::size::{Unit, size};

/// The value as the wanted type; an error says why it cannot be that.
pub(super) fn converted(value: &Json, wanted: &str) -> Result<Json, String> {
    let cannot = |what: &str| Err(format!("{} cannot be converted to {what}", kind(value)));
    match (wanted, value) {
        ("str" | "path" | "sid", Json::Null) => Ok("".into()),
        ("str" | "path" | "sid", _) => Ok(text(value).into()),
        ("int", Json::Bool(_)) => Ok(value.clone()),
        ("int", _) => whole(value).map(Json::from).ok_or_else(|| {
            let shown = match value {
                Json::String(text) => format!("'{text}'"),
                other => text(other),
            };
            format!("\"{shown}\" cannot be converted to an int")
        }),
        ("float", Json::Number(_)) => Ok(value.clone()),
        ("float", Json::String(text)) => match text.trim().parse::<f64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => cannot("a float"),
        },
        ("float", _) => cannot("a float"),
        ("bool", Json::Bool(_)) => Ok(value.clone()),
        ("bool", Json::String(_) | Json::Number(_)) => match text(value).to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "t" | "1" | "1.0" => Ok(true.into()),
            "no" | "n" | "off" | "false" | "f" | "0" | "0.0" => Ok(false.into()),
            _ => Err(format!("The value '{}' is not a valid boolean", text(value))),
        },
        ("bool", _) => cannot("a bool"),
        ("list", Json::Array(_)) | ("dict", Json::Object(_)) => Ok(value.clone()),
        ("list", Json::String(text)) => Ok(text.split(',').collect()),
        ("list", Json::Number(_) | Json::Bool(_)) => Ok(Json::Array(vec![text(value).into()])),
        ("list", _) => cannot("a list"),
        ("dict", Json::String(text)) => mapping(text),
        ("dict", _) => cannot("a dict"),
        ("bytes", _) => {
            size(&text(value), Unit::Byte).map_or_else(|| cannot("a Byte value"), |size| Ok(size.into()))
        }
        ("bits", _) => {
            size(&text(value), Unit::Bit).map_or_else(|| cannot("a Bit value"), |size| Ok(size.into()))
        }
        ("json" | "jsonarg", Json::Array(_) | Json::Object(_)) => Ok(value.to_string().into()),
        _ => Ok(value.clone()),
    }
}

fn whole(value: &Json) -> Option<i64> {
    let float = match value {
        Json::Number(number) => match number.as_i64() {
            Some(whole) => return Some(whole),
            None => number.as_f64()?,
        },
        Json::String(text) => match text.trim().parse::<i64>() {
            Ok(whole) => return Some(whole),
            Err(_) => text.trim().parse::<f64>().ok()?,
        },
        _ => return None,
    };
    // Beyond that a float holds no whole numbers exactly.
    (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
}

/// JSON, or `key=value` words with commas or spaces between them.
fn mapping(text: &str) -> Result<Json, String> {
    if text.starts_with('{') {
        let json: Option<Json> = serde_json::from_str(text).ok();
        return json
            .filter(Json::is_object)
            .ok_or_else(|| "unable to evaluate string as dictionary".to_owned());
    }
    if !text.contains('=') {
        return Err("dictionary requested, could not parse JSON or key=value".to_owned());
    }
    let pair = |word: &String| {
        let (key, value) = word.split_once('=')?;
        Some((key.to_owned(), Json::from(value)))
    };
    let pairs: Option<Fields<String, Json>> = words(text).iter().map(pair).collect();
    pairs
        .map(Json::Object)
        .ok_or_else(|| "unable to evaluate string in the \"key=value\" format as dictionary".to_owned())
}

/// Words between commas and spaces; quotes and backslashes keep those in a word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut escaped = false;
    for c in text.trim().chars() {
        let word = words.len() - 1;
        match c {
            c if escaped => {
                words[word].push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            ',' | ' ' if quote.is_none() => words.push(String::new()),
            c => words[word].push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// As Python would show it.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Null => "None".to_owned(),
        other => other.to_string(),
    }
}

/// What Python calls the type.
pub(super) fn kind(value: &Json) -> &'static str {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_what_is_wanted_or_say_why_not() {
        let table = [
            ("int", json!("12"), Ok(json!(12))),
            ("int", json!("2.0"), Ok(json!(2))),
            ("int", json!(1.5), Err("\"1.5\" cannot be converted to an int")),
            ("int", json!("x"), Err("\"'x'\" cannot be converted to an int")),
            ("str", json!(null), Ok(json!(""))),
            ("str", json!([1]), Ok(json!("[1]"))),
            ("bool", json!("Off"), Ok(json!(false))),
            (
                "bool",
                json!("maybe"),
                Err("The value 'maybe' is not a valid boolean"),
            ),
            ("float", json!("x"), Err("str cannot be converted to a float")),
            ("list", json!("a,b"), Ok(json!(["a", "b"]))),
            ("list", json!({"a": 1}), Err("dict cannot be converted to a list")),
            ("dict", json!("a=1, b='x y'"), Ok(json!({"a": "1", "b": "x y"}))),
            ("dict", json!("{\"a\": 1}"), Ok(json!({"a": 1}))),
            (
                "dict",
                json!("a"),
                Err("dictionary requested, could not parse JSON or key=value"),
            ),
            ("bytes", json!("10M"), Ok(json!(10_485_760))),
            (
                "bytes",
                json!("10Mb"),
                Err("str cannot be converted to a Byte value"),
            ),
            (
                "bits",
                json!("1MB"),
                Err("str cannot be converted to a Bit value"),
            ),
        ];
        for (wanted, given, meant) in table {
            assert_eq!(
                converted(&given, wanted),
                meant.map_err(str::to_owned),
                "{wanted} {given}"
            );
        }
    }
}
