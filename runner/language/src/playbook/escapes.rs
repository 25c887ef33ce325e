//! Escapes in `name=value` words: Ansible reads them there as Python does in its strings, in quotes of either
//! kind and outside of them. What is no escape stays as it is written. Names of characters (`\N{DASH}`) are
//! not known.

/// The text with `\n`, `\\`, `\x41` and the like turned into what they stand for.
pub(super) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match escape(rest) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => out.push('\\'),
        }
    }
    out + rest
}

/// What a text after a backslash begins with stands for, and how long it is.
fn escape(rest: &str) -> Option<(char, usize)> {
    let character = match rest.chars().next()? {
        'x' => return coded(rest, 2),
        'u' => return coded(rest, 4),
        'U' => return coded(rest, 8),
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        itself @ ('\\' | '\'' | '"') => itself,
        _ => return None,
    };
    Some((character, 1))
}

/// A character by its number, in so many hexadecimal digits.
fn coded(rest: &str, digits: usize) -> Option<(char, usize)> {
    let number = rest.get(1..=digits)?;
    let is_number = number.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(number, 16).ok().filter(|_| is_number)?;
    Some((char::from_u32(number)?, digits + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_mean_what_they_mean_to_python() {
        let table = [
            (r"a\tb\nc", "a\tb\nc"),
            (r"\\d+\\n", r"\d+\n"),
            (r"\d \$ \. \=", r"\d \$ \. \="),
            (r#"\'\""#, "'\""),
            (r"\x41\u00e9\U0001F600", "Aé😀"),
            (r"\x4 \u00e \xg0 \+12", r"\x4 \u00e \xg0 \+12"),
            (r"\ud800 \U00110000", r"\ud800 \U00110000"),
            (r"\bx\a\f\v\r", "\u{8}x\u{7}\u{c}\u{b}\r"),
            (r"ends with \", r"ends with \"),
            (r"\é", r"\é"),
        ];
        for (written, meant) in table {
            assert_eq!(decoded(written), meant, "{written}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in "\\PC{0,40}") {
            let escaped = text.replace('\\', r"\\");
            prop_assert_eq!(decoded(&escaped), text);
        }

        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            prop_assert!(decoded(&text).len() <= text.len());
        }
    }
}
