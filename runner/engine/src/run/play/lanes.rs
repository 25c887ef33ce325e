//! The lanes of a play: which hosts go together, and all of them side by side.

use std::collections::HashMap;
use std::sync::Arc;

use cutover_language::playbook::{Body, Phase};
use tokio::task::JoinSet;

use super::PlayRun;
use crate::event::{Ending, EventKind, Lane};
use crate::run::barrier::Barriers;
use crate::run::lane::LaneRun;
use crate::run::rollback::Ledger;
use crate::run::sections::crashed;
use crate::run::stopped::Stopped;
use crate::sync::lock;

impl PlayRun {
    /// Hosts by cluster, primary first; a lane stands where its first host does.
    pub(super) fn lanes(&self, hosts: &[String]) -> Vec<Lane> {
        let estate = self.world.estate();
        let mut lanes: Vec<Lane> = Vec::new();
        for name in hosts {
            let cluster = estate.host(name).map_or(name, |host| &host.cluster);
            match lanes.iter_mut().find(|lane| lane.name == *cluster) {
                Some(lane) => lane.hosts.push(name.clone()),
                None => lanes.push(Lane {
                    name: cluster.clone(),
                    hosts: vec![name.clone()],
                }),
            }
        }
        for lane in &mut lanes {
            lane.hosts
                .sort_by_key(|name| estate.host(name).map(|host| host.node));
        }
        lanes
    }

    /// Its phases; a play of tasks has none.
    pub(in crate::run) fn phases(&self) -> &[Phase] {
        match &self.play.body {
            Body::Phases(phases) => phases,
            Body::Tasks(_) => &[],
        }
    }

    pub(super) async fn all_lanes(self: &Arc<Self>, lanes: &[Lane]) {
        let lanes: Arc<Vec<Lane>> =
            Arc::new(lanes.iter().filter_map(|lane| self.still_going(lane)).collect());
        let barriers = Arc::new(Barriers::new(lanes.iter().map(|lane| lane.name.as_str())));
        let mut running = JoinSet::new();
        let mut runs = HashMap::new();
        for lane in lanes.iter() {
            let run = LaneRun {
                play: self.clone(),
                lane: lane.clone(),
                lanes: lanes.clone(),
                barriers: barriers.clone(),
                ledger: Ledger::of(self.phases()),
            };
            let id = running.spawn(run.clone().run()).id();
            runs.insert(id, run);
        }
        while let Some(ended) = running.join_next().await {
            if let Err(panic) = ended
                && let Some(run) = runs.get(&panic.id())
            {
                run.crashed(crashed(&panic));
            }
        }
    }

    /// The lane with those of its hosts that take part. Where one failed before the phases
    /// began, the lane stops with it.
    fn still_going(&self, lane: &Lane) -> Option<Lane> {
        let stopped = lock(&self.stopped).clone();
        let failed = lane.hosts.iter().find_map(|host| {
            let stopped = stopped.get(host).filter(|stopped| **stopped != Stopped::Ended)?;
            Some((host.clone(), stopped.clone()))
        });
        if let Some((host, stopped)) = failed {
            self.remember_stop(lane, &stopped);
            let reason = stopped
                .failure()
                .map(|failure| failure.message.clone())
                .unwrap_or_default();
            let ending = Ending::Stopped {
                phase: "pre_tasks".into(),
                host,
                reason,
            };
            self.world.bus.emit(EventKind::LaneFinished {
                lane: lane.name.clone(),
                ending,
            });
            return None;
        }
        let hosts: Vec<String> = lane
            .hosts
            .iter()
            .filter(|host| !stopped.contains_key(*host))
            .cloned()
            .collect();
        (!hosts.is_empty()).then(|| Lane {
            name: lane.name.clone(),
            hosts,
        })
    }
}
