//! What the verbs say themselves: standard output for what was asked for,
//! standard error for everything about it.

use std::io::{IsTerminal, Write};

use console::style;
use cutover_language::Diagnostic;
use cutover_language::diagnose::Severity;
use cutover_language::render::{self, Look};

/// Writes to standard output. A reader who has gone away is no error.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// `error: …` on standard error.
pub(super) fn error_line(message: &str) {
    say(&format!(
        "{} {message}",
        style("error:").for_stderr().red().bold()
    ));
}

/// `hint: …` on standard error.
pub(super) fn hint_line(hint: &str) {
    say(&format!("{} {hint}", style("hint:").for_stderr().cyan()));
}

/// A line on standard error.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Faults with their source lines, warnings first.
pub(super) fn diagnostics(diagnostics: &[Diagnostic]) {
    let look = if console::colors_enabled_stderr() {
        Look::Coloured
    } else {
        Look::Plain
    };
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics
        .iter()
        .partition(|diagnostic| diagnostic.severity == Severity::Error);
    for diagnostic in warnings.iter().chain(&errors) {
        say(&format!("{}\n", render::render(diagnostic, look)));
    }
}

/// Whether somebody watches standard error and can be asked.
pub(super) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Columns of standard output; what Ansible takes where it is no terminal.
pub(super) fn width() -> usize {
    let out = console::Term::stdout();
    if out.is_term() {
        usize::from(out.size().1).max(40)
    } else {
        80
    }
}
