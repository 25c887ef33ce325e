//! What must become of a scene: the contract in a few lines, with sets of hosts instead of hosts
//! that wait for each other. Here: plays and their batches.

use std::collections::BTreeMap;

use super::scene::{Order, Play, Scene, Share, Strategy};
use super::trace::{self, Trace};
use super::walk::Batch;

/// What must become of `scene`.
pub(crate) fn foretell(scene: &Scene) -> Trace {
    let mut run = Run {
        scene,
        left: BTreeMap::new(),
        trace: Trace::default(),
        now: 0,
    };
    for (index, play) in scene.plays.iter().enumerate() {
        if !run.play(index, play) {
            break;
        }
    }
    run.trace.exit = run.exit();
    run.trace
}

/// Why a host is out of the run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Failed,
    Unreachable,
}

/// What became of the hosts so far.
pub(super) struct Run<'a> {
    pub(super) scene: &'a Scene,
    pub(super) left: BTreeMap<usize, Left>,
    pub(super) trace: Trace,
    /// Seconds since the batch began.
    pub(super) now: u64,
}

impl Run<'_> {
    /// Whether the run goes on with the next play.
    fn play(&mut self, index: usize, play: &Play) -> bool {
        let hosts = play
            .order
            .of(self.scene.hosts, |host| !self.left.contains_key(&host));
        for batch in cut(&hosts, &play.serial) {
            self.batch(index, play, &batch);
            if batch.iter().all(|host| self.left.contains_key(host)) {
                return false;
            }
        }
        true
    }

    fn batch(&mut self, index: usize, play: &Play, hosts: &[usize]) {
        self.trace.batches.push(trace::Batch {
            play: index,
            hosts: hosts.iter().map(|host| Scene::host(*host).to_owned()).collect(),
            ends: Vec::new(),
        });
        self.now = 0;
        match play.strategy {
            Strategy::Linear => self.sections(play, hosts),
            Strategy::Free | Strategy::HostPinned => {
                for host in hosts {
                    self.sections(play, &[*host]);
                }
            }
        }
    }

    fn sections(&mut self, play: &Play, hosts: &[usize]) {
        let mut batch = Batch::of(play, hosts.len(), self);
        let mut here = hosts.to_vec();
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
            if !items.is_empty() {
                here = batch.section(items, here);
            }
        }
    }

    fn exit(&self) -> u8 {
        let any = |why| self.left.values().any(|left| *left == why);
        match (any(Left::Unreachable), any(Left::Failed)) {
            (true, _) => 4,
            (false, true) => 2,
            (false, false) => 0,
        }
    }
}
impl Order {
    /// The hosts that take part, in this order.
    pub(super) fn of(self, count: usize, takes_part: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut hosts: Vec<usize> = (0..count).filter(|host| takes_part(*host)).collect();
        match self {
            Self::Inventory => {}
            Self::ReverseInventory => hosts.reverse(),
            Self::Sorted => hosts.sort_by_key(|host| Scene::host(*host)),
            Self::ReverseSorted => hosts.sort_by_key(|host| std::cmp::Reverse(Scene::host(*host))),
        }
        hosts
    }
}

/// Cuts hosts into batches: the last share goes on until all are in one.
fn cut(hosts: &[usize], shares: &[Share]) -> Vec<Vec<usize>> {
    let mut batches = Vec::new();
    let mut rest = hosts;
    let mut shares = shares.iter();
    let mut size = hosts.len();
    while !rest.is_empty() {
        if let Some(share) = shares.next() {
            size = match share {
                Share::Hosts(count) => *count,
                Share::Percent(percent) => (hosts.len() * percent / 100).max(1),
            };
        }
        let (batch, after) = rest.split_at(size.min(rest.len()));
        batches.push(batch.to_vec());
        rest = after;
    }
    batches
}
