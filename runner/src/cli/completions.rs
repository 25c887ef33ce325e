//! `cutover completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::fault::Fault;
use super::{Cli, ui};
use crate::exit::Exit;

/// Print a shell's completion script
///
/// For bash: `cutover completions bash > ~/.local/share/bash-completion/completions/cutover`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cutover", &mut script);
    ui::print(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
