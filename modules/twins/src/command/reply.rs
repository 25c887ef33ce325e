//! What a command answers: text over time, and what comes after it.

use crate::state::unit::{Store, Unit};
use std::time::Duration;

/// An answer. Line ends are `\n`; the terminal makes them CRLF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Texts, each after a wait.
    pub(crate) parts: Vec<(Duration, String)>,
    pub(crate) then: Then,
}

/// What follows an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    Prompt,
    /// A line is read as the answer to the question that was printed last.
    Ask(Question),
    /// Lines are read until an empty one.
    Paste(Target),
    /// Pager B over these lines.
    View(Vec<String>),
    /// The session is over.
    Close,
    /// Nothing more will come: the node is going down.
    Silence,
}

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Mischief: a question before the command, which is this line.
    Extra(String),
    Restart,
    Shutdown,
    Regenerate(Unit),
    /// Include the OU?
    Unit(Unit),
    Upgrade(super::upgrade::Step),
}

/// Where a pasted certificate goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Own(Unit),
    Trust(Store),
}

impl Reply {
    /// Text after a wait, then the prompt.
    pub(crate) fn text(wait: Duration, text: impl Into<String>) -> Reply {
        Reply {
            parts: vec![(wait, text.into())],
            then: Then::Prompt,
        }
    }

    /// Nothing but the prompt.
    pub(crate) fn nothing() -> Reply {
        Reply {
            parts: Vec::new(),
            then: Then::Prompt,
        }
    }

    pub(crate) fn then(mut self, then: Then) -> Reply {
        self.then = then;
        self
    }

    /// More text after a further wait.
    pub(crate) fn after(mut self, wait: Duration, text: impl Into<String>) -> Reply {
        self.parts.push((wait, text.into()));
        self
    }
}
