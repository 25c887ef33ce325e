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
pub(crate) struct Name(String);

impl Name {
    /// The name of an endpoint.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        let host = endpoint.host.to_lowercase();
        match endpoint.port {
            SSH_PORT => Self(host),
            port => Self(format!("[{host}]:{port}")),
        }
    }

    /// The name of an endpoint's host at any port, where that differs.
    pub(crate) fn without_port(endpoint: &Endpoint) -> Option<Self> {
        (endpoint.port != SSH_PORT).then(|| Self(endpoint.host.to_lowercase()))
    }

    /// The name's text.
    pub(crate) fn as_str(&self) -> &str {
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
pub(crate) fn matches(hosts: &HostPatterns, name: &Name) -> bool {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(list: &str, host: &str, port: u16) -> bool {
        matches(&list.parse().unwrap(), &Name::of(&Endpoint::new(host, port)))
    }

    /// Made with `ssh-keygen -H` for `host.example` and `[host.example]:2222`.
    const HASHED: [(&str, u16); 2] = [
        ("|1|EuaSLLZKLi3azbqZNufO+JHu9TU=|nSWNYn9bjY+qAsjzh0p1OQ+S5Rk=", 22),
        (
            "|1|GsjLleOktaQHufbroqdtlVJmZgY=|F/ApXhHHJLxCaCl8k2aJt4/y0bQ=",
            2222,
        ),
    ];

    #[test]
    fn hosts_are_named_by_pattern_by_port_and_not_by_negation() {
        assert!(named("host.example", "Host.Example", 22));
        assert!(!named("host.example", "host.example", 2222));
        assert!(named("[host.example]:2222", "host.example", 2222));
        assert!(named("other,*.example,!bad.*", "host.example", 22));
        assert!(!named("*.example,!bad.*", "bad.example", 22));
        assert!(!named("!bad.*", "host.example", 22));
        assert!(named("10.0.0.?", "10.0.0.7", 22));
        assert!(!named("10.0.0.?", "10.0.0.70", 22));
        assert!(named("[*.example]:*", "host.example", 2222));
    }

    #[test]
    fn hashed_names_hide_one_host_at_one_port() {
        for (hash, port) in HASHED {
            assert!(named(hash, "host.example", port));
            assert!(!named(hash, "host.example", port + 1));
            assert!(!named(hash, "other.example", port));
        }
    }

    #[test]
    fn lines_are_entries_comments_or_broken() {
        assert_eq!(Line::read("  "), Line::Empty);
        assert_eq!(Line::read("  # host ssh-ed25519 AAAA"), Line::Empty);
        assert_eq!(Line::read("host ssh-ed25519"), Line::Broken);
        assert_eq!(Line::read("@unheard-of host ssh-ed25519 AAAA"), Line::Broken);
        assert_eq!(Line::read("host ssh-ed25519 !!!!"), Line::Broken);
        assert_eq!(
            Line::read("host ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAAQE="),
            Line::Broken
        );
        let line = Line::read("@revoked\thost,*.x  ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAQE= a comment");
        let key = HostKey::from_words("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAAQE=").unwrap();
        let expected = Entry {
            marker: Some(Marker::Revoked),
            hosts: HostPatterns::Patterns(vec!["host".into(), "*.x".into()]),
            key,
        };
        assert_eq!(line, Line::Entry(expected));
    }

    /// What a pattern means, said plainly and slowly.
    fn means(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| means(rest, &text[skip..])),
            (Some((b'?', rest)), Some((_, text))) => means(rest, text),
            (Some((a, rest)), Some((b, text))) if a == b => means(rest, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn patterns_mean_what_they_say(pattern in "[ab*?]{0,9}", text in "[ab]{0,9}") {
            prop_assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), means(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn a_host_is_named_by_itself_and_never_once_negated(
            host in "[a-z][a-z0-9.-]{0,20}",
            port in 1_u16..,
            others in proptest::collection::vec("!?[a-z*?.]{1,8}", 0..5),
        ) {
            let name = Name::of(&Endpoint::new(host, port));
            let mut list = others.clone();
            list.push(format!("!{}", name.as_str()));
            prop_assert!(!matches(&HostPatterns::Patterns(list), &name));
            let mut list: Vec<String> = others.into_iter().filter(|other| !other.starts_with('!')).collect();
            list.push(name.as_str().to_uppercase());
            prop_assert!(matches(&HostPatterns::Patterns(list), &name));
        }

        #[test]
        fn no_line_is_too_odd(line in "\\PC{0,80}", tail in any::<String>()) {
            Line::read(&line);
            Line::read(&format!("host {tail}"));
            Line::read(&format!("|1|{tail}|{line} ssh-ed25519 AAAA"));
        }
    }
}
