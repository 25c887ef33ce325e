//! `blockinfile`: a block of lines between two marks.

use cutover_kit::args::Told;
use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::account::Account;
use super::attributes::Wish;
use super::edit::Edit;
use super::mode::Mode;
use super::python::{Coding, gave_up, regex};
use super::revise::{Facts, Revised, Target};
use super::{CHANGES, misfit};

/// The `blockinfile` module.
#[derive(Clone, Copy, Debug)]
pub struct BlockInFile;

/// Sees to it that a block of lines stands between two marks in a file, or that it does not.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["dest", "destfile", "name"]))]
    path: String,
    /// The lines. Without any, the block goes.
    #[serde(default)]
    #[schemars(extend("aliases" = ["content"]))]
    block: Option<Told>,
    /// Whether the block is to be there.
    #[serde(default)]
    state: State,
    /// The line before and after the block; `{mark}` in it becomes `BEGIN` and `END`.
    #[serde(default = "marker")]
    marker: String,
    /// What `{mark}` becomes before the block.
    #[serde(default = "begin")]
    marker_begin: String,
    /// What `{mark}` becomes after the block.
    #[serde(default = "end")]
    marker_end: String,
    /// After which line a new block goes (a regular expression), or `EOF`.
    #[serde(default)]
    insertafter: Option<String>,
    /// Before which line a new block goes (a regular expression), or `BOF`.
    #[serde(default)]
    insertbefore: Option<String>,
    /// Whether an empty line stands after the block, unless it ends the file.
    #[serde(default)]
    append_newline: bool,
    /// Whether an empty line stands before the block, unless it begins the file.
    #[serde(default)]
    prepend_newline: bool,
    /// Whether a missing file is made.
    #[serde(default)]
    create: bool,
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
    /// Whether a file that cannot be replaced (a mount point) is written into.
    #[serde(default)]
    unsafe_writes: bool,
}

/// Whether a block is to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    Present,
    Absent,
}

fn marker() -> String {
    "# {mark} ANSIBLE MANAGED BLOCK".to_owned()
}

fn begin() -> String {
    "BEGIN".to_owned()
}

fn end() -> String {
    "END".to_owned()
}

impl Args {
    fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            wish: Wish::of(&self.mode, &self.owner, &self.group),
            create: self.create,
            backup: self.backup,
            validate: self.validate.as_deref(),
            inside: self.unsafe_writes,
            secret: self.block.as_ref().is_some_and(|block| block.secret),
            called: "Path",
            heading: " (content)",
            kept: ("backup_file", false),
        }
    }
}

impl Module for BlockInFile {
    const NAME: &'static str = "blockinfile";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        if args.insertafter.is_some() && args.insertbefore.is_some() {
            return Err(misfit("insertbefore and insertafter are mutually exclusive"));
        }
        args.target().look(reach).await
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        let target = args.target();
        if args.state == State::Absent && !facts.exists() {
            return Ok(target.missing("file not present"));
        }
        let old = target.content(facts)?;
        let new = revise(args, old.unwrap_or_default())?;
        let msg = match old {
            Some(old) if old == new => "",
            None => "File created",
            Some(_) if args.has_block() => "Block inserted",
            Some(_) => "Block removed",
        };
        let revised = Revised {
            content: new,
            msg: msg.to_owned(),
            fields: cutover_kit::Map::new(),
        };
        target.plan(facts, revised)
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

impl Args {
    fn text(&self) -> String {
        self.block.as_ref().map(Told::text).unwrap_or_default()
    }

    fn has_block(&self) -> bool {
        self.state == State::Present && !self.text().is_empty()
    }

    fn mark(&self, word: &str, coding: Coding) -> String {
        coding.own(&self.marker.replace("{mark}", word)) + "\n"
    }
}

fn revise(args: &Args, content: &[u8]) -> Result<Vec<u8>, Failure> {
    let (text, coding) = Coding::read(content);
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let marks = [
        args.mark(&args.marker_begin, coding),
        args.mark(&args.marker_end, coding),
    ];
    let [first, last] = [0, 1].map(|mark: usize| lines.iter().rposition(|line| *line == marks[mark]));
    let at = match (first, last) {
        (Some(first), Some(last)) => {
            let at = first.min(last);
            lines.drain(at..=first.max(last));
            at
        }
        _ => place(args, &lines, &text, coding)?,
    };
    if let Some(before) = at.checked_sub(1).and_then(|before| lines.get_mut(before))
        && !before.ends_with('\n')
    {
        before.push('\n');
    }
    let blank = "\n".to_owned();
    let present = args.state == State::Present;
    let mut block = Vec::new();
    if args.prepend_newline && present && at > 0 && lines[at - 1] != blank {
        block.push(blank.clone());
    }
    if args.has_block() {
        let text = coding.own(&args.text());
        let [begin, end] = marks;
        block.push(begin);
        block.push(if text.ends_with('\n') { text } else { text + "\n" });
        block.push(end);
    }
    if args.append_newline && present && lines.get(at).is_some_and(|after| *after != blank) {
        block.push(blank);
    }
    lines.splice(at..at, block);
    Ok(coding.write(&lines.concat()))
}

/// Where a new block goes.
fn place(args: &Args, lines: &[String], text: &str, coding: Coding) -> Result<usize, Failure> {
    let (pattern, after) = match (&args.insertafter, &args.insertbefore) {
        (_, Some(before)) if before == "BOF" => return Ok(0),
        (Some(after), _) if after != "EOF" => (after, true),
        (_, Some(before)) => (before, false),
        _ => return Ok(lines.len()),
    };
    let anchor = regex("insertafter or insertbefore", &coding.own(pattern), "")?;
    let mut found = None;
    if pattern.starts_with("(?m") {
        let whole = anchor.find(text).map_err(|error| gave_up(&error))?;
        found = whole.map(|whole| {
            let until = if after { whole.end() } else { whole.start() };
            text[..until].matches('\n').count()
        });
    } else {
        for (at, line) in lines.iter().enumerate() {
            if anchor.is_match(line).map_err(|error| gave_up(&error))? {
                found = Some(at);
            }
        }
    }
    Ok(found.map_or(lines.len(), |at| if after { at + 1 } else { at }))
}
