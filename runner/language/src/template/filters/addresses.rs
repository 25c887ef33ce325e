//! Addresses of the internet protocol: what of `ansible.utils` is used most.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::lists::items;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;
use crate::template::tree::list;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("ipaddr", Takes::Values, |value, arguments| {
        let query = arguments.text_or("query", "");
        each(value, &query, |_| true)
    }),
    Entry::own("ipv4", Takes::Values, |value, arguments| {
        let query = arguments.text_or("query", "");
        each(value, &query, |net| net.address.is_ipv4())
    }),
    Entry::own("ipv6", Takes::Values, |value, arguments| {
        let query = arguments.text_or("query", "");
        each(value, &query, |net| net.address.is_ipv6())
    }),
    Entry::own("ipwrap", Takes::Values, ipwrap),
    Entry::own("nthhost", Takes::Values, |value, arguments| {
        let number = arguments.number("query")?.unwrap_or(0);
        let host = Net::read(&text(value)).and_then(|net| net.nth(number));
        Ok(host.map_or_else(|| Value::from(false), |host| Value::from(host.to_string())))
    }),
];

/// An address, and how much of it names a network.
#[derive(Clone, Copy)]
struct Net {
    address: IpAddr,
    prefix: u32,
    /// Whether the prefix was written.
    written: bool,
}

impl Net {
    fn read(text: &str) -> Option<Self> {
        let (address, prefix) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().ok()?;
        let size = Self::size(address);
        let length = match prefix {
            None => size,
            Some(prefix) => match prefix.parse::<Ipv4Addr>() {
                Ok(mask) if address.is_ipv4() => {
                    let mask = u32::from(mask);
                    (mask.leading_ones() + mask.trailing_zeros() == 32).then_some(mask.leading_ones())?
                }
                _ => prefix.parse().ok().filter(|prefix| *prefix <= size)?,
            },
        };
        Some(Self {
            address,
            prefix: length,
            written: prefix.is_some(),
        })
    }

    fn size(address: IpAddr) -> u32 {
        if address.is_ipv4() { 32 } else { 128 }
    }

    fn bits(self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        }
    }

    fn with(self, bits: u128) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(bits).unwrap_or(u32::MAX))),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(bits)),
        }
    }

    /// The bits that name a host.
    fn host_mask(self) -> u128 {
        let hosts = Self::size(self.address) - self.prefix;
        1_u128.checked_shl(hosts).map_or(u128::MAX, |bit| bit - 1)
    }

    fn network(self) -> IpAddr {
        self.with(self.bits() & !self.host_mask())
    }

    fn broadcast(self) -> IpAddr {
        self.with(self.bits() | self.host_mask())
    }

    fn netmask(self) -> IpAddr {
        let all = if self.address.is_ipv4() {
            u128::from(u32::MAX)
        } else {
            u128::MAX
        };
        self.with(all & !self.host_mask())
    }

    /// A host of the network by its number, from the end where that is negative.
    fn nth(self, number: i64) -> Option<IpAddr> {
        let offset = u128::from(number.unsigned_abs());
        let network = self.bits() & !self.host_mask();
        let last = self.bits() | self.host_mask();
        let bits = match number < 0 {
            true => last.checked_sub(offset - 1)?,
            false => network.checked_add(offset)?,
        };
        (network..=last).contains(&bits).then(|| self.with(bits))
    }

    /// What a query says of it; `None` is false.
    fn answer(self, query: &str) -> Result<Option<Value>, Fault> {
        let address = |address: IpAddr| Some(Value::from(address.to_string()));
        let is_private = match self.address {
            IpAddr::V4(address) => address.is_private(),
            IpAddr::V6(address) => address.is_unique_local(),
        };
        let when = |truth: bool| truth.then(|| self.shown());
        Ok(match query {
            "" => Some(self.shown()),
            "address" | "ip" => address(self.address),
            "network" | "network_id" => address(self.network()),
            "broadcast" => (self.prefix < Self::size(self.address))
                .then(|| self.broadcast())
                .and_then(address),
            "netmask" => address(self.netmask()),
            "hostmask" => address(self.with(self.host_mask())),
            "prefix" => Some(Value::from(self.prefix)),
            "net" | "subnet" | "network/prefix" | "cidr" if query != "net" || self.written => {
                Some(Value::from(format!("{}/{}", self.network(), self.prefix)))
            }
            "net" => None,
            "host" | "host/prefix" => Some(Value::from(format!("{}/{}", self.address, self.prefix))),
            "size" => Some(Value::from(self.host_mask().saturating_add(1))),
            "type" => Some(Value::from(
                match self.address == self.network() && self.written {
                    true => "network",
                    false => "address",
                },
            )),
            "version" => Some(Value::from(if self.address.is_ipv4() { 4 } else { 6 })),
            "int" => Some(Value::from(self.bits())),
            "private" => when(is_private),
            "public" => when(!is_private && !self.address.is_loopback() && !self.address.is_multicast()),
            "loopback" | "lo" => when(self.address.is_loopback()),
            "multicast" => when(self.address.is_multicast()),
            "ipv4" => when(self.address.is_ipv4()),
            "ipv6" => when(self.address.is_ipv6()),
            "wrap" => Some(Value::from(match self.address {
                IpAddr::V6(address) => format!("[{address}]"),
                IpAddr::V4(address) => address.to_string(),
            })),
            number => {
                if let Ok(number) = number.parse() {
                    let nth = self.nth(number);
                    return Ok(nth.map(|host| Value::from(format!("{host}/{}", self.prefix))));
                }
                let Some(other) = Self::read(number) else {
                    let message = format!("the query `{number}` of addresses is not there yet");
                    let help = "there are address, network, netmask, broadcast, prefix, net, host, size, type, \
                                version, private, public, a number, and a network";
                    return Err(Fault::new(ErrorKind::Unknown, message).help(Some(help.to_owned())));
                };
                let inside = other.address.is_ipv4() == self.address.is_ipv4()
                    && other.prefix <= self.prefix
                    && self.bits() & !other.host_mask() == other.bits() & !other.host_mask();
                when(inside)
            }
        })
    }

    fn shown(self) -> Value {
        Value::from(match self.written {
            true => format!("{}/{}", self.address, self.prefix),
            false => self.address.to_string(),
        })
    }
}

/// The answer for an address, or those for the addresses of a list.
fn each(value: &Value, query: &str, wanted: fn(&Net) -> bool) -> Result<Value, Error> {
    let one = |value: &Value| match Net::read(&text(value)).filter(wanted) {
        Some(net) => net.answer(query),
        None => Ok(None),
    };
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let mut kept = Vec::new();
        for item in items(value)? {
            kept.extend(one(&item)?);
        }
        return Ok(list(kept));
    }
    Ok(one(value)?.unwrap_or_else(|| Value::from(false)))
}

/// Addresses of version 6 in brackets, everything else as it is.
fn ipwrap(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    arguments.next("query");
    let one = |value: &Value| match Net::read(&text(value)) {
        Some(net) if net.address.is_ipv6() => {
            let prefix = if net.written {
                format!("/{}", net.prefix)
            } else {
                String::new()
            };
            Value::from(format!("[{}]{prefix}", net.address))
        }
        _ => value.clone(),
    };
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Ok(list(items(value)?.iter().map(one).collect()));
    }
    Ok(one(value))
}
