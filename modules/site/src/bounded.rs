//! A program of this machine that gets so much time and may say so much.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What it writes may be so long, in bytes.
const MOST: u64 = 1 << 20;
/// How often to look whether a program that has closed its output has ended.
const GLANCE: Duration = Duration::from_millis(5);

/// Why there is no output.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It could not begin.
    Never(std::io::Error),
    TooLong(Duration),
    TooMuch,
    /// Its end cannot be seen.
    Lost(std::io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(error) => write!(
                f,
                "could not begin: {error}; the program has to be executable on this machine"
            ),
            Self::TooLong(limit) => write!(f, "was stopped after {limit:?}"),
            Self::TooMuch => write!(f, "said more than {MOST} bytes and was stopped"),
            Self::Lost(error) => write!(f, "was lost: {error}"),
        }
    }
}

/// What `PROGRAM WORD` comes to, which gets no input.
pub(crate) fn run(program: &Path, word: &str, limit: Duration) -> Result<Output, Trouble> {
    let mut child = Command::new(program)
        .arg(word)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Trouble::Never)?;
    let end = Instant::now() + limit;
    let output = output(&mut child, end, limit);
    if output.is_err() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
        let _ = child.wait();
    }
    output
}

fn output(child: &mut Child, end: Instant, limit: Duration) -> Result<Output, Trouble> {
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let read = |from: mpsc::Receiver<Vec<u8>>| {
        let left = end.saturating_duration_since(Instant::now());
        let text = from.recv_timeout(left).map_err(|_| Trouble::TooLong(limit))?;
        match text.len() as u64 > MOST {
            true => Err(Trouble::TooMuch),
            false => Ok(text),
        }
    };
    let (stdout, stderr) = (read(stdout)?, read(stderr)?);
    let status = waited(child, end).ok_or(Trouble::TooLong(limit))?;
    Ok(Output {
        status: status.map_err(Trouble::Lost)?,
        stdout,
        stderr,
    })
}

/// How it ended; `None` where it goes on, though it has closed its output.
fn waited(child: &mut Child, end: Instant) -> Option<std::io::Result<ExitStatus>> {
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
fn reader(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        // What could be read until then is all there is.
        let _ = pipe.map(|pipe| pipe.take(MOST + 1).read_to_end(&mut text));
        let _ = sender.send(text);
    });
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What comes of a script, and how long that took.
    fn told(script: &str, limit: Duration) -> String {
        let folder = std::env::temp_dir().join(format!("cutover-bounded-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join(script.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
        let told = match run(&program, "describe", limit) {
            Ok(output) => format!(
                "{} {}",
                output.status,
                String::from_utf8_lossy(&output.stdout).trim()
            ),
            Err(trouble) => trouble.to_string(),
        };
        let _ = std::fs::remove_file(program);
        told
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
        assert_eq!(told("echo \"$1\"; exit 3", long), "exit status: 3 describe");
    }
}
