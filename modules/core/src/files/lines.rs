//! `lineinfile`: one line in a file.

mod args;
mod decide;

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};

use super::edit::Edit;
use super::revise::{Facts, Revised};
use super::{CHANGES, misfit};
use args::{Args, State};

/// The `lineinfile` module.
#[derive(Clone, Copy, Debug)]
pub struct LineInFile;

impl Module for LineInFile {
    const NAME: &'static str = "lineinfile";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        args.check()?;
        args.target().look(reach).await
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        let target = args.target();
        if args.state == State::Absent && !facts.exists() {
            return Ok(target.missing("file not present"));
        }
        let content = target.content(facts)?;
        target.plan(facts, decide::revise(args, content.unwrap_or_default())?)
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Facts,
        edit: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        edit.make_silently(reach).await
    }

    fn undo(&self, _: &Self::Args, _: &Self::Facts, edit: &Edit) -> Option<Edit> {
        edit.undo()
    }
}
