//! Interfaces and addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value as Json, json};

use super::sections::Sections;

/// `IFF_UP` and `IFF_PROMISC` of an interface's flags.
const UP: u32 = 0x1;
const PROMISCUOUS: u32 = 0x100;

/// One address of an interface.
struct Address<'a> {
    interface: &'a str,
    /// Its label (`eth0:1`), where it is not the interface's name.
    label: &'a str,
    text: &'a str,
    prefix: u8,
    six: bool,
    scope: &'a str,
    broadcast: &'a str,
}

/// Facts about interfaces, addresses and ways out.
pub(super) fn facts(sections: &Sections<'_>) -> Map<String, Json> {
    let lines = sections.lines("addresses");
    let addresses: Vec<Address<'_>> = lines.iter().filter_map(|line| address(line)).collect();
    let mut facts = Map::new();
    let mut names = Vec::new();
    let mut about = Map::new();
    for line in sections.lines("interfaces") {
        let fields: Vec<&str> = line.split('|').collect();
        let Some(interface) = interface(&fields, &addresses) else {
            continue;
        };
        names.push(fields[0]);
        about.insert(fields[0].to_owned(), interface);
    }
    facts.insert("interfaces".into(), names.clone().into());
    for (fact, six) in [("all_ipv4_addresses", false), ("all_ipv6_addresses", true)] {
        let outside = |it: &&Address<'_>| it.six == six && !is_loopback(it);
        let all: Vec<&str> = addresses.iter().filter(outside).map(|it| it.text).collect();
        facts.insert(fact.into(), all.into());
    }
    facts.insert(
        "default_ipv4".into(),
        default(sections, "route4", &addresses, &about),
    );
    facts.insert(
        "default_ipv6".into(),
        default(sections, "route6", &addresses, &about),
    );
    for (name, interface) in about {
        facts.insert(name.replace(['-', ':'], "_"), interface);
    }
    facts
}

/// One line of `ip -o addr`.
fn address<'a>(line: &'a str) -> Option<Address<'a>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, interface, family @ ("inet" | "inet6"), ..] = words[..] else {
        return None;
    };
    let (text, prefix) = words.get(3)?.split_once('/').unwrap_or((words[3], "32"));
    let after = |word: &str| {
        let at = words.iter().position(|it| *it == word)?;
        words.get(at + 1).copied()
    };
    let last = words
        .iter()
        .position(|word| word.ends_with('\\'))
        .unwrap_or(words.len() - 1);
    Some(Address {
        interface,
        label: words[last].trim_end_matches('\\'),
        text,
        prefix: prefix.parse().ok()?,
        six: family == "inet6",
        scope: after("scope").unwrap_or_default(),
        broadcast: after("brd").unwrap_or_default(),
    })
}

fn is_loopback(address: &Address<'_>) -> bool {
    match address.six {
        true => address.text == "::1",
        false => address.text.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback()),
    }
}

/// What `/sys` says of an interface: name, MTU, address, flags, type, speed, device.
fn interface(fields: &[&str], addresses: &[Address<'_>]) -> Option<Json> {
    let [name, mtu, hardware, flags, kind, speed, device] = fields[..] else {
        return None;
    };
    let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).unwrap_or(0);
    let mut about = Map::new();
    about.insert("device".into(), name.into());
    about.insert("active".into(), (flags & UP != 0).into());
    about.insert("mtu".into(), mtu.parse::<u64>().ok().into());
    about.insert("promisc".into(), (flags & PROMISCUOUS != 0).into());
    let kind = match kind {
        "1" => "ether",
        "32" => "infiniband",
        "512" => "ppp",
        "772" => "loopback",
        "65534" => "tunnel",
        _ => "unknown",
    };
    about.insert("type".into(), kind.into());
    if !hardware.is_empty() && hardware != "00:00:00:00:00:00" {
        about.insert("macaddress".into(), hardware.into());
    }
    if let Ok(speed) = speed.parse::<i64>() {
        about.insert("speed".into(), speed.into());
    }
    if let Some(device) = device.rsplit('/').next().filter(|device| !device.is_empty()) {
        about.insert("pciid".into(), device.into());
    }
    let own = |six: bool| {
        addresses
            .iter()
            .filter(move |it| it.interface == name && it.six == six)
    };
    let mut four = own(false).map(four);
    if let Some(first) = four.next() {
        about.insert("ipv4".into(), first);
    }
    let more: Vec<Json> = four.collect();
    if !more.is_empty() {
        about.insert("ipv4_secondaries".into(), more.into());
    }
    let six: Vec<Json> = own(true)
        .map(|it| json!({"address": it.text, "prefix": it.prefix.to_string(), "scope": it.scope}))
        .collect();
    if !six.is_empty() {
        about.insert("ipv6".into(), six.into());
    }
    Some(about.into())
}

fn four(address: &Address<'_>) -> Json {
    let mask = u32::MAX
        .checked_shl(32 - u32::from(address.prefix.min(32)))
        .unwrap_or(0);
    let bits = address.text.parse::<Ipv4Addr>().map_or(0, u32::from);
    json!({
        "address": address.text,
        "broadcast": address.broadcast,
        "netmask": Ipv4Addr::from(mask).to_string(),
        "network": Ipv4Addr::from(bits & mask).to_string(),
        "prefix": address.prefix.to_string(),
    })
}

/// The way out, from `ip route get`.
fn default(
    sections: &Sections<'_>,
    section: &str,
    addresses: &[Address<'_>],
    about: &Map<String, Json>,
) -> Json {
    let words: Vec<&str> = sections
        .line(section)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let after = |word: &str| {
        let at = words.iter().position(|it| *it == word)?;
        words.get(at + 1).copied()
    };
    let (Some(device), Some(source)) = (after("dev"), after("src")) else {
        return json!({});
    };
    let mut found = Map::new();
    found.insert("interface".into(), device.into());
    found.insert("address".into(), source.into());
    if let Some(gateway) = after("via") {
        found.insert("gateway".into(), gateway.into());
    }
    if let Some(interface) = about.get(device).and_then(Json::as_object) {
        for name in ["macaddress", "mtu", "type"] {
            if let Some(value) = interface.get(name) {
                found.insert(name.into(), value.clone());
            }
        }
    }
    let own = addresses
        .iter()
        .find(|it| it.interface == device && same(it.text, source));
    match own {
        Some(own) if own.six => {
            found.insert("prefix".into(), own.prefix.to_string().into());
            found.insert("scope".into(), own.scope.into());
        }
        Some(own) => {
            let Json::Object(members) = four(own) else {
                return found.into();
            };
            found.extend(members);
            found.insert("alias".into(), own.label.into());
        }
        None => {}
    }
    found.into()
}

fn same(one: &str, other: &str) -> bool {
    one == other || one.parse::<Ipv6Addr>().is_ok_and(|it| other.parse() == Ok(it))
}
