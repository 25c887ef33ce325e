//! Programs whose output is read as a file would be: inventories, password
//! scripts.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A program that takes longer than this is stopped.
const LONGEST: Duration = Duration::from_secs(60);
/// How often to look whether one that has closed its output has ended.
const GLANCE: Duration = Duration::from_millis(5);

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
    run_within(program, arguments, LONGEST)
}

fn run_within(program: &Path, arguments: &[&str], longest: Duration) -> io::Result<Ended> {
    // Without a folder in its name a program would be looked for in `$PATH`.
    let mut child = Command::new(std::path::absolute(program)?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let end = Instant::now() + longest;
    let read = |from: mpsc::Receiver<Vec<u8>>| {
        let left = end.saturating_duration_since(Instant::now());
        from.recv_timeout(left).ok()
    };
    let done = (|| Some((read(stdout)?, read(stderr)?, waited(&mut child, end)?)))();
    let Some((stdout, stderr, status)) = done else {
        return Err(too_long(&mut child, longest));
    };
    Ok(Ended {
        status: status?.code(),
        stdout,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    })
}

/// How it ended; `None` where it goes on, though it has closed its output.
fn waited(child: &mut Child, end: Instant) -> Option<io::Result<ExitStatus>> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(Ok(status)),
            Ok(None) if Instant::now() >= end => return None,
            Ok(None) => thread::sleep(GLANCE),
            Err(error) => return Some(Err(error)),
        }
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

fn too_long(child: &mut Child, longest: Duration) -> io::Error {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    let message = format!("it was stopped after {} seconds", longest.as_secs_f32());
    io::Error::new(io::ErrorKind::TimedOut, message)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What comes of a script that may take a tenth of a second.
    fn run(script: &str) -> String {
        let shell = Path::new("/bin/sh");
        match run_within(shell, &["-c", script], Duration::from_millis(100)) {
            Ok(ended) => format!("{:?} {}", ended.status, String::from_utf8_lossy(&ended.stdout)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped_whatever_it_does_with_its_output() {
        let started = Instant::now();
        for script in [
            "sleep 60",
            "exec >&- 2>&-; sleep 60",
            "exec 2>&-; sleep 60",
            "sleep 60 & exit 0",
        ] {
            assert_eq!(run(script), "it was stopped after 0.1 seconds", "{script}");
        }
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
