//! One line of a `known_hosts` file, and whether it speaks of a host.

use cutover_kit::session::Endpoint;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use ssh_key::known_hosts::{HostPatterns, Marker};

use super::key::HostKey;

/// The port whose hosts are listed without it.
const SSH_PORT: u16 = 22;

/// A host as `known_hosts` names it: lower case, and `[host]:port` where the
/// port is not 22.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The name of an endpoint.
    pub fn of(endpoint: &Endpoint) -> Self {
        let host = endpoint.host.to_lowercase();
        match endpoint.port {
            SSH_PORT => Self(host),
            port => Self(format!("[{host}]:{port}")),
        }
    }

    /// The name of an endpoint's host at any port, where that differs.
    pub fn without_port(endpoint: &Endpoint) -> Option<Self> {
        (endpoint.port != SSH_PORT).then(|| Self(endpoint.host.to_lowercase()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What one line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) marker: Option<Marker>,
    pub(crate) hosts: HostPatterns,
    pub(crate) key: HostKey,
}

/// A line as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Nothing, or a comment.
    Empty,
    /// Neither empty nor readable.
    Broken,
    /// A key for some hosts.
    Entry(Entry),
}

impl Line {
    /// Reads one line. Words may be separated by any blanks, as in OpenSSH.
    pub(crate) fn read(line: &str) -> Self {
        let mut words = line.split_ascii_whitespace().peekable();
        match words.peek() {
            None => return Self::Empty,
            Some(word) if word.starts_with('#') => return Self::Empty,
            Some(_) => {}
        }
        Entry::read(words).map_or(Self::Broken, Self::Entry)
    }
}

impl Entry {
    fn read<'a>(words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut words = words.peekable();
        let marker = words.next_if(|word| word.starts_with('@'));
        let (hosts, key_type, base64) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            marker: marker.map(str::parse).transpose().ok()?,
            hosts: hosts.parse().ok()?,
            key: HostKey::from_words(key_type, base64)?,
        })
    }
}

/// Whether a list of hosts names `name`: one of its patterns does, and none of
/// its negations.
pub fn matches(hosts: &HostPatterns, name: &Name) -> bool {
    match hosts {
        HostPatterns::Patterns(patterns) => in_list(patterns, name.as_str()),
        HostPatterns::HashedName { salt, hash } => {
            hashed(salt, name.as_str()).is_some_and(|found| openssl::memcmp::eq(&found, hash))
        }
    }
}

fn in_list(patterns: &[String], name: &str) -> bool {
    let hit = |pattern: &str| glob(pattern.to_lowercase().as_bytes(), name.as_bytes());
    let negated = patterns
        .iter()
        .filter_map(|pattern| pattern.strip_prefix('!'))
        .any(hit);
    !negated
        && patterns
            .iter()
            .any(|pattern| !pattern.starts_with('!') && hit(pattern))
}

/// HMAC-SHA1 of the name under the salt.
fn hashed(salt: &[u8], name: &str) -> Option<[u8; 20]> {
    let key = PKey::hmac(salt).ok()?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key).ok()?;
    signer.sign_oneshot_to_vec(name.as_bytes()).ok()?.try_into().ok()
}

/// Whether all of `text` fits `pattern`, where `*` is anything and `?` one byte.
/// Takes at most the product of both lengths.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and how far into the text it reaches.
    let mut star = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match &mut star {
                Some((star, reach)) => {
                    *reach += 1;
                    at = *star + 1;
                    seen = *reach;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}
