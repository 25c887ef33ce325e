//! `slurp`: the content of a file.

use cutover_kit::{Applied, Failure, Map, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{LOOKS, unfit};
use crate::disk::{self, Ask, Content, Kind, Question};
use crate::settled::Never;

/// The `slurp` module.
#[derive(Clone, Copy, Debug)]
pub struct Slurp;

/// Reads a file of the host; its content comes back in base64 (`result.content | b64decode`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["path"]))]
    src: String,
}

impl Module for Slurp {
    const NAME: &'static str = "slurp";
    type Args = Args;
    type Facts = Map;
    type Change = Never;

    fn traits(&self) -> Traits {
        LOOKS
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Map, Failure> {
        let question = Question {
            files: vec![Ask::about(&args.src).content(Content::All)],
            ..Question::default()
        };
        let answer = disk::ask(reach, question).await?;
        let seen = answer.files.first().filter(|seen| seen.exists());
        let seen = seen.ok_or_else(|| unfit(format!("File not found: {}", args.src)))?;
        if seen.leads_to(Kind::Folder) {
            return Err(unfit(format!(
                "Source is a directory and must be a file: {}",
                seen.path
            )));
        }
        let content = seen.content.as_deref();
        let content = content.ok_or_else(|| unfit(format!("File is not readable: {}", seen.path)))?;
        Ok(crate::fields([
            ("content", openssl::base64::encode_block(content).into()),
            ("encoding", "base64".into()),
            ("source", seen.path.as_str().into()),
        ]))
    }

    fn plan(&self, _args: &Args, facts: &Map) -> Result<Plan<Never>, Failure> {
        Ok(Plan::nothing("it only looks").with(facts.clone()))
    }

    async fn apply(&self, _: &Args, _: &Map, never: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *never {}
    }
}
