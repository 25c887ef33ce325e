//! `unarchive`: what is in an archive, unpacked on the host.

mod archive;
mod args;
mod script;

use cutover_kit::{Applied, Change, Failure, FailureKind, Later, Module, Plan, Reach, Read, Traits, Write};

use super::Edit;
use super::attributes::{Settled, described};
use crate::disk::{self, Answer, Ask, Question, Step};
use crate::posix::Posix;
use crate::steps::{CHANGES, text};
use archive::Archive;
use args::Args;
use script::Content;

/// The `unarchive` module.
#[derive(Clone, Copy, Debug)]
pub struct Unarchive;

/// What look found.
#[derive(Debug)]
pub struct Facts {
    archive: Archive,
    state: State,
}

#[derive(Debug)]
enum State {
    /// `creates` says that it was done before.
    Done(String),
    Later(Later),
    /// What is in it, and the folder and files as they are.
    Looked(Content, Answer),
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Unpack {
    /// Unpack all of it, of which so many files are not there yet, or otherwise.
    All(String),
    /// Only set attributes.
    Attributes(Edit),
}

impl Change for Unpack {
    fn describe(&self) -> String {
        match self {
            Self::All(text) => text.clone(),
            Self::Attributes(edit) => edit.describe(),
        }
    }
}

impl Module for Unarchive {
    const NAME: &'static str = "unarchive";
    type Args = Args;
    type Facts = Facts;
    type Change = Unpack;

    fn traits(&self) -> Traits {
        Traits {
            usual: "as long as the archive takes",
            ..CHANGES
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let reader = reach.reader::<Posix>(&reach.host().name).await?;
        if let Some(pattern) = &args.creates
            && reader.exists(pattern, None).await?
        {
            return Ok(Facts {
                archive: Archive::There,
                state: State::Done(pattern.clone()),
            });
        }
        let archive = Archive::gathered(args, reach)?;
        let state = match &archive {
            Archive::Later(later) => State::Later(later.clone()),
            _ => {
                let executed = reader
                    .look(&script::look(args, &archive), archive.stdin())
                    .await?;
                let content = script::read(args, &executed)?;
                let answer = seen(args, &content, reach).await?;
                State::Looked(content, answer)
            }
        };
        Ok(Facts { archive, state })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Unpack>, Failure> {
        let mut result = crate::fields([
            ("src", args.src.as_str().into()),
            ("dest", args.dest.as_str().into()),
        ]);
        let (content, answer) = match &facts.state {
            State::Done(pattern) => {
                let msg = format!("skipped, since {pattern} exists");
                return Ok(Plan::nothing(msg.clone()).with(crate::fields([("msg", msg.into())])));
            }
            State::Later(later) => {
                return Ok(Plan::later(later.clone(), "what is in it shows then").with(result));
            }
            State::Looked(content, answer) => (content, answer),
        };
        result.insert("handler".into(), content.handler.as_str().into());
        result.extend(answer.files.first().map(described).unwrap_or_default());
        if args.list_files {
            result.insert("files".into(), content.names.clone().into());
        }
        let differ: Vec<&str> = content
            .files
            .iter()
            .filter_map(|(path, differs)| differs.then_some(path.as_str()))
            .collect();
        let text = match differ[..] {
            [] => {
                let steps = attributes(&args.wish().settle(answer)?, answer)?;
                if steps.is_empty() {
                    return Ok(Plan::nothing("all of it is there").with(result));
                }
                let text = format!("set attributes below {}", args.dest);
                let dest = answer.files.first().map_or("", |dest| dest.path.as_str());
                let edit = Edit::new(text, steps).showing(dest);
                return Ok(Plan::of(vec![Unpack::Attributes(edit)], "attributes differ").with(result));
            }
            [one] => format!("unpack {one}"),
            [first, ..] => format!("unpack {} files, {first} the first", differ.len()),
        };
        // Whether the accounts are there shows before anything is unpacked.
        args.wish().settle(answer)?;
        Ok(Plan::of(vec![Unpack::All(text)], "some of it is not there, or otherwise").with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        change: &Unpack,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let State::Looked(content, _) = &facts.state else {
            return Err(Failure::new(FailureKind::Internal, "nothing is to be unpacked"));
        };
        if let Unpack::Attributes(edit) = change {
            return edit.make(reach).await;
        }
        let mut writer = reach.writer::<Posix>().await?;
        let line = script::change(args, &facts.archive);
        let executed = writer.script(&line, facts.archive.stdin()).await?;
        if executed.status != Some(0) {
            let said = text(&executed.stderr);
            let message = format!("failed to unpack {} to {}", args.src, args.dest);
            return Err(Failure::new(FailureKind::Task, message).seen_all(said.lines()));
        }
        let now = seen(args, content, &reach.reading()).await?;
        let steps = attributes(&args.wish().settle(&now)?, &now)?;
        let dest = now.files.first().map_or("", |dest| dest.path.as_str());
        Edit::new("set attributes", steps).showing(dest).make(reach).await
    }
}

/// The folder; the files too, where they are to have attributes of the task's.
async fn seen(args: &Args, content: &Content, reach: &Reach<Read>) -> Result<Answer, Failure> {
    let mut question = Question {
        files: vec![Ask::about(&args.dest)],
        ..Question::default()
    };
    let wish = args.wish();
    wish.ask(&mut question);
    if wish.is_any() {
        let files = content.files.iter();
        question.files.extend(files.map(|(path, _)| Ask::about(path)));
    }
    disk::ask(reach, question).await
}

/// What is to be set on the files.
fn attributes(wanted: &Settled, answer: &Answer) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for seen in answer.files.iter().skip(1) {
        if let Some(stat) = &seen.stat
            && let Some(difference) = wanted.difference(stat)?
        {
            steps.push(Step::Set {
                path: seen.path.clone(),
                attributes: difference.set,
            });
        }
    }
    Ok(steps)
}
