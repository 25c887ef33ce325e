//! Lines that stand further left than YAML 1.2 lets them.
//!
//! In `{...}`, `[...]` and quoted text PyYAML minds no indentation, and playbooks rely on that:
//!
//! ```yaml
//! - debug: {
//!     msg: hello
//! }
//! ```
//!
//! The parser does mind. There it means nothing how far a line stands to the right, so the lines the
//! parser refuses are handed to it indented far enough.

use std::borrow::Cow;

use saphyr_parser::{Parser, ScanError};

/// Further to the right than anybody writes.
const MARGIN: usize = 256;
/// With each line that is moved the text is read again from its beginning: as many bytes in all.
const MOST_WORK: usize = 32 * 1024 * 1024;

/// A text as the parser takes it.
pub(super) struct Indented<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where the parser finds moved lines to begin, in characters, in order.
    moved: Vec<usize>,
}

/// What the parser says of a line that stands too far left.
const REFUSED: &str = "invalid indentation";
const REFUSED_IN_BRACKETS: &str = "invalid indentation in flow construct";
const REFUSED_IN_QUOTES: &str = "invalid indentation in quoted scalar";

/// Whether the fault is where a line begins, in brackets or quotes.
pub(super) fn refuses(error: &ScanError) -> bool {
    [REFUSED, REFUSED_IN_BRACKETS, REFUSED_IN_QUOTES].contains(&error.info())
}

impl<'a> Indented<'a> {
    /// The text as it is.
    pub(super) fn not(written: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(written),
            moved: Vec::new(),
        }
    }

    /// The text with every line that the parser would refuse moved to the right.
    pub(super) fn of(written: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut indented = Self::not(written);
        let mut work = 0;
        while let Some(line) = indented.refused_line(written, &lines) {
            work += indented.text.len();
            if work > MOST_WORK {
                // The parser says what is wrong with it.
                return Self::not(written);
            }
            let at = lines.partition_point(|moved| *moved < line);
            lines.insert(at, line);
            indented = Self::moving(written, &lines);
        }
        indented
    }

    /// The text with these lines, counted from 0, moved to the right.
    fn moving(written: &'a str, lines: &[usize]) -> Self {
        let mut text = String::with_capacity(written.len() + MARGIN * lines.len());
        let mut moved = Vec::with_capacity(lines.len());
        let mut characters = 0;
        for (number, line) in written.split_inclusive('\n').enumerate() {
            if lines.binary_search(&number).is_ok() {
                moved.push(characters);
                text.extend(std::iter::repeat_n(' ', MARGIN));
                characters += MARGIN;
            }
            text.push_str(line);
            characters += line.chars().count();
        }
        Self {
            text: Cow::Owned(text),
            moved,
        }
    }

    /// The character as it was written, of one that the parser found.
    pub(super) fn written(&self, found: usize) -> usize {
        let before = self.moved.partition_point(|start| *start <= found);
        let Some(last) = before.checked_sub(1).map(|index| self.moved[index]) else {
            return found;
        };
        let into_margin = (found - last).min(MARGIN);
        found - into_margin - (before - 1) * MARGIN
    }

    /// The next line that the parser refuses for where it begins.
    fn refused_line(&self, written: &str, moved: &[usize]) -> Option<usize> {
        let error = Parser::new_from_str(&self.text).find_map(Result::err)?;
        let line = error.marker().line().checked_sub(1)?;
        match error.info() {
            REFUSED | REFUSED_IN_BRACKETS => (!moved.contains(&line)).then_some(line),
            REFUSED_IN_QUOTES => next_line_of_text(written, moved, &error),
            _ => None,
        }
    }
}

/// The parser says where the quoted text begins, not which of its lines it minds: one after the other.
fn next_line_of_text(written: &str, moved: &[usize], error: &ScanError) -> Option<usize> {
    let begins = error.marker().line();
    let lines = written.lines().enumerate().skip(begins);
    let mut candidates = lines.filter(|(number, line)| !line.trim().is_empty() && !moved.contains(number));
    candidates.next().map(|(number, _)| number)
}
