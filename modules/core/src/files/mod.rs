//! Modules on files. They see files through `disk` and do not know where those are.

pub(crate) mod account;
mod assemble;
pub(crate) mod attributes;
mod block;
mod copy;
mod edit;
mod fetch;
mod file;
mod find;
mod lines;
pub(crate) mod mode;
pub(crate) mod put;
mod python;
mod replace;
mod revise;
mod slurp;
pub(crate) mod source;
mod stat;
mod tempfile;
mod template;
mod unarchive;

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
pub(crate) use source::{Source, Taking};
pub use stat::Stat;
pub use tempfile::TempFile;
pub use template::Template;
pub use unarchive::Unarchive;

use cutover_kit::{AnyModule, Failure, FailureKind};

use crate::steps::{CHANGES, LOOKS, misfit};

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
        &Unarchive,
    ]
}

/// What is there is not as the task needs it; nothing was changed.
pub(crate) fn unfit(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Preflight, message)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
