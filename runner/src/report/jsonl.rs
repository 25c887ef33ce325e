//! `--events FILE|-`: every event as one line of JSON, as it happens.

use std::io::{self, Write};

use crate::bus::Sink;
use crate::event::Event;

/// Writes each event's JSON on a line of its own and flushes it, so that a
/// reader at the other end of a pipe sees it at once.
pub struct JsonLines<W> {
    out: W,
}

impl<W: Write + Send> JsonLines<W> {
    /// Lines to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Sink for JsonLines<W> {
    fn take(&mut self, _: &Event, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }
}
