//! Programs whose output is read as a file would be: inventories, password
//! scripts.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A program that takes longer than this is stopped.
const LONGEST: Duration = Duration::from_secs(60);

/// What a program left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs `program` without a shell, in the folder of this process.
pub(super) fn run(program: &Path, arguments: &[&str]) -> io::Result<Ended> {
    // Without a folder in its name a program would be looked for in `$PATH`.
    let mut child = Command::new(std::path::absolute(program)?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let read = |from: mpsc::Receiver<Vec<u8>>| from.recv_timeout(LONGEST);
    match (read(stdout), read(stderr)) {
        (Ok(stdout), Ok(stderr)) => Ok(Ended {
            status: child.wait()?.code(),
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }),
        _ => Err(too_long(&mut child)),
    }
}

/// Reads a pipe to its end, beside the others, so that none fills up.
fn reader(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        // What could be read until then is all there is.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut text));
        let _ = sender.send(text);
    });
    receiver
}

fn too_long(child: &mut Child) -> io::Error {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    let message = format!("it was stopped after {} seconds", LONGEST.as_secs());
    io::Error::new(io::ErrorKind::TimedOut, message)
}
