//! Python's regular expressions, and text that may be in no known encoding.

use cutover_kit::Failure;
use fancy_regex::{Captures, Regex};

use super::misfit;

/// A pattern as Python means it.
pub(super) fn regex(name: &str, pattern: &str, flags: &str) -> Result<Regex, Failure> {
    let lines = flags.contains('m') || pattern.starts_with("(?") && inline_flags(pattern).contains('m');
    let flags = if flags.is_empty() {
        String::new()
    } else {
        format!("(?{flags})")
    };
    Regex::new(&format!("{flags}{}", translated(pattern, lines)))
        .map_err(|error| misfit(format!("{name}: `{pattern}` is no regular expression: {error}")))
}

fn inline_flags(pattern: &str) -> &str {
    let end = pattern.find([')', ':']).unwrap_or(pattern.len());
    &pattern[2.min(end)..end]
}

/// `\Z` is the very end, and `$` is also before a line end there.
fn translated(pattern: &str, lines: bool) -> String {
    let mut out = String::new();
    let mut class = false;
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('Z') if !class => out.push_str(r"\z"),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            '[' if class => out.push_str(r"\["),
            '[' => {
                class = true;
                out.push('[');
            }
            ']' => {
                class = false;
                out.push(']');
            }
            '$' if !class && !lines => out.push_str(r"(?=\n?\z)"),
            c => out.push(c),
        }
    }
    out
}

/// What `\1`, `\g<name>` and the like in `template` stand for.
pub(super) fn expand(template: &str, found: &Captures<'_, str>) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(next) = rest.chars().next() else {
            return Err(misfit(format!("`{template}` ends with a backslash")));
        };
        if let Some(name) = rest.strip_prefix("g<").and_then(|rest| rest.split('>').next()) {
            out.push_str(group(name, template, found)?);
            rest = &rest[name.len() + 3..];
        } else if next.is_ascii_digit() && next != '0' {
            let more = rest[1..].starts_with(|c: char| c.is_ascii_digit());
            let digits = &rest[..if more { 2 } else { 1 }];
            out.push_str(group(digits, template, found)?);
            rest = &rest[digits.len()..];
        } else {
            match next {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '\\' => out.push('\\'),
                other => out.extend(['\\', other]),
            }
            rest = &rest[next.len_utf8()..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn group<'t>(name: &str, template: &str, found: &Captures<'t, str>) -> Result<&'t str, Failure> {
    let group = match name.parse::<usize>() {
        Ok(number) if number < found.len() => found.get(number),
        Ok(number) => {
            return Err(misfit(format!(
                "`{template}` names group {number}, which there is not"
            )));
        }
        Err(_) => found.name(name),
    };
    Ok(group.map_or("", |group| group.as_str()))
}

/// A regular expression that took too long.
pub(super) fn gave_up(error: &fancy_regex::Error) -> Failure {
    misfit(format!("the regular expression gave up: {error}"))
}

/// Text, or bytes in no known encoding: each is a character then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Utf8,
    Bytes,
}

impl Coding {
    /// The text of bytes, and how they are coded.
    pub(super) fn read(bytes: &[u8]) -> (String, Self) {
        match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), Self::Utf8),
            Err(_) => (bytes.iter().map(|byte| char::from(*byte)).collect(), Self::Bytes),
        }
    }

    /// A text of the playbook as it stands among the others.
    pub(super) fn own(self, text: &str) -> String {
        match self {
            Self::Utf8 => text.to_owned(),
            Self::Bytes => text.bytes().map(char::from).collect(),
        }
    }

    /// The bytes of a text.
    pub(super) fn write(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Bytes => text.chars().filter_map(|c| u8::try_from(c).ok()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_to_python() {
        let found = |pattern: &str, flags: &str, text: &str| {
            let regex = regex("regexp", pattern, flags).unwrap();
            regex.find(text).unwrap().map(|found| found.range())
        };
        assert_eq!(found("b$", "", "ab\n"), Some(1..2));
        assert_eq!(found("b$", "", "b\na"), None);
        assert_eq!(found("b$", "m", "b\na"), Some(0..1));
        assert_eq!(found(r"b\Z", "", "ab\n"), None);
        assert_eq!(found("[$]x", "", "$x"), Some(0..2));
        assert_eq!(found("[[]x", "", "[x"), Some(0..2));
        assert_eq!(found("(?<=a)b(?!c)", "", "abcab"), Some(4..5));
    }

    #[test]
    fn groups_are_filled_in() {
        let pattern = regex("regexp", r"(?P<key>\w+)=(\w+)", "").unwrap();
        let found = pattern.captures("port=80").unwrap().unwrap();
        assert_eq!(
            expand(r"\2 is \g<key>\g<1>\n", &found).unwrap(),
            "80 is portport\n"
        );
        assert!(expand(r"\3", &found).is_err());
    }

    #[test]
    fn bytes_stay_what_they_are() {
        let latin = [b'a', 0xe9, b'\n'];
        let (text, coding) = Coding::read(&latin);
        assert_eq!(coding.write(&text), latin);
        assert_eq!(coding.write(&coding.own("é")), "é".as_bytes());
    }
}
