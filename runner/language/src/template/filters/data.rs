//! JSON and YAML.

use std::io;

use minijinja::{Error, Value, filters};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::yaml::{self, Flow, Style};
use crate::source::Source;
use crate::template::arguments::Arguments;
use crate::template::convert::known;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;
use crate::template::tree::{list, mapping};

pub(super) const TABLE: &[Entry] = &[
    Entry::own("to_json", Takes::Values, |value, arguments| {
        let indent = arguments.named("indent").and_then(|it| it.as_usize());
        let sorted = arguments.named("sort_keys").is_some_and(|it| it.is_true());
        let ascii = arguments.named("ensure_ascii").is_none_or(|it| it.is_true());
        to_json(value, indent, sorted, ascii)
    }),
    Entry::own("to_nice_json", Takes::Values, |value, arguments| {
        let indent = arguments.next("indent").and_then(|it| it.as_usize()).unwrap_or(4);
        let sorted = arguments.next("sort_keys").is_none_or(|it| it.is_true());
        let ascii = arguments.named("ensure_ascii").is_none_or(|it| it.is_true());
        to_json(value, Some(indent), sorted, ascii)
    }),
    Entry::own("from_json", Takes::Values, from_json),
    Entry::own("to_yaml", Takes::Values, |value, arguments| {
        to_yaml(value, arguments, Style::leaves(2))
    }),
    Entry::own("to_nice_yaml", Takes::Values, |value, arguments| {
        to_yaml(value, arguments, Style::block(4))
    }),
    Entry::own("from_yaml", Takes::Values, |value, _| {
        Ok(from_yaml_all(value)?.into_iter().next().unwrap_or_default())
    }),
    Entry::own("from_yaml_all", Takes::Values, |value, _| {
        from_yaml_all(value).map(list)
    }),
    Entry::own("json_query", Takes::Values, json_query),
    Entry::engine("tojson", Takes::Values, || Value::from_function(filters::tojson)),
];

/// The value as JSON; everything in it is plain by now.
fn json(value: &Value) -> Result<Json, Error> {
    Ok(known(value)?.map_or(Json::Null, |value| value.reveal()))
}

fn to_json(value: &Value, indent: Option<usize>, sorted: bool, ascii: bool) -> Result<Value, Error> {
    let mut json = json(value)?;
    if sorted {
        json.sort_all_objects();
    }
    let spaces = " ".repeat(indent.unwrap_or(0).min(64));
    let mut out = Vec::new();
    let written = match indent {
        None => json.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Spaced)),
        Some(_) => {
            let pretty = PrettyFormatter::with_indent(spaces.as_bytes());
            json.serialize(&mut serde_json::Serializer::with_formatter(&mut out, pretty))
        }
    };
    written.map_err(|error| Fault::new(ErrorKind::Value, error.to_string()))?;
    let out = String::from_utf8_lossy(&out).into_owned();
    Ok(Value::from(if ascii { escaped(&out) } else { out }))
}

/// Characters outside of ASCII as `\uXXXX`; they stand in texts only.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for next in json.chars() {
        if next.is_ascii() {
            out.push(next);
            continue;
        }
        for unit in next.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Python's separators: a blank after every comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match first {
            true => CompactFormatter.begin_array_value(writer, first),
            false => writer.write_all(b", "),
        }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        match first {
            true => CompactFormatter.begin_object_key(writer, first),
            false => writer.write_all(b", "),
        }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

fn from_json(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let json: Json = serde_json::from_str(&text(value))
        .map_err(|error| Fault::new(ErrorKind::Value, format!("this is not JSON: {error}")))?;
    Ok(of_json(&json))
}

fn to_yaml(value: &Value, arguments: &mut Arguments, mut style: Style) -> Result<Value, Error> {
    style.indent = arguments
        .next("indent")
        .and_then(|it| it.as_usize())
        .unwrap_or(style.indent)
        .clamp(2, 16);
    style.sorted = arguments.named("sort_keys").is_none_or(|it| it.is_true());
    style.width = arguments
        .named("width")
        .and_then(|it| it.as_usize())
        .unwrap_or(80);
    if let Some(flow) = arguments
        .named("default_flow_style")
        .filter(|flow| !flow.is_none())
    {
        style.flow = if flow.is_true() { Flow::All } else { Flow::Nothing };
    }
    let start = arguments.named("explicit_start").is_some_and(|it| it.is_true());
    for accepted in [
        "allow_unicode",
        "default_style",
        "explicit_end",
        "line_break",
        "version",
    ] {
        arguments.named(accepted);
    }
    let made = yaml::write(&json(value)?, &style);
    Ok(Value::from(if start { format!("---\n{made}") } else { made }))
}

/// The values of all documents.
fn from_yaml_all(value: &Value) -> Result<Vec<Value>, Error> {
    let mut documents = vec![String::new()];
    for line in text(value).split_inclusive('\n') {
        let rest = line
            .strip_prefix("---")
            .filter(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r']));
        if let Some(current) = documents
            .last_mut()
            .filter(|current| rest.is_none() || current.trim().is_empty())
        {
            current.push_str(rest.unwrap_or(line));
            continue;
        }
        documents.push(rest.unwrap_or_default().to_owned());
    }
    documents.into_iter().map(document).collect()
}

fn document(text: String) -> Result<Value, Error> {
    let source = Source::new("from_yaml", text);
    let root = crate::yaml::parse(&source).map_err(|faults| {
        let first = faults
            .first()
            .map(|fault| fault.message.clone())
            .unwrap_or_default();
        Fault::new(ErrorKind::Value, first)
    })?;
    let data = root.to_value().map(|value| value.reveal());
    let data = data.ok_or_else(|| Fault::new(ErrorKind::Value, "this holds an encrypted value"))?;
    Ok(of_json(&data))
}

/// JSON as a value that can be changed.
fn of_json(json: &Json) -> Value {
    match json {
        Json::Array(items) => list(items.iter().map(of_json).collect()),
        Json::Object(map) => mapping(map.iter().map(|(key, value)| (Value::from(key), of_json(value)))),
        other => Value::from(minijinja::value::Serde(other)),
    }
}

/// What a JMESPath expression finds.
fn json_query(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let query = arguments.text("expr")?;
    let wrong = |error: jmespath::JmespathError| {
        let first = error.to_string().lines().next().unwrap_or_default().to_owned();
        Fault::new(ErrorKind::Value, format!("JMESPath: {first}"))
    };
    let query = jmespath::compile(&query).map_err(wrong)?;
    let found = query.search(json(value)?).map_err(wrong)?;
    let found =
        serde_json::to_value(&found).map_err(|error| Fault::new(ErrorKind::Value, error.to_string()))?;
    Ok(of_json(&whole(found)))
}

/// JMESPath knows floats only; those that are whole become whole again.
fn whole(json: Json) -> Json {
    match json {
        Json::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && float.fract() == 0.0 && float.abs() < 9e15 => {
                Json::from(float as i64)
            }
            _ => Json::Number(number),
        },
        Json::Array(items) => items.into_iter().map(whole).collect(),
        Json::Object(map) => map.into_iter().map(|(key, value)| (key, whole(value))).collect(),
        other => other,
    }
}
