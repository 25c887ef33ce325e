//! Writing words so that any POSIX shell reads them back as they are.

/// A command line of these words.
///
/// The first is always quoted, so that no shell takes it for an assignment, an alias or a word of
/// its own language.
pub(crate) fn line(words: &[String]) -> String {
    let quoted = words.iter().enumerate().map(|(at, word)| match at {
        0 => single(word),
        _ => quote(word),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// One word.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:,+@-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        single(word)
    }
}

/// A file name pattern: `*`, `?` and `[...]` keep their meaning, everything else is literal.
pub(crate) fn pattern(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '[' | ']' => out.push(c),
            '\n' => out.push_str("'\n'"),
            c if c.is_ascii_alphanumeric() || "_./:,+@-".contains(c) => out.push(c),
            c => out.extend(['\\', c]),
        }
    }
    out
}

fn single(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_real_shell_reads_back_every_word(words in prop::collection::vec("[^\0]{0,12}", 1..5)) {
            let script = format!("printf '%s\\0' {}", line(&words));
            let said = Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            let expected: String = words.iter().map(|word| format!("{word}\0")).collect();
            prop_assert_eq!(String::from_utf8_lossy(&said.stdout), expected);
        }
    }

    #[test]
    fn the_first_word_is_never_an_assignment_and_braces_do_not_expand() {
        let words = ["A=1", "b{c,d}", "~", "plain-1.0"].map(str::to_owned);
        assert_eq!(line(&words), "'A=1' 'b{c,d}' '~' plain-1.0");
        assert_eq!(pattern("/srv/my file*.[ch]"), r"/srv/my\ file*.[ch]");
    }
}
