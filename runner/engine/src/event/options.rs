//! What was asked for on the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cutover_language::Severity;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Everything given on the command line that a resume needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// The verb.
    pub verb: String,
    /// The playbooks.
    pub playbooks: Vec<String>,
    /// The inventories.
    pub inventories: Vec<String>,
    /// `--limit`.
    pub limit: Option<String>,
    /// `--extra-vars`, in reference form.
    pub extra_vars: Json,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--skip-tags`.
    pub skip_tags: Vec<String>,
    /// `--check`.
    pub check: bool,
    /// `--diff`.
    pub diff: bool,
    /// How often `-v` was given.
    pub verbosity: u8,
    /// `--forks`.
    pub forks: usize,
    /// `--user`.
    pub user: Option<String>,
    /// `--connection`.
    pub connection: Option<String>,
    /// `--timeout`: seconds until a connection must stand.
    pub timeout: Option<u64>,
    /// `--ssh-common-args` and its kin, by the variables that say the same of a host.
    pub ssh_args: BTreeMap<String, String>,
    /// The setting `host_key_checking`, of hosts that do not say it themselves.
    pub host_key_checking: Option<bool>,
    /// `--private-key`.
    pub private_key: Option<PathBuf>,
    /// `--become` and what goes with it.
    pub becoming: Becoming,
    /// `--start-at-task`: a name or a glob of one.
    pub start_at_task: Option<String>,
    /// `--step`: somebody is asked before each task.
    pub step: bool,
    /// The setting `enable_task_debugger`: somebody is asked at every failure.
    pub debugger: bool,
    /// `--force-handlers`.
    pub force_handlers: bool,
    /// The setting `error_on_missing_handler`, turned off.
    pub forgive_handlers: bool,
    /// The setting `hash_behaviour`: mappings of one name are merged, whoever wins.
    pub merge_hashes: bool,
    /// `--flush-cache`: facts of earlier runs are forgotten.
    pub flush_cache: bool,
    /// `--accept-outage`.
    pub accept_outage: BTreeMap<String, String>,
    /// The setting `gathering`.
    pub gathering: Gathering,
}

impl Options {
    /// How bad it is that a handler is notified and not there.
    pub fn missing_handler(&self) -> Severity {
        match self.forgive_handlers {
            true => Severity::Warning,
            false => Severity::Error,
        }
    }
}

/// Whether a play that does not say so gathers facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gathering {
    /// It does.
    #[default]
    Implicit,
    /// It does not.
    Explicit,
    /// It does, of hosts whose facts are not there yet; also a play that says so.
    Smart,
}

/// As whom tasks work where playbook and inventory say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Becoming {
    /// `--become`.
    pub on: bool,
    /// `--become-user`.
    pub user: Option<String>,
    /// `--become-method`.
    pub method: Option<String>,
}
