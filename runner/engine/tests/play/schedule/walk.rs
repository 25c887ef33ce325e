//! Hosts on their way through one play: task by task, through blocks, rescues and handlers.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Left, Run};
use super::scene::{Block, End, Item, Play, Scene, Task};
use super::trace::Ended;

/// Hosts on their way through one play.
pub(super) struct Batch<'a, 'b> {
    size: usize,
    play: &'a Play,
    run: &'a mut Run<'b>,
    /// Handlers that were notified, by host.
    notified: BTreeMap<usize, BTreeSet<usize>>,
    /// Hosts that fail at their next step because of another's failure.
    doomed: BTreeSet<usize>,
    /// Too many have failed.
    over: bool,
}

/// What stands around a list of tasks.
#[derive(Clone, Copy)]
struct Around {
    any_errors_fatal: bool,
    /// A rescue will take care of a failure here.
    rescued: bool,
    /// Something is still to come for a host that fails here.
    pending: bool,
}

/// Who comes out of a list of tasks, and how.
#[derive(Default)]
struct Flow {
    on: Vec<usize>,
    failed: Vec<usize>,
}

impl<'a, 'b> Batch<'a, 'b> {
    /// `size` hosts before their first step.
    pub(super) fn of(play: &'a Play, size: usize, run: &'a mut Run<'b>) -> Self {
        Self {
            size,
            play,
            run,
            notified: BTreeMap::new(),
            doomed: BTreeSet::new(),
            over: false,
        }
    }

    /// Goes through a section; who is still there at its end.
    pub(super) fn section(&mut self, items: &[Item], hosts: Vec<usize>) -> Vec<usize> {
        let around = Around {
            any_errors_fatal: self.play.any_errors_fatal,
            rescued: false,
            pending: false,
        };
        let flow = self.list(items, hosts, around);
        self.lose(&flow.failed);
        let flow = self.flush(flow.on, around);
        self.lose(&flow.failed);
        flow.on
    }

    /// Nothing can help these any more.
    fn lose(&mut self, failed: &[usize]) {
        for host in failed {
            self.run.left.entry(*host).or_insert(Left::Failed);
        }
        self.count();
    }

    /// Whether too many have failed by now.
    fn count(&mut self) {
        let Some(most) = self.play.max_fail_percentage else {
            return;
        };
        let here = &self.run.trace.batches.last().expect("there is one").hosts;
        let failed = self.run.left.iter().filter(|(host, left)| {
            **left == Left::Failed && here.iter().any(|name| name == Scene::host(**host))
        });
        self.over |= failed.count() * 100 > usize::from(most) * self.size;
    }

    fn list(&mut self, items: &[Item], hosts: Vec<usize>, around: Around) -> Flow {
        let mut flow = Flow {
            on: hosts,
            failed: Vec::new(),
        };
        for item in items {
            let came = std::mem::take(&mut flow.on);
            let through = match item {
                Item::Task(task) => self.step(task, came, around),
                Item::Flush => self.flush(came, around),
                Item::Block(block) => self.block(block, came, around),
            };
            if !around.pending {
                self.lose(&through.failed);
            }
            flow.failed.extend(through.failed);
            self.fell(through.on, &mut flow);
        }
        flow
    }

    /// Of those who came through, some fail for another's sake.
    fn fell(&mut self, on: Vec<usize>, flow: &mut Flow) {
        let (fell, on): (Vec<usize>, Vec<usize>) = on
            .into_iter()
            .partition(|host| self.over || self.doomed.remove(host));
        flow.failed.extend(fell);
        flow.on = on;
    }

    fn block(&mut self, block: &Block, hosts: Vec<usize>, around: Around) -> Flow {
        let fatal = block.any_errors_fatal.unwrap_or(around.any_errors_fatal);
        let around = Around {
            any_errors_fatal: fatal,
            ..around
        };
        let rescues = !block.rescue.is_empty();
        let inside = Around {
            rescued: around.rescued || rescues,
            pending: around.pending || rescues || !block.always.is_empty(),
            ..around
        };
        let mut flow = self.list(&block.tasks, hosts, inside);
        let aside = Around {
            pending: around.pending || !block.always.is_empty(),
            ..around
        };
        if rescues && !self.over {
            let failed = self.in_order(std::mem::take(&mut flow.failed));
            // Who waited for a rescue or `always` when a failure was fatal for all fails in there (tried).
            let mut rescue = Flow::default();
            self.fell(failed, &mut rescue);
            let rescued = self.list(&block.rescue, rescue.on, aside);
            flow.failed
                .extend(rescue.failed.into_iter().chain(rescued.failed));
            flow.on.extend(rescued.on);
            let on = std::mem::take(&mut flow.on);
            self.fell(on, &mut flow);
        }
        if block.always.is_empty() || self.over {
            return flow;
        }
        let failed: BTreeSet<usize> = flow.failed.iter().copied().collect();
        let all = self.in_order(flow.on.into_iter().chain(flow.failed).collect());
        let mut entered = Flow::default();
        self.fell(all, &mut entered);
        let always = self.list(&block.always, entered.on, around);
        let (failed, on): (Vec<usize>, Vec<usize>) =
            always.on.into_iter().partition(|host| failed.contains(host));
        let failed = [entered.failed, always.failed, failed].concat();
        Flow { on, failed }
    }

