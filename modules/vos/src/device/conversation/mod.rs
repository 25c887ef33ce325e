//! The conversation as a pure machine: bytes in, typed steps out.
//!
//! Whole lines come out at once. What stands at the end without a line end (a
//! prompt, a question) becomes a step only when the caller says that it has been
//! quiet for a while: `admin:` may as well be the beginning of a line of output.

use crate::device::page::PATTERNS;
use crate::device::screen::{Screen, Stroke};

/// Something the device did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It said a line; echo is left out.
    Line(String),
    /// It is ready for a command.
    Prompt,
    /// It waits for an answer to this.
    Question(String),
    /// It waits for a key, showing long output.
    Pager,
    /// It waits for a key, showing a file; whether this is its last page.
    Viewer {
        /// Whether the file's end has been shown.
        end: bool,
    },
    /// It waits for a certificate.
    Paste,
}

/// What stands at the end of what has come, should it stay quiet now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing that waits for us.
    Busy,
    /// A prompt or a question.
    Waits,
    /// A prompt, before anything of the command sent came back: perhaps an old one.
    Doubtful,
}

/// One side of the conversation with the command line.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    screen: Screen,
    /// The last line, as far as it has come.
    tail: Vec<u8>,
    /// The line was cut by an erase; its end, if it comes next, is no empty line.
    cut: bool,
    echo: Echo,
    /// Whether anything came back since the last thing sent.
    heard: bool,
    /// Whether the file shown has come to its end.
    viewed: bool,
}

impl Conversation {
    /// Something is about to be sent, and the device will echo it.
    pub(crate) fn sent(&mut self, text: &str) {
        self.echo = Echo::of(text);
        self.heard = false;
        self.viewed = false;
    }

    /// A line of a paste is about to be sent.
    pub(crate) fn pasted(&mut self, line: &str) {
        self.echo.more(line);
    }

    /// Whether what came back is not what was sent: something was lost on the way.
    pub(crate) fn garbled(&self) -> bool {
        self.echo.broken
    }

    /// Takes what has come.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        for byte in bytes {
            match self.screen.take(*byte) {
                Some(Stroke::Byte(byte)) => self.tail.push(byte),
                Some(Stroke::Back) => {
                    self.tail.pop();
                }
                Some(Stroke::LineEnd) => self.line_end(&mut steps),
                Some(Stroke::Erase) if self.rest(|_| false) != Rest::Busy => {}
                Some(Stroke::Erase) => self.cut(&mut steps, None),
                Some(Stroke::ReturnThen(byte)) => self.cut(&mut steps, Some(byte)),
                None => {}
            }
        }
        self.pagers(&mut steps);
        steps
    }

    /// What would be made of the rest if it stayed quiet; `also` knows further questions.
    pub(crate) fn rest(&self, also: impl Fn(&str) -> bool) -> Rest {
        let tail = self.tail();
        if PATTERNS.prompt.is_match(&tail) {
            return if self.heard { Rest::Waits } else { Rest::Doubtful };
        }
        let asks = PATTERNS.question.is_match(&tail) || PATTERNS.paste.is_match(&tail);
        if asks || (!tail.trim().is_empty() && also(&tail)) {
            Rest::Waits
        } else {
            Rest::Busy
        }
    }

    /// It has been quiet: makes a step of the rest, where it is one.
    pub(crate) fn settle(&mut self, also: impl Fn(&str) -> bool) -> Option<Step> {
        if self.rest(also) == Rest::Busy {
            return None;
        }
        let tail = self.tail();
        self.tail.clear();
        self.cut = true;
        self.heard = true;
        self.echo.over();
        Some(if PATTERNS.prompt.is_match(&tail) {
            Step::Prompt
        } else if PATTERNS.paste.is_match(&tail) {
            Step::Paste
        } else {
            Step::Question(tail.trim().to_owned())
        })
    }

    /// The unfinished last line.
    pub(crate) fn tail(&self) -> String {
        String::from_utf8_lossy(&self.tail).into_owned()
    }

    fn line_end(&mut self, steps: &mut Vec<Step>) {
        let was_cut = std::mem::take(&mut self.cut);
        if was_cut && self.tail.is_empty() {
            return;
        }
        self.line(steps);
    }

    /// The cursor went back to the first column, or the rest of the line was wiped:
    /// what stands there is done with, and `next` begins afresh.
    fn cut(&mut self, steps: &mut Vec<Step>, next: Option<u8>) {
        if !self.tail().trim().is_empty() {
            self.line(steps);
            self.cut = true;
        }
        self.tail.clear();
        self.tail.extend(next);
    }

    fn line(&mut self, steps: &mut Vec<Step>) {
        let line = self.tail();
        self.tail.clear();
        if PATTERNS.pager.is_match(&line) || PATTERNS.viewer.is_match(&line) {
            return;
        }
        if self.echo.takes(&line) {
            self.heard |= !line.trim().is_empty();
            return;
        }
        self.heard = true;
        self.viewed |= PATTERNS.viewer_end.is_match(&line);
        steps.push(if PATTERNS.paste.is_match(&line) {
            Step::Paste
        } else {
            Step::Line(line.trim_end().to_owned())
        });
    }

    /// Pagers need no quiet: nothing else ends like them.
    fn pagers(&mut self, steps: &mut Vec<Step>) {
        let tail = self.tail();
        let (pattern, step) = if PATTERNS.pager.is_match(&tail) {
            (&PATTERNS.pager, Step::Pager)
        } else if PATTERNS.viewer.is_match(&tail) {
            let end = self.viewed || PATTERNS.viewer_end.is_match(&tail);
            (&PATTERNS.viewer, Step::Viewer { end })
        } else {
            return;
        };
        let before = pattern.replace(&tail, "").trim_end().to_owned();
        self.tail.clear();
        if !before.is_empty() {
            self.tail = before.into_bytes();
            self.line(steps);
        }
        self.cut = true;
        steps.push(step);
    }
}

/// What comes back of what was sent.
#[derive(Debug, Default)]
struct Echo {
    /// All of it, blanks left out.
    whole: String,
    /// Where in it the part begins that is still due.
    from: usize,
    /// Until the first line that is no echo.
    on: bool,
    /// That line came before all of it had come back.
    broken: bool,
}

impl Echo {
    fn of(text: &str) -> Self {
        let whole: String = text.split_whitespace().collect();
        Self {
            on: !whole.is_empty(),
            from: 0,
            broken: false,
            whole,
        }
    }

    fn more(&mut self, text: &str) {
        self.whole.extend(text.split_whitespace());
        self.on = !self.broken;
    }

    fn over(&mut self) {
        self.on = false;
    }

    /// Whether `line` is echo: a part of what is due (the terminal may wrap it), or all
    /// of it anew behind a prompt that was drawn again.
    fn takes(&mut self, line: &str) -> bool {
        if !self.on {
            return false;
        }
        let bare = PATTERNS.prompt_before.replace(line, "");
        let said: String = bare.split_whitespace().collect();
        let due = &self.whole[self.from..];
        if due.starts_with(&said) {
            // A blank line belongs to the output once the echo is complete.
            self.on = !(said.is_empty() && due.is_empty());
            self.from += said.len();
        } else if bare.len() < line.len() && self.whole.starts_with(&said) {
            self.from = said.len();
        } else {
            self.broken = !due.is_empty();
            self.over();
        }
        self.on
    }
}

#[cfg(test)]
mod tests;
