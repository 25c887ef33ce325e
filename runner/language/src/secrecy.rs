//! Which variables hold secrets: the one rule.
//!
//! Secret are
//!
//! * every value that is encrypted in its file (`!vault`),
//! * every text in a variable of a file that is encrypted as a whole,
//! * text and numbers in a variable, or under a key of a variable's mapping,
//!   whose name says so: it ends (in any case) in `password`, `passwd`,
//!   `passphrase`, `secret`, `token`, `_pass` or `private_key`,
//! * what `lookup('env', NAME)` finds under such a name,
//! * and every text that a template makes from one of these.
//!
//! Names that only say where a secret is (`..._file`) end otherwise and are not
//! secret.
//!
//! What is known to be secret is cut out of everything shown, wherever it stands. Of a file of plays
//! or tasks that is encrypted as a whole, the arguments are shown as secrets too, but not cut out
//! elsewhere: `present` or `restarted` would be missed in every other line. A password belongs in
//! a variable.

use std::ops::Range;

/// The ends of names whose values are secret.
const SECRET_ENDS: [&str; 7] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "_pass",
    "private_key",
];

/// Whether a variable, a key or an environment variable of this name holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_ENDS.iter().any(|end| name.ends_with(end))
}

/// Where in a line of YAML, or of `name=value` words, values of secret variables
/// stand. A template is not a secret, it only leads to one.
pub(crate) fn values_in_line(line: &str) -> Vec<Range<usize>> {
    let is_name = |next: char| next.is_alphanumeric() || "_-.".contains(next);
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, sign) in line.match_indices([':', '=']) {
        let before = line[..at].trim_end_matches(['"', '\'', ' ']);
        let start = before.rfind(|next| !is_name(next)).map_or(0, |at| at + 1);
        let start = (start..=before.len())
            .find(|at| before.is_char_boundary(*at))
            .unwrap_or(before.len());
        let after_last = found.last().is_none_or(|last| at >= last.end);
        if !after_last || !is_secret_name(&before[start..]) {
            continue;
        }
        let rest = &line[at + 1..];
        let value = rest.trim_start();
        let from = line.len() - value.len();
        let length = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
            _ if sign == "=" => value.find(char::is_whitespace).unwrap_or(value.len()),
            _ if line[..at].matches('{').count() > line[..at].matches('}').count() => {
                value.find([',', '}']).unwrap_or(value.len())
            }
            _ => value.len(),
        };
        let value = value[..length].trim_end();
        let literal = !value.contains("{{")
            && !value.starts_with(['|', '>', '#', '{', '['])
            && !value.starts_with("!vault");
        if literal && !value.is_empty() {
            found.push(from..from + value.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whether_its_value_is_secret() {
        for name in [
            "ansible_password",
            "KEYSTORE_PASSWORD",
            "api_token",
            "become_pass",
            "ssh_private_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "ansible_ssh_private_key_file",
            "password_file",
            "compass",
            "user",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn written_secrets_are_found_in_their_line() {
        let hidden = |line: &str| {
            let ranges = values_in_line(line).into_iter();
            ranges
                .map(|range| line[range].to_owned())
                .collect::<Vec<_>>()
                .join(" & ")
        };
        let table = [
            ("  ansible_password: C1sco, {x}!", "C1sco, {x}!"),
            ("- keystore_password: 'a b'  ", "'a b'"),
            ("vos01 ansible_password=x user=y", "x"),
            (
                "{user: a, password: b c, \"api_token\": \"d}\", n: 1}",
                "b c & \"d}\"",
            ),
            ("vars: {keystore: {password: changeit}}", "changeit"),
            ("ansible_password: !x 'Ünsafe'", "!x 'Ünsafe'"),
            ("ansible_password: \"{{ vaulted }}\"", ""),
            ("db_password: !vault |", ""),
            ("secret: {a: 1}", ""),
            ("ansible_user: admin", ""),
            ("größe_password: ä", "ä"),
            ("url: https://x?token=abc", "abc"),
        ];
        for (line, values) in table {
            assert_eq!(hidden(line), values, "{line}");
        }
    }
}
