//! What a run is asked for with, what it is about, and why there is none.

use std::path::PathBuf;
use std::sync::Arc;

use cutover_kit::session::Dialer;
use cutover_kit::{Clock, Secret, Secrets};
use cutover_language::Diagnostic;
use cutover_language::playbook::Play;
use cutover_language::vault::Vault;
use cutover_language::yaml::Mapping;

use super::devices::Devices;
use super::modules::Modules;
use super::stop::Stop;
use super::terminal::Terminal;
use crate::bus::Sink;
use crate::event::Options;
use crate::exit::Exit;
use crate::journal::State;
use crate::policy::Policy;

/// Everything a run is asked for with.
pub struct Request {
    /// What the command line says.
    pub options: Options,
    /// `--extra-vars` as it is written: its texts may be templates.
    pub extra: Mapping,
    /// Against what.
    pub policy: Policy,
    /// The views of its events.
    pub sinks: Vec<Box<dyn Sink>>,
    /// The state folder.
    pub state: State,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Opens connections.
    pub dialer: Arc<dyn Dialer>,
    /// How to talk to devices.
    pub devices: Arc<dyn Devices>,
    /// Every module there is.
    pub modules: Modules,
    /// Who can be asked.
    pub terminal: Arc<dyn Terminal>,
    /// Folders of roles (`roles_path`), besides those beside the playbooks.
    pub roles_path: Vec<PathBuf>,
    /// All known secrets.
    pub secrets: Secrets,
    /// Ctrl-C.
    pub stop: Stop,
    /// Opens what is encrypted.
    pub vault: Arc<dyn Vault>,
    /// `--ask-pass`.
    pub password: Option<Secret>,
    /// `--ask-become-pass`.
    pub become_password: Option<Secret>,
    /// `--private-key`.
    pub key_file: Option<PathBuf>,
    /// Who is asked before each task, where `--step` wants that.
    pub steps: Option<Arc<dyn super::Asked>>,
    /// Texts that stand in no file, by the path they are read under.
    pub given: Vec<(PathBuf, String)>,
    /// Whether warnings about files are errors.
    pub strict: bool,
}

/// Why there is no run.
#[derive(Debug)]
pub struct Refusal {
    /// What is wrong, each with its place.
    pub diagnostics: Vec<Diagnostic>,
    /// How the program ends.
    pub exit: Exit,
}

impl Refusal {
    pub(super) fn new(diagnostics: Vec<Diagnostic>, exit: Exit) -> Self {
        Self { diagnostics, exit }
    }
}

impl From<Vec<Diagnostic>> for Refusal {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::new(diagnostics, Exit::INVALID)
    }
}

/// A play with the hosts it is for.
pub struct Chosen {
    /// The play.
    pub play: Arc<Play>,
    /// Its hosts, in its order, within `--limit`.
    pub hosts: Vec<String>,
    /// The folder of its playbook.
    pub folder: PathBuf,
    /// The playbook as it was asked for.
    pub playbook: String,
}
