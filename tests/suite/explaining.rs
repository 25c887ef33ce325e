//! `cutover explain`: where a variable comes from.

use crate::support::Place;

fn place() -> Place {
    Place::new()
        .file(
            "hosts.yml",
            "\
all:
  vars: {greeting: hello, db: {password: hunter22, port: 1}}
  children:
    web:
      hosts:
        web-1: {greeting: hi, ansible_connection: local}
",
        )
        .file("group_vars/web.yml", "greeting: \"hey {{ who }}\"\nwho: you\n")
        .file(
            "plays/site.yml",
            "- hosts: web\n  vars: {greeting: \"{{ who }} of the play\"}\n  tasks: []\n",
        )
}

fn explained(words: &str, code: i32) -> String {
    let place = place();
    let ended = place
        .cutover(&format!("explain {words} -i hosts.yml"))
        .ends_with(code);
    assert!(!ended.to_string().contains("hunter22"), "{ended}");
    if code == 0 { ended.out } else { ended.err }
}

#[test]
fn a_variable_and_what_it_overrides() {
    insta::assert_snapshot!(explained(
        "greeting plays/site.yml --host web-1 -e greeting=top",
        0
    ));
}

#[test]
fn a_template_is_shown_as_it_stands_and_as_what_it_becomes() {
    insta::assert_snapshot!(explained("greeting plays/site.yml --host web-1", 0));
}

/// Every part of a mapping is told of, with its place, and what none of it is made of.
#[test]
fn mappings_that_are_merged() {
    let place = Place::new()
        .file(
            "hosts.yml",
            "all: {vars: {tls: {port: 443}}, hosts: {web-1: {tls: {cert: a.pem}}}}\n",
        )
        .file("group_vars/all.yml", "tls: none\n")
        .file(
            "plays/site.yml",
            "- hosts: all\n  vars: {tls: {key: a.key}}\n  tasks: []\n",
        );
    let explained = |behaviour: &str| {
        let command = place.cutover("explain tls plays/site.yml --host web-1 -i hosts.yml");
        command.env("ANSIBLE_HASH_BEHAVIOUR", behaviour).ends_with(0).out
    };
    insta::assert_snapshot!(explained("merge") + &explained("replace"), @r#"
    tls of web-1 is {"cert": "a.pem", "key": "a.key"}
      set by       play vars                 plays/site.yml:2:15     {"key": "a.key"}
      merged with  host                      hosts.yml:1:54          {"cert": "a.pem"}
      overrides    inventory group_vars/all  group_vars/all.yml:1:6  "none"
      overrides    group all                 hosts.yml:1:19          {"port": 443}
    tls of web-1 is {"key": "a.key"}
      set by     play vars                 plays/site.yml:2:15     {"key": "a.key"}
      overrides  host                      hosts.yml:1:54          {"cert": "a.pem"}
      overrides  inventory group_vars/all  group_vars/all.yml:1:6  "none"
      overrides  group all                 hosts.yml:1:19          {"port": 443}
    "#);
}

#[test]
fn secrets_are_masked() {
    insta::assert_snapshot!(explained("db --host web-1", 0));
}

#[test]
fn a_name_that_nothing_sets() {
    insta::assert_snapshot!(explained("greting --host web-1", 1));
}

#[test]
fn a_host_that_is_not_there() {
    insta::assert_snapshot!(explained("greeting --host web-2", 1));
}

#[test]
fn all_variables_of_a_host() {
    let all = explained("--host web-1", 0);
    let own: Vec<&str> = all.lines().filter(|line| !line.contains("(magic,")).collect();
    assert!(
        own.contains(&"greeting = \"hi\"  (host, hosts.yml:6:27)"),
        "{all}"
    );
    assert!(
        own.contains(&"who = \"you\"  (inventory group_vars, group_vars/web.yml:2:6)"),
        "{all}"
    );
}
