//! Modules on files. They see files through `disk` and do not know where those are.

mod account;
mod assemble;
mod attributes;
mod block;
mod copy;
mod edit;
mod fetch;
mod file;
mod find;
mod lines;
mod mode;
mod put;
mod python;
mod replace;
mod revise;
mod slurp;
pub(crate) mod source;
mod stat;
mod tempfile;
mod template;

pub use assemble::Assemble;
pub use block::BlockInFile;
pub use copy::Copy;
pub use edit::Edit;
pub use fetch::Fetch;
pub use file::File;
pub use find::Find;
pub use lines::LineInFile;
pub use replace::Replace;
pub use slurp::Slurp;
pub(crate) use source::Source;
pub use stat::Stat;
pub use tempfile::TempFile;
pub use template::Template;

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{AnyModule, Failure, FailureKind, Platform, Traits};

/// Every module on files.
pub(crate) fn modules() -> Vec<&'static dyn AnyModule> {
    vec![
        &Assemble,
        &BlockInFile,
        &Copy,
        &Fetch,
        &File,
        &Find,
        &LineInFile,
        &Replace,
        &Slurp,
        &Stat,
        &TempFile,
        &Template,
    ]
}

/// A module that changes files: a second look tells whether it did.
const CHANGES: Traits = Traits {
    platforms: &[Platform::Local, Platform::Posix],
    collective: false,
    repeat: Repeat::Probe,
    effects: Effects::Device,
    free_form: None,
    usual: "at once",
};

/// A module that looks at files.
const LOOKS: Traits = Traits {
    effects: Effects::Nothing,
    repeat: Repeat::Safe,
    ..CHANGES
};

/// What the playbook asks for cannot be.
fn misfit(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Arguments, message)
}

/// What is there is not as the task needs it; nothing was changed.
fn unfit(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Preflight, message)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
