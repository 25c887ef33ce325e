//! A run where all goes well.

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::module::Diff;
use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use serde_json::json;

use super::{Recorder, begin, change, task};
use crate::event::{Busy, Cause, Ending, Event, EventKind, Section, Status};

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
            before: Some("issuer: CN=finesse-1.example.com\n".into()),
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
