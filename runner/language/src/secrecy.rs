//! Which variables hold secrets: the one rule.
//!
//! Secret are
//!
//! * every value that is encrypted in its file (`!vault`),
//! * text and numbers in a variable, or under a key of a variable's mapping,
//!   whose name says so: it ends (in any case) in `password`, `passwd`,
//!   `passphrase`, `secret`, `token`, `_pass` or `private_key`,
//! * what `lookup('env', NAME)` finds under such a name,
//! * and every text that a template makes from one of these.
//!
//! Names that only say where a secret is (`..._file`) end otherwise and are not
//! secret.

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

/// Where in a line of YAML (or of `name=value` words) the value of a secret
/// variable stands. A template is not a secret, it only leads to one.
pub(crate) fn value_in_line(line: &str) -> Option<Range<usize>> {
    let at = line.find([':', '='])?;
    let name = line[..at]
        .trim_start_matches([' ', '-'])
        .trim_matches(['"', '\'', ' ']);
    let name = name.rsplit(' ').next().unwrap_or(name);
    let rest = &line[at + 1..];
    let value = rest.trim();
    let literal = !value.is_empty()
        && !value.contains("{{")
        && !value.starts_with(['|', '>', '#'])
        && !value.starts_with("!vault");
    if !is_secret_name(name) || !literal {
        return None;
    }
    let start = at + 1 + (rest.len() - rest.trim_start().len());
    Some(start..start + value.len())
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
    fn a_written_secret_is_found_in_its_line() {
        let hidden = |line: &str| value_in_line(line).map(|range| line[range].to_owned());
        assert_eq!(hidden("  ansible_password: C1sco!"), Some("C1sco!".into()));
        assert_eq!(hidden("- keystore_password: 'a b'  "), Some("'a b'".into()));
        assert_eq!(hidden("vos01 ansible_password=x"), Some("x".into()));
        assert_eq!(hidden("ansible_password: \"{{ vaulted }}\""), None);
        assert_eq!(hidden("ansible_user: admin"), None);
    }
}
