//! `assemble`: one file of the pieces in a folder.

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use fancy_regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::account::Account;
use super::copy::{self, Prepared, What};
use super::mode::Mode;
use super::python::{gave_up, regex};
use super::source::{self, Entry, Source, Taking};
use super::{CHANGES, Edit, attributes::described, misfit, unfit, yes};
use crate::disk::{self, Ask, Content, Kind, Question, Tree};

/// The `assemble` module.
#[derive(Clone, Copy, Debug)]
pub struct Assemble;

/// Writes a file that is made of all files in a folder, in the order of their names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The folder with the pieces.
    src: String,
    /// The file.
    dest: String,
    /// What stands between two pieces.
    #[serde(default)]
    delimiter: Option<String>,
    /// Only pieces whose names this finds, a regular expression.
    #[serde(default)]
    regexp: Option<String>,
    /// Whether pieces whose names begin with a dot are left out.
    #[serde(default)]
    ignore_hidden: bool,
    /// Whether the folder is on the host.
    #[serde(default = "yes")]
    remote_src: bool,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    backup: bool,
    /// A command that must accept the new file before it takes its place; `%s` stands for it.
    #[serde(default)]
    validate: Option<String>,
    /// Permissions: octal digits in quotes (`"0644"`) or symbols (`u=rw,g=r`).
    #[serde(default)]
    mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    group: Option<Account>,
    /// Whether pieces of this machine that are encrypted with Ansible Vault are decrypted.
    #[serde(default = "yes")]
    decrypt: bool,
}

impl Module for Assemble {
    const NAME: &'static str = "assemble";
    type Args = Args;
    type Facts = Prepared;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Prepared, Failure> {
        let (pieces, secret) = match args.remote_src {
            true => (there(args, reach).await?, false),
            false => here(args, reach)?,
        };
        let what = What::Content {
            from: None,
            content: joined(&pieces, args.delimiter.as_deref()),
            secret,
        };
        Prepared::gathered(args.copy(), what, reach).await
    }

    fn plan(&self, args: &Args, copy: &Prepared) -> Result<Plan<Edit>, Failure> {
        let mut plan = copy.plan()?;
        plan.result.insert("src".into(), args.src.as_str().into());
        plan.result.insert("msg".into(), "OK".into());
        if plan.changes.is_empty() {
            plan.result.shift_remove("path");
            plan.result.extend(copy.dest().map(described).unwrap_or_default());
        }
        Ok(plan)
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Prepared,
        edit: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        edit.make(reach).await
    }

    fn undo(&self, _: &Self::Args, _: &Self::Facts, edit: &Edit) -> Option<Edit> {
        edit.undo()
    }
}

impl Args {
    fn copy(&self) -> copy::Args {
        copy::Args {
            dest: self.dest.clone(),
            mode: self.mode.clone(),
            owner: self.owner.clone(),
            group: self.group.clone(),
            backup: self.backup,
            force: true,
            validate: self.validate.clone(),
            ..copy::Args::default()
        }
    }

    fn filter(&self) -> Result<Filter, Failure> {
        let names = self.regexp.as_deref();
        Ok(Filter {
            names: names.map(|pattern| regex("regexp", pattern, "")).transpose()?,
            hidden: !self.ignore_hidden,
        })
    }
}

/// Which files of the folder are pieces.
struct Filter {
    names: Option<Regex>,
    hidden: bool,
}

impl Filter {
    fn takes(&self, name: &str) -> Result<bool, Failure> {
        if name.contains('/') || !self.hidden && name.starts_with('.') {
            return Ok(false);
        }
        match &self.names {
            None => Ok(true),
            Some(names) => names.is_match(name).map_err(|error| gave_up(&error)),
        }
    }
}

async fn there(args: &Args, reach: &Reach<Read>) -> Result<Vec<Vec<u8>>, Failure> {
    let question = Question {
        trees: vec![Tree {
            path: args.src.clone(),
            depth: Some(1),
            follow: false,
            limit: None,
        }],
        ..Question::default()
    };
    let answer = disk::ask(reach, question).await?;
    let Some(entries) = answer.trees.into_iter().next().flatten() else {
        return Err(unfit(format!(
            "Source ({}) does not exist, or is no folder",
            args.src
        )));
    };
    let (filter, mut files) = (args.filter()?, Vec::new());
    for entry in entries {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        if matches!(entry.stat.kind(), Kind::File | Kind::Link) && filter.takes(name)? {
            files.push(Ask::about(entry.path).content(Content::All));
        }
    }
    let question = Question {
        files,
        ..Question::default()
    };
    let answer = disk::ask(reach, question).await?;
    let pieces = answer.files.into_iter();
    pieces
        .filter(|seen| seen.leads_to(Kind::File))
        .map(|seen| {
            seen.content
                .ok_or_else(|| unfit(format!("{} cannot be read", seen.path)))
        })
        .collect()
}

/// The pieces, and whether one of them was encrypted.
fn here(args: &Args, reach: &Reach<Read>) -> Result<(Vec<Vec<u8>>, bool), Failure> {
    let taking = Taking {
        links: false,
        decrypt: args.decrypt,
    };
    let Source::Folder(below) = source::read(reach, &args.src, "files", taking)? else {
        return Err(misfit(format!("Source ({}) is not a directory", args.src)));
    };
    let (filter, mut pieces, mut secret) = (args.filter()?, Vec::new(), false);
    for below in below {
        if let (Entry::File(sent), true) = (below.it, filter.takes(&below.path)?) {
            secret |= sent.secret;
            pieces.push(sent.content);
        }
    }
    Ok((pieces, secret))
}

/// The delimiter stands on lines of its own.
fn joined(pieces: &[Vec<u8>], delimiter: Option<&str>) -> Vec<u8> {
    let delimiter = delimiter.map(|text| text.replace("\\n", "\n").replace("\\t", "\t"));
    let mut all: Vec<u8> = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            if !all.is_empty() && !all.ends_with(b"\n") {
                all.push(b'\n');
            }
            if let Some(delimiter) = &delimiter {
                all.extend(delimiter.as_bytes());
                if !delimiter.ends_with('\n') {
                    all.push(b'\n');
                }
            }
        }
        all.extend(piece);
    }
    all
}
