//! What goes wrong in a template, and where.

use std::fmt;

use cutover_kit::value::Later;

use crate::diagnose::Diagnostic;
use crate::source::Place;
use crate::vault::VaultError;

/// Why a template could not be rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateError {
    /// Which kind of fault.
    pub kind: ErrorKind,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where: the innermost template, and inside of it as exactly as can be told.
    pub place: Place,
    /// Through which variables it was reached, innermost first.
    pub chain: Vec<Step>,
    /// What would have been right.
    pub help: Option<String>,
}

/// A variable on the way to a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The variable whose template was being rendered.
    pub variable: String,
    /// Where it is used.
    pub place: Place,
}

/// Which kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// It is no template or expression.
    Syntax,
    /// It uses something that is not defined.
    Undefined,
    /// A variable is made of itself.
    Cycle,
    /// There is no such filter, test, function or lookup.
    Unknown,
    /// Values of the wrong type, or an operation that failed.
    Value,
    /// It became too large, too deep or took too long.
    Limit,
    /// An encrypted value could not be opened.
    Vault,
}

impl ErrorKind {
    /// The code of its diagnostic.
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax => "template-syntax",
            Self::Undefined => "undefined",
            Self::Cycle => "variable-cycle",
            Self::Unknown => "template-unknown",
            Self::Value => "template-value",
            Self::Limit => "template-limit",
            Self::Vault => "vault",
        }
    }
}

impl TemplateError {
    /// The fault as a diagnostic, with the variables it was reached through as notes.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let fault = Diagnostic::error(self.kind.code(), &self.place, self.message.clone());
        let fault = self.chain.iter().fold(fault, |fault, step| {
            fault.note(
                &step.place,
                format!("while templating variable `{}`", step.variable),
            )
        });
        match &self.help {
            Some(help) => fault.help(help.clone()),
            None => fault,
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        for step in &self.chain {
            write!(
                f,
                ", while templating variable `{}` ({})",
                step.variable, step.place
            )?;
        }
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TemplateError {}

/// A fault that does not know its place yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    /// Something is undefined, and nothing more is known of it.
    pub(super) fn undefined() -> Self {
        Self::new(ErrorKind::Undefined, "this is undefined")
    }

    /// A template prints without end.
    pub(super) fn too_much_text() -> Self {
        Self::new(ErrorKind::Limit, "this makes too much text")
    }

    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
        }
    }

    /// A file that cannot be read, or opened.
    pub(super) fn unreadable(fault: Diagnostic) -> Self {
        let kind = match fault.code {
            "vault" => ErrorKind::Vault,
            _ => ErrorKind::Value,
        };
        Self::new(kind, fault.message).help(fault.help)
    }

    pub(super) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    pub(super) fn at(self, place: Place) -> TemplateError {
        TemplateError {
            kind: self.kind,
            message: self.message,
            place,
            chain: Vec::new(),
            help: self.help,
        }
    }
}

impl From<VaultError> for Fault {
    fn from(error: VaultError) -> Self {
        Self::new(ErrorKind::Vault, error.to_string()).help(error.hint().map(str::to_owned))
    }
}

/// What ends an evaluation early; it travels through the engine as the source
/// of one of its errors.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// A fault in this template.
    Here(Fault),
    /// A fault in the template of a variable that this one uses.
    Within {
        variable: String,
        error: Box<TemplateError>,
    },
    /// It needs what is known only later.
    Later(Later),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(fault) => f.write_str(&fault.message),
            Self::Within { error, .. } => error.fmt(f),
            Self::Later(later) => later.fmt(f),
        }
    }
}

impl std::error::Error for Stop {}

impl From<Stop> for minijinja::Error {
    fn from(stop: Stop) -> Self {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, "stopped").with_source(stop)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Here(fault)
    }
}

impl From<Fault> for minijinja::Error {
    fn from(fault: Fault) -> Self {
        Stop::Here(fault).into()
    }
}

/// The reason of ours in an error of the engine, if it has one.
pub(super) fn stop_in(error: &minijinja::Error) -> Option<&Stop> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(stop) = error.downcast_ref::<Stop>() {
            return Some(stop);
        }
        next = error.source();
    }
    None
}

/// The error of the engine at the bottom of others.
pub(super) fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut innermost = error;
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        innermost = error.downcast_ref().unwrap_or(innermost);
        next = error.source();
    }
    innermost
}

/// A fault that the engine found itself.
pub(super) fn engine_fault(error: &minijinja::Error) -> Fault {
    use minijinja::ErrorKind as Engine;
    let kind = match error.kind() {
        Engine::SyntaxError | Engine::BadEscape | Engine::InvalidDelimiter => ErrorKind::Syntax,
        Engine::UndefinedError => ErrorKind::Undefined,
        Engine::UnknownFilter | Engine::UnknownTest | Engine::UnknownFunction | Engine::UnknownMethod => {
            ErrorKind::Unknown
        }
        Engine::OutOfFuel => return Fault::new(ErrorKind::Limit, "this template runs for too long"),
        _ => ErrorKind::Value,
    };
    let message = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    Fault::new(kind, message)
}
