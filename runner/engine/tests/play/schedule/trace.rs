//! What a run comes to, told or foretold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use cutover_engine::event::{EventKind, Status};

use crate::stage::{Counts, Told};

/// A whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub batches: Vec<Batch>,
    pub counts: BTreeMap<String, Counts>,
    pub exit: u8,
}

/// One batch of hosts that goes through a play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    pub play: usize,
    pub hosts: Vec<String>,
    pub ends: Vec<Ended>,
}

/// A task on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ended {
    pub task: String,
    pub host: String,
    pub status: String,
    /// Seconds since the batch began.
    pub began: u64,
    pub ended: u64,
}

impl Trace {
    /// In lines, for people.
    pub(crate) fn story(&self) -> String {
        let mut text = String::new();
        for batch in &self.batches {
            writeln!(text, "play {} on {}", batch.play, batch.hosts.join(" ")).unwrap();
            for it in &batch.ends {
                writeln!(
                    text,
                    "  {} {} {} ({}-{})",
                    it.host, it.task, it.status, it.began, it.ended
                )
                .unwrap();
            }
        }
        for (host, counts) in &self.counts {
            writeln!(text, "{host} {counts:?}").unwrap();
        }
        write!(text, "exit {}", self.exit).unwrap();
        text
    }
}

impl Batch {
    /// What each host went through, in order.
    pub(crate) fn by_host(&self) -> BTreeMap<&str, Vec<(&str, &str)>> {
        let mut ways: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for it in &self.ends {
            ways.entry(&it.host).or_default().push((&it.task, &it.status));
        }
        ways
    }

    /// Task by task, each with its hosts in no order: what the linear strategy promises.
    pub(crate) fn in_step(&self) -> Vec<Vec<Ended>> {
        let mut steps: Vec<Vec<Ended>> = Vec::new();
        for it in &self.ends {
            match steps.last_mut() {
                Some(step) if step[0].task == it.task => step.push(it.clone()),
                _ => steps.push(vec![it.clone()]),
            }
        }
        for step in &mut steps {
            step.sort();
        }
        steps
    }

    /// The most that were at work at once, of those that match.
    pub(crate) fn most_at_once(&self, matches: impl Fn(&Ended) -> bool) -> usize {
        let work: Vec<&Ended> = self
            .ends
            .iter()
            .filter(|it| it.began < it.ended && matches(it))
            .collect();
        let at = |moment: u64| {
            let during = |it: &&&Ended| it.began <= moment && moment < it.ended;
            work.iter().filter(during).count()
        };
        work.iter().map(|it| at(it.began)).max().unwrap_or(0)
    }
}

impl Told {
    /// What was told, with the seconds that `took` says a task takes on a host.
    pub(crate) fn trace(&self, took: impl Fn(&str, &str) -> u64) -> Trace {
        let mut batches: Vec<Batch> = Vec::new();
        let mut began = Duration::ZERO;
        for event in &self.events {
            match &event.kind {
                EventKind::PlayStarted { play, lanes, .. } => {
                    began = event.elapsed;
                    batches.push(Batch {
                        play: *play,
                        hosts: lanes.iter().flat_map(|lane| lane.hosts.clone()).collect(),
                        ends: Vec::new(),
                    });
                }
                EventKind::TaskFinished {
                    task, host, status, ..
                } => {
                    let seconds = match status {
                        Status::Skipped => 0,
                        _ => took(&task.name, host),
                    };
                    let ended = (event.elapsed - began).as_secs();
                    let batch = batches.last_mut().expect("a play begins before its tasks end");
                    batch.ends.push(Ended {
                        task: task.name.clone(),
                        host: host.clone(),
                        status: format!("{status:?}").to_lowercase(),
                        began: ended.saturating_sub(seconds),
                        ended,
                    });
                }
                _ => {}
            }
        }
        Trace {
            batches,
            counts: self.counts(),
            exit: self.exit.code(),
        }
    }
}
