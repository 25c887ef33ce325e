//! A command with everything that may be asked on its way.

use std::time::Duration;

use cutover_kit::secret::{Origin, Secret};
use regex::Regex;

use super::page::PATTERNS;

/// A line to send, and how to take part in what follows.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// The line.
    pub(crate) line: String,
    /// Questions that may come, and their answers; the first that matches counts.
    pub(crate) answers: Vec<Announced>,
    /// What to paste when asked to.
    pub(crate) paste: Option<String>,
    /// How much of it is sent at a time.
    pub(crate) pace: Pace,
    /// For the prompt to come back (after a paste: from its last line).
    pub(crate) limit: Duration,
    /// What it means when the session ends.
    pub(crate) loss: Loss,
}

/// How much of a paste is sent at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A line.
    Line,
    /// A few characters, for a device that loses what comes faster.
    Few,
}

impl Pace {
    /// Characters at a time.
    pub(crate) fn characters(self) -> usize {
        match self {
            Self::Line => usize::MAX,
            Self::Few => 4,
        }
    }
}

/// What it means when the session ends while a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The command's outcome is not known.
    Broken,
    /// Once the device has said so, that is how it should be.
    Expected,
}

/// A question that may come.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    /// Found in the question itself, else in the lines since the one before.
    pub(crate) question: Regex,
    /// What to answer.
    pub(crate) answer: Answer,
}

/// An answer by its meaning.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Yes, spelt as the question wants it.
    Yes,
    /// No, spelt as the question wants it.
    No,
    /// Exactly this.
    Text(String),
    /// Exactly this, and nobody is told.
    Secret(Secret),
    /// The number of the first line of the menu before the question that one of these is found
    /// in, tried in their order.
    Pick(Vec<Regex>),
}

impl Answer {
    /// What to send: one letter where the question offers letters; `None` where the menu in the
    /// lines `before` has no such entry.
    pub(crate) fn text(&self, question: &str, before: &[String]) -> Option<Secret> {
        let letter = PATTERNS.letter.is_match(question);
        let text = match (self, letter) {
            (Self::Secret(secret), _) => return Some(secret.clone()),
            (Self::Pick(wanted), _) => return wanted.iter().find_map(|it| entry(before, it)).map(plain),
            (Self::Text(text), _) => text,
            (Self::Yes, true) => "y",
            (Self::Yes, false) => "yes",
            (Self::No, true) => "n",
            (Self::No, false) => "no",
        };
        Some(plain(text))
    }

    /// What people are told that the answer was.
    pub(crate) fn shown(&self, sent: &Secret) -> String {
        match self {
            Self::Secret(secret) => secret.to_string(),
            _ => sent.expose().to_owned(),
        }
    }
}

/// A text that is no secret, in the type of those that are.
fn plain(text: impl Into<String>) -> Secret {
    Secret::new(text, Origin::Argument)
}

/// The number of the menu's entry in which `wanted` is found: ` 2) Remote Filesystem via FTP`.
fn entry(lines: &[String], wanted: &Regex) -> Option<String> {
    lines.iter().find_map(|line| {
        let (number, name) = line.trim().split_once(')')?;
        let number = number.trim();
        let counts = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        (counts && wanted.is_match(name.trim())).then(|| number.to_owned())
    })
}

impl Command {
    /// A command that asks nothing.
    pub(crate) fn reading(line: impl Into<String>, limit: Duration) -> Self {
        Self {
            line: line.into(),
            answers: Vec::new(),
            paste: None,
            pace: Pace::Line,
            limit,
            loss: Loss::Broken,
        }
    }

    /// With a question that may come.
    #[must_use]
    pub(crate) fn announcing(mut self, question: Regex, answer: Answer) -> Self {
        self.answers.push(Announced { question, answer });
        self
    }

    /// With a certificate to paste.
    #[must_use]
    pub(crate) fn pasting(mut self, text: String) -> Self {
        self.paste = Some(text);
        self
    }

    /// Whether an unfinished line is a question that was announced in so many words.
    pub(crate) fn announces(&self, tail: &str) -> bool {
        self.answers
            .iter()
            .filter(|one| !matches!(one.answer, Answer::Yes | Answer::No))
            .any(|one| one.question.is_match(tail))
    }

    /// The answer to a question: announced by its own words first, else by the lines
    /// before it.
    pub(crate) fn answer(&self, question: &str, before: &[String]) -> Option<&Answer> {
        let by = |text: &str| {
            let found = self.answers.iter().find(|one| one.question.is_match(text));
            found.map(|one| &one.answer)
        };
        by(question).or_else(|| by(&before.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_menu_is_picked_by_its_name() {
        let menu = [
            "",
            "Source:",
            " 1) Remote Filesystem via SFTP",
            " 2) Local DVD/CD",
            " q) quit",
        ];
        let menu: Vec<String> = menu.map(str::to_owned).to_vec();
        let pick = |names: &[&str]| {
            let wanted = names.iter().map(|name| Regex::new(name).unwrap()).collect();
            let picked = Answer::Pick(wanted).text("Please select an option", &menu);
            picked.map(|it| it.expose().to_owned())
        };
        assert_eq!(pick(&["DVD"]).as_deref(), Some("2"));
        assert_eq!(pick(&["\\.cop", "SFTP"]).as_deref(), Some("1"));
        assert_eq!(pick(&["quit"]), None);
    }

    #[test]
    fn a_secret_answer_is_sent_and_not_shown() {
        let answer = Answer::Secret(plain("sesame-open"));
        let sent = answer.text("Password:", &[]).unwrap();
        assert_eq!(sent.expose(), "sesame-open");
        assert_eq!(answer.shown(&sent), "********");
        assert!(!format!("{answer:?}").contains("sesame"));
    }
}
