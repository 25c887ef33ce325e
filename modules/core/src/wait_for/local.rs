//! A look from this machine: its own sockets and files.

use std::path::Path;
use std::time::Duration;

use cutover_kit::clock::{Clock, within};
use cutover_kit::{Failure, FailureKind};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{Args, Seen, State};

/// How much of what a port says is searched, in bytes.
const MOST: usize = 64 * 1024;

pub(super) async fn look(args: &Args, clock: &dyn Clock) -> Result<Seen, Failure> {
    if let Some(path) = &args.path {
        return Ok(file(Path::new(path), args.search_regex.is_some()));
    }
    let port = args.port.unwrap_or(0);
    if args.state == State::Drained {
        return drained(args, port);
    }
    let limit = Duration::from_secs(args.connect_timeout);
    let Ok(Ok(mut stream)) = within(clock, limit, TcpStream::connect((args.host.as_str(), port))).await
    else {
        return Ok(Seen::Nothing);
    };
    let mut said = Vec::new();
    if args.search_regex.is_some() {
        let mut chunk = vec![0; 4096];
        while said.len() < MOST {
            match within(clock, limit, stream.read(&mut chunk)).await {
                Ok(Ok(count)) if count > 0 => said.extend(&chunk[..count]),
                _ => break,
            }
        }
    }
    Ok(Seen::There(said))
}

fn file(path: &Path, content: bool) -> Seen {
    match path.metadata() {
        Err(_) => Seen::Nothing,
        Ok(_) if content => Seen::There(std::fs::read(path).unwrap_or_default()),
        Ok(_) => Seen::There(Vec::new()),
    }
}

fn drained(args: &Args, port: u16) -> Result<Seen, Failure> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/net/{name}"));
    let table = read("tcp").map_err(|error| {
        Failure::new(
            FailureKind::Task,
            format!("connections cannot be listed here: {error}"),
        )
    })?;
    let six = read("tcp6").unwrap_or_default();
    Ok(Seen::Connected(super::remote::connected(
        args,
        port,
        &(table + &six),
    )))
}
