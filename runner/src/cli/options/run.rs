//! What everything that reaches hosts takes.

use cutover_kit::Secrets;

use super::super::extra_vars::{self, ExtraVars};
use super::super::fault::Fault;
use super::super::outage::Outage;
use super::super::passwords::VaultArgs;
use super::{BecomeArgs, LoginArgs, ShowArgs};
use crate::event::Options;

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

    /// How many hosts work at the same time; hosts that only wait do not count.
    #[arg(short, long, value_name = "NUMBER", default_value_t = FORKS, value_parser = forks)]
    forks: usize,

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

impl RunArgs {
    /// What they mean to the engine. Files of `-e` are read here.
    pub(in super::super) fn understand(&self, verb: &str, secrets: &Secrets) -> Result<Options, Fault> {
        self.login.check()?;
        let outages = self.accept_outage.iter().cloned();
        Ok(Options {
            verb: verb.to_owned(),
            inventories: self.inventory.inventory.clone(),
            limit: self.limit.clone(),
            extra_vars: extra_vars::merge(&self.extra_vars, secrets)?,
            check: self.check,
            diff: self.diff,
            forks: self.forks,
            user: self.login.user.clone(),
            connection: self.login.connection.clone(),
            timeout: self.login.timeout,
            private_key: self.login.private_key.clone(),
            becoming: self.becoming.understand(),
            accept_outage: outages.map(|it| (it.host, it.reason)).collect(),
            ..Options::default()
        })
    }
}
