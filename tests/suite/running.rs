//! A command that runs while the test goes on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::support::{Ended, Place};

/// Longer than anything here takes, on a slow machine too.
const LIMIT: Duration = Duration::from_secs(180);

/// How often to look for a file.
const GLANCE: Duration = Duration::from_millis(10);

/// A command that is running.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<Vec<u8>>,
    said: Vec<u8>,
}

impl Running {
    pub(crate) fn of(mut child: Child) -> Self {
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while out.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                if send.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// What it has said so far.
    pub(crate) fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.said).into_owned()
    }

    /// Reads until a line that holds `text`.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) {
        let start = Instant::now();
        loop {
            let Some(line) = self.line(start) else {
                panic!("it ended before `{text}`:\n{}", self.so_far());
            };
            if String::from_utf8_lossy(&line).contains(text) {
                return;
            }
        }
    }

    /// Reads until this file is there.
    #[track_caller]
    pub(crate) fn until_there(&mut self, file: &Path) {
        let start = Instant::now();
        while !file.exists() {
            assert!(
                start.elapsed() < LIMIT,
                "no {}:\n{}",
                file.display(),
                self.so_far()
            );
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => self.said.extend(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended before {} was there:\n{}", file.display(), self.so_far())
                }
            }
        }
    }

    /// The next line, which must come within the limit from `start`; none at the end.
    #[track_caller]
    fn line(&mut self, start: Instant) -> Option<Vec<u8>> {
        match self.lines.recv_timeout(LIMIT.saturating_sub(start.elapsed())) {
            Ok(line) => {
                self.said.extend(&line);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                // It may hold what other tests wait for.
                let _ = self.child.kill();
                panic!("it is silent, and has not ended:\n{}", self.so_far());
            }
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Another signal.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status();
        assert!(told.unwrap().success());
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self, place: &Place) -> (Option<i32>, Ended) {
        let start = Instant::now();
        while self.line(start).is_some() {}
        let output = self.child.wait_with_output().unwrap();
        let output = Output {
            stdout: self.said,
            ..output
        };
        (output.status.code(), Ended::of(place, &output))
    }
}
