//! The one error of the command line: what happened, how it ends, what to do.

use std::fmt::Display;
use std::io;

use cutover_language::Diagnostic;

use super::ui;
use crate::exit::Exit;

/// Why a verb could not be carried out.
#[derive(Debug)]
pub(super) struct Fault {
    /// How the program ends.
    pub(super) exit: Exit,
    /// One sentence; none where the diagnostics say it all.
    message: Option<String>,
    hints: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Fault {
    /// An error before or outside the hosts.
    pub(super) fn error(message: impl Into<String>) -> Self {
        Self::new(Exit::Error, message)
    }

    /// One sentence, and how the program ends for it.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: Some(message.into()),
            hints: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Files that do not parse or check.
    pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        Self::refused(diagnostics, Exit::INVALID)
    }

    /// Mistakes found, and how the program ends for them.
    pub(super) fn refused(diagnostics: Vec<Diagnostic>, exit: Exit) -> Self {
        Self {
            exit,
            message: None,
            hints: Vec::new(),
            diagnostics,
        }
    }

    /// With what to do about it.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Whether one of the mistakes found is of this kind.
    pub(super) fn is(&self, code: &str) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == code)
    }

    /// With what it is about before the sentence: `vars.yml: …`.
    #[must_use]
    pub(super) fn about(mut self, what: impl Display) -> Self {
        self.message = self.message.map(|message| format!("{what}: {message}"));
        self
    }

    /// The mistakes found, where that is all there is.
    pub(super) fn findings(self) -> Result<Vec<Diagnostic>, Self> {
        match self.message {
            None if !self.diagnostics.is_empty() => Ok(self.diagnostics),
            _ => Err(self),
        }
    }

    /// An I/O error of what was tried: `cannot open the journal: …`.
    pub(super) fn io(tried: impl Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::error(format!("cannot {tried}: {error}"))
    }

    /// Tells the engineer, on standard error.
    pub(super) fn show(&self) {
        ui::diagnostics(&self.diagnostics);
        if let Some(message) = &self.message {
            ui::error_line(message);
        }
        for hint in &self.hints {
            ui::hint_line(hint);
        }
    }
}
