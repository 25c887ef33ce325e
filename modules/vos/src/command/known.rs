//! What is known of raw commands.

/// Why a command is not sent unless it is forced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Danger {
    pub(super) why: &'static str,
}

/// Beginnings of commands after which certificates are gone (`vos-cli.md` §3.7, §5.3).
const DANGERS: [(&str, &str); 7] = [
    (
        "set network hostname",
        "makes all certificates anew and drops those that a CA signed",
    ),
    (
        "set network domain",
        "makes all certificates anew and drops those that a CA signed",
    ),
    (
        "set network cluster publisher",
        "makes all certificates anew and drops those that a CA signed",
    ),
    (
        "utils fips enable",
        "makes all certificates anew and drops those that a CA signed",
    ),
    (
        "utils fips disable",
        "makes all certificates anew and drops those that a CA signed",
    ),
    (
        "set web-security",
        "makes the tomcat certificate anew and drops the one that a CA signed",
    ),
    (
        "utils system shutdown",
        "leaves the node down until somebody starts its virtual machine",
    ),
];

/// Beginnings of commands that take the node or a part of it out of service.
const RESTARTS: [&str; 11] = [
    "utils system restart",
    "utils system shutdown",
    "utils system switch-version",
    "utils vvb restart",
    "utils service stop",
    "utils service restart",
    "utils network",
    "utils dbreplication",
    "utils fips",
    "set network",
    "set tls",
];

/// Why this command is dangerous, where it is.
pub(super) fn danger(command: &str) -> Option<Danger> {
    let begins = |words: &str| begins_with(command, words);
    DANGERS
        .iter()
        .find(|(words, _)| begins(words))
        .map(|(_, why)| Danger { why })
}

/// Whether this command takes the node or a part of it out of service.
pub(super) fn restarts(command: &str) -> bool {
    crate::device::Show::from_line(command).is_none()
        && RESTARTS.iter().any(|words| begins_with(command, words))
}

/// Whether a command begins with these words, blanks and case aside.
fn begins_with(command: &str, words: &str) -> bool {
    let mut given = command.split_whitespace();
    words
        .split_whitespace()
        .all(|word| given.next().is_some_and(|it| it.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangers_are_known_by_their_first_words() {
        assert!(danger("  set  network hostname fin-x").is_some());
        assert!(danger("utils fips enable").is_some());
        assert!(danger("set network").is_none());
        assert!(danger("show network eth0").is_none());
    }

    #[test]
    fn what_restarts_is_told_from_what_only_shows() {
        assert!(restarts("utils system restart"));
        assert!(restarts("utils service restart Cisco Tomcat"));
        assert!(restarts("utils dbreplication reset all"));
        assert!(!restarts("utils dbreplication runtimestate"));
        assert!(!restarts("utils service list"));
    }
}
