//! `copy`: content, a file or a folder of this machine, or one of the host itself.

mod args;
mod content;
mod decide;
mod folder;
mod gather;

use cutover_kit::{Applied, Failure, Later, Module, Plan, Reach, Read, Traits, Write};
use jiff::Timestamp;

use super::CHANGES;
use super::edit::Edit;
use super::source::{Below, Sent};
use crate::disk::{Answer, Seen};
pub(super) use args::Args;

/// The `copy` module.
#[derive(Clone, Copy, Debug)]
pub struct Copy;

/// What look found.
#[derive(Debug)]
pub struct Facts {
    what: What,
    /// The destination, and what else was asked about.
    answer: Answer,
    now: Timestamp,
}

/// What is copied.
#[derive(Debug)]
pub(super) enum What {
    /// Content, and the name of the file it comes from.
    Content {
        from: Option<Sent>,
        content: Vec<u8>,
        /// Whether it must not show, not even as a difference.
        secret: bool,
    },
    /// What is below a folder, and whether the folder itself is copied.
    Folder { below: Vec<Below>, mode: Option<u32> },
    /// A file of the host itself.
    There(Box<Seen>),
    /// An earlier step makes it.
    Later(Later),
}

/// The copy that another module comes down to, and what is known for it.
#[derive(Debug)]
pub struct Prepared {
    args: Args,
    facts: Facts,
}

impl Prepared {
    /// A copy of this.
    pub(super) async fn gathered(args: Args, what: What, reach: &Reach<Read>) -> Result<Self, Failure> {
        let facts = gather::gathered(&args, what, reach).await?;
        Ok(Self { args, facts })
    }

    /// What is copied shows only later.
    pub(super) fn later(args: Args, later: Later, reach: &Reach<Read>) -> Self {
        let facts = Facts {
            what: What::Later(later),
            answer: Answer::default(),
            now: reach.clock().now(),
        };
        Self { args, facts }
    }

    /// What there is to do.
    pub(super) fn plan(&self) -> Result<Plan<Edit>, Failure> {
        decide::plan(&self.args, &self.facts)
    }

    /// The destination.
    pub(super) fn dest(&self) -> Option<&Seen> {
        self.facts.answer.files.first()
    }
}

impl Module for Copy {
    const NAME: &'static str = "copy";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        gather::gather(args, reach).await
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        decide::plan(args, facts)
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Facts,
        edit: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        edit.make(reach).await
    }

    fn undo(&self, _: &Self::Args, _: &Self::Facts, edit: &Edit) -> Option<Edit> {
        edit.undo()
    }
}
