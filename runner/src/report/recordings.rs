//! Two runs that every view is tested with: one where all goes well, one where
//! much does not.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::failure::{Failure, FailureKind};
use cutover_kit::module::Diff;
use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::bus::Sink;
use crate::event::{
    Busy, Cause, Ending, Event, EventKind, FORMAT, Lane, Made, Options, Section, Status, Step, TaskRef,
};

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
        self.tell(EventKind::Planned { step, changes, why })
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

/// Three clusters, all well: requests, a barrier, a signature for all, an identity and a restart.
pub(crate) fn good() -> Vec<Event> {
    let mut r = Recorder::of("rehearse", false);
    begin(&mut r, &["request", "sign", "identity and restart"]);
    let csr = task("0/request/tasks/0", "vos_csr", "vos_csr", Section::Tasks);
    for (lane, host) in [("finesse", "finesse-1"), ("cuic", "cuic-1"), ("vvb-1", "vvb-1")] {
        r.phase(lane, "request").start(&csr, host);
        r.planned(
            &csr,
            host,
            vec![change("request a certificate for tomcat")],
            "self-signed",
        );
        r.made(&csr, host, change("request a certificate for tomcat"));
        r.finish(
            &csr,
            host,
            Status::Changed,
            json!({"changed": true, "csr": format!("csr/{host}.csr")}),
        );
        let (lane, phase) = (lane.into(), "sign".into());
        r.tell(EventKind::LaneWaiting {
            lane,
            cause: Cause::Barrier { phase },
        });
    }
    let sign = task(
        "0/sign/tasks/0",
        "certificates_from_ca",
        "certificates_from_ca",
        Section::Tasks,
    );
    r.phase("finesse", "sign").start(&sign, "finesse-1");
    r.planned(
        &sign,
        "finesse-1",
        vec![change("sign 3 requests")],
        "signed by the local CA lab",
    );
    r.finish(&sign, "finesse-1", Status::Changed, json!({"changed": true}));
    identity_and_restart(&mut r);
    for lane in ["finesse", "cuic", "vvb-1"] {
        r.lane_done(lane, Ending::Done);
    }
    let (awaiting, go_on) = (Vec::new(), None);
    r.tell(EventKind::RunFinished {
        exit: 0,
        awaiting,
        go_on,
    });
    r.events
}

fn identity_and_restart(r: &mut Recorder) {
    let phase = "identity and restart";
    let identity = task(
        "0/identity and restart/tasks/0",
        "vos_identity",
        "vos_identity",
        Section::Tasks,
    );
    let import = Described {
        text: "import finesse-1.pem as tomcat".into(),
        diff: Some(Diff {
            title: "finesse-1 tomcat".into(),
            before: "issuer: CN=finesse-1.example.com\n".into(),
            after: "issuer: CN=Lab Issuing CA 1\n".into(),
        }),
        no_return: Some("the old private key is gone with it".into()),
    };
    r.phase("finesse", phase)
        .node("finesse", phase, "finesse-1")
        .start(&identity, "finesse-1");
    r.planned(&identity, "finesse-1", vec![import.clone()], "self-signed");
    r.made(&identity, "finesse-1", import);
    r.finish(&identity, "finesse-1", Status::Changed, json!({"changed": true}));
    let restart = task(
        "0/identity and restart/tasks/1",
        "vos_restart",
        "vos_restart",
        Section::Tasks,
    );
    r.start(&restart, "finesse-1");
    r.tell(EventKind::TurnTaken {
        host: "finesse-1".into(),
        of: vec!["cluster finesse".into()],
        looked: BTreeMap::from([("finesse-2".into(), "in service".into())]),
    });
    r.note(
        &restart,
        "finesse-1",
        Note::Sent {
            host: "finesse-1".into(),
            command: "utils system restart".into(),
        },
    );
    let limit = Duration::from_secs(45 * 60);
    r.note(
        &restart,
        "finesse-1",
        Note::Waiting {
            what: "finesse-1 to be back".into(),
            limit,
        },
    );
    r.wait(190);
    let since = Duration::from_secs(190);
    let busy = vec![Busy {
        host: "finesse-1".into(),
        what: "vos_restart".into(),
        since,
    }];
    r.tell(EventKind::Heartbeat { busy });
    r.finish(&restart, "finesse-1", Status::Changed, json!({"changed": true}));
    let proof = task(
        "0/identity and restart/gate/0",
        "tls_proof",
        "tls_proof",
        Section::Gate,
    );
    r.start(&proof, "finesse-1");
    r.planned(
        &proof,
        "finesse-1",
        Vec::new(),
        "8443 and 8445 show the new certificate",
    );
    r.finish(
        &proof,
        "finesse-1",
        Status::Ok,
        json!({"changed": false, "ports": [8443, 8445]}),
    );
    r.tell(EventKind::TurnReleased {
        host: "finesse-1".into(),
        proved: true,
    });
    r.node_done("finesse", phase, "finesse-1");
    r.node("finesse", phase, "finesse-2");
    r.start(&identity, "finesse-2");
    r.planned(&identity, "finesse-2", Vec::new(), "finesse-2 is not due");
    r.finish(&identity, "finesse-2", Status::Ok, json!({"changed": false}));
    r.node_done("finesse", phase, "finesse-2");
    let debug = task(
        "0/identity and restart/tasks/2",
        "Say what was done",
        "debug",
        Section::Tasks,
    );
    r.start(&debug, "vvb-1");
    r.finish(
        &debug,
        "vvb-1",
        Status::Ok,
        json!({"changed": false, "msg": "vvb-1 is done"}),
    );
    r.start(&debug, "cuic-1")
        .finish(&debug, "cuic-1", Status::Skipped, json!({"changed": false}));
}

