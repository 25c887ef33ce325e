//! `unarchive`: what is in an archive, unpacked on the host.

mod archive;
mod args;
mod script;

use cutover_kit::{Applied, Change, Failure, FailureKind, Later, Module, Plan, Reach, Read, Traits, Write};

use super::Edit;
use super::attributes::{Settled, described};
use crate::disk::{self, Answer, Ask, Question, Step};
use crate::posix::Posix;
use crate::process::{self, Found};
use crate::steps::{CHANGES, ask_with};
use archive::Archive;
use args::Args;
use script::Content;

/// The `unarchive` module.
#[derive(Clone, Copy, Debug)]
pub struct Unarchive;

/// What look found.
#[derive(Debug)]
pub enum Facts {
    /// `creates` says that it was done before.
    Done(String),
    /// An earlier step of this check run makes the archive, or what `creates` asks for.
    Later(Later),
    /// The archive.
    Looked(Looked),
}

/// An archive, and how it stands on the host.
#[derive(Debug)]
pub struct Looked {
    archive: Archive,
    /// What is in it.
    content: Content,
    /// The folder and files as they are.
    answer: Answer,
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
        if let Some(pattern) = &args.creates {
            match process::find(pattern, None, reach).await? {
                Found::There => return Ok(Facts::Done(pattern.clone())),
                Found::Later(later) => return Ok(Facts::Later(later)),
                Found::Missing => {}
            }
        }
        let archive = match Archive::gathered(args, reach)? {
            Ok(archive) => archive,
            Err(later) => return Ok(Facts::Later(later)),
        };
        let executed = ask_with(&script::look(args, &archive), archive.stdin(), reach).await?;
        let content = script::read(args, &executed)?;
        let answer = seen(args, &content, reach).await?;
        Ok(Facts::Looked(Looked {
            archive,
            content,
            answer,
        }))
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Unpack>, Failure> {
        let mut result = crate::fields([
            ("src", args.src.as_str().into()),
            ("dest", args.dest.as_str().into()),
        ]);
        let Looked { content, answer, .. } = match facts {
            Facts::Done(pattern) => {
                let msg = format!("skipped, since {pattern} exists");
                return Ok(Plan::nothing(msg.clone()).with(crate::fields([("msg", msg.into())])));
            }
            Facts::Later(later) => {
                let plan = Plan::later(later.clone(), "whether and what is to be unpacked shows then");
                return Ok(plan.with(result));
            }
            Facts::Looked(looked) => looked,
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
        if let Unpack::Attributes(edit) = change {
            return edit.make(reach).await;
        }
        let Facts::Looked(Looked { archive, .. }) = facts else {
            return Err(Failure::new(FailureKind::Internal, "nothing is to be unpacked"));
        };
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer
            .script(&script::change(args, archive), archive.stdin())
            .await?;
        let content = script::read(args, &executed)?;
        let now = seen(args, &content, &reach.reading()).await?;
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
