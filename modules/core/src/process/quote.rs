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

/// A path as the shell reads it back: a leading `~` or `~user` stays what it is, and what begins
/// with `-` is no option.
pub(crate) fn path(path: &str) -> String {
    if path.starts_with('-') {
        return quote(&format!("./{path}"));
    }
    match home(path) {
        ("", path) => quote(path),
        (home, "") => home.to_owned(),
        (home, below) => format!("{home}{}", quote(below)),
    }
}

/// The part of a path that stands for a home folder, with its slash, and the rest.
pub(super) fn home(path: &str) -> (&str, &str) {
    if !path.starts_with('~') {
        return ("", path);
    }
    let end = path.find('/').unwrap_or(path.len());
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    match path[1..end].chars().all(plain) {
        true => path.split_at(path.len().min(end + 1)),
        false => ("", path),
    }
}

/// A file name pattern: `*`, `?` and `[...]` keep their meaning, as does a leading `~`; everything
/// else is literal.
pub(crate) fn pattern(text: &str) -> String {
    let (home, text) = home(text);
    let mut out = home.to_owned();
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

pub(super) fn single(word: &str) -> String {
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

    #[test]
    fn only_a_home_folder_is_left_to_the_shell() {
        let table = [
            ("/etc/hosts", "/etc/hosts"),
            ("/srv/my file", "'/srv/my file'"),
            ("~", "~"),
            ("~/", "~/"),
            ("~/a b", "~/'a b'"),
            ("~root/x", "~root/x"),
            ("~$(reboot)/x", "'~$(reboot)/x'"),
            ("-rf", "./-rf"),
            ("$HOME/x", "'$HOME/x'"),
        ];
        for (given, written) in table {
            assert_eq!(path(given), written, "{given}");
        }
        assert_eq!(pattern("~/a b*"), r"~/a\ b*");
        assert_eq!(pattern("~$(reboot)/*"), r"\~\$\(reboot\)/*");
    }
}
