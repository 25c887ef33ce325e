//! Which algorithms are offered, in which order.
//!
//! The order of key exchanges is by their cost on our side (`crates.md` §1.5);
//! the old ones are those that RHEL-6-era VOS needs (`vos-cli.md` §1.1).

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::time::Duration;

use ssh2::{MethodType, Session};

/// What is negotiated on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// How the session key is agreed on.
    KeyExchange,
    /// How the server proves who it is.
    HostKey,
    /// What encrypts.
    Cipher,
    /// What guards against changes.
    Mac,
}

impl Kind {
    /// All of them, in the order of negotiation.
    pub const ALL: [Self; 4] = [Self::KeyExchange, Self::HostKey, Self::Cipher, Self::Mac];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyExchange => "key exchange",
            Self::HostKey => "host key",
            Self::Cipher => "cipher",
            Self::Mac => "MAC",
        }
    }

    /// Every name wanted, best first.
    fn modern(self) -> &'static [&'static str] {
        match self {
            Self::KeyExchange => &[
                "mlkem768x25519-sha256",
                "curve25519-sha256",
                "curve25519-sha256@libssh.org",
                "ecdh-sha2-nistp256",
                "ecdh-sha2-nistp384",
                "ecdh-sha2-nistp521",
                "diffie-hellman-group14-sha256",
                "diffie-hellman-group16-sha512",
                "diffie-hellman-group-exchange-sha256",
                "diffie-hellman-group18-sha512",
            ],
            Self::HostKey => &[
                "ssh-ed25519",
                "ecdsa-sha2-nistp256",
                "ecdsa-sha2-nistp384",
                "ecdsa-sha2-nistp521",
                "rsa-sha2-512",
                "rsa-sha2-256",
            ],
            Self::Cipher => &[
                "chacha20-poly1305@openssh.com",
                "aes256-gcm@openssh.com",
                "aes128-gcm@openssh.com",
                "aes256-ctr",
                "aes192-ctr",
                "aes128-ctr",
            ],
            Self::Mac => &[
                "hmac-sha2-256-etm@openssh.com",
                "hmac-sha2-512-etm@openssh.com",
                "hmac-sha2-256",
                "hmac-sha2-512",
            ],
        }
    }

    /// What `ssh_legacy` adds at the end.
    fn legacy(self) -> &'static [&'static str] {
        match self {
            Self::KeyExchange => &[
                "diffie-hellman-group14-sha1",
                "diffie-hellman-group-exchange-sha1",
                "diffie-hellman-group1-sha1",
            ],
            Self::HostKey => &["ssh-rsa"],
            Self::Cipher => &["aes256-cbc", "aes192-cbc", "aes128-cbc"],
            Self::Mac => &["hmac-sha1-etm@openssh.com", "hmac-sha1"],
        }
    }

    /// Where libssh2 keeps it. Ciphers and MACs are chosen per direction; this
    /// crate treats both alike.
    fn slots(self) -> &'static [MethodType] {
        match self {
            Self::KeyExchange => &[MethodType::Kex],
            Self::HostKey => &[MethodType::HostKey],
            Self::Cipher => &[MethodType::CryptCs, MethodType::CryptSc],
            Self::Mac => &[MethodType::MacCs, MethodType::MacSc],
        }
    }
}

/// The names offered for one kind, best first: those wanted that this build has.
pub fn offered(kind: Kind, legacy: bool) -> Vec<&'static str> {
    let built_in = built_in(kind);
    let old = if legacy { kind.legacy() } else { &[] };
    let wanted = kind.modern().iter().chain(old).copied();
    wanted.filter(|name| built_in.contains(name)).collect()
}

/// What libssh2 has of it: asked once, for it needs a session to be told.
fn built_in(kind: Kind) -> &'static [&'static str] {
    static NAMES: LazyLock<[Vec<&'static str>; 4]> = LazyLock::new(|| Kind::ALL.map(asked));
    &NAMES[kind as usize]
}

fn asked(kind: Kind) -> Vec<&'static str> {
    let names = |slot| Session::new().and_then(|session| session.supported_algs(slot));
    kind.slots()
        .first()
        .and_then(|&slot| names(slot).ok())
        .unwrap_or_default()
}

/// Whether this build has what `ssh_legacy` asks for.
pub fn legacy_built_in() -> bool {
    Kind::ALL.into_iter().all(|kind| {
        let built_in = built_in(kind);
        kind.legacy().iter().any(|name| built_in.contains(name))
    })
}

