//! The language from the outside: files in, trees, meanings and pictures of
//! mistakes out.

mod check;
mod inventory;
mod modules;
mod playbook;
mod template;
mod vault;
mod yaml;

use std::fmt::Write;

use cutover_language::diagnose::Diagnostic;
use cutover_language::render::{Look, render};

/// Every picture, one after the other, as a terminal without colours shows them.
fn pictures(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().fold(String::new(), |mut out, diagnostic| {
        writeln!(out, "{}\n", render(diagnostic, Look::Plain)).expect("a string takes everything");
        out
    })
}
