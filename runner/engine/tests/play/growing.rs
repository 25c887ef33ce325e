//! What a run adds to its own inventory.

use cutover_engine::event::EventKind;
use cutover_engine::exit::Exit;
use cutover_engine::reference::shown;
use insta::assert_snapshot;
use serde_json::json;

use crate::stage::{Stage, hosts};

#[test]
fn an_added_host_is_in_its_cluster_and_the_journal_knows_of_it() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - add_host: {name: \"n{{ item }}\", groups: fresh, cluster: pair, node: \"{{ ['primary', 'secondary'][item] }}\", ansible_password: hunter22}
      loop: [1, 0]
    - group_by: {key: here}
- hosts: fresh
  gather_facts: false
  phases:
    - name: one by one
      tasks:
        - {name: look, how: }
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_eq!(told.exit, Exit::Done);
    let grown = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::HostAdded {
            host,
            groups,
            variables,
        } => {
            let secret = &variables["ansible_password"]["$secret"]["place"]["variable"];
            Some(format!("{host} {groups:?} {} {secret}", variables["node"]))
        }
        EventKind::HostGrouped { host, group, parents } => Some(format!("{host} {group} {parents:?}")),
        EventKind::NodeStarted { lane, host, .. } => Some(format!("{lane}: {host}")),
        _ => None,
    });
    assert_snapshot!(grown.collect::<Vec<_>>().join("\n"), @r#"
    n1 ["fresh"] "secondary" "ansible_password"
    n0 ["fresh"] "primary" "ansible_password"
    h1 here ["all"]
    pair: n0
    pair: n1
    "#);
}

#[test]
fn a_group_is_not_made_its_own_parent() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - {name: below, group_by: {key: rhel, parents: [os, all]}}
    - {name: itself, group_by: {key: os, parents: os}, ignore_errors: true}
    - {name: around, group_by: {key: os, parents: rhel}, ignore_errors: true}
    - {name: who, debug: {msg: \"{{ group_names }}\"}}
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_snapshot!(told.story(), @"
    PLAY h1
    [h1] below: changed
    [h1] itself: ignored: `os` cannot be its own parent
    [h1] around: ignored: `rhel` is in `os` already, and cannot be its parent
    [h1] who: ok
    h1: ok=4 changed=1 ignored=2
    exit 0
    ");
    assert_eq!(told.result("who")["msg"], serde_json::json!(["os", "rhel"]));
}

#[test]
fn a_host_that_cannot_be_is_not_added() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - name: first
      add_host: {name: n1, platform: toaster}
      ignore_errors: true
    - {name: who, debug: {msg: \"{{ groups.all }}\"}}
";
    let told = Stage::of(hosts(1), playbook).run();
    assert_snapshot!(told.story(), @"
    PLAY h1
    [h1] first: ignored: `platform` of n1 cannot be `toaster`
    [h1] who: ok
    h1: ok=2 ignored=1
    exit 0
    ");
    assert_eq!(told.result("who")["msg"], json!(["h1"]));
}

#[test]
fn what_is_secret_by_its_name_is_so_however_deep_it_stands() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - add_host: {name: n1, api_token: 424242, store: {password: [\"{{ 'hunter' ~ 22 }}\", \"{{ 7.25 }}\"], port: 8443}}
    - {name: tell, debug: {msg: \"{{ hostvars.n1.store.password | join(' ') }} {{ hostvars.n1.api_token }} 8443\"}}
";
    let told = Stage::of(hosts(1), playbook).run();
    let added = told.events.iter().find_map(|event| match &event.kind {
        EventKind::HostAdded { variables, .. } => Some(variables.clone()),
        _ => None,
    });
    assert_eq!(
        shown(&added.unwrap()),
        json!({"api_token": "********", "store": {"password": ["********", "********"], "port": 8443}})
    );
    assert_eq!(shown(&told.result("tell")["msg"]), "********");
}

#[test]
fn a_limit_holds_for_what_is_added_although_its_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let limit = folder.path().join("limit");
    std::fs::write(&limit, "h1\n").unwrap();
    let playbook = format!(
        "
- hosts: h1
  gather_facts: false
  tasks:
    - add_host: {{name: n1, groups: fresh, gone: \"{{{{ lookup('pipe', 'rm {}') }}}}\"}}
- hosts: h1:h2:fresh
  gather_facts: false
  tasks:
    - {{name: look, how: }}
",
        limit.display()
    );
    let mut stage = Stage::of(hosts(2), playbook);
    stage.options.limit = Some(format!("@{}", limit.display()));
    let told = stage.run();
    assert!(!limit.exists(), "{}", told.story());
    assert_eq!(told.results("look").into_keys().collect::<Vec<_>>(), ["h1"]);
}

#[test]
fn a_play_over_added_hosts_knows_all_it_was_for() {
    let playbook = "
- hosts: h1
  gather_facts: false
  tasks:
    - add_host: {name: \"{{ item }}\", groups: fresh}
      loop: [n1, n2]
- hosts: fresh
  gather_facts: false
  tasks:
    - {fail: {msg: x}, when: inventory_hostname == 'n1'}
- hosts: fresh:h2
  gather_facts: false
  tasks:
    - {name: all, debug: {msg: \"{{ ansible_play_hosts_all }}\"}, run_once: true}
";
    let told = Stage::of(hosts(2), playbook).run();
    assert_eq!(told.result("all")["msg"], json!(["n1", "n2", "h2"]));
}

#[test]
fn who_joins_a_group_is_not_logged_in_to_again() {
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - {name: before, how: }
    - {name: join, group_by: {key: here, parents: there}}
    - {name: after, how: }
    - {name: move, add_host: {name: h1, ansible_port: 2222}}
    - {name: elsewhere, how: }
";
    let told = Stage::of(hosts(2), playbook).run();
    let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
    let to = |host: &str| format!("{user}@{host} by own keys");
    assert_eq!(told.connected, [to("h1:22"), to("h2:22"), to("h1:2222")]);
}
