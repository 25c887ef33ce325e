//! What is wrong with arguments, in the order in which Ansible says it.

use serde_json::{Map as Fields, Value as Json};

use super::convert::{converted, kind, text};
use super::rules;

/// Everything that is wrong with `given`, whose options `spec` tells.
pub(super) fn errors(spec: &Fields<String, Json>, given: &Fields<String, Json>) -> Vec<String> {
    let mut findings = Findings::default();
    Level {
        options: spec,
        rules: &Json::Null,
        within: Vec::new(),
    }
    .check(given, &mut findings);
    findings.told()
}

#[derive(Default)]
struct Findings {
    errors: Vec<String>,
    /// Options that nobody knows, by their whole names.
    unknown: Vec<String>,
    /// What is known where the last of them was found.
    known: String,
}

impl Findings {
    fn told(mut self) -> Vec<String> {
        self.unknown.sort();
        if !self.unknown.is_empty() {
            self.errors.push(format!(
                "{}. Supported parameters include: {}.",
                self.unknown.join(", "),
                self.known
            ));
        }
        self.errors
    }
}

/// The options of a specification, or of one of its options.
struct Level<'a> {
    options: &'a Fields<String, Json>,
    /// The option that they are of, which holds the rules between them.
    rules: &'a Json,
    /// The names of that one and those around it.
    within: Vec<&'a str>,
}

impl<'a> Level<'a> {
    fn check(&self, given: &Fields<String, Json>, findings: &mut Findings) {
        let mut given = given.clone();
        self.strangers(&given, findings);
        self.take_aliases(&mut given);
        let broken = rules::exclusive(self.rules, &given);
        findings.errors.extend(broken.map(|broken| self.located(broken)));
        self.fill_in(&mut given);
        self.missing(&given, findings);
        for (name, option) in self.options {
            if let Some(value) = given.get_mut(name) {
                self.convert(name, option, value, findings);
            }
        }
        for (name, option) in self.options {
            let said = given.get(name).and_then(|value| chosen(name, option, value));
            findings.errors.extend(said.map(|said| self.located(said)));
        }
        let broken = rules::required(self.rules, &given);
        findings.errors.extend(broken.map(|broken| self.located(broken)));
        for (name, option) in self.options {
            self.inside(name, option, given.get(name), findings);
        }
    }

    /// What is said of these options, and where they stand.
    fn located(&self, said: String) -> String {
        match self.within[..] {
            [] => said,
            _ => format!("{said} found in {}", self.within.join(" -> ")),
        }
    }

    fn strangers(&self, given: &Fields<String, Json>, findings: &mut Findings) {
        let other: Vec<&str> = self.options.values().flat_map(aliases).collect();
        for name in given.keys() {
            if !self.options.contains_key(name) && !other.contains(&name.as_str()) {
                let whole: Vec<&str> = self.within.iter().copied().chain([name.as_str()]).collect();
                findings.unknown.push(whole.join("."));
                findings.known = known(self.options, &other);
            }
        }
    }

    fn take_aliases(&self, given: &mut Fields<String, Json>) {
        for (name, option) in self.options {
            for alias in aliases(option) {
                if let Some(value) = given.get(alias).cloned() {
                    given.insert(name.clone(), value);
                }
            }
        }
    }

    fn fill_in(&self, given: &mut Fields<String, Json>) {
        for (name, option) in self.options {
            let default = option.get("default").filter(|default| !default.is_null());
            if let (Some(default), false) = (default, given.contains_key(name)) {
                given.insert(name.clone(), default.clone());
            }
        }
    }

    fn missing(&self, given: &Fields<String, Json>, findings: &mut Findings) {
        let required = self.options.iter().filter(|(_, option)| is(option, "required"));
        let missing = required.filter(|(name, _)| !given.contains_key(*name));
        let mut missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
        missing.sort_unstable();
        if !missing.is_empty() {
            let said = format!("missing required arguments: {}", missing.join(", "));
            findings.errors.push(self.located(said));
        }
    }

