//! What a server offers: its banner and KEXINIT (RFC 4253 §4.2, §6, §7.1),
//! which both come in clear text.
//!
//! libssh2 says only that no algorithm was common. So after such a failure the
//! offer is read over a connection of its own, and held against ours.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::algorithms::{Kind, offered};
use crate::socket::Socket;

/// No server says more before its key exchange.
const MOST: usize = 64 * 1024;

const MSG_KEXINIT: u8 = 20;
const COOKIE: usize = 16;

/// A server's software and its algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerOffer {
    /// `SSH-2.0-OpenSSH_5.3`.
    pub(crate) banner: String,
    /// The names of each kind, the server's favourite first.
    pub(crate) names: Vec<(Kind, Vec<String>)>,
}

/// Reads the offer of whoever is at the other end.
pub(crate) async fn read(mut socket: Socket) -> io::Result<ServerOffer> {
    socket.write_all(b"SSH-2.0-cutover\r\n").await?;
    let mut seen = Vec::new();
    loop {
        match parse(&seen) {
            Parsed::Offer(offer) => return Ok(offer),
            Parsed::Nonsense => return Err(io::ErrorKind::InvalidData.into()),
            Parsed::Part if seen.len() >= MOST => return Err(io::ErrorKind::InvalidData.into()),
            Parsed::Part => {}
        }
        if socket.read_buf(&mut seen).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Parsed {
    Offer(ServerOffer),
    /// More has to come.
    Part,
    Nonsense,
}

fn parse(bytes: &[u8]) -> Parsed {
    let Some((banner, packet)) = banner(bytes) else {
        return Parsed::Part;
    };
    let Some((header, rest)) = packet.split_first_chunk::<5>() else {
        return Parsed::Part;
    };
    let [a, b, c, d, padding] = *header;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    let Some(payload) = length
        .checked_sub(1 + usize::from(padding))
        .filter(|_| length <= MOST)
    else {
        return Parsed::Nonsense;
    };
    match rest.get(..payload) {
        None => Parsed::Part,
        Some(payload) => names(payload).map_or(Parsed::Nonsense, |names| {
            Parsed::Offer(ServerOffer { banner, names })
        }),
    }
}

/// The first line that begins with `SSH-`, and what follows it.
fn banner(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        if line.starts_with(b"SSH-") {
            return Some((String::from_utf8_lossy(line).trim_end().to_owned(), after));
        }
        rest = after;
    }
}

/// The name lists of a KEXINIT; of those that come once per direction, the
/// server's receiving one.
fn names(payload: &[u8]) -> Option<Vec<(Kind, Vec<String>)>> {
    let (&message, rest) = payload.split_first()?;
    let mut rest = rest.get(COOKIE..).filter(|_| message == MSG_KEXINIT)?;
    let mut next = || -> Option<Vec<String>> {
        let (length, after) = rest.split_first_chunk()?;
        let list = after.get(..u32::from_be_bytes(*length) as usize)?;
        rest = &after[list.len()..];
        let list = std::str::from_utf8(list).ok()?;
        Some(
            list.split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    };
    let (key_exchange, host_key, cipher, _, mac) = (next()?, next()?, next()?, next()?, next()?);
    Some(vec![
        (Kind::KeyExchange, key_exchange),
        (Kind::HostKey, host_key),
        (Kind::Cipher, cipher),
        (Kind::Mac, mac),
    ])
}

impl ServerOffer {
    /// What stands in the way, and the way out; `None` where each kind has an
    /// algorithm in common.
    pub(crate) fn against_ours(&self, legacy: bool) -> Option<String> {
        let missing: Vec<String> = self
            .missing(legacy)
            .map(|(kind, theirs)| {
                let ours = offered(*kind, legacy).join(",");
                format!(
                    "{}: server offers {}, we offer {ours}",
                    kind.name(),
                    theirs.join(",")
                )
            })
            .collect();
        if missing.is_empty() {
            return None;
        }
        let way_out = if !legacy && self.missing(true).next().is_none() {
            "; `ssh_legacy: true` on this host would allow what it offers"
        } else {
            ""
        };
        Some(format!("{} ({}){way_out}", missing.join("; "), self.banner))
    }

    fn missing(&self, legacy: bool) -> impl Iterator<Item = &(Kind, Vec<String>)> {
        self.names.iter().filter(move |(kind, theirs)| {
            let ours = offered(*kind, legacy);
            !theirs.iter().any(|name| ours.contains(&name.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn greeting(banner: &str, lists: &[&str], padding: u8) -> Vec<u8> {
        let mut payload = vec![MSG_KEXINIT];
        payload.extend([7; COOKIE]);
        for list in lists {
            payload.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
            payload.extend(list.bytes());
        }
        payload.extend([0; 5]);
        let length = u32::try_from(payload.len() + 1 + usize::from(padding)).unwrap();
        let mut bytes = format!("{banner}\r\n").into_bytes();
        bytes.extend(length.to_be_bytes());
        bytes.push(padding);
        bytes.extend(payload);
        bytes.extend(vec![0; padding.into()]);
        bytes
    }

    const OLD: [&str; 10] = [
        "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
        "ssh-rsa,ssh-dss",
        "aes128-ctr,aes128-cbc",
        "aes128-ctr,aes128-cbc",
        "hmac-md5,hmac-sha1",
        "hmac-md5,hmac-sha1",
        "none",
        "none",
        "",
        "",
    ];

    fn offer(bytes: &[u8]) -> ServerOffer {
        match parse(bytes) {
            Parsed::Offer(offer) => offer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_old_server_is_told_apart_and_the_way_out_named() {
        let old = offer(&greeting("hello\r\nSSH-2.0-OpenSSH_5.3", &OLD, 8));
        assert_eq!(
            old.against_ours(false).unwrap(),
            format!(
                "key exchange: server offers diffie-hellman-group14-sha1,diffie-hellman-group1-sha1, we offer {}; \
                 host key: server offers ssh-rsa,ssh-dss, we offer {}; \
                 MAC: server offers hmac-md5,hmac-sha1, we offer {} (SSH-2.0-OpenSSH_5.3); \
                 `ssh_legacy: true` on this host would allow what it offers",
                offered(Kind::KeyExchange, false).join(","),
                offered(Kind::HostKey, false).join(","),
                offered(Kind::Mac, false).join(","),
            )
        );
        assert_eq!(old.against_ours(true), None);
    }

    #[test]
    fn where_legacy_would_not_help_it_is_not_named() {
        let mut lists = OLD;
        lists[1] = "ssh-dss";
        let told = offer(&greeting("SSH-2.0-x", &lists, 8))
            .against_ours(false)
            .unwrap();
        assert!(!told.contains("ssh_legacy"), "{told}");
    }

    proptest! {
        #[test]
        fn an_offer_is_read_whole_and_never_from_a_part(
            lists in proptest::collection::vec("[a-z0-9@.-]{1,20}(,[a-z0-9@.-]{1,20}){0,5}", 10),
            padding in 4_u8..255,
            cut in any::<prop::sample::Index>(),
        ) {
            let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
            let bytes = greeting("SSH-2.0-any", &lists, padding);
            let read = offer(&bytes);
            let joined: Vec<String> = read.names.iter().map(|(_, names)| names.join(",")).collect();
            prop_assert_eq!(joined, [lists[0], lists[1], lists[2], lists[4]]);
            let enough = bytes.len() - usize::from(padding);
            prop_assert_eq!(parse(&bytes[..cut.index(enough)]), Parsed::Part);
        }

        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut bytes = b"SSH-2.0-x\n".to_vec();
            bytes.extend(&noise);
            parse(&bytes);
            parse(&noise);
        }
    }
}
