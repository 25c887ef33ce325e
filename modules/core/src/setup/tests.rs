//! Facts of this machine, and of others from what their shells said.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use cutover_kit::{FailureKind, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::bench::Bench;

static SETUP: Setup = Setup;

async fn facts(args: Value) -> serde_json::Map<String, Json> {
    let plan = Bench::local().plan(&SETUP, args).await.unwrap();
    let json = serde_json::to_value(Value::Map(plan.result)).unwrap();
    json["ansible_facts"].as_object().unwrap().clone()
}

fn lists<const N: usize>(pairs: [(&str, &[&str]); N]) -> Value {
    Value::map(pairs.map(|(name, words)| (name, Value::from(words.to_vec()))))
}

#[tokio::test]
async fn this_machine_is_described() {
    let facts = facts(Value::map::<&str, Value>([])).await;
    assert_eq!(facts["ansible_system"], "Linux");
    let uname = std::process::Command::new("uname").arg("-r").output().unwrap();
    assert_eq!(
        facts["ansible_kernel"],
        String::from_utf8_lossy(&uname.stdout).trim()
    );
    assert_eq!(facts["ansible_env"]["PATH"], std::env::var("PATH").unwrap());
    assert!(facts["ansible_memtotal_mb"].as_u64().unwrap() > 0);
    assert!(facts["ansible_processor_vcpus"].as_u64().unwrap() > 0);
    assert_eq!(facts["ansible_lo"]["ipv4"]["network"], "127.0.0.0");
    assert_eq!(facts["gather_subset"], json!(["all"]));
}

#[tokio::test]
async fn only_what_is_asked_for_is_kept() {
    let min = facts(lists([("gather_subset", &["!all"])])).await;
    assert!(min.contains_key("ansible_distribution") && !min.contains_key("ansible_memtotal_mb"));
    let one = facts(lists([("gather_subset", &["!all", "!min", "distribution"])])).await;
    let begin = |name: &&String| !name.starts_with("ansible_distribution");
    let rest: Vec<&String> = one.keys().filter(begin).collect();
    assert_eq!(rest, ["ansible_os_family", "gather_subset", "module_setup"]);
    let filtered = facts(lists([("filter", &["ansible_user_*", "kernel"])])).await;
    assert!(filtered.contains_key("ansible_user_dir") && filtered.contains_key("ansible_kernel"));
    assert!(!filtered.contains_key("ansible_env") && !filtered.contains_key("gather_subset"));
}

#[tokio::test]
async fn a_word_that_names_nothing_is_refused() {
    let args = lists([("gather_subset", &["hardwear"])]);
    let failure = Bench::local().plan(&SETUP, args).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Arguments);
    assert!(
        failure
            .message
            .starts_with("Bad subset 'hardwear' given to Ansible.")
    );
}