    /// Makes the value what the option wants, and its elements.
    fn convert(&self, name: &str, option: &Json, value: &mut Json, findings: &mut Findings) {
        let has_default = option.get("default").is_some_and(|default| !default.is_null());
        if value.is_null() && !is(option, "required") && !has_default {
            return;
        }
        let path = self.within.join(" -> ");
        let wanted = option.get("type").and_then(Json::as_str).unwrap_or("str");
        // Why it does not fit may quote it.
        let because = |why: String| match is(option, "no_log") {
            true => String::new(),
            false => format!(": {why}"),
        };
        match converted(value, wanted) {
            Ok(better) => *value = better,
            Err(why) => {
                let found_in = match path.as_str() {
                    "" => String::new(),
                    path => format!(" found in '{path}'."),
                };
                findings.errors.push(format!(
                    "argument '{name}' is of type {}{found_in} and we were unable to convert to {wanted}{}",
                    kind(value),
                    because(why)
                ));
                return;
            }
        }
        let elements = option.get("elements").and_then(Json::as_str);
        let (Some(wanted), Json::Array(items)) = (elements, value) else {
            return;
        };
        items.retain_mut(|item| match converted(item, wanted) {
            Ok(better) => {
                *item = better;
                true
            }
            Err(why) => {
                let found_in = match path.as_str() {
                    "" => String::new(),
                    path => format!(" found in '{path}'"),
                };
                findings.errors.push(format!(
                    "Elements value for option '{name}'{found_in} is of type {} and we were unable to convert to {wanted}{}",
                    kind(item),
                    because(why)
                ));
                false
            }
        });
    }

