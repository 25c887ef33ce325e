//! Plain words out of arguments that a module takes as they are given, secrets and all.

use cutover_kit::Value;
use cutover_kit::args::ArgsError;

/// Whether it is true; a template may have made text of it.
pub(crate) fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Int(number) => *number == 1,
        Value::String(text) => {
            ["true", "yes", "on", "1", "y", "t"].contains(&text.to_ascii_lowercase().as_str())
        }
        _ => false,
    }
}

/// A name: text, or a number that was meant as one.
pub(crate) fn text(argument: &str, value: &Value) -> Result<String, ArgsError> {
    match value {
        Value::Int(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        Value::Secret(_) => Err(ArgsError::misfit(argument, "it must not be a secret")),
        other => Err(ArgsError::misfit(
            argument,
            format!("it must be text, and is {}", other.kind()),
        )),
    }
}

/// Names: a list of them, or one; none where nothing is given.
pub(crate) fn texts(argument: &str, value: &Value) -> Result<Vec<String>, ArgsError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::List(items) => items.iter().map(|item| text(argument, item)).collect(),
        one => text(argument, one).map(|text| vec![text]),
    }
}

/// Names: a list of them, or text with commas. Each is there once.
pub(crate) fn words(argument: &str, value: &Value) -> Result<Vec<String>, ArgsError> {
    let texts = texts(argument, value)?;
    let split = !matches!(value, Value::List(_));
    let mut words: Vec<String> = Vec::new();
    for text in &texts {
        let parts = match split {
            true => text.split(',').collect(),
            false => vec![text.as_str()],
        };
        for word in parts.into_iter().map(str::trim) {
            if !word.is_empty() && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use cutover_kit::Secret;
    use cutover_kit::secret::Origin;

    use super::*;

    #[test]
    fn names_are_a_list_or_text_with_commas_and_each_is_there_once() {
        let listed = Value::from(vec!["web", "db ", "a,b", "web"]);
        assert_eq!(words("groups", &listed).unwrap(), ["web", "db", "a,b"]);
        assert_eq!(words("groups", &"web, db,,web".into()).unwrap(), ["web", "db"]);
        assert_eq!(words("groups", &Value::Int(7)).unwrap(), ["7"]);
        assert_eq!(words("groups", &Value::Null).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_name_is_no_secret_and_no_mapping() {
        let refused = |value: Value| texts("parents", &value).unwrap_err().to_string();
        let secret = Secret::new("hunter22", Origin::Argument);
        assert_eq!(
            refused(vec![Value::from(secret)].into()),
            "parents: it must not be a secret"
        );
        assert_eq!(
            refused(Value::map([("a", "b")])),
            "parents: it must be text, and is a mapping"
        );
    }
}
