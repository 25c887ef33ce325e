//! The line editor: echo, backspace, and what makes a line.

/// What a terminal line may hold; the rest of a longer one is lost, as in a tty.
const LONGEST: usize = 4095;

/// How typed characters are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    Plain,
    /// A star for each.
    Stars,
}

/// A line in the making.
#[derive(Debug, Default)]
pub(crate) struct Line {
    typed: Vec<u8>,
    /// The last byte ended a line as CR; a LF right after it belongs to it.
    after_cr: bool,
    escape: Escape,
}

/// Escape sequences (cursor keys and the like) are swallowed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Sequence,
}

/// What a byte came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// What the terminal shows for it.
    pub(crate) echo: Vec<u8>,
    /// The line, where the byte ended it.
    pub(crate) line: Option<String>,
}

impl Line {
    /// Takes one byte. `start` is how many columns the prompt takes, `columns` the terminal's width: at
    /// the margin the editor puts a blank and a CR into the echo.
    pub(crate) fn byte(&mut self, byte: u8, echo: Echo, start: usize, columns: usize) -> Typed {
        let follows_cr = std::mem::take(&mut self.after_cr);
        if self.swallowed(byte) {
            return Typed::echo(b"");
        }
        match byte {
            b'\n' if follows_cr => Typed::echo(b""),
            b'\r' | b'\n' => {
                self.after_cr = byte == b'\r';
                let line = String::from_utf8_lossy(&self.typed).into_owned();
                self.typed.clear();
                Typed {
                    echo: b"\r\n".to_vec(),
                    line: Some(line),
                }
            }
            0x08 | 0x7f => self.erase(1),
            0x15 => self.erase(self.typed.len()),
            b'\t' => Typed::echo(b"\x07"),
            0x00..=0x1f => Typed::echo(b""),
            _ if self.typed.len() >= LONGEST => Typed::echo(b"\x07"),
            _ => {
                self.typed.push(byte);
                let mut shown = vec![if echo == Echo::Stars { b'*' } else { byte }];
                if columns > 0 && (start + self.typed.len()).is_multiple_of(columns) {
                    shown.extend_from_slice(b" \r");
                }
                Typed::echo(&shown)
            }
        }
    }

    /// Forgets what was typed.
    pub(crate) fn clear(&mut self) {
        self.typed.clear();
    }

    fn erase(&mut self, count: usize) -> Typed {
        let keep = self.typed.len().saturating_sub(count);
        let erased = self.typed.len() - keep;
        self.typed.truncate(keep);
        Typed::echo(&b"\x08 \x08".repeat(erased))
    }

    fn swallowed(&mut self, byte: u8) -> bool {
        let (next, swallowed) = match (self.escape, byte) {
            (Escape::None, 0x1b) => (Escape::Begun, true),
            (Escape::None, _) => (Escape::None, false),
            (Escape::Begun, b'[' | b'O') => (Escape::Sequence, true),
            (Escape::Begun, _) => (Escape::None, true),
            (Escape::Sequence, 0x40..=0x7e) => (Escape::None, true),
            (Escape::Sequence, _) => (Escape::Sequence, true),
        };
        self.escape = next;
        swallowed
    }
}

impl Typed {
    fn echo(echo: &[u8]) -> Typed {
        Typed {
            echo: echo.to_vec(),
            line: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn type_in(bytes: &[u8]) -> (String, Vec<String>) {
        let mut line = Line::default();
        let mut echo = Vec::new();
        let mut lines = Vec::new();
        for byte in bytes {
            let typed = line.byte(*byte, Echo::Plain, 6, 80);
            echo.extend(typed.echo);
            lines.extend(typed.line);
        }
        (String::from_utf8_lossy(&echo).into_owned(), lines)
    }

    #[test]
    fn a_line_ends_with_cr_or_lf_or_both() {
        let (echo, lines) = type_in(b"one\rtwo\nthree\r\n\r\n");
        assert_eq!(lines, ["one", "two", "three", ""]);
        assert_eq!(echo, "one\r\ntwo\r\nthree\r\n\r\n");
    }

    #[test]
    fn backspace_erases_and_never_beyond_the_prompt() {
        let (echo, lines) = type_in(b"ab\x7f\x08\x08c\x1b[Ad\r");
        assert_eq!(lines, ["cd"]);
        assert_eq!(echo, "ab\x08 \x08\x08 \x08cd\r\n");
    }

    #[test]
    fn a_narrow_terminal_breaks_the_echo_at_its_margin() {
        let mut line = Line::default();
        let echo: Vec<u8> = b"abcdef"
            .iter()
            .flat_map(|b| line.byte(*b, Echo::Plain, 6, 8).echo)
            .collect();
        assert_eq!(echo, b"ab \rcdef");
    }

    #[test]
    fn what_is_beyond_the_longest_line_is_lost() {
        let mut bytes = vec![b'x'; 5000];
        bytes.push(b'\r');
        let (_, lines) = type_in(&bytes);
        assert_eq!(lines[0].len(), LONGEST);
    }

    proptest! {
        #[test]
        fn plain_text_arrives_as_it_was_typed(text in "[ -~]{0,200}") {
            let (_, lines) = type_in(format!("{text}\r\n").as_bytes());
            prop_assert_eq!(lines, vec![text]);
        }

        #[test]
        fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let ends = bytes.iter().filter(|b| matches!(b, b'\r' | b'\n')).count();
            prop_assert!(type_in(&bytes).1.len() <= ends);
        }
    }
}
