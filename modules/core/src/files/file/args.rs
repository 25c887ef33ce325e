//! The arguments of `file`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::files::yes;

/// Makes folders, links and empty files, sets owner, group and permissions, or removes what is there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["dest", "name"]))]
    pub(super) path: String,
    /// What it is to be. Default: what it is, with other attributes.
    #[serde(default)]
    pub(super) state: Option<State>,
    /// What a link leads to; of a symbolic link relative to the link's folder.
    #[serde(default)]
    pub(super) src: Option<String>,
    /// Permissions: octal digits in quotes (`"0644"`) or symbols (`u=rw,g=r`).
    #[serde(default)]
    pub(super) mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    pub(super) owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    pub(super) group: Option<Account>,
    /// Whether attributes are set on all that is below a folder too.
    #[serde(default)]
    pub(super) recurse: bool,
    /// Whether a link may lead nowhere, or take the place of a file.
    #[serde(default)]
    pub(super) force: bool,
    /// Whether attributes of what a link leads to are set.
    #[serde(default = "yes")]
    pub(super) follow: bool,
    /// With `touch`: `now`, `preserve`, or a time written as `modification_time_format` says.
    #[serde(default)]
    pub(super) modification_time: Option<String>,
    /// How `modification_time` is written.
    #[serde(default = "format")]
    pub(super) modification_time_format: String,
    /// With `touch`: `now`, `preserve`, or a time written as `access_time_format` says.
    #[serde(default)]
    pub(super) access_time: Option<String>,
    /// How `access_time` is written.
    #[serde(default = "format")]
    pub(super) access_time_format: String,
    /// Without meaning here: files are only written by other modules.
    #[serde(default)]
    #[expect(dead_code, reason = "taken so that playbooks that give it need no change")]
    pub(super) unsafe_writes: Option<bool>,
}

fn format() -> String {
    "%Y%m%d%H%M.%S".to_owned()
}

impl Args {
    pub(super) fn wish(&self) -> Wish<'_> {
        Wish::of(&self.mode, &self.owner, &self.group)
    }
}

/// What a file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Not there; a folder goes with all that is in it.
    Absent,
    /// A folder, with those above it.
    Directory,
    /// A file that is there already.
    File,
    /// A hard link.
    Hard,
    /// A symbolic link.
    Link,
    /// A file that is made empty where it is missing, and whose times are set.
    Touch,
}
