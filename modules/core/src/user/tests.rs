//! What is done about an account, and a real one on this machine.

use cutover_kit::Value;
use serde_json::json;

use super::*;
use crate::bench::Bench;

static USER: User = User;

fn lines(json: serde_json::Value, account: Option<Account>) -> Vec<String> {
    let args: Args = serde_json::from_value(json).unwrap();
    let plan = USER.plan(&args, &Facts { account }).unwrap();
    let plain = |step: &Step| step.line().replace("PATH=$PATH:/usr/sbin:/sbin; ", "");
    plan.changes.iter().map(plain).collect()
}

fn there() -> Account {
    account(
        "box",
        "ada:x:1001:1001:Ada L.:/home/ada:/bin/sh\nada\nada wheel ops\nada:!$6$x:19000:0:99999:7:::\n",
    )
    .unwrap()
}

#[test]
fn a_new_account_is_added_and_its_password_is_in_no_line() {
    let wanted = json!({
        "name": "ada", "uid": 1001, "groups": ["wheel", "ops"], "comment": "Ada L.", "shell": "/bin/bash", "password": "$6$salt$hash",
    });
    assert_eq!(
        lines(wanted, None),
        [
            "useradd -u 1001 -G wheel,ops -c 'Ada L.' -s /bin/bash -m ada",
            "chpasswd -e"
        ]
    );
}

#[test]
fn a_hash_is_known_by_the_host_it_came_from() {
    let origin = there().password.unwrap().origin().clone();
    let host = cutover_kit::secret::Origin::Host {
        host: "box".into(),
        what: "shadow".into(),
    };
    assert_eq!(origin, host);
}

#[test]
fn only_what_differs_is_changed() {
    let told = |json| lines(json, Some(there()));
    assert!(told(json!({"name": "ada", "shell": "/bin/sh", "groups": ["ops", "wheel"]})).is_empty());
    assert!(told(json!({"name": "ada", "groups": ["ops"], "append": true})).is_empty());
    assert_eq!(
        told(json!({"name": "ada", "groups": ["web"], "append": true})),
        ["usermod -G ops,web,wheel ada"]
    );
    assert_eq!(told(json!({"name": "ada", "groups": []})), ["usermod -G '' ada"]);
    assert_eq!(
        told(json!({"name": "ada", "home": "/srv/ada", "move_home": true, "expires": 1_700_000_000})),
        ["usermod -d /srv/ada -e 2023-11-14 -m ada"]
    );
    assert!(told(json!({"name": "ada", "password": "$6$x"})).is_empty());
    assert_eq!(
        told(json!({"name": "ada", "password_lock": false})),
        ["usermod -U ada"]
    );
    assert_eq!(
        told(json!({"name": "ada", "password": "$6$new", "password_lock": true})),
        ["chpasswd -e", "usermod -L ada"]
    );
    assert_eq!(
        told(json!({"name": "ada", "password": "$6$new", "password_lock": false})),
        ["chpasswd -e"]
    );
    assert!(told(json!({"name": "ada", "password": "new", "update_password": "on_create"})).is_empty());
    assert_eq!(
        told(json!({"name": "ada", "state": "absent", "remove": true})),
        ["userdel -r ada"]
    );
}

#[tokio::test]
async fn an_account_of_this_machine_is_read() {
    let args = Value::map([("name", "root"), ("home", "/root")]);
    let plan = Bench::local().plan(&USER, args).await.unwrap();
    assert!(plan.changes.is_empty());
    assert_eq!(plan.result["uid"], Value::Int(0));
    assert_eq!(plan.result["home"], Value::from("/root"));
}
