//! `tempfile`: an empty file or folder with a name that nobody else has.

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{CHANGES, Edit, unfit};
use crate::disk::{self, Ask};
use crate::disk::{Attributes, Kind, Question, Step};

/// The `tempfile` module.
#[derive(Clone, Copy, Debug)]
pub struct TempFile;

/// Makes an empty temporary file or folder, for its owner only.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// What is made.
    #[serde(default)]
    state: State,
    /// The folder it is made in. Default: the host's own for such files.
    #[serde(default)]
    path: Option<String>,
    /// How its name begins.
    #[serde(default = "prefix")]
    prefix: String,
    /// How its name ends.
    #[serde(default)]
    suffix: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    File,
    Directory,
}

fn prefix() -> String {
    "ansible.".to_owned()
}

impl Module for TempFile {
    const NAME: &'static str = "tempfile";
    type Args = Args;
    /// The folder.
    type Facts = String;
    type Change = Edit;

    fn traits(&self) -> Traits {
        Traits {
            repeat: cutover_kit::module::Repeat::Safe,
            ..CHANGES
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<String, Failure> {
        let question = Question {
            files: args.path.iter().map(Ask::about).collect(),
            ..Question::default()
        };
        let answer = disk::ask(reach, question).await?;
        match answer.files.first() {
            None => Ok(answer.temporary),
            Some(seen) if seen.leads_to(Kind::Folder) => Ok(seen.path.clone()),
            Some(seen) => Err(unfit(format!("{} is no folder", seen.path))),
        }
    }

    fn plan(&self, _args: &Args, folder: &String) -> Result<Plan<Edit>, Failure> {
        let edit = Edit::new(format!("make something temporary in {folder}"), Vec::new());
        Ok(Plan::of(vec![edit], "it is made anew each time"))
    }

    async fn apply(
        &self,
        args: &Args,
        folder: &String,
        _: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let letters: String = reach
            .random(6)?
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = folder.trim_end_matches('/');
        let path = format!("{folder}/{}{letters}{}", args.prefix, args.suffix);
        let closed = |mode| Attributes {
            mode: Some(mode),
            ..Attributes::default()
        };
        let steps = match args.state {
            State::Directory => vec![Step::Folder {
                path: path.clone(),
                attributes: closed(0o700),
            }],
            State::File => vec![
                Step::Create { path: path.clone() },
                Step::Set {
                    path: path.clone(),
                    attributes: closed(0o600),
                },
            ],
        };
        let edit = Edit::new("", steps).showing(&path);
        let edit = edit.with(crate::fields([("path", path.as_str().into())]));
        edit.make(reach).await
    }
}