    fn in_order(&self, mut hosts: Vec<usize>) -> Vec<usize> {
        let order = self.play.order.of(self.run.scene.hosts, |_| true);
        hosts.sort_by_key(|host| order.iter().position(|other| other == host));
        hosts
    }

    /// Notified handlers as they are defined, those that a handler notifies included.
    fn flush(&mut self, hosts: Vec<usize>, around: Around) -> Flow {
        // A handler takes its keywords from the play, wherever it is flushed.
        let around = Around {
            any_errors_fatal: self.play.any_errors_fatal,
            ..around
        };
        let mut flow = Flow {
            on: hosts,
            failed: Vec::new(),
        };
        for (place, handler) in self.play.handlers.iter().enumerate() {
            let came = self.in_order(std::mem::take(&mut flow.on));
            let wanted = |host: &usize| {
                self.notified
                    .get(host)
                    .is_some_and(|places| places.contains(&place))
            };
            let (notified, others): (Vec<usize>, Vec<usize>) = came.into_iter().partition(wanted);
            if notified.is_empty() {
                flow.on = others;
                continue;
            }
            for host in &notified {
                self.notified.entry(*host).or_default().remove(&place);
            }
            let through = self.step(handler, notified, around);
            flow.failed.extend(through.failed);
            self.fell(through.on.into_iter().chain(others).collect(), &mut flow);
        }
        flow.on = self.in_order(flow.on);
        flow
    }

    /// One task on all hosts that stand at it.
    fn step(&mut self, task: &Task, hosts: Vec<usize>, around: Around) -> Flow {
        if self.over || hosts.is_empty() {
            return Flow {
                on: Vec::new(),
                failed: hosts,
            };
        }
        let hosts = self.in_order(hosts);
        let (run, wait) = hosts.split_at(if task.run_once { 1 } else { hosts.len() });
        let mut flow = Flow {
            on: wait.to_vec(),
            failed: Vec::new(),
        };
        self.tell(task, run);
        let mut bad = false;
        for host in run {
            match task.act(*host).end {
                End::Failed if !task.ignore_errors => {
                    bad = true;
                    flow.failed.push(*host);
                    if !around.pending {
                        self.run.left.insert(*host, Left::Failed);
                    }
                    let counts = self.counts(*host);
                    match around.rescued {
                        true => counts.rescued += 1,
                        false => counts.failed += 1,
                    }
                }
                End::Unreachable if !task.ignore_unreachable => {
                    bad = true;
                    self.run.left.insert(*host, Left::Unreachable);
                    self.counts(*host).unreachable += 1;
                }
                end => {
                    flow.on.push(*host);
                    let counts = self.counts(*host);
                    match end {
                        End::Skipped => counts.skipped += 1,
                        End::Ok => counts.ok += 1,
                        End::Changed => (counts.ok, counts.changed) = (counts.ok + 1, counts.changed + 1),
                        End::Failed | End::Unreachable => {
                            (counts.ok, counts.ignored) = (counts.ok + 1, counts.ignored + 1);
                        }
                    }
                    if end == End::Changed {
                        self.notified.entry(*host).or_default().extend(&task.notify);
                    }
                }
            }
        }
        let fatal = task.any_errors_fatal.unwrap_or(around.any_errors_fatal) || task.run_once;
        if bad && fatal && !task.ignore_errors {
            flow.failed.append(&mut flow.on);
            self.doom(&flow.failed);
        }
        self.count();
        flow.on = self.in_order(flow.on);
        flow
    }

    /// Everybody else of the batch fails where it stands.
    fn doom(&mut self, known: &[usize]) {
        let names = self.run.trace.batches.last().expect("there is one").hosts.clone();
        for host in 0..self.run.scene.hosts {
            let here = names.iter().any(|name| name == Scene::host(host));
            if here && !known.contains(&host) && !self.run.left.contains_key(&host) {
                self.doomed.insert(host);
            }
        }
    }

    fn counts(&mut self, host: usize) -> &mut crate::stage::Counts {
        self.run
            .trace
            .counts
            .entry(Scene::host(host).to_owned())
            .or_default()
    }

    /// Hosts begin in order, as many at once as may.
    fn tell(&mut self, task: &Task, hosts: &[usize]) {
        let most = task.throttle.unwrap_or(usize::MAX).min(self.run.scene.forks);
        let mut free = vec![self.run.now; most.min(hosts.len())];
        for host in hosts {
            let act = task.act(*host);
            let skipped = act.end == End::Skipped;
            let place = free.iter_mut().min().expect("somebody may begin");
            let began = if skipped { self.run.now } else { *place };
            let ended = began + if skipped { 0 } else { act.seconds };
            if !skipped {
                *place = ended;
            }
            let status = match act.end {
                End::Failed if task.ignore_errors => "ignored",
                End::Unreachable if task.ignore_unreachable => "ignored",
                End::Failed => "failed",
                End::Unreachable => "unreachable",
                End::Ok => "ok",
                End::Changed => "changed",
                End::Skipped => "skipped",
            };
            self.run
                .trace
                .batches
                .last_mut()
                .expect("there is one")
                .ends
                .push(Ended {
                    task: task.name.clone(),
                    host: Scene::host(*host).to_owned(),
                    status: status.into(),
                    began,
                    ended,
                });
        }
        self.run.now = free.into_iter().max().unwrap_or(self.run.now);
    }
}
