//! The free form of a command: `uptime chdir=/tmp`.

/// What a free form holds: the command, and the arguments written between its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FreeForm {
    pub(super) command: String,
    pub(super) arguments: Vec<(&'static str, String)>,
}

/// Arguments that may stand between the words of a command; any other `k=v` is a word of it.
const NAMES: [&str; 6] = [
    "chdir",
    "creates",
    "removes",
    "executable",
    "stdin",
    "stdin_add_newline",
];

/// Takes the known `name=value` words out and leaves everything else as it was written.
pub(super) fn parse(text: &str) -> FreeForm {
    let mut free = FreeForm::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(word_end(rest));
        match argument(piece.trim_start()) {
            Some(argument) => free.arguments.push(argument),
            None => free.command.push_str(piece),
        }
        rest = after;
    }
    free.command = free.command.trim().to_owned();
    free
}

/// Where the first word ends, with the blanks before it; quotes and backslashes hold a word together.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    let mut begun = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, _) if c.is_whitespace() && begun => return at,
            _ => {}
        }
        begun |= !c.is_whitespace();
    }
    text.len()
}

fn argument(word: &str) -> Option<(&'static str, String)> {
    let (name, value) = word.split_once('=')?;
    let name = NAMES.into_iter().find(|known| *known == name)?;
    let value = shell_words::split(value).map_or_else(|_| value.to_owned(), |parts| parts.concat());
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn free(command: &str, arguments: &[(&'static str, &str)]) -> FreeForm {
        FreeForm {
            command: command.to_owned(),
            arguments: arguments
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn known_arguments_are_taken_out_and_the_rest_stays_as_written() {
        let parsed = parse("tar  xf 'a b.tar' chdir=/srv creates=\"/srv/a b\"");
        assert_eq!(
            parsed,
            free("tar  xf 'a b.tar'", &[("chdir", "/srv"), ("creates", "/srv/a b")])
        );
        assert_eq!(
            parse("env A=1 dd if=/dev/null"),
            free("env A=1 dd if=/dev/null", &[])
        );
        assert_eq!(
            parse("echo 'chdir=/x'\necho two"),
            free("echo 'chdir=/x'\necho two", &[])
        );
        assert_eq!(parse("  "), free("", &[]));
    }

    proptest! {
        #[test]
        fn a_command_without_arguments_is_only_trimmed(text in "[ a-z'\"\\\\|é\n]{0,40}") {
            prop_assert_eq!(parse(&text), free(text.trim(), &[]));
        }
    }
}
