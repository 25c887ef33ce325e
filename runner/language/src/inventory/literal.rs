//! Values of INI inventories: what Python would read as a literal is that, and
//! everything else is the text it is.

use std::sync::Arc;

use crate::source::{Located, Place};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// Literals nested deeper than this are text.
const MOST_LEVELS: usize = 64;

/// The value that `text`, written at `place`, stands for.
pub(super) fn value(text: &str, place: &Place) -> Node {
    let mut reader = Reader {
        rest: text.trim_start_matches([' ', '\t']),
        place,
        level: 0,
    };
    match reader.whole() {
        Some(kind) => Node::new(kind, place.clone()),
        None => Node::text(text, place.clone()),
    }
}

struct Reader<'a> {
    rest: &'a str,
    place: &'a Place,
    level: usize,
}

impl Reader<'_> {
    /// One value to the end; several with commas between them are a list.
    fn whole(&mut self) -> Option<Kind> {
        let first = self.value()?;
        let kind = match self.take(",") {
            false => first,
            true => {
                let first = self.node(first);
                self.members(vec![first], "")?
            }
        };
        self.skip();
        (self.rest.is_empty() || self.rest.starts_with('#')).then_some(kind)
    }

    fn value(&mut self) -> Option<Kind> {
        self.skip();
        self.level += 1;
        let kind = match self.rest.chars().next()? {
            _ if self.level > MOST_LEVELS => None,
            '[' => self.list("[", "]"),
            '(' => self.tuple(),
            '{' => self.braces(),
            '"' | '\'' => self.text().map(|text| Kind::Text(text.into())),
            '+' | '-' | '.' | '0'..='9' => self.number(),
            _ => self.word(),
        };
        self.level -= 1;
        kind
    }

    fn word(&mut self) -> Option<Kind> {
        let words = [
            ("True", Kind::Bool(true)),
            ("False", Kind::Bool(false)),
            ("None", Kind::Null),
        ];
        let (word, kind) = words.into_iter().find(|(word, _)| self.rest.starts_with(word))?;
        let after = &self.rest[word.len()..];
        if after.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return None;
        }
        self.rest = after;
        Some(kind)
    }

    fn number(&mut self) -> Option<Kind> {
        let sign_end = self.rest.len() - self.rest.trim_start_matches(['+', '-', ' ']).len();
        let (signs, digits) = self.rest.split_at(sign_end);
        let negative = signs.matches('-').count() % 2 == 1;
        let mut end = 0;
        let mut before = ' ';
        for next in digits.chars() {
            let exponent =
                matches!(before, 'e' | 'E') && !digits.starts_with("0x") && matches!(next, '+' | '-');
            if !(next.is_ascii_alphanumeric() || next == '_' || next == '.' || exponent) {
                break;
            }
            end += next.len_utf8();
            before = next;
        }
        let (digits, rest) = digits.split_at(end);
        let kind = number(digits, negative)?;
        self.rest = rest;
        Some(kind)
    }

    fn list(&mut self, open: &str, close: &str) -> Option<Kind> {
        self.take(open).then_some(())?;
        self.members(Vec::new(), close)
    }

    /// `(1, 2)` is a list, `(1)` is what is in it.
    fn tuple(&mut self) -> Option<Kind> {
        self.take("(").then_some(())?;
        if self.take(")") {
            return Some(Kind::Seq(Arc::default()));
        }
        let first = self.value()?;
        if self.take(")") {
            return Some(first);
        }
        self.take(",").then_some(())?;
        let first = self.node(first);
        self.members(vec![first], ")")
    }

    /// A mapping, or a set, which is a list.
    fn braces(&mut self) -> Option<Kind> {
        self.take("{").then_some(())?;
        if self.take("}") {
            return Some(Kind::Map(Arc::default()));
        }
        let first = self.value()?;
        if self.take(",") {
            let first = self.node(first);
            return self.members(vec![first], "}");
        }
        if self.take("}") {
            return Some(Kind::Seq([self.node(first)].into()));
        }
        let mut map = Mapping::default();
        let mut key = first;
        loop {
            self.take(":").then_some(())?;
            let value = self.value()?;
            map.insert(Entry {
                key: Located::new(key_text(&key)?, self.place.clone()),
                value: self.node(value),
            });
            let more = self.take(",");
            if self.take("}") {
                return Some(Kind::Map(Arc::new(map)));
            }
            more.then_some(())?;
            key = self.value()?;
        }
    }

    /// The members up to `close`, or to the end where that is nothing.
    fn members(&mut self, mut members: Vec<Node>, close: &str) -> Option<Kind> {
        loop {
            self.skip();
            let ended = match close {
                "" => self.rest.is_empty() || self.rest.starts_with('#'),
                close => self.take(close),
            };
            if ended {
                return Some(Kind::Seq(members.into()));
            }
            let member = self.value()?;
            members.push(self.node(member));
            if !self.take(",") {
                self.skip();
                let last = match close {
                    "" => self.rest.is_empty() || self.rest.starts_with('#'),
                    close => self.take(close),
                };
                return last.then(|| Kind::Seq(members.into()));
            }
        }
    }

    /// Text in quotes, and what follows it in quotes of its own.
    fn text(&mut self) -> Option<String> {
        let mut text = self.quoted()?;
        self.skip();
        while self.rest.starts_with(['"', '\'']) {
            text.push_str(&self.quoted()?);
            self.skip();
        }
        Some(text)
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let mut text = String::new();
        let mut rest = self.rest[1..].chars();
        loop {
            match rest.next()? {
                next if next == quote => break,
                '\\' => escape(&mut rest, &mut text)?,
                next => text.push(next),
            }
        }
        self.rest = rest.as_str();
        Some(text)
    }

    fn take(&mut self, text: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn node(&self, kind: Kind) -> Node {
        Node::new(kind, self.place.clone())
    }
}

