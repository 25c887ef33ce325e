//! Permissions as playbooks write them.

use std::borrow::Cow;

use cutover_kit::Failure;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::misfit;

/// Permissions: a number, octal text (`"0644"`), symbols (`u=rw,g+r,o=`), or `preserve`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Mode {
    Number(u32),
    Text(String),
}

impl JsonSchema for Mode {
    fn schema_name() -> Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"]})
    }
}

/// What symbols start from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base {
    /// The permissions there are, or that a new file gets.
    pub(crate) now: u32,
    /// `X` gives the right to enter folders.
    pub(crate) folder: bool,
    /// What a symbol that says not for whom leaves out.
    pub(crate) umask: u32,
}

impl Mode {
    /// Whether the source's permissions are to be taken.
    pub(crate) fn preserves(&self) -> bool {
        matches!(self, Self::Text(text) if text == "preserve")
    }

    /// The permissions it means.
    pub(crate) fn over(&self, base: Base) -> Result<u32, Failure> {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => u32::from_str_radix(text.trim_start_matches("0o"), 8).ok(),
        };
        match (number, self) {
            (Some(number), _) if number <= 0o7777 => Ok(number),
            (None, Self::Text(text)) => symbols(text, base).ok_or_else(|| wrong(text)),
            (_, it) => Err(wrong(&format!("{it:?}"))),
        }
    }
}

fn wrong(text: &str) -> Failure {
    misfit(format!("mode: `{text}` are no permissions"))
        .hint("octal digits in quotes (\"0644\"), or symbols (u=rw,g=r,o=)")
}

fn symbols(text: &str, base: Base) -> Option<u32> {
    text.split(',').try_fold(base.now, |mode, clause| {
        one_clause(clause.trim(), Base { now: mode, ..base })
    })
}

/// `ug+rx-w`: for whom, then signs each with what follows.
fn one_clause(clause: &str, base: Base) -> Option<u32> {
    let signs = ['+', '-', '='];
    let at = clause.find(signs)?;
    let (whom, mut rest) = clause.split_at(at);
    if !whom.chars().all(|c| "ugoa".contains(c)) {
        return None;
    }
    let masked = if whom.is_empty() { base.umask } else { 0 };
    let whom = if whom.is_empty() || whom.contains('a') {
        "ugo"
    } else {
        whom
    };
    let mut mode = base.now;
    while let Some(sign) = rest.chars().next() {
        let end = rest[1..].find(signs).map_or(rest.len(), |end| end + 1);
        let what = &rest[1..end];
        rest = &rest[end..];
        for user in whom.chars() {
            let bits = bits(what, user, mode, base.folder)? & !masked;
            mode = match sign {
                '+' => mode | bits,
                '-' => mode & !bits,
                _ => (mode & !all(user)) | bits,
            };
        }
    }
    Some(mode)
}

fn shift(user: char) -> u32 {
    match user {
        'u' => 6,
        'g' => 3,
        _ => 0,
    }
}

/// Set-id or sticky, the special bit of this user.
fn special(user: char) -> u32 {
    match user {
        'u' => 0o4000,
        'g' => 0o2000,
        _ => 0o1000,
    }
}

fn all(user: char) -> u32 {
    0o7 << shift(user) | special(user)
}

fn bits(what: &str, user: char, now: u32, folder: bool) -> Option<u32> {
    if let "u" | "g" | "o" = what {
        let from = what.chars().next()?;
        return Some(((now >> shift(from)) & 0o7) << shift(user));
    }
    what.chars().try_fold(0, |bits, letter| {
        let more = match letter {
            'r' => 0o4 << shift(user),
            'w' => 0o2 << shift(user),
            'x' => 0o1 << shift(user),
            'X' if folder || now & 0o111 != 0 => 0o1 << shift(user),
            'X' => 0,
            's' if user != 'o' => special(user),
            't' if user == 'o' => special(user),
            's' | 't' => 0,
            _ => return None,
        };
        Some(bits | more)
    })
}

/// As results show permissions.
pub(crate) fn shown(mode: u32) -> String {
    format!("{mode:04o}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(mode: &str, now: u32, folder: bool) -> String {
        let base = Base {
            now,
            folder,
            umask: 0o022,
        };
        match Mode::Text(mode.to_owned()).over(base) {
            Ok(mode) => shown(mode),
            Err(failure) => failure.message,
        }
    }

    #[test]
    fn permissions_mean_what_chmod_and_ansible_make_of_them() {
        let table = [
            ("0644", 0o600, "0644"),
            ("644", 0o600, "0644"),
            ("1777", 0o600, "1777"),
            ("u+x", 0o640, "0740"),
            ("u=rw,g=r,o=", 0o777, "0640"),
            ("a-w", 0o666, "0444"),
            ("+w", 0o444, "0644"),
            ("=r", 0o777, "0444"),
            ("u+s", 0o755, "4755"),
            ("g+s,o+t", 0o755, "3755"),
            ("g=u", 0o640, "0660"),
            ("u=rwX,go=rX", 0o600, "0644"),
            ("u=rwX,go=rX", 0o700, "0755"),
            ("ug+rw-x", 0o711, "0661"),
            ("rw", 0o600, "mode: `rw` are no permissions"),
            ("u+q", 0o600, "mode: `u+q` are no permissions"),
            ("99", 0o600, "mode: `99` are no permissions"),
        ];
        for (mode, now, expected) in table {
            assert_eq!(over(mode, now, false), expected, "{mode} over {now:o}");
        }
        assert_eq!(over("u=rwX,go=rX", 0o600, true), "0755");
    }
}
