//! YAML as PyYAML writes it.

use serde_json::Value as Json;

use super::plain::is_plain;

/// How it is written.
pub(super) struct Style {
    /// Blanks for each level.
    pub(super) indent: usize,
    /// Keys in order of the alphabet.
    pub(super) sorted: bool,
    /// What goes on one line.
    pub(super) flow: Flow,
    /// Text is folded at blanks beyond this column.
    pub(super) width: usize,
    /// Text of several lines stands below a `|`, line by line.
    pub(super) literal: bool,
    /// Such text loses what would need quotes.
    pub(super) legible: bool,
}

/// Which lists and mappings go on one line, in brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Those without lists or mappings in them.
    Leaves,
    /// Empty ones only.
    Nothing,
    /// All.
    All,
}

impl Style {
    /// `to_yaml`.
    pub(super) fn leaves(indent: usize) -> Self {
        Self {
            indent,
            sorted: true,
            flow: Flow::Leaves,
            width: 80,
            literal: false,
            legible: false,
        }
    }

    /// `to_nice_yaml`.
    pub(super) fn block(indent: usize) -> Self {
        Self {
            flow: Flow::Nothing,
            ..Self::leaves(indent)
        }
    }

    fn is_flow(&self, value: &Json) -> bool {
        let leaf = |value: &Json| !value.is_array() && !value.is_object();
        let (is_empty, has_leaves) = match value {
            Json::Array(items) => (items.is_empty(), items.iter().all(leaf)),
            Json::Object(map) => (map.is_empty(), map.values().all(leaf)),
            _ => return true,
        };
        is_empty || self.flow == Flow::All || self.flow == Flow::Leaves && has_leaves
    }
}

/// The value as a document that ends in a line end.
pub(super) fn write(value: &Json, style: &Style) -> String {
    let mut sorted = value.clone();
    if style.sorted {
        sorted.sort_all_objects();
    }
    let mut writer = Writer {
        out: String::new(),
        style,
    };
    if style.is_flow(&sorted) {
        writer.flow(&sorted, 0);
    } else {
        writer.block(&sorted, 0, true);
    }
    writer.out + "\n"
}

/// A result for people, as Ansible's screen shows it where `result_format` is `yaml`, with `indent` blanks
/// for each level. Where it is `pretty`, text of several lines loses what YAML could only write in
/// quotes: blanks at the ends of lines, line ends at its end, tabs, control characters.
pub fn screen(value: &Json, indent: usize, pretty: bool) -> String {
    let style = Style {
        literal: true,
        legible: pretty,
        ..Style::block(indent)
    };
    write(value, &style)
}

