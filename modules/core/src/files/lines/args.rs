//! The arguments of `lineinfile`.

use cutover_kit::Failure;
use cutover_kit::args::Told;
use schemars::JsonSchema;
use serde::Deserialize;

use super::misfit;
use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::files::revise::Target;

/// Sees to it that a line is in a file, or that it is not.
///
/// The last line that `regexp` finds is replaced; where it finds none, the line is added unless it is there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["dest", "destfile", "name"]))]
    pub(super) path: String,
    /// The line, without its end.
    #[serde(default)]
    #[schemars(extend("aliases" = ["value"]))]
    line: Option<Told>,
    /// Which line it replaces, or which lines go: a regular expression as Python has them.
    #[serde(default)]
    #[schemars(extend("aliases" = ["regex"]))]
    pub(super) regexp: Option<String>,
    /// The same as a text that the line holds.
    #[serde(default)]
    pub(super) search_string: Option<String>,
    /// Whether the line is to be there.
    #[serde(default)]
    pub(super) state: State,
    /// After which line it is added (a regular expression), or `EOF`.
    #[serde(default)]
    pub(super) insertafter: Option<String>,
    /// Before which line it is added (a regular expression), or `BOF`.
    #[serde(default)]
    pub(super) insertbefore: Option<String>,
    /// Whether `\1` and the like in `line` stand for what `regexp` found; where it finds nothing, nothing is done.
    #[serde(default)]
    pub(super) backrefs: bool,
    /// Whether the first line that fits counts instead of the last.
    #[serde(default)]
    pub(super) firstmatch: bool,
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

/// Whether a line is to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    #[default]
    Present,
    Absent,
}

impl Args {
    /// The line, where one is given.
    pub(super) fn line(&self) -> Option<String> {
        self.line.as_ref().map(Told::text)
    }

    /// What cannot be asked for together.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let both = [
            (
                self.insertafter.is_some() && self.insertbefore.is_some(),
                "insertbefore and insertafter",
            ),
            (
                self.regexp.is_some() && self.search_string.is_some(),
                "regexp and search_string",
            ),
            (
                self.backrefs && self.search_string.is_some(),
                "backrefs and search_string",
            ),
        ];
        if let Some((_, both)) = both.iter().find(|(together, _)| *together) {
            return Err(misfit(format!("{both} are mutually exclusive")));
        }
        match self.state {
            State::Present if self.line.is_none() => Err(misfit("line is required with state=present")),
            State::Present if self.backrefs && self.regexp.is_none() => {
                Err(misfit("regexp is required with backrefs=true"))
            }
            State::Absent if self.line.is_none() && self.regexp.is_none() && self.search_string.is_none() => {
                Err(misfit(
                    "one of line, search_string, or regexp is required with state=absent",
                ))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            wish: Wish::of(&self.mode, &self.owner, &self.group),
            create: self.create,
            backup: self.backup,
            validate: self.validate.as_deref(),
            inside: self.unsafe_writes,
            secret: self.line.as_ref().is_some_and(|line| line.secret),
            called: "Destination",
            heading: " (content)",
            kept: ("backup", true),
        }
    }
}
