//! A look from a host, through whatever its shell has: one round trip each.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use cutover_kit::{Failure, FailureKind, Reach, Read};

use super::{Args, Seen, State};
use crate::process::quote;
use crate::steps::{ask, text};

/// Nothing on the host can open a connection.
const NO_TOOL: i32 = 9;

pub(super) async fn look(args: &Args, limit: Duration, reach: &Reach<Read>) -> Result<Seen, Failure> {
    if args.state == State::Drained {
        let script = "# connections\ncat /proc/net/tcp && { cat /proc/net/tcp6 2>/dev/null; exit 0; }";
        let executed = ask(script, reach).await?;
        let table = text(&executed.stdout);
        if executed.status != Some(0) || !table.contains("local_address") {
            return Err(unlisted(&text(&executed.stderr)));
        }
        return Ok(Seen::Connected(connected(args, args.port.unwrap_or(0), &table)));
    }
    let script = match &args.path {
        Some(path) => file(path, args.search_regex.is_some()),
        None => port(args, limit),
    };
    let executed = ask(&script, reach).await?;
    match executed.status {
        Some(0) => Ok(Seen::There(executed.stdout)),
        Some(NO_TOOL) => {
            let message = "the host has neither bash, nc, curl nor python3 to open a connection with";
            Err(Failure::new(FailureKind::Task, message)
                .hint("delegate the task to a host that has, or to localhost"))
        }
        _ => Ok(Seen::Nothing),
    }
}

/// Whether anybody is connected cannot be known; that nobody is would be a guess.
pub(super) fn unlisted(said: &str) -> Failure {
    let message = "connections cannot be listed on this host: /proc/net/tcp cannot be read";
    Failure::new(FailureKind::Task, message).seen_all(said.lines())
}

fn file(path: &str, content: bool) -> String {
    let path = crate::process::path(path);
    if content {
        format!("[ -e {path} ] || exit 1; [ ! -f {path} ] || cat {path} 2>/dev/null; exit 0")
    } else {
        format!("[ -e {path} ]")
    }
}

/// The tools are tried in the order in which they can be trusted; a listening port is enough unless
/// it is to say something. Connecting and hearing share the time.
fn port(args: &Args, limit: Duration) -> String {
    let (host, port, limit) = (quote(&args.host), args.port.unwrap_or(0), limit.as_secs().max(1));
    let hear = if args.search_regex.is_some() {
        format!("l=$(({limit} - SECONDS)); [ $l -gt 0 ] || l=1; timeout $l cat <&3; ")
    } else {
        String::new()
    };
    let bash = format!("exec 3<>/dev/tcp/$0/$1 || exit 1; {hear}exit 0");
    let listen = if args.search_regex.is_some() { "" } else { "-z" };
    format!(
        r#"has() {{ command -v "$1" >/dev/null 2>&1; }}
if has bash && has timeout; then timeout {whole} bash -c {bash} {host} {port} 2>/dev/null; exit
elif has nc; then nc {listen} -w {limit} {host} {port} </dev/null 2>/dev/null; exit
elif has python3; then python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), {limit})' {host} {port} 2>/dev/null; exit
elif has curl; then curl -s --connect-timeout {limit} -m {limit} telnet://{host}:{port} </dev/null >/dev/null 2>&1; rc=$?
  case $rc in 0|28|52|56) exit 0;; esac; exit 1
fi; exit {NO_TOOL}"#,
        whole = limit + 1,
        bash = quote(&bash),
    )
}

/// How many are connected to the port, by the kernel's table: addresses and states in hex.
pub(super) fn connected(args: &Args, port: u16, table: &str) -> usize {
    const USUAL: [&str; 6] = [
        "ESTABLISHED",
        "FIN_WAIT1",
        "FIN_WAIT2",
        "SYN_RECV",
        "SYN_SENT",
        "TIME_WAIT",
    ];
    let counts = |state: &str| {
        if args.active_connection_states.is_empty() {
            USUAL.contains(&state)
        } else {
            args.active_connection_states.iter().any(|it| it == state)
        }
    };
    let own: Option<IpAddr> = args.host.parse().ok();
    let lines = table.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, remote, state) = (end(fields.next()?)?, end(fields.next()?)?, fields.next()?);
        Some((local, remote, name_of(state)))
    });
    lines
        .filter(|((address, local), (remote, _), state)| {
            let here =
                own.is_none_or(|own| own.is_unspecified() || own == *address || address.is_unspecified());
            let excluded = args.exclude_hosts.iter().any(|host| host.parse() == Ok(*remote));
            *local == port && here && !excluded && counts(state)
        })
        .count()
}

/// `0100007F:1F90`: the address in the machine's byte order, four bytes at a time.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let words: Option<Vec<u32>> = (0..address.len())
        .step_by(8)
        .map(|at| u32::from_str_radix(address.get(at..at + 8)?, 16).ok())
        .collect();
    let bytes: Vec<u8> = words?.into_iter().flat_map(u32::to_le_bytes).collect();
    let address = match bytes.len() {
        4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical(),
    };
    Some((address, u16::from_str_radix(port, 16).ok()?))
}

/// The kernel's numbers of TCP states.
fn name_of(state: &str) -> &'static str {
    match state {
        "01" => "ESTABLISHED",
        "02" => "SYN_SENT",
        "03" => "SYN_RECV",
        "04" => "FIN_WAIT1",
        "05" => "FIN_WAIT2",
        "06" => "TIME_WAIT",
        _ => "",
    }
}
