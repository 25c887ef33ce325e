//! The modules that only do what a playbook asks for in so many words.

use cutover_kit::{FailureKind, Note, Value};

use crate::steps::*;
use crate::support::{Lab, finesse_pair, host, single};
use cutover_kit::{Node, Product, Reach, Read};
use cutover_vos::{Standing, standing};

fn command(text: &str) -> Value {
    Value::map([("command", text)])
}

#[tokio::test(start_paused = true)]
async fn facts_are_data() {
    let lab = Lab::new(finesse_pair());
    let vos = go(&lab, &FACTS, "fin-a", none()).await.result["vos"].clone();
    let names: Vec<_> = vos.as_map().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "version",
            "status",
            "cluster",
            "services",
            "replication",
            "ntp",
            "account_locking",
            "certificates",
            "requests",
            "trust",
            "unread"
        ]
    );
    assert_eq!(vos.get("unread").unwrap().as_map().unwrap().len(), 0);
    let units: Vec<_> = vos
        .get("certificates")
        .unwrap()
        .as_map()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(units, ["tomcat", "tomcat-ECDSA", "ipsec"]);
    assert_eq!(vos.get("cluster").unwrap().as_list().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_is_started_stopped_and_not_twice() {
    let lab = Lab::new(finesse_pair());
    let args = |state: &str| Value::map([("name", "Cisco Finesse Tomcat"), ("state", state)]);
    let stop = go(&lab, &SERVICE, "fin-a", args("stopped")).await;
    assert_eq!(stop.changes, ["stop Cisco Finesse Tomcat"]);
    assert_eq!(
        go(&lab, &SERVICE, "fin-a", args("stopped")).await.why,
        "Cisco Finesse Tomcat is STOPPED"
    );
    let read: Reach<Read> = Reach::new(lab.ground("fin-a"));
    let Standing::Out(reasons) = standing(&read, "fin-a").await.unwrap() else {
        panic!("it is out of service");
    };
    assert!(
        reasons[0].starts_with("Cisco Finesse Tomcat is STOPPED"),
        "{reasons:?}"
    );
    let start = go(&lab, &SERVICE, "fin-a", args("started")).await;
    assert_eq!(start.changes, ["start Cisco Finesse Tomcat"]);
    go(&lab, &IN_SERVICE, "fin-a", none()).await;

    let failure = fails(
        &lab,
        &SERVICE,
        "fin-a",
        Value::map([("name", "Finesse Tomcat"), ("state", "started")]),
    )
    .await;
    assert_eq!(failure.kind, FailureKind::Arguments);
    assert_eq!(failure.message, "fin-a has no service Finesse Tomcat");
    assert_eq!(failure.seen, ["there is Cisco Finesse Tomcat"]);
}

#[tokio::test(start_paused = true)]
async fn standing_names_what_is_wrong_and_never_a_certificate() {
    let lab = Lab::with(
        vec![
            host("ld-a", Product::Livedata, "ld", Node::Primary),
            host("ld-b", Product::Livedata, "ld", Node::Secondary),
        ],
        |name, twin| {
            twin.certificate.expires_in = -100;
            if name == "ld-b" {
                twin.live_data = Some("ISOLATED-STANDBY".into());
            }
        },
    );
    let read: Reach<Read> = Reach::new(lab.ground("ld-a"));
    assert_eq!(standing(&read, "ld-a").await.unwrap(), Standing::InService);
    assert_eq!(
        standing(&read, "ld-b").await.unwrap(),
        Standing::Out(vec!["Live Data is ISOLATED-STANDBY".into()])
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_only_shows_runs_in_look_and_changes_nothing() {
    let lab = Lab::new(single());
    let done = go(&lab, &COMMAND, "vvb", command("show  version active")).await;
    assert_eq!(done.changes, Vec::<String>::new());
    assert!(
        done.result["stdout"]
            .as_str()
            .unwrap()
            .starts_with("Active Master Version: 12.6.2")
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_answers_what_was_announced_and_nothing_else() {
    let lab = Lab::new(single());
    let failure = fails(&lab, &COMMAND, "vvb", command("set cert regen tomcat")).await;
    assert_eq!(failure.kind, FailureKind::Unannounced);
    assert!(
        failure.message.contains("Proceed with regeneration (yes|no)?"),
        "{failure}"
    );
    assert_eq!(lab.writes(), 0);

    let args = Value::map([
        ("command", Value::from("set cert regen tomcat")),
        ("answers", Value::map([("Proceed with regeneration", "yes")])),
    ]);
    let done = go(&lab, &COMMAND, "vvb", args).await;
    assert_eq!(done.changes, ["send `set cert regen tomcat`"]);
    assert_eq!(lab.happened(), ["vvb: regenerated tomcat"]);

    let failure = fails(&lab, &COMMAND, "vvb", command("foo bar")).await;
    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(
        failure.message,
        "vvb refused `foo bar`: the device does not know the command"
    );
}

#[tokio::test(start_paused = true)]
async fn a_menu_that_nobody_announced_is_left_again() {
    let lab = Lab::new(single());
    let failure = fails(&lab, &COMMAND, "vvb", command("utils system upgrade initiate")).await;
    assert_eq!(failure.kind, FailureKind::Unannounced);
    assert!(failure.message.contains("Please select an option"), "{failure}");
    go(&lab, &FACTS, "vvb", none()).await;
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn dangerous_neighbours_need_force_and_control_characters_never_pass() {
    let lab = Lab::new(single());
    let failure = fails(&lab, &COMMAND, "vvb", command("set network hostname other")).await;
    assert_eq!(failure.kind, FailureKind::Arguments);
    assert_eq!(
        failure.message,
        "`set network hostname other` makes all certificates anew and drops those that a CA signed"
    );
    for text in ["show status\rset cert regen tomcat", "show ?", ""] {
        let failure = fails(&lab, &COMMAND, "vvb", command(text)).await;
        assert_eq!(failure.kind, FailureKind::Arguments, "{text:?}");
    }
    assert_eq!(lab.sent(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_restart_as_a_raw_command_ends_its_session_and_is_no_failure() {
    let lab = Lab::new(single());
    let args = Value::map([
        ("command", Value::from("utils system restart")),
        ("answers", Value::map([("want to restart", "yes")])),
    ]);
    let done = go(&lab, &COMMAND, "vvb", args).await;
    assert_eq!(done.result["ended"].as_bool(), Some(true));
    go(&lab, &IN_SERVICE, "vvb", none()).await;
    assert_eq!(lab.happened(), ["vvb: restart", "vvb: down", "vvb: up"]);
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_regenerated_once() {
    let lab = Lab::new(single());
    let args = Value::map([("unit", "tomcat")]);
    let done = go(&lab, &REGENERATE, "vvb", args.clone()).await;
    assert_eq!(done.changes, ["make a new self-signed certificate in tomcat"]);
    let again = go(&lab, &REGENERATE, "vvb", args).await;
    assert!(
        again.why.starts_with("tomcat is self-signed and valid until"),
        "{}",
        again.why
    );
}

#[tokio::test(start_paused = true)]
async fn a_trust_certificate_is_deleted_and_kept_in_the_result() {
    let lab = Lab::new(single());
    up_to_trust(&lab, "vvb").await;
    let trust = go(&lab, &FACTS, "vvb", none()).await.result["vos"]
        .get("trust")
        .unwrap()
        .clone();
    let root = trust
        .as_list()
        .unwrap()
        .iter()
        .filter_map(|it| it.get("file").and_then(Value::as_str))
        .find(|file| file.starts_with("Lab_Root_CA"))
        .unwrap()
        .to_owned();
    let args = Value::map([("name", root.as_str())]);
    let done = go(&lab, &DELETE, "vvb", args.clone()).await;
    assert_eq!(done.changes, [format!("delete tomcat-trust/{root}")]);
    assert!(
        done.result["pem"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert_eq!(
        go(&lab, &DELETE, "vvb", args).await.why,
        format!("there is no tomcat-trust/{root}")
    );
}

#[tokio::test(start_paused = true)]
async fn every_command_and_line_is_told() {
    let lab = Lab::new(single());
    go(&lab, &COMMAND, "vvb", command("show version active")).await;
    assert_eq!(
        lab.sent(),
        ["vvb: set cli pagination off", "vvb: show version active"]
    );
    let notes = lab.trace.notes.lock().unwrap();
    let said = |text: &str| {
        let is = |note: &Note| matches!(note, Note::Said { line, .. } if line.contains(text));
        notes.iter().any(is)
    };
    assert!(said("Automatic pagination") && said("Active Master Version"));
}

const OPTION: &str = "ciscouccx.1151.CSCvb58580.cop.sgn";

fn cop(file: &str) -> Value {
    Value::map([
        ("file", file),
        ("server", "10.0.0.5"),
        ("directory", "/cops"),
        ("user", "sftp"),
        ("password", "hunter22"),
    ])
}

#[tokio::test(start_paused = true)]
async fn an_option_is_installed_once_and_its_servers_password_is_never_shown() {
    let mut hosts = vec![host("ccx", Product::Uccx, "ccx", Node::Primary)];
    hosts[0].version = Some("11.5.1".into());
    let lab = Lab::with(hosts, |_, twin| {
        twin.cop_files = vec!["other.cop.sgn".into(), OPTION.into()];
    });
    let done = go(&lab, &COP, "ccx", cop(OPTION)).await;
    assert_eq!(done.changes, [format!("install {OPTION}")]);
    let again = go(&lab, &COP, "ccx", cop(OPTION)).await;
    assert_eq!(again.why, format!("{OPTION} is installed"));
    let notes = format!("{:?}", lab.trace.notes.lock().unwrap());
    assert!(
        notes.contains("********") && !notes.contains("hunter22"),
        "{notes}"
    );

    let failure = fails(&lab, &COP, "ccx", cop("missing.cop.sgn")).await;
    assert_eq!(failure.kind, FailureKind::Unannounced);
    assert!(
        failure.seen.iter().any(|line| line.contains("other.cop.sgn")),
        "{failure:?}"
    );
}
