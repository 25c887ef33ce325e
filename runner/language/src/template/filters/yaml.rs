//! YAML as PyYAML writes it.

use serde_json::Value as Json;

use crate::yaml::{Kind, parse};

/// How it is written.
pub(super) struct Style {
    /// Blanks for each level.
    pub(super) indent: usize,
    /// Keys in order of the alphabet.
    pub(super) sorted: bool,
    /// Lists and mappings without any inside of them go on one line.
    flow_leaves: bool,
}

impl Style {
    /// `to_yaml`.
    pub(super) fn leaves(indent: usize) -> Self {
        Self {
            indent,
            sorted: true,
            flow_leaves: true,
        }
    }

    /// `to_nice_yaml`.
    pub(super) fn block(indent: usize) -> Self {
        Self {
            flow_leaves: false,
            ..Self::leaves(indent)
        }
    }

    fn is_flow(&self, value: &Json) -> bool {
        let leaf = |value: &Json| !value.is_array() && !value.is_object();
        match value {
            Json::Array(items) => items.is_empty() || self.flow_leaves && items.iter().all(leaf),
            Json::Object(map) => map.is_empty() || self.flow_leaves && map.values().all(leaf),
            _ => true,
        }
    }
}

/// The value as a document that ends in a line end.
pub(super) fn write(value: &Json, style: &Style) -> String {
    let mut sorted = value.clone();
    if style.sorted {
        sorted.sort_all_objects();
    }
    let mut out = String::new();
    node(&mut out, &sorted, style, 0);
    out.trim_start_matches('\n').to_owned() + "\n"
}

/// A node after its key or dash: on the same line, or on lines of its own.
fn node(out: &mut String, value: &Json, style: &Style, level: usize) {
    if style.is_flow(value) {
        return flow(out, value);
    }
    let pad = " ".repeat(level);
    match value {
        Json::Array(items) => {
            for item in items {
                out.push_str(&format!("\n{pad}-"));
                member(out, item, style, level, true);
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                out.push_str(&format!("\n{pad}{}:", scalar(key)));
                member(out, item, style, level, false);
            }
        }
        _ => {}
    }
}

fn member(out: &mut String, value: &Json, style: &Style, level: usize, in_list: bool) {
    if style.is_flow(value) {
        out.push(' ');
        return flow(out, value);
    }
    match (in_list, value.is_array()) {
        // The first line of what is in a list goes after its dash.
        (true, _) => {
            let mut inner = String::new();
            node(&mut inner, value, style, level + style.indent);
            let first = inner.trim_start_matches('\n').trim_start();
            out.push_str(&" ".repeat(style.indent.max(2) - 1));
            out.push_str(first);
        }
        // A list under a key is not indented.
        (false, true) => node(out, value, style, level),
        (false, false) => node(out, value, style, level + style.indent),
    }
}

fn flow(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Json::Number(number) => out.push_str(&number.to_string()),
        Json::String(text) => out.push_str(&scalar(text)),
        Json::Array(items) => {
            out.push('[');
            for (count, item) in items.iter().enumerate() {
                out.push_str(if count > 0 { ", " } else { "" });
                flow(out, item);
            }
            out.push(']');
        }
        Json::Object(map) => {
            out.push('{');
            for (count, (key, item)) in map.iter().enumerate() {
                out.push_str(if count > 0 { ", " } else { "" });
                out.push_str(&scalar(key));
                out.push_str(": ");
                flow(out, item);
            }
            out.push('}');
        }
    }
}

/// Plain where it reads back as the same text, else in quotes.
fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.trim() == text
        && !text.contains(['\n', '\t', ',', '[', ']', '{', '}', '\'', '"'])
        && text.chars().all(|next| !next.is_control())
        && reads_back(text);
    match plain {
        true => text.to_owned(),
        false if text.chars().all(|next| !next.is_control()) => format!("'{}'", text.replace('\'', "''")),
        // JSON's escapes are among those of double quotes.
        false => Json::from(text).to_string(),
    }
}

fn reads_back(text: &str) -> bool {
    let source = crate::source::Source::new("", format!("- {text}"));
    let Ok(root) = parse(&source) else { return false };
    let first = root.as_seq().and_then(<[_]>::first);
    first.is_some_and(|node| matches!(&node.kind, Kind::Text(read) if &**read == text))
}
