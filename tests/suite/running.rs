//! A command that runs while the test goes on.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output};

use crate::support::{Ended, Place};

/// A command that is running.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    said: Vec<u8>,
}

impl Running {
    pub(crate) fn of(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
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
        loop {
            let start = self.said.len();
            let read = self.out.read_until(b'\n', &mut self.said).unwrap();
            let all = String::from_utf8_lossy(&self.said);
            assert_ne!(read, 0, "it ended before `{text}`:\n{all}");
            if String::from_utf8_lossy(&self.said[start..]).contains(text) {
                return;
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
    pub(crate) fn end(mut self, place: &Place) -> (Option<i32>, Ended) {
        self.out.read_to_end(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let output = Output {
            stdout: self.said,
            ..output
        };
        (output.status.code(), Ended::of(place, &output))
    }
}
