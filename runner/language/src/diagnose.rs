//! Faults in what was written, as data.
//!
//! A [`Diagnostic`] is made where the fault is found and shown somewhere else:
//! [`render`](crate::render) is the one place that turns it into text.

use crate::source::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, and is probably not what was meant.
    Warning,
    /// Nothing is run.
    Error,
}

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which kind of fault, in words that stay the same from release to release.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, if it is in a text at all.
    pub place: Option<Place>,
    /// What else to look at.
    pub notes: Vec<Note>,
    /// What would have been right.
    pub help: Option<String>,
}

/// Something that belongs to a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What to see there.
    pub message: String,
    /// Where to look.
    pub place: Option<Place>,
}

impl Diagnostic {
    /// An error at `place`.
    pub fn error(code: &'static str, place: &Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: Some(place.clone()),
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning at `place`.
    pub fn warning(code: &'static str, place: &Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, place, message)
        }
    }

    /// An error that is in no text, such as a file that is missing.
    pub fn nowhere(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            notes: Vec::new(),
            help: None,
        }
    }

    /// Adds what would have been right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean", if something is near enough.
    #[must_use]
    pub fn did_you_mean<'a>(self, written: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(written, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Adds another place to look at.
    #[must_use]
    pub fn note(mut self, place: &Place, message: impl Into<String>) -> Self {
        self.notes.push(Note {
            message: message.into(),
            place: Some(place.clone()),
        });
        self
    }
}

/// Whether one of these stops a run.
pub fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Longer words are not mistyped names, and dear to compare.
const LONGEST_WORD: usize = 80;

/// The known word most like the one written, if one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let length = written.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let reach = (length / 3).max(1);
    known
        .into_iter()
        .filter(|name| *name != written && name.chars().count().abs_diff(length) <= reach)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= reach)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = ["gather_facts", "tasks", "tags", "vars"];
        assert_eq!(nearest("gater_facts", known), Some("gather_facts"));
        assert_eq!(nearest("task", known), Some("tasks"));
        assert_eq!(nearest("Vars", known), Some("vars"));
        assert_eq!(nearest("serial", known), None);
        assert_eq!(nearest("é", known), None);
        let long = "ä".repeat(4000);
        assert_eq!(nearest(&long, [format!("{long}a").as_str()]), None);
    }
}
