//! The script's output, cut at its marks.

/// What a mark begins with.
const MARK: &str = "@@cutover ";

/// Named parts of the output, in order.
#[derive(Debug, Default)]
pub(super) struct Sections<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Sections<'a> {
    /// The sections of `text`; lines before the first mark are nobody's.
    pub(super) fn read(text: &'a str) -> Self {
        let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix(MARK), sections.last_mut()) {
                (Some(name), _) => sections.push((name, Vec::new())),
                (None, Some((_, lines))) => lines.push(line),
                (None, None) => {}
            }
        }
        Self(sections)
    }

    /// Whether the script came to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.0.last().is_some_and(|(name, _)| *name == "end")
    }

    /// The lines of a section; none where it is not there.
    pub(super) fn lines(&self, name: &str) -> &[&'a str] {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or(&[], |(_, lines)| lines)
    }

    /// The first line of a section, trimmed, where it says something.
    pub(super) fn line(&self, name: &str) -> Option<&'a str> {
        self.nth(name, 0)
    }

    /// A line of a section by its number, trimmed, where it says something.
    pub(super) fn nth(&self, name: &str, number: usize) -> Option<&'a str> {
        let line = self.lines(name).get(number).map(|line| line.trim());
        line.filter(|line| !line.is_empty())
    }

    /// The value of `key` in a section of `key SEPARATOR value` lines, without its quotes.
    pub(super) fn value(&self, name: &str, separator: char, key: &str) -> Option<&'a str> {
        let pairs = self
            .lines(name)
            .iter()
            .filter_map(|line| line.split_once(separator));
        let mut value = pairs
            .filter(|(known, _)| known.trim() == key)
            .map(|(_, value)| unquoted(value.trim()));
        value.rfind(|value| !value.is_empty())
    }

    /// All sections whose name begins so, by the rest of their names.
    pub(super) fn all<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'a str, &'s [&'a str])> {
        let named = self.0.iter();
        named.filter_map(move |(name, lines)| Some((name.strip_prefix(prefix)?, &lines[..])))
    }
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}
