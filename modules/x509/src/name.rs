//! Distinguished names.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::fingerprint::hex;

/// A distinguished name; shown in the form of RFC 4514 (`CN=fin-a.example.com,O=Example`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(Arc<Parts>);

#[derive(PartialEq, Eq, Hash)]
struct Parts {
    text: String,
    common_name: Option<String>,
    der: Vec<u8>,
}

impl Name {
    pub(crate) fn read(name: &X509Name<'_>) -> Self {
        // OpenSSL turns the order within a part round as well, and so do people's files.
        let parts: Vec<String> = name
            .iter()
            .map(|part| reversed(part.iter().map(attribute).collect(), "+"))
            .collect();
        Self(Arc::new(Parts {
            text: reversed(parts, ","),
            common_name: name
                .iter_common_name()
                .last()
                .and_then(|cn| string(cn.attr_value())),
            der: name.as_raw().to_vec(),
        }))
    }

    /// The name in the form of RFC 4514, most specific part first.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The most specific common name, unescaped; `None` where the name has none.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// The name's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The common name, or the whole name where there is none: what a person calls it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.common_name().unwrap_or(&self.0.text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.0.text)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text)
    }
}

fn reversed(mut parts: Vec<String>, separator: &str) -> String {
    parts.reverse();
    parts.join(separator)
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    match (keyword(&oid), string(attribute.attr_value())) {
        (Some(keyword), Some(value)) => format!("{keyword}={}", escape(&value)),
        (None, Some(value)) => format!("{oid}={}", escape(&value)),
        (keyword, None) => {
            let value = hex(attribute.attr_value().data);
            format!("{}=#{value}", keyword.unwrap_or(&oid))
        }
    }
}

/// The short names of RFC 4514 §3, and a few that every tool prints.
fn keyword(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return None,
    })
}

/// The text of an ASN.1 string of any kind; T.61 is read as Latin-1, as everybody does.
pub(crate) fn string(value: &Any<'_>) -> Option<String> {
    let data = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            String::from_utf8(data.to_vec()).ok()
        }
        Tag::T61String => Some(data.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units: Vec<u16> = data
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16(&units).ok()
        }
        Tag::UniversalString => data
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        _ => None,
    }
}

/// RFC 4514 §2.4.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        match c {
            '\0' => text.push_str("\\00"),
            c if c.is_control() => {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    text.push_str(&format!("\\{byte:02x}"));
                }
            }
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', c]),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            '#' if index == 0 => text.push_str("\\#"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn special_characters_are_escaped_as_rfc_4514_says() {
        assert_eq!(escape("Example, Inc."), "Example\\, Inc.");
        assert_eq!(escape(" #a+b "), "\\ #a\\+b\\ ");
        assert_eq!(escape("#1"), "\\#1");
        assert_eq!(escape("a\nb"), "a\\0ab");
        assert_eq!(escape("Zürich"), "Zürich");
    }
}
