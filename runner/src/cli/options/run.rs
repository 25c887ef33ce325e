//! What everything that reaches hosts takes.

use std::path::PathBuf;

use cutover_engine::home;
use cutover_language::yaml::Mapping;

use super::super::extra_vars::{self, ExtraVars};
use super::super::fault::Fault;
use super::super::outage::Outage;
use super::super::passwords::VaultArgs;
use super::super::start::Ground;
use super::{BecomeArgs, LoginArgs, ShowArgs};
use crate::catalog::SiteFolders;
use crate::event::{Gathering, Options};
use crate::settings::Settings;

/// Hosts that work at the same time, unless `-f` says otherwise.
const FORKS: usize = 50;

/// Which inventory.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in super::super) struct InventoryArgs {
    /// An inventory file, a folder of them, or hosts with a comma (`host1,`). May be repeated; the last one wins.
    #[arg(short, long, visible_alias = "inventory-file", value_name = "PATH")]
    pub(in super::super) inventory: Vec<String>,
}

/// On which hosts, with which variables, as whom, and how it is shown.
#[derive(clap::Args, Clone, Debug)]
pub(in super::super) struct RunArgs {
    #[command(flatten)]
    pub(in super::super) inventory: InventoryArgs,

    /// Only these hosts of each play: names, groups, globs, `!` to leave out, `@FILE`. Partners are still looked at before a node goes down.
    #[arg(short, long, visible_alias = "subset", value_name = "PATTERN")]
    limit: Option<String>,

    /// Set variables above all others: `k=v k2=v2`, JSON, YAML, or `@FILE`. May be repeated. `rotate=always` renews what is not due yet.
    #[arg(short, long, value_name = "VARS")]
    extra_vars: Vec<ExtraVars>,

    /// Change nothing: read the estate and say what would change.
    #[arg(short = 'C', long)]
    check: bool,

    /// Show before and after of each change.
    #[arg(short = 'D', long)]
    diff: bool,

    /// How many hosts work at the same time; hosts that only wait do not count (default: 50).
    #[arg(short, long, value_name = "NUMBER", value_parser = forks)]
    forks: Option<usize>,

    /// Folders with modules of the site, with `:` between them, besides `library/` and `modules/` beside the playbook. May be repeated.
    #[arg(short = 'M', long, value_name = "FOLDERS", value_delimiter = ':')]
    module_path: Vec<PathBuf>,

    #[command(flatten)]
    pub(in super::super) login: LoginArgs,

    #[command(flatten)]
    pub(in super::super) becoming: BecomeArgs,

    #[command(flatten)]
    pub(in super::super) vault: VaultArgs,

    #[command(flatten)]
    pub(in super::super) show: ShowArgs,

    /// Go on although this partner of a node is out of service. The reason is recorded. May be repeated.
    #[arg(long, value_name = "HOST=REASON")]
    accept_outage: Vec<Outage>,

    /// Fail on what is otherwise only warned of, such as a pattern that matches no host.
    #[arg(long)]
    pub(in super::super) strict: bool,
}

fn forks(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err("a number from 1 to 10000".into()),
    }
}

impl InventoryArgs {
    /// The inventories that were given, else those of the settings.
    pub(in super::super) fn sources(&self, settings: &Settings) -> Vec<String> {
        if !self.inventory.is_empty() {
            return self.inventory.clone();
        }
        let paths = settings.paths("DEFAULT_HOST_LIST", ',');
        paths.iter().map(|path| path.display().to_string()).collect()
    }
}

fn gathering(settings: &Settings) -> Gathering {
    match settings.text("DEFAULT_GATHERING").as_deref() {
        Some("explicit") => Gathering::Explicit,
        Some("smart") => Gathering::Smart,
        _ => Gathering::Implicit,
    }
}

/// What the options mean to the engine.
pub(in super::super) struct Given {
    pub(in super::super) options: Options,
    /// What `-e` gives, as it is written.
    pub(in super::super) extra: Mapping,
}

impl RunArgs {
    /// Where modules of the site may be.
    pub(in super::super) fn site_folders(&self, settings: &Settings) -> SiteFolders {
        let home = home::of_user();
        let named = self
            .module_path
            .iter()
            .filter(|path| !path.as_os_str().is_empty());
        SiteFolders {
            named: named.map(|path| home::expand(path, home.as_deref())).collect(),
            roles: settings.roles_path(),
            library: settings.paths("DEFAULT_MODULE_PATH", ':'),
        }
    }

    /// What they mean to the engine. Files of `-e` are read here.
    pub(in super::super) fn understand(&self, verb: &str, ground: &Ground) -> Result<Given, Fault> {
        let settings = &ground.settings;
        let extra = extra_vars::merge(&self.extra_vars, ground)?;
        let forks = settings
            .number("DEFAULT_FORKS")
            .and_then(|it| usize::try_from(it).ok());
        let outages = self.accept_outage.iter().cloned();
        let options = Options {
            verb: verb.to_owned(),
            inventories: self.inventory.sources(settings),
            limit: self.limit.clone(),
            extra_vars: extra.shown,
            check: self.check,
            diff: self.diff || settings.truth("DIFF_ALWAYS").unwrap_or_default(),
            verbosity: self.show.verbose,
            forks: self.forks.or(forks).unwrap_or(FORKS),
            user: self
                .login
                .user
                .clone()
                .or_else(|| settings.text("DEFAULT_REMOTE_USER")),
            connection: self.login.connection.clone(),
            timeout: self.login.timeout.or_else(|| settings.number("DEFAULT_TIMEOUT")),
            private_key: self
                .login
                .private_key
                .clone()
                .or_else(|| settings.path("DEFAULT_PRIVATE_KEY_FILE")),
            ssh_args: self.login.ssh_args(settings),
            host_key_checking: settings.truth("HOST_KEY_CHECKING"),
            gathering: gathering(settings),
            merge_hashes: settings.text("DEFAULT_HASH_BEHAVIOUR").as_deref() == Some("merge"),
            becoming: self.becoming.understand(settings),
            accept_outage: outages.map(|it| (it.host, it.reason)).collect(),
            ..Options::default()
        };
        Ok(Given {
            options,
            extra: extra.written,
        })
    }
}
