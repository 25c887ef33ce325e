//! `$HOME`, `${HOME}` and `~` in the words of a command: the host's shell puts in what they stand for,
//! and does nothing else to the words. What is not set stays as it is written, as in Ansible.

use super::quote::{home, quote, single};

/// Variables that a shell has of its own and no environment: they are not meant.
const OF_THE_SHELL: [&str; 8] = ["IFS", "LINENO", "OPTIND", "PPID", "PS1", "PS2", "PS4", "_"];

/// Whether a shell has something to put into one of the words.
pub(super) fn is_needed(words: &[String]) -> bool {
    words
        .iter()
        .any(|word| !home(word).0.is_empty() || parts(word).any(|part| matches!(part, Part::Variable { .. })))
}

/// A command line of these words, for a POSIX shell to fill in.
pub(super) fn line(words: &[String]) -> String {
    let mut line = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let (home, rest) = home(word);
        let filled: String = parts(rest).map(|part| part.written()).collect();
        line.push(match (home, filled.as_str()) {
            // Always in quotes, as no shell's alias, assignment or word of its language is.
            ("", _) if at == 0 && filled == rest => single(rest),
            ("", "") => quote(""),
            _ => format!("{home}{filled}"),
        });
    }
    line.join(" ")
}

/// A piece of a word.
enum Part<'a> {
    Text(&'a str),
    Variable { name: &'a str, written: &'a str },
}

impl Part<'_> {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => quote(text),
            Self::Variable { name, written } => {
                let unset = written.replace('$', "\\$").replace('}', "\\}");
                format!("\"${{{name}-{unset}}}\"")
            }
        }
    }
}

fn parts(word: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, length)) = variable(rest) {
            let (written, after) = rest.split_at(length);
            rest = after;
            return Some(Part::Variable { name, written });
        }
        let begins = |at: &usize| variable(&rest[*at..]).is_some();
        let dollars = rest.match_indices('$').map(|(at, _)| at);
        let end = dollars.into_iter().find(begins).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Part::Text(text))
    })
}

/// The variable that a text begins with, and how long it is as written.
fn variable(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix('$')?;
    let (name, more) = match after.strip_prefix('{') {
        Some(braced) => (&braced[..braced.find('}')?], "${}".len()),
        None => {
            let is_end = |next: char| !(next.is_ascii_alphanumeric() || next == '_');
            (&after[..after.find(is_end).unwrap_or(after.len())], "$".len())
        }
    };
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || next == '_')
        && !OF_THE_SHELL.contains(&name);
    is_name.then(|| (name, name.len() + more))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What a program is called with by a shell that knows these variables.
    fn called(words: &[String]) -> String {
        let script = format!("printf '%s|' {}", line(&[&["x".to_owned()], words].concat()));
        let said = Command::new("/bin/sh")
            .args(["-c", &script])
            .env_clear()
            .envs([("HOME", "/home/me"), ("A", "a  b*$B"), ("EMPTY", "")])
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    #[test]
    fn what_is_set_is_put_in_and_nothing_else_is_touched() {
        let words = [
            "$A",
            "${A}/x",
            "$EMPTY",
            "$NOPE.txt",
            "${NOPE}",
            "~/.ssh",
            "a~",
            "$1",
            "$$",
            "${A:-x}",
            "${",
            "$IFS",
            "`id`",
            "$(id)",
            "'$HOME'",
            "a$HOME\"$A",
        ];
        let words = words.map(str::to_owned);
        let told = called(&words);
        let expected = [
            "x",
            "a  b*$B",
            "a  b*$B/x",
            "",
            "$NOPE.txt",
            "${NOPE}",
            "/home/me/.ssh",
            "a~",
            "$1",
            "$$",
            "${A:-x}",
            "${",
            "$IFS",
            "`id`",
            "$(id)",
            "'/home/me'",
            "a/home/me\"a  b*$B",
        ];
        assert_eq!(
            told.trim_end_matches('|').split('|').collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn a_shell_is_asked_only_where_it_has_something_to_put_in() {
        let needed = |word: &str| is_needed(&["true".to_owned(), word.to_owned()]);
        assert!(needed("$A") && needed("x${A}") && needed("~/x") && needed("~"));
        assert!(!needed("a~") && !needed("$1") && !needed("100$") && !needed("${A:-x}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn words_without_variables_stay_as_they_are(words in prop::collection::vec("[^\0|~$]{0,12}", 1..5)) {
            let expected: String = words.iter().map(|word| format!("{word}|")).collect();
            prop_assert_eq!(called(&words), format!("x|{expected}"));
        }
    }
}