/// One lane stopped by a failure, one suspended, one host unreachable.
pub(crate) fn troubled() -> Vec<Event> {
    let mut r = Recorder::of("run", false);
    let place = Some("example/hosts.yml:3:9".into());
    r.tell(EventKind::Warned {
        place,
        message: "`finese` matches no group".into(),
    });
    begin(&mut r, &["request", "sign"]);
    let csr = task("0/request/tasks/0", "vos_csr", "vos_csr", Section::Tasks);
    r.phase("finesse", "request")
        .phase("cuic", "request")
        .phase("vvb-1", "request");
    r.start(&csr, "finesse-1")
        .start(&csr, "cuic-1")
        .start(&csr, "vvb-1");
    unreachable(&mut r, &csr);
    refused(&mut r, &csr);
    loops(&mut r);
    awaiting(&mut r);
    r.tell(EventKind::RunFinished {
        exit: 4,
        awaiting: vec!["vvb-1: work/signed, the answer to work/csr/vvb-1.csr".into()],
        go_on: Some("cutover run vos-tomcat.yml -i example".into()),
    });
    r.events
}

fn unreachable(r: &mut Recorder, csr: &TaskRef) {
    let message = "cuic-1.example.com:22 does not answer: connection refused";
    let failure = Failure::new(FailureKind::Unreachable, message).hint("is the node up?");
    let result = json!({"changed": false, "msg": message, "unreachable": true});
    r.finish_with(csr, "cuic-1", Status::Unreachable, result, Some(failure));
    let reason = message.to_owned();
    let (phase, host) = ("request".into(), "cuic-1".into());
    r.lane_done("cuic", Ending::Stopped { phase, host, reason });
}

fn refused(r: &mut Recorder, csr: &TaskRef) {
    let said = |line: &str| Note::Said {
        host: "finesse-1".into(),
        line: line.into(),
    };
    r.note(
        csr,
        "finesse-1",
        Note::Sent {
            host: "finesse-1".into(),
            command: "set csr gen tomcat".into(),
        },
    );
    r.note(csr, "finesse-1", said("Generating...\u{1b}[K"));
    r.note(csr, "finesse-1", said("  "));
    r.note(csr, "finesse-1", said("Error: the request could not be made"));
    let message = "the device refused to make a request for tomcat";
    let failure = Failure::new(FailureKind::Refused, message)
        .seen("Error: the request could not be made")
        .hint("look at the platform's log, then run again");
    let result = json!({"changed": false, "failed": true, "msg": message, "unit": "tomcat"});
    r.finish_with(csr, "finesse-1", Status::Failed, result, Some(failure));
    let (phase, host, reason) = ("request".into(), "finesse-1".into(), message.into());
    r.lane_done("finesse", Ending::Stopped { phase, host, reason });
}

fn loops(r: &mut Recorder) {
    let each = task(
        "0/request/tasks/1",
        "Look at each unit",
        "command",
        Section::Tasks,
    );
    r.start(&each, "vvb-1");
    let items = [
        ("tomcat", Status::Changed),
        ("ipsec", Status::Skipped),
        ("tomcat-ECDSA", Status::Ignored),
    ];
    for (item, status) in items {
        r.tell(EventKind::ItemFinished {
            task: each.clone(),
            host: "vvb-1".into(),
            delegate: None,
            label: json!(item),
            status,
            result: json!({"changed": status == Status::Changed, "rc": 0, "password": {"$secret": "argument"}}),
        });
    }
    r.tell(EventKind::Retrying {
        task: each.clone(),
        host: "vvb-1".into(),
        left: 2,
    });
    r.finish(
        &each,
        "vvb-1",
        Status::Ignored,
        json!({"changed": true, "msg": "One or more items failed"}),
    );
}

fn awaiting(r: &mut Recorder) {
    let sign = task(
        "0/sign/tasks/0",
        "certificates_from_ca",
        "certificates_from_ca",
        Section::Tasks,
    );
    r.phase("vvb-1", "sign").start(&sign, "vvb-1");
    let failure = Failure::new(
        FailureKind::Awaiting,
        "the CA has not answered work/csr/vvb-1.csr yet",
    )
    .hint("put its answer into work/signed, whatever its name");
    r.finish_with(
        &sign,
        "vvb-1",
        Status::Awaiting,
        json!({"changed": false}),
        Some(failure),
    );
    let (phase, reason) = ("sign".into(), "the CA has not answered yet".into());
    r.lane_done("vvb-1", Ending::Suspended { phase, reason });
    r.tell(EventKind::StopRequested);
}
