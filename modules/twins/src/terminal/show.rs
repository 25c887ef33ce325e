//! What a terminal shows: answers over time, pages, prompts.

use super::pager::{self, Key, View};
use super::{Mode, PROMPT, Terminal};
use crate::command::reply::{Reply, Then};
use std::time::Duration;

/// Between the two pieces of a split prompt.
const SPLIT: Duration = Duration::from_millis(30);

impl Terminal {
    /// Shows an answer over time.
    pub(super) fn play(&mut self, at: Duration, reply: Reply) {
        let Reply { mut parts, then } = reply;
        let mut at = at;
        if let [(wait, text)] = &mut parts[..] {
            let page = pager::page(self.rows);
            if then == Then::Prompt && self.settings.paginate && text.lines().count() > page {
                let text = std::mem::take(text);
                at += *wait;
                self.busy_until = at;
                self.page(at, &text, then, page);
                return;
            }
        }
        if then == Then::Prompt && self.mischief.glued_prompt {
            let last = parts.last_mut().map(|(_, text)| text);
            last.into_iter().for_each(|text| {
                text.truncate(text.trim_end_matches('\n').len());
            });
        }
        for (wait, text) in parts {
            at += wait;
            self.print(at, &text);
        }
        self.busy_until = at;
        self.follow(at, then);
    }

    pub(super) fn follow(&mut self, at: Duration, then: Then) {
        self.mode = Mode::Prompt;
        match then {
            Then::Prompt => self.prompt(at, false),
            Then::Ask(question) => self.mode = Mode::Answer(question),
            Then::Paste(target) => self.mode = Mode::Paste(target, Vec::new()),
            Then::View(lines) => {
                let view = View::new(lines);
                self.print(at, &view.page());
                self.mode = Mode::View(view);
            }
            Then::Close => self.closed_at = Some(at),
            Then::Silence => self.mode = Mode::Silent,
        }
    }

    fn page(&mut self, at: Duration, text: &str, then: Then, lines: usize) {
        let (shown, left) = pager::split(text, lines);
        self.print(at, shown);
        if left.is_empty() {
            self.follow(at, then);
        } else {
            self.output.put(at, pager::MORE);
            self.mode = Mode::Pager(left.to_owned(), then);
        }
    }

    pub(super) fn pager_key(&mut self, at: Duration, byte: u8) {
        let key = pager::key(byte, self.rows);
        if key == Key::Nothing {
            return;
        }
        let Mode::Pager(text, then) = std::mem::replace(&mut self.mode, Mode::Prompt) else {
            return;
        };
        self.output.put(at, pager::WIPE);
        match key {
            Key::Lines(lines) => self.page(at, &text, then, lines),
            Key::Quit | Key::Nothing => self.follow(at, then),
        }
    }

    pub(super) fn view_key(&mut self, at: Duration, byte: u8) {
        let Mode::View(view) = std::mem::replace(&mut self.mode, Mode::Prompt) else {
            return;
        };
        match view.key(byte) {
            Some(view) => {
                let page = format!("\n{}", view.page());
                self.print(at, &page);
                self.mode = Mode::View(view);
            }
            None => {
                self.print(at, "\n");
                self.prompt(at, false);
            }
        }
    }

    pub(super) fn print(&mut self, at: Duration, text: &str) {
        let end = if self.mischief.lone_cr { "\r\n\r" } else { "\r\n" };
        self.output.put(at, text.replace('\n', end).as_bytes());
    }

    /// Draws the prompt; after an empty line the editor goes to the left margin first.
    pub(super) fn prompt(&mut self, at: Duration, redrawn: bool) {
        if redrawn || self.mischief.lone_cr {
            self.output.put(at, b"\r");
        }
        if self.mischief.glued_prompt {
            self.output.put(at, b"\x1b[K");
        }
        if self.mischief.split_prompt {
            let (first, second) = PROMPT.split_at(2);
            self.output.put(at, first);
            self.output.put(at + SPLIT, second);
            self.busy_until = at + SPLIT;
        } else {
            self.output.put(at, PROMPT);
        }
    }
}