/// What a key of a mapping is called.
fn key_text(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Int(number) => Some(number.to_string()),
        Kind::Bool(true) => Some("True".to_owned()),
        Kind::Bool(false) => Some("False".to_owned()),
        Kind::Null => Some("None".to_owned()),
        _ => None,
    }
}

fn number(digits: &str, negative: bool) -> Option<Kind> {
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let plain = digits.replace('_', "").to_ascii_lowercase();
    let sign = if negative { "-" } else { "" };
    let integer = |digits: &str, radix| i64::from_str_radix(&format!("{sign}{digits}"), radix).ok();
    let based = [("0x", 16), ("0o", 8), ("0b", 2)];
    if let Some((start, radix)) = based.into_iter().find(|(start, _)| plain.starts_with(start)) {
        return integer(&plain[start.len()..], radix).map(Kind::Int);
    }
    if plain.bytes().all(|digit| digit.is_ascii_digit()) {
        let octal = plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0');
        return if octal {
            None
        } else {
            integer(&plain, 10).map(Kind::Int)
        };
    }
    let float = plain.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && plain.bytes().any(|digit| digit.is_ascii_digit())
        && plain
            .bytes()
            .all(|next| next.is_ascii_digit() || b".e+-".contains(&next));
    let number: f64 = float.then(|| plain.parse().ok())??;
    Some(Kind::Float(if negative { -number } else { number }))
}

/// What follows a backslash.
fn escape(rest: &mut std::str::Chars<'_>, text: &mut String) -> Option<()> {
    let next = rest.next()?;
    let meant = match next {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '\\' | '"' | '\'' => next,
        'x' => hexadecimal(rest, 2)?,
        'u' => hexadecimal(rest, 4)?,
        'U' => hexadecimal(rest, 8)?,
        other => {
            text.push('\\');
            other
        }
    };
    text.push(meant);
    Some(())
}

/// The character with the number that the next `length` digits are.
fn hexadecimal(rest: &mut std::str::Chars<'_>, length: usize) -> Option<char> {
    let digits = rest.as_str().get(..length)?;
    let code = u32::from_str_radix(digits, 16).ok()?;
    *rest = rest.as_str()[length..].chars();
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::source::Source;

    fn read(text: &str) -> String {
        let place = Source::new("hosts", text).place(0..text.len());
        let node = value(text, &place);
        match node.to_value() {
            Some(value) => format!("{text} -> {}", value.reveal()),
            None => format!("{text} -> ?"),
        }
    }

    #[test]
    fn what_python_reads_as_a_literal_is_that_and_the_rest_is_text() {
        let values = [
            "80",
            "80 # a comment",
            "abc # no comment",
            "01",
            "00",
            "1_000",
            "0x1f",
            "0o17",
            "-5",
            "- 5",
            "1.5",
            "1e3",
            ".5",
            "1.",
            "1.2.3",
            "99999999999999999999",
            "True",
            "true",
            "None",
            "Truely",
            "'quoted'",
            "'a' \"b\"",
            "\"it's",
            "'\\n\\x41\\u00fc\\q'",
            "[1, 'x', [True,],]",
            "(1, 2)",
            "(1)",
            "()",
            "1, 2",
            "1,",
            "{1, 2}",
            "{'a': {'b': [1]}, 2: None}",
            "{}",
            "{{ x }}",
            "['{{ x }}']",
            "[1",
            "1+2",
            "b'x'",
            "",
            "größe",
        ];
        assert_snapshot!(values.map(read).join("\n"), @r#"
        80 -> 80
        80 # a comment -> 80
        abc # no comment -> "abc # no comment"
        01 -> "01"
        00 -> 0
        1_000 -> 1000
        0x1f -> 31
        0o17 -> 15
        -5 -> -5
        - 5 -> -5
        1.5 -> 1.5
        1e3 -> 1000.0
        .5 -> 0.5
        1. -> 1.0
        1.2.3 -> "1.2.3"
        99999999999999999999 -> "99999999999999999999"
        True -> true
        true -> "true"
        None -> null
        Truely -> "Truely"
        'quoted' -> "quoted"
        'a' "b" -> "ab"
        "it's -> "\"it's"
        '\n\x41\u00fc\q' -> "\nAü\\q"
        [1, 'x', [True,],] -> [1,"x",[true]]
        (1, 2) -> [1,2]
        (1) -> 1
        () -> []
        1, 2 -> [1,2]
        1, -> [1]
        {1, 2} -> [1,2]
        {'a': {'b': [1]}, 2: None} -> {"a":{"b":[1]},"2":null}
        {} -> {}
        {{ x }} -> "{{ x }}"
        ['{{ x }}'] -> ["{{ x }}"]
        [1 -> "[1"
        1+2 -> "1+2"
        b'x' -> "b'x'"
         -> ""
        größe -> "größe"
        "#);
    }
}
