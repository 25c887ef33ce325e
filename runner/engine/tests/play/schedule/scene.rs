//! What is tried: hosts, plays and what each task does on each host.

use std::collections::BTreeMap;

/// The names of the hosts, in the order of the inventory: no other order is the same.
pub(crate) const NAMES: [&str; 12] = [
    "h03", "h11", "h01", "h07", "h12", "h05", "h09", "h02", "h10", "h04", "h08", "h06",
];

/// Hosts and the plays that run over all of them.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub hosts: usize,
    pub forks: usize,
    pub plays: Vec<Play>,
}

#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub strategy: Strategy,
    pub order: Order,
    pub serial: Vec<Share>,
    pub any_errors_fatal: bool,
    pub max_fail_percentage: Option<u8>,
    pub pre_tasks: Vec<Item>,
    pub tasks: Vec<Item>,
    pub post_tasks: Vec<Item>,
    pub handlers: Vec<Task>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    Linear,
    Free,
    HostPinned,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Inventory,
    ReverseInventory,
    Sorted,
    ReverseSorted,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    Hosts(usize),
    Percent(usize),
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Task(Task),
    Block(Block),
    Flush,
}

#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub any_errors_fatal: Option<bool>,
    pub tasks: Vec<Item>,
    pub rescue: Vec<Item>,
    pub always: Vec<Item>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// Its own in the whole scene.
    pub name: String,
    /// What it does where nothing else is said.
    pub usual: Act,
    /// What it does on single hosts, by their places in the inventory.
    pub on: BTreeMap<usize, Act>,
    pub ignore_errors: bool,
    pub ignore_unreachable: bool,
    pub run_once: bool,
    pub any_errors_fatal: Option<bool>,
    pub throttle: Option<usize>,
    /// Places of handlers.
    pub notify: Vec<usize>,
}

/// What a task does on a host, and how many seconds it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub end: End,
    pub seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Ok,
    Changed,
    Skipped,
    Failed,
    Unreachable,
}

impl Scene {
    /// The host at this place in the inventory.
    pub(crate) fn host(place: usize) -> &'static str {
        NAMES[place]
    }
}

impl Task {
    pub(crate) fn act(&self, host: usize) -> Act {
        self.on.get(&host).copied().unwrap_or(self.usual)
    }
}
