//! What a terminal's bytes mean for text: escape sequences, line ends, lone returns.

/// What one byte comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// A byte of text.
    Byte(u8),
    /// The cursor goes back over the last character.
    Back,
    /// The line is complete.
    LineEnd,
    /// The rest of the line is wiped.
    Erase,
    /// The line is begun anew with this byte.
    ReturnThen(u8),
}

/// Where in an escape sequence the last byte left us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// Within `ESC [ ...`.
    Control,
    /// Within `ESC ] ...`, a title and the like.
    Title,
    /// Within `ESC ] ...`, after the ESC that may end it.
    TitleEscape,
}

/// Takes terminal bytes one by one.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    place: Place,
    /// A carriage return whose next byte says what it was.
    returned: bool,
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

impl Screen {
    /// The meaning of the next byte, if it has one by itself.
    pub(crate) fn take(&mut self, byte: u8) -> Option<Stroke> {
        match self.place {
            Place::Text => self.text(byte),
            Place::Escape => {
                self.place = match byte {
                    b'[' => Place::Control,
                    b']' => Place::Title,
                    // Charset selections carry one more byte, which `(B` and the like end here.
                    b'(' | b')' | b'#' => Place::Escape,
                    _ => Place::Text,
                };
                None
            }
            Place::Control => self.control(byte),
            Place::Title | Place::TitleEscape => {
                self.place = match (self.place, byte) {
                    (_, BEL) | (Place::TitleEscape, _) => Place::Text,
                    (_, ESC) => Place::TitleEscape,
                    _ => Place::Title,
                };
                None
            }
        }
    }

    fn text(&mut self, byte: u8) -> Option<Stroke> {
        match byte {
            b'\r' => {
                self.returned = true;
                None
            }
            b'\n' => {
                self.returned = false;
                Some(Stroke::LineEnd)
            }
            ESC => {
                self.place = Place::Escape;
                None
            }
            0x08 => Some(Stroke::Back),
            0..=0x08 | 0x0b..=0x1f | 0x7f => None,
            byte if std::mem::take(&mut self.returned) => Some(Stroke::ReturnThen(byte)),
            byte => Some(Stroke::Byte(byte)),
        }
    }

    /// Within `ESC [ ...`: the final byte ends it. Wiping has a meaning, because a prompt
    /// may follow it without a line end (`vos-cli.md` §1.5).
    fn control(&mut self, byte: u8) -> Option<Stroke> {
        if !(0x40..=0x7e).contains(&byte) {
            return None;
        }
        self.place = Place::Text;
        if matches!(byte, b'K' | b'J') {
            self.returned = false;
            return Some(Stroke::Erase);
        }
        None
    }
}
