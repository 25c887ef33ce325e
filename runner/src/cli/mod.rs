//! The command line: one file per verb, one list, one match.
//!
//! What was typed (the `Args` of a verb) is only validated and stored; what it
//! means is worked out by the verb.

mod call;
mod commands;
mod completions;
mod config;
mod doctor;
mod explain;
mod extra_vars;
mod fault;
mod interrupt;
mod inventory;
mod language;
mod lint;
mod listing;
mod manual;
mod manuals;
mod modules;
mod open_files;
mod options;
mod outage;
mod passwords;
#[cfg(feature = "rehearse")]
mod rehearse;
mod run;
mod start;
mod terminal;
#[cfg(feature = "rehearse")]
mod twins;
mod ui;
mod vault;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use language::reference as language;
pub use manual::reference as manual;

use crate::exit::Exit;
use fault::Fault;

/// Rotates certificates across contact-centre estates inside a change window.
///
/// A playbook says what is done, an inventory says on which hosts. Every cluster goes through the phases on
/// its own, the primary before its secondaries, and nothing goes on before the last node is proved back in
/// service. Rehearse first: `cutover rehearse PLAYBOOK -i INVENTORY` runs the same against simulated devices.
#[derive(Parser)]
#[command(
    name = "cutover",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(after_help = exit_codes())]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

fn exit_codes() -> String {
    let codes = Exit::ALL.map(|exit| format!("{} {}", exit.code(), exit.meaning()));
    format!("Exit codes: {}.", codes.join(", "))
}

#[derive(Subcommand)]
enum Verb {
    Run(run::Args),
    Do(call::Args),
    #[cfg(feature = "rehearse")]
    Rehearse(rehearse::Args),
    #[cfg(feature = "rehearse")]
    Twins(twins::Args),
    Lint(lint::Args),
    Explain(explain::Args),
    Modules(modules::Args),
    Language(language::Args),
    Inventory(inventory::Args),
    Config(config::Args),
    Doctor(doctor::Args),
    Vault(vault::Args),
    Completions(completions::Args),
    Manual(manuals::Args),
}

impl Verb {
    fn carry_out(self) -> Result<Exit, Fault> {
        match self {
            Self::Run(args) => run::run(&args),
            Self::Do(args) => call::run(&args),
            #[cfg(feature = "rehearse")]
            Self::Rehearse(args) => rehearse::run(&args),
            #[cfg(feature = "rehearse")]
            Self::Twins(args) => twins::run(&args),
            Self::Lint(args) => lint::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Modules(args) => modules::run(&args),
            Self::Language(args) => language::run(&args),
            Self::Inventory(args) => inventory::run(&args),
            Self::Config(args) => config::run(&args),
            Self::Doctor(args) => doctor::run(&args),
            Self::Vault(args) => vault::run(&args),
            Self::Completions(args) => completions::run(&args),
            Self::Manual(args) => manuals::run(&args),
        }
    }
}

/// Does what the command line says. A panic is a fault of cutover, and ends as one.
pub fn main() -> Exit {
    catch_unwind(AssertUnwindSafe(|| carry_out(std::env::args_os()))).unwrap_or_else(|_| {
        ui::error_line("a fault in cutover: please report it with the lines above");
        Exit::Internal
    })
}

fn carry_out(argv: impl Iterator<Item = std::ffi::OsString>) -> Exit {
    match Cli::try_parse_from(argv) {
        Ok(cli) => cli.verb.carry_out().unwrap_or_else(|fault| {
            fault.show();
            fault.exit
        }),
        Err(error) => {
            // Nobody is left to be told where the terminal is gone.
            let _ = error.print();
            match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_lists_every_exit_code() {
        insta::assert_snapshot!(exit_codes(), @"Exit codes: 0 done, 1 error before any host, 2 a task failed, 3 suspended, 4 host unreachable or a file that does not check, 5 bad options, 6 outcome of a change unknown, 8 another run holds a lock, 99 interrupted, 250 a fault in cutover.");
    }

    #[test]
    fn every_verb_and_option_has_a_help_text() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{} has no help", verb.get_name());
            for argument in verb.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no help",
                    verb.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}
