//! A line of words as a shell has them.

use std::ops::Range;

/// A word without its quotes, and where it stands in its line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) bytes: Range<usize>,
}

/// The words of a line up to a `#` outside of quotes. `Err` where quotes are
/// not closed or nothing follows a backslash.
pub(super) fn split(line: &str) -> Result<Vec<Word>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut rest = line.char_indices().peekable();
    while let Some((at, next)) = rest.next() {
        if next == '#' {
            break;
        }
        if next.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word {
            text: String::new(),
            bytes: at..at,
        });
        match next {
            '\'' | '"' => quoted(next, &mut rest, &mut word.text)?,
            '\\' => word
                .text
                .push(rest.next().ok_or("nothing follows the backslash")?.1),
            _ => word.text.push(next),
        }
        word.bytes.end = rest.peek().map_or(line.len(), |(at, _)| *at);
    }
    words.extend(word);
    Ok(words)
}

/// The text up to the closing quote. Between `"` a backslash stands before `"` or itself.
fn quoted(
    quote: char,
    rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    text: &mut String,
) -> Result<(), &'static str> {
    loop {
        match rest.next().ok_or("a quote is not closed")?.1 {
            next if next == quote => return Ok(()),
            '\\' if quote == '"' => match rest.next().ok_or("a quote is not closed")?.1 {
                next @ ('"' | '\\') => text.push(next),
                next => text.extend(['\\', next]),
            },
            next => text.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(line: &str) -> String {
        match split(line) {
            Ok(words) => words
                .iter()
                .map(|word| format!("<{}>", word.text))
                .collect::<String>(),
            Err(error) => error.to_owned(),
        }
    }

    #[test]
    fn words_are_what_they_are_to_a_shell() {
        let table = [
            ("a  b=c\td", "<a><b=c><d>"),
            ("a b='x y' c=\"x \\\" \\n\"", "<a><b=x y><c=x \" \\n>"),
            ("a b=1#2 c", "<a><b=1>"),
            ("a b='1#2' # c", "<a><b=1#2>"),
            ("a b= ''", "<a><b=><>"),
            ("a b=x\\ y", "<a><b=x y>"),
            ("a b='x", "a quote is not closed"),
            ("a \\", "nothing follows the backslash"),
            ("größe=ä", "<größe=ä>"),
        ];
        for (line, words) in table {
            assert_eq!(shown(line), words, "{line}");
        }
    }

    proptest! {
        #[test]
        fn every_word_stands_where_it_says(line in "[a-c='\"\\\\# ä]{0,30}") {
            for word in split(&line).unwrap_or_default() {
                prop_assert!(line.get(word.bytes).is_some());
            }
        }
    }
}
