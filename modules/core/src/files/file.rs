//! `file`: folders, links, empty files, attributes, and none of these.

mod args;
mod decide;

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};

use super::edit::Edit;
use super::{CHANGES, misfit};
use crate::disk::{self, Answer, Ask, Question, Tree};
use args::{Args, State};

/// The `file` module.
#[derive(Clone, Copy, Debug)]
pub struct File;

/// What look found: the file, what a link is to lead to, and all that is below.
#[derive(Debug)]
pub struct Facts(Answer);

impl Module for File {
    const NAME: &'static str = "file";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        if args.recurse && !matches!(args.state, None | Some(State::Directory)) {
            return Err(misfit("recurse option requires state to be 'directory'"));
        }
        let mut question = Question {
            files: vec![Ask::about(&args.path)],
            ..Question::default()
        };
        if let Some(src) = &args.src {
            let name = src.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            question.files.push(Ask::about(beside(&args.path, src)));
            question
                .files
                .push(Ask::about(format!("{}/{name}", args.path.trim_end_matches('/'))));
        }
        // What goes with a folder is told before, and one more asked for to know whether that is all.
        let goes = args.state == Some(State::Absent);
        if args.recurse || goes {
            question.trees.push(Tree {
                path: args.path.clone(),
                depth: None,
                follow: false,
                limit: goes.then_some(decide::LISTED + 1),
            });
        }
        args.wish().ask(&mut question);
        disk::ask(reach, question).await.map(Facts)
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        decide::plan(args, &facts.0)
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

/// Where a link at `path` that says `src` leads to.
fn beside(path: &str, src: &str) -> String {
    if src.starts_with(['/', '~']) {
        return src.to_owned();
    }
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{src}"),
        None => src.to_owned(),
    }
}
