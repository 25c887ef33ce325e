//! Text.

use minijinja::{Error, Value, filters};
use openssl::base64;
use openssl::hash::{MessageDigest, hash};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("lower", Takes::Values, |value, _| {
        Ok(Value::from(text(value).to_lowercase()))
    }),
    Entry::own("upper", Takes::Values, |value, _| {
        Ok(Value::from(text(value).to_uppercase()))
    }),
    Entry::own("trim", Takes::Values, trim),
    Entry::own("replace", Takes::Values, replace),
    Entry::own("split", Takes::Values, split),
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
    Entry::engine("indent", Takes::Values, || Value::from_function(filters::indent)),
    Entry::engine("format", Takes::Values, || Value::from_function(filters::format)),
    Entry::engine("lines", Takes::Values, || Value::from_function(filters::lines)),
    Entry::engine("escape", Takes::Values, || Value::from_function(filters::escape)),
    Entry::engine("e", Takes::Values, || Value::from_function(filters::escape)),
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

/// As Python: without a separator at blanks, of which several count as one.
fn split(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let separator = arguments.next("sep").filter(|it| !it.is_none());
    let most = arguments
        .number("maxsplit")?
        .and_then(|most| usize::try_from(most).ok());
    let whole = text(value);
    Ok(match separator.map(|separator| text(&separator)) {
        Some(separator) if separator.is_empty() => {
            return Err(Fault::new(ErrorKind::Value, "the separator is empty").into());
        }
        Some(separator) => match most {
            None => whole.split(separator.as_str()).map(Value::from).collect(),
            Some(most) => whole
                .splitn(most.saturating_add(1), separator.as_str())
                .map(Value::from)
                .collect(),
        },
        None => whole.split_whitespace().map(Value::from).collect(),
    })
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
    Ok(Value::from(format!(
        "{:^width$}",
        text(value),
        width = width.min(10_000)
    )))
}
