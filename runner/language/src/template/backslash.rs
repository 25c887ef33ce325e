//! Backslashes in the texts of expressions.
//!
//! In what a YAML text prints, a backslash inside of quotes is a backslash
//! (`regex_replace('(\w)', '\1')`); in statements, conditions and files it begins
//! an escape. The engine knows escapes only, so a backslash that is none is
//! replaced by a mark of the same length before, and put back after parsing.

/// Stands for a backslash.
const BACKSLASH: char = '\u{1}';
/// Stand for quotes after a backslash, which do not end a text.
const QUOTES: [(char, char); 2] = [('\'', '\u{2}'), ('"', '\u{3}')];

/// The text with every backslash that means itself replaced by its mark, if there is one.
pub(super) fn marked(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest
        .find("{{")
        .into_iter()
        .chain(rest.find("{%"))
        .chain(rest.find("{#"))
        .min()
    {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = match &tag[..2] {
            "{#" => tag.find("#}").map(|end| end + 2),
            "{%" => statement_end(tag),
            _ => None,
        };
        if let Some(end) = end {
            out.push_str(&tag[..end]);
            rest = &tag[end..];
            continue;
        }
        if !tag.starts_with("{{") {
            break;
        }
        rest = expression(&mut out, tag);
    }
    out.push_str(rest);
    (out.len() == text.len()).then_some(out)
}

/// The end of a statement, or of everything up to `endraw`.
fn statement_end(tag: &str) -> Option<usize> {
    let end = closed(tag, "%}")?;
    let word = tag[2..end].trim_start_matches(['-', '+']).trim_start();
    let is_raw = word
        .strip_prefix("raw")
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    match is_raw {
        true => tag.find("endraw"),
        false => Some(end),
    }
}

/// Where a tag ends, outside of quotes.
fn closed(tag: &str, end: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, next) in tag.char_indices().skip(2) {
        match quote {
            _ if escaped => escaped = false,
            Some(_) if next == '\\' => escaped = true,
            Some(open) if open == next => quote = None,
            Some(_) => {}
            None if tag[at..].starts_with(end) => return Some(at + end.len()),
            None if matches!(next, '\'' | '"') => quote = Some(next),
            None => {}
        }
    }
    None
}

/// Copies an expression with its marks; returns what is after it.
fn expression<'a>(out: &mut String, tag: &'a str) -> &'a str {
    let end = closed(tag, "}}").unwrap_or(tag.len());
    let mut quote = None;
    let mut characters = tag[..end].chars().peekable();
    while let Some(next) = characters.next() {
        match (quote, next) {
            (Some(_), '\\') => {
                out.push(BACKSLASH);
                let mark = characters
                    .peek()
                    .and_then(|next| QUOTES.iter().find(|(quote, _)| quote == next));
                if let Some((_, mark)) = mark {
                    out.push(*mark);
                    characters.next();
                } else if characters.peek() == Some(&'\\') {
                    out.push(BACKSLASH);
                    characters.next();
                }
                continue;
            }
            (Some(open), _) if open == next => quote = None,
            (None, '\'' | '"') => quote = Some(next),
            _ => {}
        }
        out.push(next);
    }
    &tag[end..]
}

/// The text with backslashes for their marks.
pub(super) fn unmarked(text: &str) -> Option<String> {
    let marks = [BACKSLASH, QUOTES[0].1, QUOTES[1].1];
    text.contains(marks).then(|| {
        let back = |next: char| match next {
            BACKSLASH => '\\',
            _ => QUOTES
                .iter()
                .find(|(_, mark)| *mark == next)
                .map_or(next, |(quote, _)| *quote),
        };
        text.chars().map(back).collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_texts_of_printed_expressions_are_marked() {
        let shown = |text: &str| {
            let marked = marked(text).unwrap_or_else(|| text.to_owned());
            marked
                .replace('\u{1}', "B")
                .replace('\u{2}', "Q")
                .replace('\u{3}', "D")
        };
        let table = [
            (r"{{ '\d' }} \d", r"{{ 'Bd' }} \d"),
            (r"{% set x = '\d' %}{{ '\1' }}", r"{% set x = '\d' %}{{ 'B1' }}"),
            (r"{{ 'it\'s }}' }}\", r"{{ 'itBQs }}' }}\"),
            (r#"{{ "a\\" ~ '\"' }}"#, r#"{{ "aBB" ~ 'BD' }}"#),
            (
                r"{# {{ '\d' #}{% raw %}{{ '\d' }}{% endraw %}",
                r"{# {{ '\d' #}{% raw %}{{ '\d' }}{% endraw %}",
            ),
            (r"{{ '\d", r"{{ 'Bd"),
            (r"{% '\d", r"{% '\d"),
        ];
        for (text, wanted) in table {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    proptest! {
        /// Marks change no length, and go away again.
        #[test]
        fn marks_can_be_taken_back(text in r#"([{}%#'"\\ax ]|\{\{|\}\}|\{%|raw|endraw){0,40}"#) {
            if let Some(marked) = marked(&text) {
                prop_assert_eq!(marked.len(), text.len());
                prop_assert_eq!(unmarked(&marked).unwrap_or(marked), text);
            }
        }
    }
}
