//! Text.

use minijinja::value::Tuple;
use minijinja::{Error, Value, filters};
use openssl::base64;
use openssl::hash::{MessageDigest, hash};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::format;
use crate::template::methods::split;
use crate::template::python::text;
use crate::template::tree::mapping;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("lower", Takes::Values, |value, _| {
        Ok(Value::from(text(value).to_lowercase()))
    }),
    Entry::own("upper", Takes::Values, |value, _| {
        Ok(Value::from(text(value).to_uppercase()))
    }),
    Entry::own("trim", Takes::Values, trim),
    Entry::own("replace", Takes::Values, replace),
    Entry::own("split", Takes::Values, |value, arguments| {
        split(&text(value), arguments, false)
    }),
    Entry::own("quote", Takes::Values, quote),
    Entry::own("b64encode", Takes::Values, |value, _| {
        Ok(Value::from(base64::encode_block(text(value).as_bytes())))
    }),
    Entry::own("b64decode", Takes::Values, b64decode),
    Entry::own("hash", Takes::Values, |value, arguments| {
        let name = arguments.text_or("hashtype", "sha1");
        digest(value, &name)
    }),
    Entry::own("md5", Takes::Values, |value, _| digest(value, "md5")),
    Entry::own("sha1", Takes::Values, |value, _| digest(value, "sha1")),
    Entry::own("checksum", Takes::Values, |value, _| digest(value, "sha1")),
    Entry::own("wordcount", Takes::Values, |value, _| {
        Ok(Value::from(text(value).split_whitespace().count()))
    }),
    Entry::own("center", Takes::Values, center),
    Entry::engine("title", Takes::Values, || Value::from_function(filters::title)),
    Entry::engine("capitalize", Takes::Values, || {
        Value::from_function(filters::capitalize)
    }),
    Entry::own("format", Takes::Values, |value, arguments| {
        let named = arguments.rest_named();
        let values = match named.is_empty() {
            true => Value::from(Tuple::from(arguments.rest())),
            false => mapping(named.into_iter().map(|(name, value)| (Value::from(name), value))),
        };
        format::percent(&text(value), &values).map(Value::from)
    }),
    Entry::engine("lines", Takes::Values, || Value::from_function(filters::lines)),
    Entry::own("to_uuid", Takes::Values, to_uuid),
];

fn trim(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let text = text(value);
    Ok(Value::from(
        match arguments.next("chars").filter(|it| !it.is_none()) {
            None => text.trim(),
            Some(chars) => {
                let chars: Vec<char> = super::super::python::text(&chars).chars().collect();
                text.trim_matches(chars.as_slice())
            }
        },
    ))
}

fn replace(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let old = arguments.text("old")?;
    let new = arguments.text("new")?;
    let count = arguments
        .number("count")?
        .and_then(|count| usize::try_from(count).ok());
    let text = text(value);
    Ok(Value::from(match count {
        None => text.replace(&old, &new),
        Some(count) => text.replacen(&old, &new, count),
    }))
}

/// In quotes for a shell, where it needs them.
fn quote(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let text = text(value);
    let plain = |next: char| next.is_ascii_alphanumeric() || "@%+=:,./-_".contains(next);
    Ok(Value::from(match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r#"'"'"'"#)),
    }))
}

fn b64decode(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let encoded: String = text(value).split_whitespace().collect();
    let bytes = base64::decode_block(&encoded).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Value::from)
        .ok_or_else(|| Fault::new(ErrorKind::Value, "this is not text in base 64").into())
}

fn digest(value: &Value, name: &str) -> Result<Value, Error> {
    let method = match name {
        "md5" => MessageDigest::md5(),
        "sha1" => MessageDigest::sha1(),
        "sha224" => MessageDigest::sha224(),
        "sha256" => MessageDigest::sha256(),
        "sha384" => MessageDigest::sha384(),
        "sha512" => MessageDigest::sha512(),
        _ => return Err(Fault::new(ErrorKind::Value, format!("there is no hash `{name}`")).into()),
    };
    let digest = hash(method, text(value).as_bytes());
    let digest = digest.map_err(|_| {
        Fault::new(
            ErrorKind::Value,
            format!("the hash `{name}` is switched off here"),
        )
    })?;
    Ok(Value::from(
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
    ))
}

fn center(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let width = arguments
        .number("width")?
        .and_then(|width| usize::try_from(width).ok())
        .unwrap_or(80);
    // Python puts the odd one before the text if the width is odd.
    let text = text(value);
    let lacking = width.min(10_000).saturating_sub(text.chars().count());
    let before = lacking / 2 + (lacking & width & 1);
    let blanks = |count| " ".repeat(count);
    Ok(Value::from(format!(
        "{}{text}{}",
        blanks(before),
        blanks(lacking - before)
    )))
}

/// The namespace in which Ansible names UUIDs after texts.
const NAMESPACE: &str = "361E6D51-FAEC-444A-9079-341386DA8E2E";

/// The UUID (version 5) of a text in a namespace.
fn to_uuid(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let namespace = arguments.text_or("namespace", NAMESPACE).replace('-', "");
    let bytes: Option<Vec<u8>> = (0..16)
        .map(|at| u8::from_str_radix(namespace.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let namespace = bytes.ok_or_else(|| Fault::new(ErrorKind::Value, "the namespace is no UUID"))?;
    let mut uuid = openssl::sha::sha1(&[namespace.as_slice(), text(value).as_bytes()].concat());
    uuid[6] = uuid[6] & 0x0f | 0x50;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    let hex: String = uuid[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(Value::from(parts.join("-")))
}
