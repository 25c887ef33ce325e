//! The two pagers: A between the pages of long answers, B for files.

/// Shown by pager A, in bold.
pub(crate) const MORE: &[u8] =
    b"\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m";
/// Wipes that line away.
pub(crate) const WIPE: &[u8] = b"\r\x1b[K";

/// Lines of a page of pager B.
const PAGE: usize = 20;

/// What a key does in pager A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Lines(usize),
    Quit,
    Nothing,
}

/// Reads a key of pager A.
pub(crate) fn key(byte: u8, rows: usize) -> Key {
    match byte {
        b'\r' | b'\n' => Key::Lines(1),
        b' ' => Key::Lines(page(rows)),
        b'q' | b'Q' => Key::Quit,
        _ => Key::Nothing,
    }
}

/// Lines that fit above the pager's own.
pub(crate) fn page(rows: usize) -> usize {
    rows.saturating_sub(1).max(1)
}

/// Splits off the first lines of a text: what to show, and what is left.
pub(crate) fn split(text: &str, lines: usize) -> (&str, &str) {
    let end = text
        .match_indices('\n')
        .nth(lines.saturating_sub(1))
        .map_or(text.len(), |(at, _)| at + 1);
    text.split_at(end)
}

/// A file in pager B.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    lines: Vec<String>,
    first: usize,
}

impl View {
    pub(crate) fn new(lines: Vec<String>) -> View {
        View { lines, first: 0 }
    }

    /// The present page with the options below it.
    pub(crate) fn page(&self) -> String {
        let last = (self.first + PAGE).min(self.lines.len());
        let mut text = self.lines[self.first..last].join("\n");
        if last == self.lines.len() {
            text += "\n\nend of the file reached";
        }
        let (from, all) = (self.first + 1, self.lines.len());
        text += &format!(
            "\x1b[1m\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines {from} - {last} of {all}) : \x1b[0m"
        );
        text
    }

    /// Turns to another page; `None` for quit.
    pub(crate) fn key(mut self, byte: u8) -> Option<View> {
        let last_page = self.lines.len().saturating_sub(1) / PAGE * PAGE;
        self.first = match byte {
            b'q' => return None,
            b'n' => (self.first + PAGE).min(last_page),
            b'p' => self.first.saturating_sub(PAGE),
            b'b' => 0,
            b'e' => last_page,
            _ => self.first,
        };
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_after_whole_lines() {
        assert_eq!(split("a\nb\nc\n", 2), ("a\nb\n", "c\n"));
        assert_eq!(split("a\nb", 5), ("a\nb", ""));
    }

    #[test]
    fn a_file_is_turned_page_by_page() {
        let view = View::new((1..=45).map(|n| n.to_string()).collect());
        assert!(view.page().contains("(lines 1 - 20 of 45)"));
        let view = view.key(b'e').unwrap();
        assert!(view.page().contains("end of the file reached"));
        assert!(view.page().contains("(lines 41 - 45 of 45)"));
        let view = view.key(b'p').unwrap();
        assert!(view.page().contains("(lines 21 - 40 of 45)"));
        assert_eq!(view.key(b'q'), None);
    }
}