/// Text that may stand below a `|`.
fn legible(text: &str) -> String {
    let lines = text.trim_end().split('\n').map(|line| {
        let line: String = without_tabs(line)
            .chars()
            .filter(|next| !next.is_control())
            .collect();
        line.trim_end_matches(' ').to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Every tab as blanks, up to the next eighth column.
fn without_tabs(line: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for next in line.chars() {
        let width = if next == '\t' { 8 - column % 8 } else { 1 };
        match next {
            '\t' => out.push_str(&" ".repeat(width)),
            other => out.push(other),
        }
        column += width;
    }
    out
}

struct Writer<'a> {
    out: String,
    style: &'a Style,
}

impl Writer<'_> {
    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }

    /// A list or mapping on lines of its own; `begun` where the first of them is.
    fn block(&mut self, value: &Json, level: usize, begun: bool) {
        let mut first = begun;
        let mut line = |writer: &mut Self| {
            if !std::mem::take(&mut first) {
                writer.out.push('\n');
                writer.out.push_str(&" ".repeat(level));
            }
        };
        match value {
            Json::Array(items) => {
                for item in items {
                    line(self);
                    self.out.push('-');
                    match self.style.is_flow(item) {
                        true => {
                            self.out.push(' ');
                            self.flow(item, level + self.style.indent);
                        }
                        // The first line of what is in a list goes after its dash.
                        false => {
                            self.out.push_str(&" ".repeat(self.style.indent - 1));
                            self.block(item, level + self.style.indent, true);
                        }
                    }
                }
            }
            Json::Object(map) => {
                for (key, item) in map {
                    line(self);
                    self.scalar(key, level, true);
                    self.out.push(':');
                    if self.style.is_flow(item) {
                        self.out.push(' ');
                        self.flow(item, level + self.style.indent);
                    } else if item.is_array() {
                        // A list under a key is not indented.
                        self.block(item, level, false);
                    } else {
                        self.block(item, level + self.style.indent, false);
                    }
                }
            }
            _ => {}
        }
    }

    fn flow(&mut self, value: &Json, level: usize) {
        match value {
            Json::Null => self.out.push_str("null"),
            Json::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Json::Number(number) => self.out.push_str(&shown(number)),
            Json::String(text) => self.scalar(text, level, false),
            Json::Array(items) => {
                self.out.push('[');
                for (count, item) in items.iter().enumerate() {
                    self.comma(count, level);
                    self.flow(item, level + self.style.indent);
                }
                self.out.push(']');
            }
            Json::Object(map) => {
                self.out.push('{');
                for (count, (key, item)) in map.iter().enumerate() {
                    self.comma(count, level);
                    self.scalar(key, level, true);
                    self.out.push_str(": ");
                    self.flow(item, level + self.style.indent);
                }
                self.out.push('}');
            }
        }
    }

    /// Between members on one line, which goes on below where it is full.
    fn comma(&mut self, count: usize, level: usize) {
        if count > 0 {
            self.out.push(',');
        }
        if self.column() > self.style.width {
            self.out.push('\n');
            self.out.push_str(&" ".repeat(level.max(self.style.indent)));
        } else if count > 0 {
            self.out.push(' ');
        }
    }

    /// Plain where it reads back as the same text, else in quotes.
    fn scalar(&mut self, text: &str, level: usize, is_key: bool) {
        let special = |next: char| next.is_control() && next != '\n' || next == '\u{feff}';
        if self.style.literal && !is_key && text.contains('\n') {
            let text = match self.style.legible {
                true => legible(text),
                false => text.to_owned(),
            };
            let ragged = text.contains(" \n") || text.ends_with(' ');
            if !text.contains(special) && !ragged && !text.trim().is_empty() {
                return self.literal(&text, level);
            }
        }
        if text.contains(special) || is_key && text.contains('\n') || has_ragged_lines(text) {
            // JSON's escapes are among those of double quotes.
            let quoted = Json::from(text).to_string();
            return self.out.push_str(&quoted);
        }
        match is_plain(text) {
            true => self.folded(text, level, is_key),
            false => {
                self.out.push('\'');
                self.folded(&text.replace('\'', "''"), level, is_key);
                self.out.push('\'');
            }
        }
    }

    /// Line by line below a `|`, which says how many line ends there are at the end.
    fn literal(&mut self, text: &str, level: usize) {
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push_str(&self.style.indent.to_string());
        }
        self.out.push_str(match text.strip_suffix('\n') {
            None => "-",
            Some(rest) if rest.ends_with('\n') => "+",
            Some(_) => "",
        });
        let pad = " ".repeat(level);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.push_str(&pad);
                self.out.push_str(line);
            }
        }
    }

    /// Text whose lines may be broken at single blanks beyond the width, and
    /// whose line ends are written twice.
    fn folded(&mut self, text: &str, level: usize, is_key: bool) {
        let pad = " ".repeat(level);
        let characters: Vec<char> = text.chars().collect();
        let mut column = self.column();
        for (at, next) in characters.iter().enumerate() {
            let near = |other: Option<&char>| other.is_some_and(|other| *other == ' ' || *other == '\n');
            let before = at.checked_sub(1).and_then(|at| characters.get(at));
            let after = characters.get(at + 1);
            match next {
                '\n' => {
                    let first = before != Some(&'\n');
                    self.out.push_str(if first { "\n\n" } else { "\n" });
                    if after != Some(&'\n') {
                        self.out.push_str(&pad);
                        column = level;
                    }
                }
                ' ' if !is_key
                    && column > self.style.width
                    && before.is_some()
                    && after.is_some()
                    && !near(before)
                    && !near(after) =>
                {
                    self.out.push('\n');
                    self.out.push_str(&pad);
                    column = level;
                }
                _ => {
                    self.out.push(*next);
                    column += 1;
                }
            }
        }
    }
}

/// Blanks beside a line end do not survive in single quotes.
fn has_ragged_lines(text: &str) -> bool {
    text.contains(" \n") || text.contains("\n ")
}

/// A float always has a dot: `1.0e+20`.
fn shown(number: &serde_json::Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    let text = crate::template::python::text(&minijinja::Value::from(float));
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    }
}