/// The algorithms by which a server shows a key of `key_type` (as known_hosts names it).
pub(crate) fn shown_by(key_type: &str) -> &[&str] {
    match key_type {
        "ssh-rsa" => &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
        _ => &[],
    }
}

/// Tells `session` what to offer. Host keys of the `known` types come first,
/// because a server shows only one of its keys.
pub(crate) fn prefer(session: &Session, legacy: bool, known: &[String]) -> Result<(), ssh2::Error> {
    for kind in Kind::ALL {
        let mut names = offered(kind, legacy);
        if kind == Kind::HostKey {
            names.sort_by_key(|name| {
                !known
                    .iter()
                    .any(|known| known == name || shown_by(known).contains(name))
            });
        }
        for &slot in kind.slots() {
            session.method_pref(slot, &names.join(","))?;
        }
    }
    Ok(())
}

/// What a report on this build and machine can say about SSH and TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Offered by default, by kind.
    pub modern: Vec<(Kind, Vec<&'static str>)>,
    /// Offered besides with `ssh_legacy`, by kind.
    pub legacy: Vec<(Kind, Vec<&'static str>)>,
    /// Whether every kind has an old algorithm.
    pub legacy_built_in: bool,
    /// OpenSSL as it runs.
    pub openssl: &'static str,
    /// libssh2 as it names itself to servers.
    pub libssh2: String,
}

/// libssh2 has no safe call for its version. But it greets with it.
fn libssh2_version() -> Option<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    let ours = TcpStream::connect(listener.local_addr().ok()?).ok()?;
    let (theirs, _) = listener.accept().ok()?;
    theirs.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut session = Session::new().ok()?;
    session.set_blocking(false);
    session.set_tcp_stream(ours);
    // It stops where it would wait for the server's greeting.
    let _ = session.handshake();
    let mut greeting = String::new();
    BufReader::new(theirs).read_line(&mut greeting).ok()?;
    Some(greeting.trim_end().trim_start_matches("SSH-2.0-").to_owned())
}

/// What this build can do.
pub fn abilities() -> Abilities {
    let modern = Kind::ALL.map(|kind| (kind, offered(kind, false)));
    let legacy = Kind::ALL.map(|kind| {
        let mut names = offered(kind, true);
        names.retain(|name| kind.legacy().contains(name));
        (kind, names)
    });
    Abilities {
        modern: modern.into(),
        legacy: legacy.into(),
        legacy_built_in: legacy_built_in(),
        openssl: openssl::version::version(),
        libssh2: libssh2_version().unwrap_or_else(|| "unknown".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the switches of `.cargo/config.toml` libssh2 leaves SHA-1 out,
    /// silently, and old VOS releases could not be reached.
    #[test]
    fn old_algorithms_are_built_in_and_offered_on_request_only() {
        assert!(legacy_built_in());
        for kind in Kind::ALL {
            let (modern, all) = (offered(kind, false), offered(kind, true));
            let (first, added) = all.split_at(modern.len());
            assert_eq!((first, added), (modern.as_slice(), kind.legacy()), "{kind:?}");
        }
    }

    #[test]
    fn nothing_that_is_offered_rests_on_sha_1() {
        for kind in Kind::ALL {
            let names = offered(kind, false);
            assert!(!names.is_empty(), "{kind:?}");
            let old =
                |name: &&str| name.ends_with("sha1") || *name == "ssh-rsa" || name.starts_with("hmac-sha1");
            assert_eq!(names.iter().find(|name| old(name)), None);
        }
    }

    #[test]
    fn all_that_is_wanted_is_built_in_except_what_needs_a_newer_openssl() {
        for kind in Kind::ALL {
            let offered = offered(kind, false);
            let lacking: Vec<_> = kind
                .modern()
                .iter()
                .filter(|name| !offered.contains(name))
                .collect();
            assert!(
                lacking.iter().all(|name| name.starts_with("mlkem")),
                "{lacking:?}"
            );
        }
    }

    #[test]
    fn the_libraries_name_their_versions() {
        let abilities = abilities();
        assert!(
            abilities.openssl.starts_with("OpenSSL 3"),
            "{}",
            abilities.openssl
        );
        assert!(
            abilities.libssh2.starts_with("libssh2_1.11"),
            "{}",
            abilities.libssh2
        );
    }
}