#[tokio::test]
async fn a_hosts_own_facts_are_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.fact"), "[main]\nPort = 8443\n").unwrap();
    std::fs::write(folder.path().join("site.fact"), "{\"rack\": [1, 2]}").unwrap();
    std::fs::write(folder.path().join("odd.fact"), "neither\n").unwrap();
    let program = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    };
    program(
        "runs.fact",
        "#!/bin/sh\necho '{\"ran\":'\necho warned >&2\nprintf ' true}'\n",
    );
    program(
        "fails.fact",
        "#!/bin/sh\nprintf half\nprintf 'one\\ntwo\\n' >&2\nexit 3\n",
    );
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.fact")).unwrap();
    let args = Value::map([
        ("fact_path", folder.path().to_str().unwrap()),
        ("filter", "local"),
    ]);
    let told = serde_json::to_string_pretty(&facts(args).await).unwrap();
    let told = told.replace(folder.path().to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(told, @r#"
    {
      "ansible_local": {
        "app": {
          "main": {
            "port": "8443"
          }
        },
        "dangling": "Could not stat fact (FOLDER/dangling.fact): it leads nowhere",
        "fails": "Failure executing fact script (FOLDER/fails.fact), rc: 3, err: one\ntwo",
        "odd": "error loading facts as JSON or ini - please check content: FOLDER/odd.fact",
        "runs": {
          "ran": true
        },
        "site": {
          "rack": [
            1,
            2
          ]
        }
      }
    }
    "#);
}

#[test]
fn distributions_are_called_as_ansible_calls_them() {
    let told = |text: &str| {
        let sections = Sections::read(text);
        let facts = system::facts(&sections);
        let word = |name: &str| facts.get(name).and_then(Json::as_str).unwrap_or("-").to_owned();
        [
            "distribution",
            "distribution_version",
            "distribution_major_version",
            "distribution_release",
            "os_family",
            "pkg_mgr",
        ]
        .map(word)
        .join(" | ")
    };
    let rows = [
        "@@cutover os_release\nID=\"rhel\"\nVERSION_ID=\"8.6\"\nVERSION=\"8.6 (Ootpa)\"\n@@cutover package_managers\n/usr/bin/dnf-3\n/usr/bin/dnf\n",
        "@@cutover os_release\nID=\"centos\"\nVERSION_ID=\"7\"\nVERSION=\"7 (Core)\"\n@@cutover redhat_release\nCentOS Linux release 7.9.2009 (Core)\n@@cutover package_managers\n/usr/bin/yum\n",
        "@@cutover os_release\nID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n@@cutover debian_version\nbookworm/sid\n@@cutover package_managers\n/usr/bin/apt-get\n",
        "@@cutover os_release\nID=alpine\nVERSION_ID=3.19.1\n@@cutover alpine_release\n3.19.1\n@@cutover package_managers\n/sbin/apk\n",
        "@@cutover os_release\nID=nobara\nNAME=\"Nobara Linux\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=39\n",
    ];
    insta::assert_snapshot!(rows.map(told).join("\n"), @r"
    RedHat | 8.6 | 8 | Ootpa | RedHat | dnf
    CentOS | 7.9 | 7 | Core | RedHat | yum
    Ubuntu | 22.04 | 22 | jammy | Debian | apt
    Alpine | 3.19.1 | 3 | NA | Alpine | apk
    Nobara Linux | 39 | 39 | NA | RedHat | unknown
    ");
}

#[test]
fn interfaces_come_from_what_the_kernel_and_ip_say() {
    let text = "\
@@cutover interfaces
eth0|1500|52:54:00:12:34:56|0x1003|1|1000|../../../virtio2
@@cutover addresses
2: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.3/32 scope global eth0:1\\       valid_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever
@@cutover route4
8.8.8.8 via 192.0.2.1 dev eth0 src 192.0.2.2 uid 0
";
    let facts = network::facts(&Sections::read(text));
    insta::assert_snapshot!(serde_json::to_string(&facts).unwrap(), @r#"{"interfaces":["eth0"],"all_ipv4_addresses":["192.0.2.2","192.0.2.3"],"all_ipv6_addresses":["fe80::1"],"default_ipv4":{"interface":"eth0","address":"192.0.2.2","gateway":"192.0.2.1","macaddress":"52:54:00:12:34:56","mtu":1500,"type":"ether","broadcast":"192.0.2.255","netmask":"255.255.255.0","network":"192.0.2.0","prefix":"24","alias":"eth0"},"default_ipv6":{},"eth0":{"device":"eth0","active":true,"mtu":1500,"promisc":false,"type":"ether","macaddress":"52:54:00:12:34:56","speed":1000,"pciid":"virtio2","ipv4":{"address":"192.0.2.2","broadcast":"192.0.2.255","netmask":"255.255.255.0","network":"192.0.2.0","prefix":"24"},"ipv4_secondaries":[{"address":"192.0.2.3","broadcast":"","netmask":"255.255.255.255","network":"192.0.2.3","prefix":"32"}],"ipv6":[{"address":"fe80::1","prefix":"64","scope":"link"}]}}"#);
}
