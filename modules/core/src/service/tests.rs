//! Services under each manager, as stories; and with stand-ins for `systemctl` on this machine.

use std::os::unix::fs::PermissionsExt;

use cutover_kit::{Change, Value};
use serde_json::json;

use super::*;
use crate::bench::Bench;

static SYSTEMD: Systemd = Systemd::new();

fn plan(json: serde_json::Value, said: &str) -> Result<Vec<String>, Failure> {
    let args: ServiceArgs = serde_json::from_value(json).unwrap();
    let order = args.order();
    let (manager, found) = manager::read(&order, said)?;
    let plan = Service::new().plan(
        &args,
        &Facts {
            order,
            manager,
            found,
        },
    )?;
    let plain = |step: &Step| step.line().replace("PATH=$PATH:/usr/sbin:/sbin; ", "");
    Ok(plan.changes.iter().map(plain).collect())
}

const STOPPED: &str = "systemd\nenabled disabled\nLoadState=loaded\nActiveState=inactive\n";
const RUNNING: &str = "systemd\nenabled enabled\nLoadState=loaded\nActiveState=active\n";

#[test]
fn only_what_differs_is_told() {
    let started = json!({"name": "web", "state": "started", "enabled": true});
    assert_eq!(
        plan(started.clone(), STOPPED).unwrap(),
        ["systemctl  enable -- web", "systemctl  start -- web"]
    );
    assert!(plan(started, RUNNING).unwrap().is_empty());
    let reloaded = json!({"name": "web", "state": "reloaded"});
    assert_eq!(
        plan(reloaded.clone(), RUNNING).unwrap(),
        ["systemctl  reload -- web"]
    );
    assert_eq!(plan(reloaded, STOPPED).unwrap(), ["systemctl  start -- web"]);
    let restarted = json!({"name": "web", "state": "restarted"});
    assert_eq!(plan(restarted, RUNNING).unwrap(), ["systemctl  restart -- web"]);
}

#[test]
fn what_was_switched_is_switched_back_and_a_restart_is_not() {
    let back = |json: serde_json::Value, said: &str| {
        let args: ServiceArgs = serde_json::from_value(json).unwrap();
        let order = args.order();
        let (manager, found) = manager::read(&order, said).unwrap();
        let facts = Facts {
            order,
            manager,
            found,
        };
        let service: &Service = &Service::new();
        let plan = service.plan(&args, &facts).unwrap();
        let undo = |step: &Step| service.undo(&args, &facts, step).map(|undo| undo.describe());
        plan.changes.iter().map(undo).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    let started = json!({"name": "web", "state": "started", "enabled": true});
    assert_eq!(back(started, STOPPED), [some("disable web"), some("stop web")]);
    let stopped = json!({"name": "web", "state": "stopped"});
    assert_eq!(back(stopped, RUNNING), [some("start web")]);
    let restarted = json!({"name": "web", "state": "restarted"});
    assert_eq!(back(restarted, RUNNING), [None]);
}

#[test]
fn other_managers_have_other_words() {
    let wanted = json!({"name": "web", "state": "stopped", "enabled": false});
    assert_eq!(
        plan(wanted.clone(), "openrc\nexists\nrunning\nenabled\n").unwrap(),
        ["rc-update del web default", "rc-service web stop"]
    );
    assert_eq!(
        plan(wanted, "sysv\nexists\nrunning\n").unwrap(),
        ["if command -v service >/dev/null 2>&1; then service web stop; else /etc/init.d/web stop; fi"]
    );
}

#[test]
fn what_is_not_there_is_said_not_to_be() {
    let failure = plan(json!({"name": "web", "state": "started"}), "sysv\n").unwrap_err();
    assert_eq!(failure.message, "Could not find the requested service web: host");
}

#[test]
fn a_service_that_goes_down_needs_a_turn() {
    let host = crate::bench::host(cutover_kit::Platform::Posix);
    let disruptive = |json| {
        let args: ServiceArgs = serde_json::from_value(json).unwrap();
        Service::new().disruptive(&args, &host)
    };
    assert!(disruptive(json!({"name": "web", "state": "restarted"})));
    assert!(!disruptive(json!({"name": "web", "state": "started"})));
}

#[tokio::test]
async fn a_unit_is_unmasked_started_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("systemctl");
    let told = folder.path().join("told");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in\n*is-enabled*) echo masked;;\n*' show -p Version '*) echo Version=252;;\n\
         *show*) printf 'LoadState=masked\\nActiveState=inactive\\n';;\n*) echo \"$*\" >> {};;\nesac\n",
        told.display()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let bench = Bench::local().environment("PATH", &search);
    let args = Value::map([
        ("unit", Value::from("web")),
        ("masked", false.into()),
        ("state", "started".into()),
        ("daemon_reload", true.into()),
    ]);
    let plan = bench.plan(&SYSTEMD, args.clone()).await.unwrap();
    let texts: Vec<&str> = plan.changes.iter().map(|change| change.text.as_str()).collect();
    assert_eq!(
        texts,
        ["have systemd read its files again", "unmask web", "start web"]
    );
    assert_eq!(
        plan.result["status"].get("LoadState"),
        Some(&Value::from("masked"))
    );
    bench.run_all(&SYSTEMD, args).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(told).unwrap(),
        "daemon-reload\nunmask -- web\nstart -- web\n"
    );
}

#[tokio::test]
async fn a_member_backs_the_others_up_where_the_same_service_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("systemctl");
    let script = "#!/bin/sh\ncase \" $* \" in\n*is-enabled*) echo enabled;;\n*' show -p Version '*) echo Version=252;;\n\
                  *show*web*) printf 'LoadState=loaded\\nActiveState=%s\\n' \"$STATE\";;\n*show*) echo LoadState=not-found;;\nesac\n";
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let member = crate::bench::host(Platform::Posix);
    let stands = async |name: &str, state: &str| {
        let bench = Bench::local()
            .environment("PATH", &search)
            .environment("STATE", state);
        let args = Value::map([("name", name), ("state", "restarted")]);
        bench.standing(&SYSTEMD, args, &member).await.unwrap().unwrap()
    };
    let out = |reason: &str| Standing::Out(vec![reason.to_owned()]);
    assert_eq!(stands("web", "active").await, Standing::InService);
    assert_eq!(stands("web", "activating").await, out("web is still starting"));
    assert_eq!(stands("web", "failed").await, out("web does not run"));
    assert_eq!(stands("mail", "active").await, out("there is no service mail"));

    let nothing = Value::map([("daemon_reload", true)]);
    let bench = Bench::local();
    assert_eq!(bench.standing(&SYSTEMD, nothing, &member).await.unwrap(), None);
    let other = crate::bench::host(Platform::Vos);
    let args = Value::map([("name", "web"), ("state", "restarted")]);
    assert_eq!(bench.standing(&SYSTEMD, args, &other).await.unwrap(), None);
}
