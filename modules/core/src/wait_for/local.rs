//! A look from this machine: its own sockets and files.

use std::path::Path;
use std::time::Duration;

use cutover_kit::Failure;
use cutover_kit::clock::{Clock, within};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{Args, Seen, State};
use crate::disk::at_home;

/// How much of what a port says is searched, in bytes.
const MOST: usize = 64 * 1024;

pub(super) async fn look(args: &Args, limit: Duration, clock: &dyn Clock) -> Result<Seen, Failure> {
    if let Some(path) = &args.path {
        let (path, content) = (at_home(path), args.search_regex.is_some());
        let read = tokio::task::spawn_blocking(move || file(Path::new(&path), content));
        return Ok(match within(clock, limit, read).await {
            Ok(Ok(seen)) => seen,
            // A file system that does not answer shows nothing.
            _ => Seen::Nothing,
        });
    }
    let port = args.port.unwrap_or(0);
    if args.state == State::Drained {
        return drained(args, port);
    }
    let begun = clock.elapsed();
    let connect = TcpStream::connect((args.host.as_str(), port));
    let Ok(Ok(mut stream)) = within(clock, limit, connect).await else {
        return Ok(Seen::Nothing);
    };
    let mut said = Vec::new();
    if args.search_regex.is_some() {
        let left = limit.saturating_sub(clock.elapsed().saturating_sub(begun));
        // What came until then counts.
        let _ = within(clock, left, hear(&mut stream, &mut said)).await;
    }
    Ok(Seen::There(said))
}

async fn hear(stream: &mut TcpStream, said: &mut Vec<u8>) {
    let mut chunk = vec![0; 4096];
    while said.len() < MOST {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => said.extend(&chunk[..count]),
            _ => break,
        }
    }
}

/// Only of an ordinary file there is content: reading a pipe would wait for its writer.
fn file(path: &Path, content: bool) -> Seen {
    match path.metadata() {
        Err(_) => Seen::Nothing,
        Ok(about) if content && about.is_file() => Seen::There(std::fs::read(path).unwrap_or_default()),
        Ok(_) => Seen::There(Vec::new()),
    }
}

fn drained(args: &Args, port: u16) -> Result<Seen, Failure> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/net/{name}"));
    let table = read("tcp").map_err(|error| super::remote::unlisted(&error.to_string()))?;
    let six = read("tcp6").unwrap_or_default();
    Ok(Seen::Connected(super::remote::connected(
        args,
        port,
        &(table + &six),
    )))
}
