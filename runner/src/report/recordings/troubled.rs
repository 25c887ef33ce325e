//! A run where much goes wrong.

use cutover_kit::failure::{Failure, FailureKind};
use cutover_kit::note::Note;
use serde_json::json;

use super::{Recorder, begin, task};
use crate::event::{Debugged, Ending, Event, EventKind, Section, Status, TaskRef};

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
    let expression = "result.msg".into();
    for did in [Debugged::Looked { expression }, Debugged::WentOn] {
        r.tell(EventKind::Debugged {
            task: each.clone(),
            host: "vvb-1".into(),
            did,
        });
    }
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
