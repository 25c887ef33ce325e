//! One command on its way, as far as it can be told without a wire.

use std::time::Duration;

use cutover_kit::Secret;

use super::command::{Command, Loss};
use super::page::PATTERNS;

/// How often announced questions are answered before they count as unannounced.
const ANSWERS: usize = 4;

/// What a command brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The output, echo and prompt left out.
    pub(crate) lines: Vec<String>,
    /// The session ended instead of a prompt, as the command announced.
    pub(crate) ended: bool,
    /// What was pasted did not arrive whole, and the command was aborted.
    pub(crate) garbled: bool,
}

/// Why a command did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The session is gone.
    Lost {
        /// How.
        why: String,
        /// What came before.
        lines: Vec<String>,
    },
    /// No prompt came back.
    Late {
        /// How long it was waited for.
        limit: Duration,
        /// What came.
        lines: Vec<String>,
        /// The line that stands there unfinished.
        tail: String,
    },
    /// It asked something that was not announced; no was the answer.
    Unannounced {
        /// The question.
        question: String,
        /// What came before.
        lines: Vec<String>,
        /// The prompt did not come back.
        stuck: bool,
    },
}

/// One command on its way: what it brought so far and what may still be asked.
pub(crate) struct Exchange<'a> {
    command: &'a Command,
    lines: Vec<String>,
    /// Where in `lines` the context of the next question begins.
    context: usize,
    answered: usize,
    /// The last question and its answer.
    last: Option<(String, (Secret, String))>,
    pasted: bool,
    /// The words were said after which it cannot be called back.
    leaving: bool,
}

impl<'a> Exchange<'a> {
    /// Nothing was said yet.
    pub(crate) fn new(command: &'a Command) -> Self {
        Self {
            command,
            lines: Vec::new(),
            context: 0,
            answered: 0,
            last: None,
            pasted: false,
            leaving: false,
        }
    }

    /// Takes a line; whether these are the words that announce the session's end.
    pub(crate) fn said(&mut self, line: String) -> bool {
        let leaves = self.command.loss == Loss::Expected && PATTERNS.restarting.is_match(&line);
        self.leaving |= leaves;
        self.lines.push(line);
        leaves
    }

    /// What to paste, the first time that it asks.
    pub(crate) fn paste(&mut self) -> Option<&'a str> {
        if std::mem::replace(&mut self.pasted, true) {
            return None;
        }
        self.command.paste.as_deref()
    }

    /// The announced answer to this question, seen with the lines before it: what to send, and
    /// what to show of it. A question that is asked again at once did not get its answer, and
    /// gets it again.
    pub(crate) fn answer(&mut self, question: &str) -> Option<(Secret, String)> {
        let since = &self.lines[self.context..];
        let again = since.iter().all(|line| line.trim().is_empty());
        self.answered += 1;
        if self.answered > ANSWERS.max(self.command.answers.len() * 2) {
            return None;
        }
        if let Some((last, given)) = &self.last
            && again
            && last == question
        {
            return Some(given.clone());
        }
        let answer = self.command.answer(question, since)?;
        let text = answer.text(question, since)?;
        let given = (text.clone(), answer.shown(&text));
        self.context = self.lines.len();
        self.last = Some((question.to_owned(), given.clone()));
        Some(given)
    }

    /// What was pasted did not arrive whole.
    pub(crate) fn garbled(self) -> Reply {
        Reply {
            lines: self.lines,
            garbled: true,
            ..Reply::default()
        }
    }

    /// Whether something was pasted.
    pub(crate) fn has_pasted(&self) -> bool {
        self.pasted
    }

    /// How long the command may take.
    pub(crate) fn limit(&self) -> Duration {
        self.command.limit
    }

    /// What it said.
    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines
    }

    /// Whether its end is the session's end by now.
    pub(crate) fn leaving(&self) -> bool {
        self.leaving
    }

    /// The prompt is back.
    pub(crate) fn done(self) -> Reply {
        Reply {
            lines: self.lines,
            ..Reply::default()
        }
    }

    /// The session ended as announced.
    pub(crate) fn gone(self) -> Reply {
        Reply {
            lines: self.lines,
            ended: true,
            ..Reply::default()
        }
    }

    /// The session ended.
    pub(crate) fn ended(self, why: String) -> Result<Reply, Broken> {
        if self.leaving {
            return Ok(self.gone());
        }
        Err(Broken::Lost {
            why,
            lines: self.lines,
        })
    }

    /// Something could not be sent.
    pub(crate) fn lost(self, broken: Broken) -> Result<Reply, Broken> {
        match broken {
            Broken::Lost { why, .. } => self.ended(why),
            other => Err(other),
        }
    }
}
