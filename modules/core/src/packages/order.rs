//! What is asked for, whichever module asks.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Manager;

/// What is wanted of packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// They are there.
    #[default]
    #[serde(alias = "installed")]
    Present,
    /// They are there, and none is newer.
    Latest,
    /// They are not there.
    #[serde(alias = "removed")]
    Absent,
}

/// What exactly is wanted.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// As the task names them.
    pub(super) packages: Vec<String>,
    /// Whether all packages of the host are meant, too.
    pub(super) everything: bool,
    pub(super) state: State,
    /// What may manage them.
    pub(super) managers: Vec<Manager>,
    /// Whether the lists of packages are read again, first.
    pub(super) reads_lists: bool,
    /// For how many seconds lists stay good.
    pub(super) lists_last: Option<i64>,
    /// What is not there stays away.
    pub(super) only_there: bool,
    /// Whether what nothing needs any more is removed.
    pub(super) clears: bool,
    /// Whether settings go with what is removed.
    pub(super) purges: bool,
    /// `apt-get`'s verb for bringing all up to date, where that is asked for.
    pub(super) upgrade: Option<&'static str>,
    /// Options for every line of `apt-get`'s.
    pub(super) apt: Vec<String>,
    /// Options for every line that installs or removes.
    pub(super) options: Vec<String>,
    /// Options for lines that install.
    pub(super) installing: Vec<String>,
}

impl Order {
    /// Whether all packages of the host are to be brought up to date.
    pub(super) fn upgrades(&self) -> bool {
        self.upgrade.is_some() || self.everything && self.state == State::Latest
    }

    /// Whether nothing is asked for but that the lists are read again.
    pub(super) fn is_only_lists(&self) -> bool {
        self.packages.is_empty() && !self.upgrades() && !self.clears
    }
}
