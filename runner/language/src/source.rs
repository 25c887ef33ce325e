//! Texts and the places in them.
//!
//! Every node, fault and variable remembers where it was written, so a message
//! can show the line and a report can say which file decided.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// One text that was read: a file, an argument of the command line, an answer.
pub struct Source {
    path: String,
    text: String,
    /// Byte offset of the first character of each line.
    lines: Vec<usize>,
    sealed: bool,
}

impl Source {
    /// The text known as `path`, which is shown in messages as it is given here.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self::of(path.into(), text.into()))
    }

    /// The clear text of a file that is encrypted as a whole.
    pub fn sealed(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            sealed: true,
            ..Self::of(path.into(), text.into())
        })
    }

    /// The same file with another text, which is as secret.
    pub(crate) fn with_text(&self, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            sealed: self.sealed,
            ..Self::of(self.path.clone(), text.into())
        })
    }

    fn of(path: String, text: String) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            path,
            text,
            lines,
            sealed: false,
        }
    }

    /// What the text is known as.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it stands encrypted on the disk: no line of it is shown, and texts in it are secrets
    /// as [`secrecy`](crate::secrecy) says.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// Line `number` (from 1) without its end; empty past the end.
    pub fn line(&self, number: usize) -> &str {
        let range = self.line_range(number);
        self.text[range].trim_end_matches(['\n', '\r'])
    }

    /// The bytes of line `number` (from 1), its end included.
    pub(crate) fn line_range(&self, number: usize) -> Range<usize> {
        let end = self.text.len();
        let start = self.lines.get(number.saturating_sub(1)).copied().unwrap_or(end);
        start..self.lines.get(number).copied().unwrap_or(end)
    }

    /// The place of the given bytes, which must lie on character boundaries.
    pub fn place(self: &Arc<Self>, bytes: Range<usize>) -> Place {
        let start = bytes.start.min(self.text.len());
        let end = bytes.end.clamp(start, self.text.len());
        let line = self.lines.partition_point(|&first| first <= start);
        let column = self.text[self.lines[line - 1]..start].chars().count() + 1;
        Place {
            source: Arc::clone(self),
            line,
            column,
            length: self.text[start..end].chars().count(),
        }
    }
}

/// The path only: a text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.path)
    }
}

/// Some characters of a source.
#[derive(Clone)]
pub struct Place {
    /// The text it is in.
    pub source: Arc<Source>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters; line ends count as one each.
    pub length: usize,
}

impl Place {
    /// The bytes of the source that this place covers.
    pub fn bytes(&self) -> Range<usize> {
        let text = self.source.text();
        let line = self.source.line_range(self.line).start;
        let start = line + skip(&text[line..], self.column - 1);
        start..start + skip(&text[start..], self.length)
    }

    /// The characters that stand here.
    pub fn text(&self) -> &str {
        &self.source.text()[self.bytes()]
    }

    /// The same start, with at most the rest of its first line.
    pub fn first_line(&self) -> Place {
        let text = self.text();
        let first = text.split(['\n', '\r']).next().unwrap_or_default();
        Place {
            length: first.trim_end().chars().count(),
            ..self.clone()
        }
    }
}

/// How many bytes the first `characters` of `text` take.
fn skip(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at)
}

/// The same characters of the same path; the text itself is not compared.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        (self.source.path(), self.line, self.column, self.length)
            == (other.source.path(), other.line, other.column, other.length)
    }
}

/// `path:line:column`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source.path(), self.line, self.column)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}+{}", self.length)
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

impl<T> Located<T> {
    /// `value`, written at `place`.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// Another value at the same place.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Located<U> {
        Located::new(make(self.value), self.place)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_finds_its_text_again() {
        let source = Source::new("a.yml", "größe: 1\nnächste: zwei\n");
        let at = source.text().find("zwei").unwrap();
        let place = source.place(at..at + 4);
        assert_eq!(format!("{place:?}"), "a.yml:2:10+4");
        assert_eq!(place.text(), "zwei");
        assert_eq!(source.line(2), "nächste: zwei");
        assert_eq!(source.line(9), "");
    }

    #[test]
    fn the_end_of_a_text_is_a_place_too() {
        let source = Source::new("a.yml", "x\n");
        assert_eq!(source.place(2..2).to_string(), "a.yml:2:1");
        assert_eq!(Source::new("b", "").place(0..5).to_string(), "b:1:1");
    }
}
