//! Subject alternative names.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use x509_parser::extensions::GeneralName;

use crate::fingerprint::hex;
use crate::name::Name;

/// The alternative names of a certificate or request. Their order means nothing.
pub type Names = BTreeSet<AltName>;

/// A DNS name; kept in lower case, since DNS names are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// A DNS name from its spelling in any case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_lowercase())
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `*.example.com` and any other name with a star.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.contains('*')
    }
}

/// One alternative name; shown as OpenSSL and Ansible do (`DNS:fin-a.example.com`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AltName {
    /// A host name.
    Dns(DnsName),
    /// An address.
    Ip(IpAddr),
    /// A mail address, as written.
    Email(String),
    /// A URI, as written.
    Uri(String),
    /// Any other kind: what kind, a colon, and its value.
    Other(String),
}

impl AltName {
    /// A DNS name from its spelling in any case.
    #[must_use]
    pub fn dns(name: &str) -> Self {
        Self::Dns(DnsName::new(name))
    }

    /// The host name, where it is one.
    #[must_use]
    pub fn as_dns(&self) -> Option<&str> {
        match self {
            Self::Dns(name) => Some(name.as_str()),
            _ => None,
        }
    }

    pub(crate) fn read(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(text) => Self::dns(text),
            GeneralName::IPAddress(bytes) => {
                ip(bytes).map_or_else(|| Self::Other(format!("IP:{}", hex(bytes))), Self::Ip)
            }
            GeneralName::RFC822Name(text) => Self::Email((*text).to_owned()),
            GeneralName::URI(text) => Self::Uri((*text).to_owned()),
            GeneralName::DirectoryName(name) => Self::Other(format!("dirName:{}", Name::read(name))),
            GeneralName::OtherName(oid, value) => {
                Self::Other(format!("otherName:{}:{}", oid.to_id_string(), hex(value)))
            }
            GeneralName::RegisteredID(oid) => Self::Other(format!("RID:{}", oid.to_id_string())),
            GeneralName::X400Address(any) => Self::Other(format!("X400Name:{}", hex(any.data))),
            GeneralName::EDIPartyName(any) => Self::Other(format!("EdiPartyName:{}", hex(any.data))),
            GeneralName::Invalid(tag, bytes) => Self::Other(format!("invalid:{}:{}", tag.0, hex(bytes))),
        }
    }
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes)
        .ok()
        .map(|sixteen| Ipv6Addr::from(sixteen).into())
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{}", name.as_str()),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Uri(uri) => write!(f, "URI:{uri}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Serialize for AltName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no alternative name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an alternative name: expected DNS:name, IP:address, email:address or URI:uri")]
pub struct NotAnAltName(String);

impl FromStr for AltName {
    type Err = NotAnAltName;

    /// Reads what [`fmt::Display`] writes, the kind in any case; without a kind an address is an
    /// address and anything else a host name.
    fn from_str(text: &str) -> Result<Self, NotAnAltName> {
        let wrong = || NotAnAltName(text.to_owned());
        let text = text.trim();
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let (kind, value) = text.split_once(':').unwrap_or(("dns", text));
        if value.is_empty() {
            return Err(wrong());
        }
        match kind.to_ascii_lowercase().as_str() {
            "dns" => Ok(Self::dns(value)),
            "ip" => value.parse().map(Self::Ip).map_err(|_| wrong()),
            "email" => Ok(Self::Email(value.to_owned())),
            "uri" => Ok(Self::Uri(value.to_owned())),
            _ => Err(wrong()),
        }
    }
}

/// Names in one line, for messages.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a AltName>) -> String {
    let names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_usual_spellings() {
        let read = |text: &str| text.parse::<AltName>().map(|name| name.to_string());
        assert_eq!(read("Fin-A.Example.com").unwrap(), "DNS:fin-a.example.com");
        assert_eq!(read("dns:a").unwrap(), "DNS:a");
        assert_eq!(read("10.0.0.1").unwrap(), "IP:10.0.0.1");
        assert_eq!(read("IP:2001:db8::1").unwrap(), "IP:2001:db8::1");
        assert_eq!(read("2001:db8::1").unwrap(), "IP:2001:db8::1");
        assert_eq!(read("email:a@b").unwrap(), "email:a@b");
        assert_eq!(
            read("ip:nowhere").unwrap_err().to_string(),
            "'ip:nowhere' is not an alternative name: expected DNS:name, IP:address, email:address or URI:uri"
        );
        assert!(read("").is_err());
    }
}
