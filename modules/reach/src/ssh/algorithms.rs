//! Which algorithms are offered, in which order.
//!
//! The order of key exchanges is by their cost on our side (`crates.md` §1.5);
//! the old ones are those that RHEL-6-era VOS needs (`vos-cli.md` §1.1).

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

fn built_in(kind: Kind) -> Vec<&'static str> {
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
    }
}
