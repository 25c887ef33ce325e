//! YAML as PyYAML writes it.

use serde_json::Value as Json;

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

/// Whether text can be written without quotes, as PyYAML decides it for a block.
fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let (Some(first), Some(last)) = (characters.next(), text.chars().last()) else {
        return false;
    };
    let second_blank = characters.next().is_none_or(char::is_whitespace);
    let begins_badly = "#,[]{}&*!|>'\"%@`".contains(first) || "-?:".contains(first) && second_blank;
    !begins_badly
        && !text.starts_with("---")
        && !text.starts_with("...")
        && first != ' '
        && last != ' '
        && !text.contains('\n')
        && !text.contains(": ")
        && !text.contains(" #")
        && last != ':'
        && !is_other_type(text)
}

/// Whether YAML 1.1 reads it as something other than text.
fn is_other_type(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "yes", "no", "true", "false", "on", "off", "null", "~", "=", "<<", ".nan",
    ];
    let lower = text.to_lowercase();
    let is_word = WORDS.contains(&lower.as_str())
        && (lower == text || text == text.to_uppercase() || is_capitalized(text));
    is_word || is_number(text) || is_date(text)
}

fn is_capitalized(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(char::is_uppercase) && characters.all(|next| !next.is_uppercase())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |text: &str, fits: fn(char) -> bool| {
        !text.is_empty() && text.chars().all(|next| next == '_' || fits(next))
    };
    let decimal = |next: char| next.is_ascii_digit();
    if matches!(digits.to_lowercase().as_str(), ".inf") {
        return true;
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return all(hex, |next| next.is_ascii_hexdigit());
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return all(binary, |next| matches!(next, '0' | '1'));
    }
    if let Some((hours, rest)) = digits.split_once(':') {
        let parts = rest
            .split(':')
            .map(|part| part.split('.').next().unwrap_or_default());
        let small = |part: &str| part.len() <= 2 && all(part, |next| next.is_ascii_digit()) && part < "60";
        return !hours.starts_with('0') && all(hours, decimal) && parts.into_iter().all(small);
    }
    if digits.len() > 1 && digits.starts_with('0') && all(digits, decimal) {
        return digits.chars().all(|next| matches!(next, '0'..='7' | '_'));
    }
    if all(digits, decimal) {
        return digits.starts_with(|next: char| next.is_ascii_digit());
    }
    let Some((whole, rest)) = digits.split_once('.') else {
        return false;
    };
    let (fraction, exponent) = rest
        .split_once(['e', 'E'])
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    let sound = exponent.is_none_or(|exponent| {
        exponent.starts_with(['-', '+']) && all(&exponent[1..], |next| next.is_ascii_digit())
    });
    let begins =
        whole.starts_with(|next: char| next.is_ascii_digit()) || whole.is_empty() && !fraction.is_empty();
    begins
        && sound
        && (whole.is_empty() || all(whole, decimal))
        && (fraction.is_empty() || all(fraction, decimal))
}

/// `2024-01-01`, and longer forms with a time.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &&str| part.chars().all(|next| next.is_ascii_digit());
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_date = parts.iter().all(digits) && matches!(sizes.as_slice(), [4, 1..=2, 1..=2]);
    let exact = sizes == [4, 2, 2];
    is_date && (exact && date.len() == text.len() || text.len() > date.len() && text.contains(':'))
}
