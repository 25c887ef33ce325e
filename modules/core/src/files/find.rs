//! `find`: files by name, age, size and content.

mod args;
mod filter;

use cutover_kit::{Applied, Failure, Map, Module, Note, Plan, Reach, Read, Traits, Value, Write};

use super::{LOOKS, misfit};
use crate::disk::{self, Ask, Content, Entry, Question, Sum, Tree};
use crate::files::stat::facts;
use crate::settled::Never;
use args::Args;
use filter::Filter;

/// The `find` module.
#[derive(Clone, Copy, Debug)]
pub struct Find;

impl Module for Find {
    const NAME: &'static str = "find";
    type Args = Args;
    type Facts = Map;
    type Change = Never;

    fn traits(&self) -> Traits {
        LOOKS
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Map, Failure> {
        let filter = Filter::new(args, reach.clock().now().as_millisecond() as f64 / 1000.0)?;
        let question = Question {
            trees: args.paths.iter().map(|path| tree(args, path)).collect(),
            ..Question::default()
        };
        let answer = disk::ask(reach, question).await?;
        let (mut examined, mut found, mut skipped) = (0, Vec::new(), Map::new());
        for (path, entries) in args.paths.iter().zip(answer.trees) {
            let Some(entries) = entries else {
                let message = format!("'{path}' is not a directory");
                let warning = format!("Skipped '{path}' path due to this access issue: {message}");
                reach.note(Note::Warning { message: warning });
                skipped.insert(path.clone(), message.into());
                continue;
            };
            examined += entries.len();
            for entry in entries {
                if filter.takes(&entry)? {
                    found.push(entry);
                }
            }
        }
        let files = read(args, found, reach).await?;
        let msg = match skipped.is_empty() {
            true => "All paths examined",
            false => "Not all paths examined, check warnings for details",
        };
        Ok(crate::fields([
            ("matched", files.len().into()),
            ("files", files.into()),
            ("examined", examined.into()),
            ("msg", msg.into()),
            ("skipped_paths", skipped.into()),
        ]))
    }

    fn plan(&self, _args: &Args, facts: &Map) -> Result<Plan<Never>, Failure> {
        Ok(Plan::nothing("it only looks").with(facts.clone()))
    }

    async fn apply(&self, _: &Args, _: &Map, never: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *never {}
    }
}

fn tree(args: &Args, path: &str) -> Tree {
    Tree {
        path: path.to_owned(),
        depth: if args.recurse { args.depth } else { Some(1) },
        follow: args.follow,
        limit: None,
    }
}

/// What results tell of the files; their content is read only where it is asked for.
async fn read(args: &Args, found: Vec<Entry>, reach: &Reach<Read>) -> Result<Vec<Value>, Failure> {
    let sum = args.checksum_algorithm.map_or(Sum::Sha1, Sum::from);
    let limit = args.limit.unwrap_or(usize::MAX);
    let told = |entry: &Entry, extra: Map| {
        let mut told = crate::fields([("path", entry.path.as_str().into())]);
        told.extend(facts(&entry.stat));
        told.extend(extra);
        Value::Map(told)
    };
    if args.contains.is_none() && !args.get_checksum {
        return Ok(found
            .iter()
            .take(limit)
            .map(|entry| told(entry, Map::new()))
            .collect());
    }
    let about = |entry: &Entry| {
        let ask = Ask::about(&entry.path).content(match args.contains {
            Some(_) => Content::All,
            None => Content::No,
        });
        if args.get_checksum { ask.sum(sum) } else { ask }
    };
    let question = Question {
        files: found.iter().map(about).collect(),
        ..Question::default()
    };
    let answer = disk::ask(reach, question).await?;
    let mut files = Vec::new();
    for (entry, mut seen) in found.iter().zip(answer.files) {
        if filter::contains(args, seen.content.as_deref())? && files.len() < limit {
            let hex = seen
                .sums
                .remove(&sum)
                .map(|hex| crate::fields([("checksum", hex.into())]));
            files.push(told(entry, hex.unwrap_or_default()));
        }
    }
    Ok(files)
}
