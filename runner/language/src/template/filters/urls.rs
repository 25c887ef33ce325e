//! URLs.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::mappings::pairs;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;
use crate::template::tree::mapping;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("urlencode", Takes::Values, urlencode),
    Entry::own("urldecode", Takes::Values, |value, _| {
        Ok(Value::from(decoded(&text(value))))
    }),
    Entry::own("urlsplit", Takes::Values, urlsplit),
];

/// Everything but letters, digits and `safe` as `%XX`.
fn encoded(text: &str, safe: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let next = char::from(byte);
        match next.is_ascii_alphanumeric() || "_.-~".contains(next) || byte.is_ascii() && safe.contains(next)
        {
            true => out.push(next),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        let pair = digit(at + 1).zip(digit(at + 2));
        let pair = pair.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        match (byte, pair) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn urlencode(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let query = |part: &Value| encoded(&text(part), "").replace("%20", "+");
    Ok(Value::from(match value.kind() {
        ValueKind::Map => {
            let pairs = pairs(value)?;
            let pairs = pairs
                .iter()
                .map(|(key, value)| format!("{}={}", query(key), query(value)));
            pairs.collect::<Vec<_>>().join("&")
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let pairs = super::items(value)?.into_iter().map(|pair| {
                let (key, value) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
                Ok(format!("{}={}", query(&key), query(&value)))
            });
            pairs.collect::<Result<Vec<_>, Error>>()?.join("&")
        }
        _ => encoded(&text(value), "/"),
    }))
}

/// The parts of a URL, or the one of a name.
fn urlsplit(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let wanted = arguments.text_or("query", "");
    let url = text(value);
    let parts = parts(&url);
    if wanted.is_empty() {
        let pairs = parts.into_iter().map(|(name, part)| (Value::from(name), part));
        return Ok(mapping(pairs));
    }
    let found = parts.into_iter().find(|(name, _)| *name == wanted);
    found.map(|(_, part)| part).ok_or_else(|| {
        Fault::new(
            ErrorKind::Value,
            format!("urlsplit: unknown URL component: {wanted}"),
        )
        .into()
    })
}

fn parts(url: &str) -> [(&'static str, Value); 9] {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|next: char| next.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
    };
    let (scheme, rest) = match url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, rest)) => (scheme.to_lowercase(), rest),
        None => (String::new(), url),
    };
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (login, place) = match netloc.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, netloc),
    };
    let (user, password) =
        match login.map(|login| login.split_once(':').map_or((login, None), |(a, b)| (a, Some(b)))) {
            Some((user, password)) => (Some(user), password),
            None => (None, None),
        };
    let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => place
            .split_once(':')
            .map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = port.and_then(|port| port.parse::<u16>().ok());
    let or_null = |part: Option<&str>| part.map_or_else(|| Value::from(()), Value::from);
    [
        ("fragment", Value::from(fragment)),
        (
            "hostname",
            or_null(
                Some(host)
                    .filter(|host| !host.is_empty())
                    .map(str::to_lowercase)
                    .as_deref(),
            ),
        ),
        ("netloc", Value::from(netloc)),
        ("password", or_null(password)),
        ("path", Value::from(path)),
        ("port", port.map_or_else(|| Value::from(()), Value::from)),
        ("query", Value::from(query)),
        ("scheme", Value::from(scheme)),
        ("username", or_null(user)),
    ]
}
