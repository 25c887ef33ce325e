//! What a playbook is.

mod steps;

use std::sync::Arc;
use std::time::Duration;

use cutover_kit::estate;
pub use steps::{Block, Handler, Item, Loop, LoopControl, Rehearse, RoleItems, Task, Until};

use super::directives::{Directives, Variables};
use super::role::Role;
use super::setting::{Order, Setting, Share, Strategy, words};
use crate::crypt::Scheme;
use crate::diagnose::Diagnostic;
use crate::scope::Layer;
use crate::source::{Located, Place};
use crate::template::SiteFilter;
use crate::yaml::Node;

/// One playbook file.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// The path it was read from.
    pub path: String,
    /// Its plays and those of imported playbooks, in order.
    pub plays: Vec<Play>,
    /// What is probably not meant so.
    pub warnings: Vec<Diagnostic>,
    /// The filters of the site that some of its tasks can use.
    pub filters: Vec<SiteFilter>,
}

impl Playbook {
    /// Its plays and those of imported playbooks, in order.
    pub fn plays(&self) -> impl Iterator<Item = &Play> {
        self.plays.iter()
    }
}

/// A play.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    /// Where it begins.
    pub place: Place,
    /// `name`; may be a template.
    pub name: Option<Node>,
    /// `hosts`: patterns, each of which may be a template.
    pub hosts: Vec<Node>,
    /// `order` of hosts, lanes and turns.
    pub order: Option<Setting<Order>>,
    /// `serial`: the sizes of the batches; empty means one batch. Never set with phases.
    pub serial: Vec<Setting<Share>>,
    /// `max_fail_percentage`.
    pub max_fail_percentage: Option<Setting<f64>>,
    /// `strategy`.
    pub strategy: Option<Setting<Strategy>>,
    /// `gather_facts`.
    pub gather_facts: Option<Setting<bool>>,
    /// `gather_subset`.
    pub gather_subset: Vec<Node>,
    /// `gather_timeout` in seconds.
    pub gather_timeout: Option<Setting<u64>>,
    /// `fact_path`.
    pub fact_path: Option<Node>,
    /// `vars` of the play.
    pub vars: Variables,
    /// `vars_files`.
    pub vars_files: Vec<VarsFile>,
    /// `vars_prompt`.
    pub vars_prompt: Vec<Prompt>,
    /// `force_handlers`.
    pub force_handlers: Option<Setting<bool>>,
    /// `on_failure` of its phases, where they say nothing of their own.
    pub on_failure: OnFailure,
    /// `pre_tasks`.
    pub pre_tasks: Vec<Item>,
    /// `roles`, each behind the roles it depends on.
    pub roles: Vec<Item>,
    /// The roles that are known before anything runs: those of `roles`, then those that tasks import.
    pub used: Vec<Arc<Role>>,
    /// `tasks` or `phases`.
    pub body: Body,
    /// `post_tasks`.
    pub post_tasks: Vec<Item>,
    /// Handlers in the order in which they run: of `roles`, of `handlers`, of imported roles.
    pub handlers: Vec<Handler>,
    /// What everything in it inherits.
    pub directives: Directives,
}

impl Play {
    /// Its name as written; the patterns of its hosts where it has none.
    pub fn title(&self) -> String {
        let name = self.name.as_ref().and_then(Node::as_text);
        name.map_or_else(
            || {
                let hosts: Vec<_> = self.hosts.iter().filter_map(Node::as_text).collect();
                hosts.join(",")
            },
            str::to_owned,
        )
    }

    /// Every task in it: of all sections and phases, their gates and rollbacks,
    /// blocks with their `rescue` and `always`, and the handlers.
    pub fn tasks(&self) -> Vec<&Task> {
        let mut sections = vec![&self.pre_tasks, &self.roles];
        match &self.body {
            Body::Tasks(items) => sections.push(items),
            Body::Phases(phases) => {
                sections.extend(
                    phases
                        .iter()
                        .flat_map(|phase| [&phase.tasks, &phase.gate, &phase.rollback]),
                );
            }
        }
        sections.push(&self.post_tasks);
        let handlers = self.handlers.iter().map(|handler| &handler.task);
        let tasks = sections.into_iter().flatten().flat_map(Item::tasks);
        tasks.chain(handlers).collect()
    }
}

/// What stands between the sections around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `tasks`, or nothing.
    Tasks(Vec<Item>),
    /// `phases`.
    Phases(Vec<Phase>),
}

/// A phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// `name`.
    pub name: Located<String>,
    /// `nodes`.
    pub nodes: Nodes,
    /// `barrier`: it begins when every lane has arrived.
    pub barrier: bool,
    /// `window`: only inside the change window.
    pub window: bool,
    /// `estimate` per node.
    pub estimate: Option<Setting<Duration>>,
    /// `hosts`: narrows the play; empty means all of the play's.
    pub hosts: Vec<Node>,
    /// `serial`: the sizes of the waves of lanes; empty means one wave.
    pub serial: Vec<Setting<Share>>,
    /// `tasks`.
    pub tasks: Vec<Item>,
    /// `gate`.
    pub gate: Vec<Item>,
    /// `rollback`.
    pub rollback: Vec<Item>,
    /// `on_failure`, or the play's.
    pub on_failure: OnFailure,
    /// What its tasks inherit; they carry it already.
    pub directives: Directives,
}

/// `nodes`: which nodes of a cluster a phase goes through, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nodes {
    /// All of them side by side.
    All,
    /// These roles in this order, every secondary in turn.
    InTurn(Vec<estate::Node>),
}

impl Default for Nodes {
    fn default() -> Self {
        Self::InTurn(vec![estate::Node::Primary, estate::Node::Secondary])
    }
}

words! {
    /// What to do when a lane fails.
    OnFailure, "`stop` or `rollback`" {
        /// The lane stops there.
        #[default]
        Stop = "stop",
        /// It goes backwards through what was done.
        Rollback = "rollback",
    }
}

/// One member of `vars_prompt`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The variable.
    pub name: Located<String>,
    /// The question; the name where there is none.
    pub prompt: Option<Node>,
    /// The answer of somebody who only presses return.
    pub default: Option<Node>,
    /// Whether the answer is hidden; it is where nothing is said.
    pub private: bool,
    /// Whether to ask twice.
    pub confirm: bool,
    /// How the answer is hashed, if it is.
    pub encrypt: Option<Encrypt>,
}

/// The hash that an answer becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Encrypt {
    /// The scheme.
    pub scheme: Scheme,
    /// Its salt; drawn where there is none.
    pub salt: Option<Node>,
    /// The length of a salt that is drawn.
    pub salt_size: usize,
}

/// One member of `vars_files`.
#[derive(Clone, Debug, PartialEq)]
pub enum VarsFile {
    /// Its name is known before any host is, and it was read.
    Read(Arc<Layer>),
    /// The first of these that exists, which depends on the host.
    Later(Vec<Node>),
}
