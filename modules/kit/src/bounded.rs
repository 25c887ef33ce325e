//! Programs of this machine that get so much time and may say so much: inventories, password scripts,
//! what a module of the site says of itself.
//!
//! They may ask at the terminal. One that is stopped leaves what it has started itself.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How much a program gets.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Until its end.
    pub time: Duration,
    /// What it writes to each of its outputs, in bytes.
    pub bytes: u64,
}

/// How often to look whether a program that has closed its output has ended.
const GLANCE: Duration = Duration::from_millis(5);

/// Why there is no output.
#[derive(Debug)]
pub enum Trouble {
    /// It could not begin.
    Never(io::Error),
    /// It took longer.
    TooLong(Duration),
    /// It said more, in bytes.
    TooMuch(u64),
    /// Its end cannot be seen.
    Lost(io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(error) => write!(
                f,
                "could not begin: {error}; the program has to be executable on this machine"
            ),
            Self::TooLong(limit) => write!(f, "was stopped after {limit:?}"),
            Self::TooMuch(most) => write!(f, "said more than {most} bytes and was stopped"),
            Self::Lost(error) => write!(f, "was lost: {error}"),
        }
    }
}

/// Runs `program` without a shell and without input, in the folder of this process. It is not looked
/// for in `$PATH`.
pub fn run(program: &Path, arguments: &[&str], limit: Limit) -> Result<Output, Trouble> {
    let mut child = Command::new(std::path::absolute(program).map_err(Trouble::Never)?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Trouble::Never)?;
    let output = output(&mut child, Instant::now() + limit.time, limit);
    if output.is_err() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
        let _ = child.wait();
    }
    output
}

fn output(child: &mut Child, end: Instant, limit: Limit) -> Result<Output, Trouble> {
    let stdout = reader(child.stdout.take(), limit.bytes);
    let stderr = reader(child.stderr.take(), limit.bytes);
    let read = |from: mpsc::Receiver<Vec<u8>>| {
        let left = end.saturating_duration_since(Instant::now());
        let text = from
            .recv_timeout(left)
            .map_err(|_| Trouble::TooLong(limit.time))?;
        match text.len() as u64 > limit.bytes {
            true => Err(Trouble::TooMuch(limit.bytes)),
            false => Ok(text),
        }
    };
    let (stdout, stderr) = (read(stdout)?, read(stderr)?);
    let status = waited(child, end).ok_or(Trouble::TooLong(limit.time))?;
    Ok(Output {
        status: status.map_err(Trouble::Lost)?,
        stdout,
        stderr,
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

/// Reads a pipe to its end, or one byte too far, beside the other, so that neither fills up.
fn reader(pipe: Option<impl Read + Send + 'static>, most: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        // What could be read until then is all there is.
        let _ = pipe.map(|pipe| pipe.take(most + 1).read_to_end(&mut text));
        let _ = sender.send(text);
    });
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What comes of a script, and how long that took.
    fn told(script: &str, time: Duration) -> String {
        let limit = Limit { time, bytes: 1 << 20 };
        match run(Path::new("/bin/sh"), &["-c", script, "sh", "word"], limit) {
            Ok(output) => format!(
                "{} {}",
                output.status,
                String::from_utf8_lossy(&output.stdout).trim()
            ),
            Err(trouble) => trouble.to_string(),
        }
    }

    #[test]
    fn a_program_that_goes_on_is_stopped_whatever_it_does_with_its_output() {
        let begun = Instant::now();
        for script in [
            "sleep 60",
            "exec >&- 2>&-; sleep 60",
            "exec 2>&-; sleep 60",
            "sleep 60 & exit 0",
        ] {
            assert_eq!(
                told(script, Duration::from_millis(100)),
                "was stopped after 100ms",
                "{script}"
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_program_that_talks_for_ever_is_stopped() {
        let long = Duration::from_secs(60);
        assert_eq!(
            told("exec yes", long),
            "said more than 1048576 bytes and was stopped"
        );
        assert_eq!(
            told("exec yes >&2", long),
            "said more than 1048576 bytes and was stopped"
        );
        assert_eq!(told("echo \"$1\"; exit 3", long), "exit status: 3 word");
    }
}
