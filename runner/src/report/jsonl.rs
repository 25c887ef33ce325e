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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::recordings;

    #[test]
    fn every_line_is_the_event_and_reads_back_as_it() {
        for events in [recordings::good(), recordings::troubled()] {
            let mut lines = JsonLines::new(Vec::new());
            recordings::play(&events, &mut lines);
            let text = String::from_utf8(lines.out).unwrap();
            let read: Vec<Event> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(read, events);
        }
    }

    #[test]
    fn the_format_is_what_others_have_been_told() {
        let mut lines = JsonLines::new(Vec::new());
        recordings::play(&recordings::troubled()[..9], &mut lines);
        insta::assert_snapshot!(String::from_utf8(lines.out).unwrap());
    }
}