    /// The options of an option.
    fn inside(&self, name: &'a str, option: &'a Json, value: Option<&Json>, findings: &mut Findings) {
        let Some(options) = option.get("options").and_then(Json::as_object) else {
            return;
        };
        let nothing = Json::Object(Fields::new());
        let value = match value.filter(|value| !value.is_null()) {
            None if is(option, "apply_defaults") => &nothing,
            None => return,
            Some(value) => value,
        };
        let members = match value {
            Json::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        let within = self.within.iter().copied().chain([name]).collect();
        let level = Level {
            options,
            rules: option,
            within,
        };
        for member in members {
            match member.as_object() {
                Some(member) => level.check(member, findings),
                None => findings
                    .errors
                    .push(format!("value of '{name}' must be of type dict or list of dicts")),
            }
        }
    }
}

fn is(option: &Json, key: &str) -> bool {
    option.get(key).and_then(Json::as_bool).unwrap_or(false)
}

fn aliases(option: &Json) -> impl Iterator<Item = &str> {
    let aliases = option.get("aliases").and_then(Json::as_array);
    aliases.into_iter().flatten().filter_map(Json::as_str)
}

fn known(options: &Fields<String, Json>, aliases: &[&str]) -> String {
    let sorted = |mut names: Vec<&str>| {
        names.sort_unstable();
        names.join(", ")
    };
    let own = sorted(options.keys().map(String::as_str).collect());
    match aliases {
        [] => own,
        _ => format!("{own} ({})", sorted(aliases.to_vec())),
    }
}

/// Whether the value is one of those to choose from, as text: YAML makes words of some.
fn chosen(name: &str, option: &Json, value: &Json) -> Option<String> {
    let choices = option.get("choices").and_then(Json::as_array)?;
    let choices: Vec<String> = choices.iter().map(text).collect();
    let shown = |wrong: String| match is(option, "no_log") {
        true => "********".to_owned(),
        false => wrong,
    };
    let listed = choices.join(", ");
    match value {
        Json::Array(items) => {
            let wrong: Vec<String> = items
                .iter()
                .map(text)
                .filter(|item| !choices.contains(item))
                .collect();
            let message = || {
                let wrong = shown(wrong.join(", "));
                format!("value of {name} must be one or more of: {listed}. Got no match for: {wrong}")
            };
            (!wrong.is_empty()).then(message)
        }
        // What is not given, and need not be, is no choice either.
        Json::Null if !is(option, "required") => None,
        one => {
            let wrong = text(one);
            let message = || {
                format!(
                    "value of {name} must be one of: {listed}, got: {}",
                    shown(wrong.clone())
                )
            };
            (!choices.contains(&wrong)).then(message)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(spec: &Json, given: &Json) -> Vec<String> {
        errors(spec.as_object().unwrap(), given.as_object().unwrap())
    }

    #[test]
    fn what_fits_passes_and_text_is_taken_for_what_is_wanted() {
        let spec = json!({
            "name": {"type": "str", "required": true, "aliases": ["called"]},
            "count": {"type": "int", "choices": [1, 2]},
            "tags_of": {"type": "list", "elements": "int"},
            "sub": {"type": "dict", "options": {"a": {"type": "bool", "required": true}}},
        });
        let given = json!({"called": 7, "count": "2", "tags_of": "1,2", "sub": {"a": "yes"}});
        assert_eq!(wrong(&spec, &given), Vec::<String>::new());
    }

    /// What Ansible says of the same, but for the names of Python's classes.
    #[test]
    fn everything_that_is_wrong_is_said_at_once_in_ansibles_order() {
        let spec = json!({
            "name": {"type": "str", "required": true},
            "n": {"type": "int", "choices": [1, 2]},
            "size": {"type": "bytes"},
            "l": {"type": "list", "elements": "int"},
            "sub": {
                "type": "dict",
                "mutually_exclusive": [["a", "c"]],
                "required_together": [["d", "e"]],
                "required_one_of": [["g", "h"]],
                "required_if": [["s", "present", ["p", "q"]], ["s", "present", ["p", "q"], true]],
                "required_by": {"s": "t"},
                "options": {
                    "a": {}, "c": {}, "d": {}, "e": {}, "g": {}, "h": {}, "p": {}, "q": {}, "t": {},
                    "s": {"default": "present", "aliases": ["zz"]},
                    "deep": {
                        "type": "list",
                        "elements": "dict",
                        "options": {"i": {"type": "int", "required": true, "choices": [1]}},
                    },
                },
            },
        });
        let given = json!({
            "n": "x",
            "size": "10Mb",
            "l": ["z", 1],
            "other": 1,
            "sub": {"a": 1, "c": 2, "d": 1, "x": 1, "deep": [{"i": "y", "w": 1}, 5]},
        });
        insta::assert_snapshot!(wrong(&spec, &given).join("\n"), @r#"
        missing required arguments: name
        argument 'n' is of type str and we were unable to convert to int: "'x'" cannot be converted to an int
        argument 'size' is of type str and we were unable to convert to bytes: str cannot be converted to a Byte value
        Elements value for option 'l' is of type str and we were unable to convert to int: "'z'" cannot be converted to an int
        value of n must be one of: 1, 2, got: x
        parameters are mutually exclusive: a|c found in sub
        Elements value for option 'deep' found in 'sub' is of type int and we were unable to convert to dict: int cannot be converted to a dict
        parameters are required together: d, e found in sub
        one of the following is required: g, h found in sub
        s is present but all of the following are missing: p, q found in sub
        missing parameter(s) required by 's': t found in sub
        argument 'i' is of type str found in 'sub -> deep'. and we were unable to convert to int: "'y'" cannot be converted to an int
        value of i must be one of: 1, got: y found in sub -> deep
        other, sub.deep.w, sub.x. Supported parameters include: i.
        "#);
    }

    #[test]
    fn any_of_several_is_enough_where_the_rule_says_so() {
        let spec = json!({"sub": {
            "type": "dict",
            "required_if": [["s", 1, ["p", "q"], true]],
            "options": {"s": {"type": "int"}, "p": {}, "q": {}},
        }});
        assert_eq!(
            wrong(&spec, &json!({"sub": {"s": "1"}})),
            ["s is 1 but any of the following are missing: p, q found in sub"]
        );
        assert_eq!(
            wrong(&spec, &json!({"sub": {"s": "1", "q": "x"}})),
            Vec::<String>::new()
        );
        assert_eq!(wrong(&spec, &json!({"sub": {"s": "2"}})), Vec::<String>::new());
    }

    #[test]
    fn aliases_are_known_and_secrets_are_not_shown() {
        let spec = json!({
            "a": {"aliases": ["b"]},
            "pin": {"type": "int", "no_log": true},
            "pins": {"type": "list", "elements": "int", "no_log": true},
            "word": {"no_log": true, "choices": ["x"]},
        });
        assert_eq!(
            wrong(
                &spec,
                &json!({"b": 1, "word": "hunter22", "pin": "hunter22", "pins": ["hunter22"], "w": 1})
            ),
            [
                "argument 'pin' is of type str and we were unable to convert to int",
                "Elements value for option 'pins' is of type str and we were unable to convert to int",
                "value of word must be one of: x, got: ********",
                "w. Supported parameters include: a, pin, pins, word (b)."
            ]
        );
    }
}
