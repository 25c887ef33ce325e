//! Sections of a play over batches of hosts: `pre_tasks`, `tasks`, `post_tasks`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cutover_kit::{Failure, FailureKind};
use cutover_language::playbook::{Item, Setting, Strategy};
use tokio::task::JoinSet;

use super::pace::Pace;
use super::play::PlayRun;
use super::stopped::Stopped;
use super::walk::{Marks, Once, Walk};
use super::waves;
use crate::event::Section;
use crate::sync::lock;

impl PlayRun {
    pub(super) fn batches(&self) -> Result<Vec<Vec<String>>, Failure> {
        let shares = self.shares(&self.play.serial)?;
        let mut rest = self.hosts.as_slice();
        let mut batches = Vec::new();
        for size in waves::cut(self.hosts.len(), &shares) {
            let (batch, after) = rest.split_at(size);
            batches.push(batch.to_vec());
            rest = after;
        }
        Ok(batches)
    }

    /// The hosts of a batch that still take part.
    pub(super) fn alive(&self, batch: &[String]) -> Vec<String> {
        let stopped = lock(&self.stopped);
        batch
            .iter()
            .filter(|host| !stopped.contains_key(*host))
            .cloned()
            .collect()
    }

    /// A section of tasks over a batch of hosts, in step unless the strategy is free.
    pub(super) async fn section(
        self: &Arc<Self>,
        batch: &[String],
        section: Section,
        parts: &[(&'static str, &[Item])],
    ) {
        let parts: Vec<(&'static str, Arc<[Item]>)> = parts
            .iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(name, items)| (*name, Arc::from(*items)))
            .collect();
        let Some((name, _)) = parts.last() else {
            return;
        };
        let parts: Arc<[_]> = parts.clone().into();
        let hosts = self.alive(batch);
        let pace = self
            .is_linear()
            .then(|| Arc::new(Pace::linear(hosts.iter().map(|host| self.order_of(host)))));
        let once = Once {
            key: format!("{name} of {}", batch.first().map_or("", String::as_str)).into(),
            hosts: hosts.clone().into(),
        };
        let ended = Arc::new(AtomicBool::new(false));
        let mut walks = JoinSet::new();
        for host in &hosts {
            let walk = Walk {
                play: self.clone(),
                host: host.clone(),
                section,
                prefix: format!("{}/{name}", self.index),
                called: (*name).to_owned(),
                once: once.clone(),
                pace: pace.clone(),
                in_lane: false,
                ended: ended.clone(),
                marks: Marks::default(),
                deeds: None,
            };
            let (host, parts) = (host.clone(), parts.clone());
            walks.spawn(async move { (host, alone(walk_through(walk, parts)).await) });
        }
        let mut noticed = BTreeMap::new();
        while let Some(ended) = walks.join_next().await {
            match ended {
                Ok((host, Ok(dooms))) => drop(noticed.insert(host, dooms)),
                Ok((host, Err(panic))) => self.host_stopped(&host, Stopped::by(panic)),
                Err(_) => {}
            }
        }
        self.end_for_others(batch, pace.as_deref(), &noticed);
    }

    /// What ended for all at the end of a section ends for those, too, who had gone through it
    /// before: they had no such handler.
    fn end_for_others(&self, batch: &[String], pace: Option<&Pace>, noticed: &BTreeMap<String, usize>) {
        let Some(pace) = pace else { return };
        let failure = |why| Failure::new(FailureKind::Task, why);
        for host in self.alive(batch) {
            let unheard = noticed.get(&host).and_then(|seen| pace.dooms(*seen, None));
            if let Some(dooms) = unheard {
                self.host_stopped(&host, Stopped::Doomed(failure(dooms.why)));
            } else if let Some(why) = self.doom() {
                self.host_stopped(&host, Stopped::Over(failure(why)));
            }
        }
    }

    pub(super) fn is_linear(&self) -> bool {
        !matches!(self.strategy(), Strategy::Free | Strategy::HostPinned)
    }

    pub(super) fn strategy(&self) -> Strategy {
        let strategy = self.play.strategy.as_ref().and_then(Setting::literal);
        strategy.copied().unwrap_or_default()
    }
}

/// The parts of a section with their names, as ids of their tasks begin.
type Parts = Arc<[(&'static str, Arc<[Item]>)]>;

/// How a host went through is remembered by the play; comes back with the failures of others, fatal
/// for all, that it took notice of.
async fn walk_through(walk: Walk, parts: Parts) -> usize {
    let _ = walk.go_through(&parts).await;
    walk.noticed()
}

/// Runs `work` so that a panic in it stops its host and nothing else.
pub(super) async fn survive<W>(work: W) -> Result<(), Stopped>
where
    W: Future<Output = Result<(), Stopped>> + Send + 'static,
{
    alone(work).await.unwrap_or_else(|panic| Err(Stopped::by(panic)))
}

/// Runs `work` so that a panic in it comes back as a failure.
pub(super) async fn alone<W>(work: W) -> Result<W::Output, Failure>
where
    W: Future<Output: Send + 'static> + Send + 'static,
{
    // A set of one, because dropping it drops the work, too.
    let mut alone = JoinSet::new();
    alone.spawn(work);
    match alone.join_next().await {
        Some(Ok(done)) => Ok(done),
        Some(Err(panic)) => Err(crashed(&panic)),
        None => Err(Failure::new(FailureKind::Internal, "nothing was run")),
    }
}

/// A task of ours panicked: its host stops, the run goes on. What the panic said is not told: it may
/// hold anything.
pub(super) fn crashed(error: &tokio::task::JoinError) -> Failure {
    let what = match error.is_panic() {
        true => "it panicked",
        false => "it was cut off",
    };
    Failure::new(FailureKind::Internal, format!("a fault in cutover: {what}"))
}
