//! A command with everything that may be asked on its way.

use std::time::Duration;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes, spelt as the question wants it.
    Yes,
    /// No, spelt as the question wants it.
    No,
    /// Exactly this.
    Text(String),
}

impl Answer {
    /// What to send: one letter where the question offers letters.
    pub(crate) fn text(&self, question: &str) -> String {
        let letter = PATTERNS.letter.is_match(question);
        match (self, letter) {
            (Self::Text(text), _) => text.clone(),
            (Self::Yes, true) => "y".to_owned(),
            (Self::Yes, false) => "yes".to_owned(),
            (Self::No, true) => "n".to_owned(),
            (Self::No, false) => "no".to_owned(),
        }
    }
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
            .any(|one| matches!(one.answer, Answer::Text(_)) && one.question.is_match(tail))
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
