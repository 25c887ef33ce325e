//! `cutover manual`: the pages that are made from the program itself.

use super::fault::Fault;
use super::{commands, lint, manual, ui};
use crate::catalog;
use crate::exit::Exit;

/// Print a manual as Markdown, made from the program itself
///
/// The files of the same names in docs are these texts.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Which one.
    #[arg(value_enum)]
    page: Page,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// Verbs and options.
    Commands,
    /// Modules and their arguments.
    Modules,
    /// What `cutover lint` finds.
    Lint,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    ui::print(&match args.page {
        Page::Commands => commands::reference(),
        Page::Modules => manual::reference(&catalog::built_in()),
        Page::Lint => lint::reference(),
    });
    Ok(Exit::Done)
}
