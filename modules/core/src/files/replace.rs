//! `replace`: every match of a regular expression in a file.

use cutover_kit::args::Told;
use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::CHANGES;
use super::account::Account;
use super::attributes::Wish;
use super::edit::Edit;
use super::mode::Mode;
use super::python::{Coding, expand, gave_up, regex};
use super::revise::{Facts, Revised, Target};

/// The `replace` module.
#[derive(Clone, Copy, Debug)]
pub struct Replace;

/// Replaces every match of a regular expression in a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["dest", "destfile", "name"]))]
    path: String,
    /// What is replaced: a regular expression as Python has them; `^` and `$` are begin and end of a line.
    regexp: String,
    /// What stands there instead; `\1` and `\g<name>` stand for groups. Default: nothing.
    #[serde(default)]
    replace: Option<Told>,
    /// Only what stands after the first match of this counts.
    #[serde(default)]
    after: Option<String>,
    /// Only what stands before the first match of this counts.
    #[serde(default)]
    before: Option<String>,
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

impl Args {
    fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            wish: Wish::of(&self.mode, &self.owner, &self.group),
            create: false,
            backup: self.backup,
            validate: self.validate.as_deref(),
            inside: self.unsafe_writes,
            secret: self.replace.as_ref().is_some_and(|it| it.secret),
            called: "Path",
            heading: "",
            kept: ("backup_file", false),
        }
    }
}

impl Module for Replace {
    const NAME: &'static str = "replace";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        args.target().look(reach).await
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        let target = args.target();
        let content = target.content(facts)?.unwrap_or_default();
        let (text, coding) = Coding::read(content);
        let (new, msg) = revise(args, &text, coding)?;
        let revised = Revised {
            content: coding.write(&new),
            msg,
            fields: crate::fields([("rc", 0_i64.into())]),
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

/// The new text, and what was done.
fn revise(args: &Args, text: &str, coding: Coding) -> Result<(String, String), Failure> {
    let section = match section(args, text, coding)? {
        Ok(section) => section,
        Err(pattern) => {
            let msg = format!("Pattern for before/after params did not match the given file: {pattern}");
            return Ok((text.to_owned(), msg));
        }
    };
    let regexp = regex("regexp", &coding.own(&args.regexp), "m")?;
    let template = coding.own(&args.replace.as_ref().map(Told::text).unwrap_or_default());
    let old = &text[section.clone()];
    let (mut new, mut from, mut count) = (String::new(), 0, 0);
    for found in regexp.captures_iter(old) {
        let found = found.map_err(|error| gave_up(&error))?;
        let Some(whole) = found.get(0) else { continue };
        new.push_str(&old[from..whole.start()]);
        new.push_str(&expand(&template, &found)?);
        from = whole.end();
        count += 1;
    }
    new.push_str(&old[from..]);
    if new == old {
        return Ok((text.to_owned(), String::new()));
    }
    let whole = [&text[..section.start], &new, &text[section.end..]].concat();
    Ok((whole, format!("{count} replacements made")))
}

/// The part that counts; or the pattern that found none.
fn section(
    args: &Args,
    text: &str,
    coding: Coding,
) -> Result<Result<std::ops::Range<usize>, String>, Failure> {
    let pattern = match (&args.after, &args.before) {
        (None, None) => return Ok(Ok(0..text.len())),
        (Some(after), Some(before)) => format!("{after}(?P<subsection>.*?){before}"),
        (Some(after), None) => format!("{after}(?P<subsection>.*)"),
        (None, Some(before)) => format!("(?P<subsection>.*){before}"),
    };
    let around = regex("after or before", &coding.own(&pattern), "s")?;
    let found = around.captures(text).map_err(|error| gave_up(&error))?;
    let section = found.and_then(|found| found.name("subsection").map(|it| it.range()));
    Ok(section.ok_or(pattern))
}
