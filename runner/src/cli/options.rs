//! Options that several verbs share, as they are typed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cutover_kit::Secrets;

use super::extra_vars::{self, ExtraVars};
use super::fault::Fault;
use super::outage::Outage;
use super::passwords::VaultArgs;
use super::ui;
use crate::event;
use crate::report::plain::Look;

/// Hosts that work at the same time, unless `-f` says otherwise.
const FORKS: usize = 50;

/// Which inventory.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct InventoryArgs {
    /// An inventory file, a folder of them, or hosts with a comma (`host1,`). May be repeated; the last one wins.
    #[arg(short, long, value_name = "PATH")]
    pub(super) inventory: Vec<String>,
}

/// Everything that says what to run, where, and how to show it.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct PlayArgs {
    /// The playbooks, run one after the other; the first that does not end well stops the rest.
    #[arg(required = true, value_name = "PLAYBOOK")]
    pub(super) playbooks: Vec<String>,

    #[command(flatten)]
    pub(super) inventory: InventoryArgs,

    /// Only these hosts of each play: names, groups, globs, `!` to leave out, `@FILE`. Partners are still looked at before a node goes down.
    #[arg(short, long, value_name = "PATTERN")]
    limit: Option<String>,

    /// Set variables above all others: `k=v k2=v2`, JSON, YAML, or `@FILE`. May be repeated. `rotate=always` renews what is not due yet.
    #[arg(short, long, value_name = "VARS")]
    extra_vars: Vec<ExtraVars>,

    /// Only tasks with these tags (comma-separated). A gate still runs where a task of its phase ran.
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    tags: Vec<String>,

    /// No tasks with these tags (comma-separated).
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    skip_tags: Vec<String>,

    /// Change nothing: read the estate and say what would change.
    #[arg(short = 'C', long)]
    check: bool,

    /// Show before and after of each change.
    #[arg(short = 'D', long)]
    diff: bool,

    /// How many hosts work at the same time; hosts that only wait do not count.
    #[arg(short, long, value_name = "NUMBER", default_value_t = FORKS, value_parser = forks)]
    forks: usize,

    /// Log in as this user where the inventory names none.
    #[arg(short, long, value_name = "NAME")]
    user: Option<String>,

    /// Ask for the SSH password that hosts without `ansible_password` get.
    #[arg(short = 'k', long)]
    pub(super) ask_pass: bool,

    /// Work as another user on POSIX hosts where playbook and inventory say nothing.
    #[arg(short = 'b', long = "become")]
    becoming: bool,

    /// Which user to become (default: root).
    #[arg(long, value_name = "NAME")]
    become_user: Option<String>,

    /// How to become another user: sudo (default), su or doas.
    #[arg(long, value_name = "METHOD", value_parser = ["sudo", "su", "doas"])]
    become_method: Option<String>,

    /// Ask for the password that becoming another user takes; empty means the SSH password.
    #[arg(short = 'K', long)]
    pub(super) ask_become_pass: bool,

    #[command(flatten)]
    pub(super) vault: VaultArgs,

    /// Show more: -v results, -vv where tasks stand, -vvv what is said to devices.
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,

    /// List the tasks that would run, in order, and stop.
    #[arg(long, group = "instead")]
    pub(super) list_tasks: bool,

    /// List the hosts of each play and stop.
    #[arg(long, group = "instead")]
    pub(super) list_hosts: bool,

    /// Check the files and stop.
    #[arg(long, group = "instead")]
    pub(super) syntax_check: bool,

    /// Write every event as a line of JSON to FILE, or to standard output with `-` (the usual lines go to standard error then).
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,

    /// Go on although this partner of a node is out of service. The reason is recorded. May be repeated.
    #[arg(long, value_name = "HOST=REASON")]
    accept_outage: Vec<Outage>,

    /// Fail on what is otherwise only warned of, such as a pattern that matches no host.
    #[arg(long)]
    pub(super) strict: bool,
}

fn forks(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err("a number from 1 to 10000".into()),
    }
}

impl PlayArgs {
    /// What they mean to the engine. Files of `-e` are read here.
    pub(super) fn understand(&self, verb: &str, secrets: &Secrets) -> Result<event::Options, Fault> {
        let outages = self.accept_outage.iter().cloned();
        let accept_outage: BTreeMap<_, _> = outages.map(|it| (it.host, it.reason)).collect();
        Ok(event::Options {
            verb: verb.to_owned(),
            playbooks: self.playbooks.clone(),
            inventories: self.inventory.inventory.clone(),
            limit: self.limit.clone(),
            extra_vars: extra_vars::merge(&self.extra_vars, secrets)?,
            tags: self.tags.clone(),
            skip_tags: self.skip_tags.clone(),
            check: self.check,
            diff: self.diff,
            forks: self.forks,
            user: self.user.clone(),
            becoming: event::Becoming {
                on: self.becoming,
                user: self.become_user.clone(),
                method: self.become_method.clone(),
            },
            accept_outage,
            ..event::Options::default()
        })
    }

    /// How results look.
    pub(super) fn look(&self) -> Look {
        let to_stderr = self.events_to_stdout();
        Look {
            verbosity: self.verbose,
            colour: if to_stderr {
                console::colors_enabled_stderr()
            } else {
                console::colors_enabled()
            },
            width: ui::width(),
        }
    }

    /// Whether nothing is run at all.
    pub(super) fn only_lists(&self) -> bool {
        self.list_tasks || self.list_hosts || self.syntax_check
    }

    /// Whether standard output belongs to the events.
    pub(super) fn events_to_stdout(&self) -> bool {
        self.events.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}
