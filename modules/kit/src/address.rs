//! `name:22`: a host and the port to dial, as inventories and `add_host` write them.

use std::net::Ipv6Addr;

/// The name or address, and the port after it. `[::1]:22` has its brackets only
/// for the port's sake; the brackets of a range (`web[1:3]:22`) stay.
pub fn split(text: &str) -> (&str, Option<u16>) {
    if text.parse::<Ipv6Addr>().is_ok() {
        return (text, None);
    }
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    if let Some((address, after)) = inside.filter(|(address, _)| address.parse::<Ipv6Addr>().is_ok()) {
        let port = after.strip_prefix(':').map(str::parse);
        return match port {
            Some(Ok(port)) => (address, Some(port)),
            None if after.is_empty() => (address, None),
            _ => (text, None),
        };
    }
    let name_end = text.rfind(']').map_or(0, |at| at + 1);
    match text[name_end..].rsplit_once(':') {
        Some((rest, port)) if !rest.contains(':') => match port.parse() {
            Ok(port) => (&text[..name_end + rest.len()], Some(port)),
            Err(_) => (text, None),
        },
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_from_ranges_and_addresses() {
        let table = [
            ("web", ("web", None)),
            ("web:2222", ("web", Some(2222))),
            ("web:x", ("web:x", None)),
            ("web[1:3]", ("web[1:3]", None)),
            ("web[1:3]:22", ("web[1:3]", Some(22))),
            ("web[1:3].lab:22", ("web[1:3].lab", Some(22))),
            ("::1", ("::1", None)),
            ("fe80::1:22", ("fe80::1:22", None)),
            ("[::1]:22", ("::1", Some(22))),
            ("[::1]", ("::1", None)),
            ("[1:3]", ("[1:3]", None)),
        ];
        for (text, meant) in table {
            assert_eq!(split(text), meant, "{text}");
        }
    }
}
