//! The yardstick: the least that anything built on libssh2 has to do.

use std::io::Read;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use ssh2::Session;

use crate::course::{Course, Host};

/// As many threads as the course is wide take one host after the other.
pub(crate) fn run(course: &Course) -> Result<()> {
    let hosts = course.hosts();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(host) = hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
            visit(course, host).with_context(|| host.name.clone())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..course.width).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a panic"))))
    })
}

fn visit(course: &Course, host: &Host) -> Result<()> {
    let stream = TcpStream::connect((host.address.as_str(), course.port))?;
    stream.set_nodelay(true)?;
    let mut session = Session::new()?;
    session.set_tcp_stream(stream);
    session.handshake()?;
    session.userauth_pubkey_file(&course.user, None, &course.key, None)?;
    for _ in 0..course.commands {
        let mut channel = session.channel_session()?;
        channel.exec("true")?;
        let mut output = Vec::new();
        channel.read_to_end(&mut output)?;
        channel.wait_close()?;
        ensure!(channel.exit_status()? == 0, "`true` failed");
    }
    session.disconnect(None, "done", None)?;
    Ok(())
}
