//! Two runs that every view is tested with: one where all goes well, one where
//! much does not.

mod good;
mod troubled;

use std::time::Duration;

use cutover_kit::failure::Failure;
use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

pub(crate) use good::good;
pub(crate) use troubled::troubled;

use crate::bus::Sink;
use crate::event::{Ending, Event, EventKind, FORMAT, Lane, Made, Options, Section, Status, Step, TaskRef};

/// Feeds a recording to a sink, as the bus would.
pub(crate) fn play(events: &[Event], sink: &mut dyn Sink) {
    for event in events {
        let line = serde_json::to_string(event).unwrap();
        sink.take(event, &line).unwrap();
    }
}

/// Events one second apart, unless told otherwise.
struct Recorder {
    events: Vec<Event>,
    at: Duration,
}

impl Recorder {
    fn of(verb: &str, check: bool) -> Self {
        let mut recorder = Self {
            events: Vec::new(),
            at: Duration::ZERO,
        };
        recorder.tell(EventKind::RunStarted {
            format: FORMAT,
            tool: "cutover 0.1.0".into(),
            run: "20261121T220000Z-0badcafe".into(),
            options: Options {
                verb: verb.into(),
                playbooks: vec!["vos-tomcat.yml".into()],
                inventories: vec!["example".into()],
                check,
                diff: true,
                forks: 50,
                ..Options::default()
            },
        });
        recorder
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.at += Duration::from_secs(seconds);
        self
    }

    fn tell(&mut self, kind: EventKind) -> &mut Self {
        let start: Timestamp = "2026-11-21T22:00:00Z".parse().unwrap();
        self.events.push(Event {
            seq: self.events.len() as u64 + 1,
            at: start + self.at,
            elapsed: self.at,
            kind,
        });
        self.wait(1)
    }

    fn phase(&mut self, lane: &str, phase: &str) -> &mut Self {
        let (lane, phase) = (lane.into(), phase.into());
        self.tell(EventKind::PhaseStarted { lane, phase })
    }

    fn node(&mut self, lane: &str, phase: &str, host: &str) -> &mut Self {
        let (lane, phase, host) = (lane.into(), phase.into(), host.into());
        self.tell(EventKind::NodeStarted { lane, phase, host })
    }

    fn node_done(&mut self, lane: &str, phase: &str, host: &str) -> &mut Self {
        let (lane, phase, host) = (lane.into(), phase.into(), host.into());
        self.tell(EventKind::NodeFinished { lane, phase, host })
    }

    fn start(&mut self, task: &TaskRef, host: &str) -> &mut Self {
        let (task, host) = (task.clone(), host.into());
        self.tell(EventKind::TaskStarted { task, host })
    }

    fn planned(&mut self, task: &TaskRef, host: &str, changes: Vec<Described>, why: &str) -> &mut Self {
        let (step, why) = (step(task, host), why.into());
        self.tell(EventKind::Planned {
            step,
            changes,
            why,
            diff: None,
        })
    }

    fn made(&mut self, task: &TaskRef, host: &str, change: Described) -> &mut Self {
        let arguments = json!({"unit": "tomcat"});
        let step = step(task, host);
        self.tell(EventKind::Intent {
            step: step.clone(),
            arguments,
            change,
            index: 0,
        });
        self.tell(EventKind::Outcome {
            step,
            index: 0,
            made: Made::Yes,
        })
    }

    fn note(&mut self, task: &TaskRef, host: &str, note: Note) -> &mut Self {
        let (task, host) = (task.clone(), host.into());
        self.tell(EventKind::Noted { task, host, note })
    }

    fn finish(&mut self, task: &TaskRef, host: &str, status: Status, result: Json) -> &mut Self {
        self.finish_with(task, host, status, result, None)
    }

    fn finish_with(
        &mut self,
        task: &TaskRef,
        host: &str,
        status: Status,
        result: Json,
        failure: Option<Failure>,
    ) -> &mut Self {
        self.tell(EventKind::TaskFinished {
            task: task.clone(),
            host: host.into(),
            delegate: (task.module == "certificates_from_ca").then(|| "localhost".into()),
            status,
            result,
            looped: task.name.contains("each"),
            took: Duration::from_secs(2),
            failure,
        })
    }

    fn lane_done(&mut self, lane: &str, ending: Ending) -> &mut Self {
        let lane = lane.into();
        self.tell(EventKind::LaneFinished { lane, ending })
    }
}

fn task(id: &str, name: &str, module: &str, section: Section) -> TaskRef {
    TaskRef {
        id: id.into(),
        name: name.into(),
        module: module.into(),
        at: "vos-tomcat.yml:12".into(),
        section,
    }
}

fn step(task: &TaskRef, host: &str) -> Step {
    Step {
        task: task.id.clone(),
        host: host.into(),
        item: None,
        attempt: 1,
    }
}

fn change(text: &str) -> Described {
    Described {
        text: text.into(),
        diff: None,
        no_return: None,
    }
}

fn lane(name: &str, hosts: &[&str]) -> Lane {
    Lane {
        name: name.into(),
        hosts: hosts.iter().map(|host| (*host).into()).collect(),
    }
}

fn begin(recorder: &mut Recorder, phases: &[&str]) {
    recorder.tell(EventKind::PlayStarted {
        play: 0,
        name: "Rotate the tomcat certificate".into(),
        lanes: vec![
            lane("finesse", &["finesse-1", "finesse-2"]),
            lane("cuic", &["cuic-1", "cuic-2"]),
            lane("vvb-1", &["vvb-1"]),
        ],
        phases: phases.iter().map(|phase| (*phase).into()).collect(),
    });
}
