//! Inventories in the INI format.

use cutover_kit::Value;
use insta::assert_snapshot;
use proptest::prelude::*;

use super::{explain, read, scope};
use crate::pictures;

const ESTATE: &str = r#"
# before any group
lone:2222
; the sides
[web]
web[01:05:2].lab http_port=80 note="two words" tags='["a", "b"]'   # the odd ones
web01.lab	ansible_host=10.0.0.1 secret_word=a#b ignored=1

[db] # with a comment
db-[a:b] replica=True level=01 mode=true
fe80::1

[side:children]
web
db

[side:vars]
site = north # not a comment
zone="{{ site }}"
ports=[8443, 9443]
limit=10 # a comment
ansible_group_priority=3

[all:vars]
site=none
"#;

fn said(text: &str) -> String {
    match read(&["hosts"], &[("hosts", text)]) {
        Ok(inventory) => {
            let hosts: Vec<_> = inventory.hosts().collect();
            format!("{}\n{}", hosts.join(" "), pictures(&inventory.warnings))
        }
        Err(pictures) => pictures,
    }
}

#[test]
fn hosts_groups_and_variables_are_read_as_ansible_reads_them() {
    let inventory = read(&["hosts"], &[("hosts", ESTATE)]).unwrap();
    let groups: Vec<_> = inventory
        .groups()
        .map(|group| format!("{group}: {}", inventory.members(group).join(" ")))
        .collect();
    assert_snapshot!(groups.join("\n"), @r#"
    all: lone web01.lab web03.lab web05.lab db-a db-b fe80::1
    ungrouped: lone
    web: web01.lab web03.lab web05.lab
    db: db-a db-b fe80::1
    side: web01.lab web03.lab web05.lab db-a db-b fe80::1
    "#);
    let shown = |host: &str| {
        let scope = scope(&inventory, host);
        let values = scope.names().into_iter().map(|name| {
            let value = match scope.get(name).expect("it has this name").0 {
                cutover_language::Variable::Template(node) => node.to_value().unwrap_or_default(),
                cutover_language::Variable::Data(value) => Value::clone(value),
            };
            format!("  {name}: {}\n", value.reveal())
        });
        format!("{host}\n{}", values.collect::<String>())
    };
    let hosts = ["lone", "web01.lab", "web03.lab", "db-a", "fe80::1"];
    assert_snapshot!(hosts.map(shown).join(""), @r#"
    lone
      ansible_port: 2222
      site: "none"
    web01.lab
      ansible_group_priority: 3
      ansible_host: "10.0.0.1"
      http_port: 80
      limit: 10
      note: "two words"
      ports: [8443,9443]
      secret_word: "a"
      site: "north # not a comment"
      tags: ["a","b"]
      zone: "{{ site }}"
    web03.lab
      ansible_group_priority: 3
      http_port: 80
      limit: 10
      note: "two words"
      ports: [8443,9443]
      site: "north # not a comment"
      tags: ["a","b"]
      zone: "{{ site }}"
    db-a
      ansible_group_priority: 3
      level: "01"
      limit: 10
      mode: "true"
      ports: [8443,9443]
      replica: true
      site: "north # not a comment"
      zone: "{{ site }}"
    fe80::1
      ansible_group_priority: 3
      limit: 10
      ports: [8443,9443]
      site: "north # not a comment"
      zone: "{{ site }}"
    "#);
    assert_snapshot!(explain(&inventory, "web01.lab", "site"), @r#"
    north # not a comment Group hosts:18:8
    none All hosts:25:6
    "#);
    assert_snapshot!(explain(&inventory, "web01.lab", "secret_word"), @"a Host hosts:7:45");
    assert!(inventory.warnings.is_empty());
}

#[test]
fn a_list_of_names_needs_no_heading() {
    assert_snapshot!(said("web01\nweb02:22\n"), @"web01 web02");
}

#[test]
fn later_sources_win_per_variable() {
    let inventory = read(
        &["hosts", "more"],
        &[
            ("hosts", "[web]\nw1 a=1 b=1\n"),
            ("more/10-a", "[web]\nw1 b=2 c=2\n"),
            ("more/20-b.yml", "web: {hosts: {w1: {c: 3}}}"),
            ("more/old.bak", "[web]\nw9\n"),
            ("group_vars/web.yml", "a: group"),
        ],
    )
    .unwrap();
    for (name, expected) in [("a", "1"), ("b", "2"), ("c", "3")] {
        let all = explain(&inventory, "w1", name);
        assert!(all.starts_with(expected), "{all}");
    }
    assert_eq!(inventory.hosts().collect::<Vec<_>>(), ["w1"]);
}

#[test]
fn every_mistake_has_its_picture() {
    let wrong = "[web]\nw1 a\nw2 a='x\nw[3:1]\n[web:hostz]\n[two words]\n[wbe:vars]\nx=1\nnothing\n[c:children]\nwebb\na b\nc\n";
    assert_snapshot!(said(wrong), @r#"
    error[inventory]: `a` is no variable of a host
     --> hosts:2:4
      |
    2 | w1 a
      |    ^
      |
      = help: write `name=value`, and each host on a line of its own

    error[inventory]: a quote is not closed
     --> hosts:3:1
      |
    3 | w2 a='x
      | ^^^^^^^
      |
      = help: put the value in quotes: key="a value"

    error[host-range]: `[3:1]` is no range such as `[1:5]`, `[01:20]` or `[a:f]`
     --> hosts:4:1
      |
    4 | w[3:1]
      | ^^^^^^

    error[inventory]: a section of `hostz` is unknown
     --> hosts:5:6
      |
    5 | [web:hostz]
      |      ^^^^^
      |
      = help: a section has hosts (`[group]`), `:children` or `:vars`

    error[inventory]: `[two words]` is no heading of a section
     --> hosts:6:1
      |
    6 | [two words]
      | ^^^^^^^^^^^
      |
      = help: a heading is `[group]`, `[group:children]` or `[group:vars]`, without spaces

    error[inventory]: `nothing` sets no variable
     --> hosts:9:1
      |
    9 | nothing
      | ^^^^^^^
      |
      = help: a section of variables has `name=value` on each line

    error[inventory]: `a b` is no name of a group
      --> hosts:12:1
       |
    12 | a b
       | ^^^
       |
       = help: a section of children has one name of a group on each line

    error[group-cycle]: the group `c` is in itself
      --> hosts:13:1
       |
    13 | c
       | ^

    error[undefined-group]: the group `wbe` has variables here and is defined nowhere
     --> hosts:7:2
      |
    7 | [wbe:vars]
      |  ^^^
      |
      = help: did you mean `web`?

    error[undefined-group]: the group `webb` is a child here and is defined nowhere
      --> hosts:11:1
       |
    11 | webb
       | ^^^^
       |
       = help: did you mean `web`?
    "#);
    assert_snapshot!(said("[a-b]\nx\n[x]\ny ansible-user=1\n"), @r#"
    x y
    warning[group-name]: `a-b` is an odd name for a group
     --> hosts:1:2
      |
    1 | [a-b]
      |  ^^^
      |
      = help: letters, digits and `_` can be used in every pattern

    warning[variable-name]: no template can use a variable called `ansible-user`
     --> hosts:4:3
      |
    4 | y ansible-user=1
      |   ^^^^^^^^^^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit

    warning[same-name]: Found both group and host with same name: x
    "#);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(\\[[a-c]?:?(vars|children|x)?\\]?|[a-c]|[a-c]=['\\[{(\"1]?x?| |#|\\\\|:|\n){0,20}") {
        let _ = read(&["hosts"], &[("hosts", &text)]);
    }

    #[test]
    fn any_value_is_read(value in "\\PC{0,20}|[-+0-9a-fx_.eE'\"\\[\\](){},: \\\\]{0,16}") {
        let _ = read(&["hosts"], &[("hosts", &format!("[a:vars]\nv={value}\n[a]\n"))]);
    }
}
