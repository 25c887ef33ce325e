//! Results as Ansible prints them: keys sorted, a space after `:` and `,`, and
//! without what is for the engine only.

use std::collections::BTreeMap;

use cutover_language::template::screen_yaml;
use serde_json::Value as Json;

use crate::reference;

/// Keys that say what the line itself already says.
const INNER: [&str; 2] = ["failed", "skipped"];

/// Keys that have lines of their own; only `-vvv` shows them in the data, too.
const DETAIL: [&str; 5] = ["why", "diff", "hint", "invocation", "seen"];

/// `{"changed": false, "msg": "x"}`: a value in reference form on one line.
pub fn one_line(value: &Json) -> String {
    let mut text = String::new();
    write(&mut text, &reference::shown(value), None);
    text
}

/// The same over several lines, indented by 4.
pub fn block(value: &Json) -> String {
    let mut text = String::new();
    write(&mut text, &reference::shown(value), Some(0));
    text
}

/// The same as YAML, on lines of their own below; where it is `pretty`, without lines that stand there
/// as one text already.
pub fn yaml(value: &Json, pretty: bool) -> String {
    let mut value = reference::shown(value);
    if let (true, Json::Object(map)) = (pretty, &mut value) {
        for (text, lines) in [("stdout", "stdout_lines"), ("stderr", "stderr_lines")] {
            if map.contains_key(text) && map.contains_key(lines) {
                map.insert(lines.to_owned(), "<omitted>".into());
            }
        }
    }
    let indent = if pretty { 4 } else { 2 };
    let written = screen_yaml(&value, indent, pretty);
    let mut text = String::new();
    for line in written.lines() {
        text.push('\n');
        if !line.is_empty() {
            text.push_str("    ");
            text.push_str(line);
        }
    }
    super::words::harmless(&text)
}

/// A loop item's label: text as it is, anything else as Python would print it.
pub fn label(item: &Json) -> String {
    super::words::harmless(&match reference::shown(item) {
        Json::String(text) => text,
        other => python(&other),
    })
}

/// A value as Python prints it inside of another: `{'a': [1, None, True]}`.
fn python(json: &Json) -> String {
    match json {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => python_text(text),
        Json::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Json::Object(map) => {
            let pair = |(key, item): (&String, &Json)| format!("{}: {}", python_text(key), python(item));
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Single quotes, unless the text holds some and no double ones.
fn python_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c == quote => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

/// What is shown of a result of `module`. `detail` keeps what is for `-vvv` only.
pub fn shown(module: &str, result: &Json, detail: bool) -> Json {
    match module {
        "debug" => said(result),
        _ => outer(result, detail),
    }
}

/// Of what `debug` says only that: its message, or the variable it shows, whatever its name.
fn said(result: &Json) -> Json {
    let Json::Object(all) = result else {
        return result.clone();
    };
    if let Some(message) = all.get("msg") {
        return serde_json::json!({"msg": message});
    }
    let of_loop = all.get("ansible_loop_var").and_then(Json::as_str);
    let mut said = all.clone();
    said.retain(|name, _| !name.starts_with("_ansible_"));
    let beside = ["changed", "ansible_loop_var"].into_iter().chain(DETAIL);
    for name in beside.chain(INNER).chain(of_loop) {
        // The last that is left is the variable itself.
        if said.len() > 1 {
            said.shift_remove(name);
        }
    }
    said.into()
}

/// Without what is for the engine only, and what has lines of its own.
pub fn outer(result: &Json, detail: bool) -> Json {
    let Json::Object(map) = result else {
        return result.clone();
    };
    let hidden =
        |key: &str| key.starts_with("_ansible_") || INNER.contains(&key) || !detail && DETAIL.contains(&key);
    map.iter()
        .filter(|(key, _)| !hidden(key))
        .map(|(key, item)| (key.clone(), item.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Writes `json`; `indent` is the depth of a block, or `None` for one line.
fn write(text: &mut String, json: &Json, indent: Option<usize>) {
    match json {
        Json::Object(map) if !map.is_empty() => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let items = sorted.into_iter().map(|(key, item)| (Some(key.as_str()), item));
            write_items(text, ['{', '}'], items, indent);
        }
        Json::Array(list) if !list.is_empty() => {
            write_items(text, ['[', ']'], list.iter().map(|item| (None, item)), indent);
        }
        Json::String(plain) => quote(text, plain),
        other => text.push_str(&other.to_string()),
    }
}

fn write_items<'a>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl Iterator<Item = (Option<&'a str>, &'a Json)>,
    indent: Option<usize>,
) {
    let inner = indent.map(|depth| depth + 1);
    text.push(open);
    for (index, (key, item)) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        match inner {
            Some(depth) => new_line(text, depth),
            None if index > 0 => text.push(' '),
            None => {}
        }
        if let Some(key) = key {
            quote(text, key);
            text.push_str(": ");
        }
        write(text, item, inner);
    }
    if let Some(depth) = indent {
        new_line(text, depth);
    }
    text.push(close);
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("    ", depth));
}

/// JSON's own escapes, and C1 controls besides: a terminal obeys those too.
fn quote(text: &mut String, plain: &str) {
    for c in Json::String(plain.to_owned()).to_string().chars() {
        if c.is_control() {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_line_is_sorted_spaced_and_without_inner_keys() {
        let result = json!({
            "msg": "no \"such\" unit", "changed": false, "failed": true, "_ansible_no_log": false,
            "list": [1, {"b": null, "a": 0.5}], "none": {}, "diff": {"before": ""},
            "password": {"$secret": {"environment": "PASS"}},
        });
        assert_eq!(
            one_line(&shown("stat", &result, false)),
            r#"{"changed": false, "list": [1, {"a": 0.5, "b": null}], "msg": "no \"such\" unit", "none": {}, "password": "********"}"#
        );
    }

    #[test]
    fn debug_shows_its_variable_whatever_it_is_called() {
        let said = |result: Json| one_line(&shown("debug", &result, false));
        let own = json!({"changed": false, "why": "it only shows", "_ansible_verbose_always": true});
        for name in [
            "failed",
            "skipped",
            "diff",
            "hint",
            "why",
            "seen",
            "invocation",
            "x",
        ] {
            let mut result = own.clone();
            result[name] = json!({"deep": [name]});
            assert_eq!(said(result), format!(r#"{{"{name}": {{"deep": ["{name}"]}}}}"#));
        }
        let of_loop = json!({"changed": false, "item": 1, "ansible_loop_var": "item"});
        assert_eq!(said(of_loop), r#"{"item": 1}"#);
        let good =
            json!({"item": 1, "why": "", "changed": false, "failed": false, "ansible_loop_var": "item"});
        assert_eq!(said(good), r#"{"item": 1}"#);
        let failed = json!({"changed": false, "failed": true, "failed_when_result": true, "x": 1});
        assert_eq!(said(failed), r#"{"failed_when_result": true, "x": 1}"#);
    }

    #[test]
    fn a_block_is_indented_by_four() {
        let result = json!({"msg": "x", "deep": {"list": [1, 2]}});
        assert_eq!(
            block(&result),
            "{\n    \"deep\": {\n        \"list\": [\n            1,\n            2\n        ]\n    },\n    \"msg\": \"x\"\n}"
        );
    }

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(one_line(&json!("\u{1b}[2J\u{9b}m")), r#""\u001b[2J\u009bm""#);
        assert_eq!(label(&json!("a\u{7}b")), "a\\u{7}b");
    }
}
