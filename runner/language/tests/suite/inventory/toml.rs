//! Inventories in TOML.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{read, scope};

const ESTATE: &str = r#"
# As Ansible's own page has it.
[all.vars]
ntp = "pool"
since = 2026-11-22

[side_a]
children = ["web", "db"]
vars = { site = "a", tries = 3, ratio = 0.5, on = true, list = [1, "two"] }

[web.hosts]
"web[01:02].lab" = {}
"odd:2222" = { product = "finesse", greeting = "hello {{ site }}" }

[db.hosts.db1]
ansible_port = 0x20

[empty]
"#;

#[test]
fn groups_hosts_and_variables_are_read() {
    let inventory = read(&["lab/hosts.toml"], &[("lab/hosts.toml", ESTATE)]).unwrap();
    let groups = inventory
        .groups()
        .map(|group| format!("{group}: {}", inventory.members(group).join(" ")));
    assert_snapshot!(groups.collect::<Vec<_>>().join("\n"), @"
    all: web01.lab web02.lab odd db1
    ungrouped: 
    side_a: web01.lab web02.lab odd db1
    web: web01.lab web02.lab odd
    db: db1
    empty: 
    finesse: odd
    ");
    let shown = |host: &str| {
        let scope = scope(&inventory, host);
        let shown = scope.names().into_iter().map(|name| {
            let (variable, layer) = scope.get(name).unwrap();
            let place = variable.place().map(ToString::to_string).unwrap_or_default();
            format!("{name} {:?} {place}", layer.rank)
        });
        shown.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(shown("odd"), @"
    ansible_port Host 
    greeting Host lab/hosts.toml:13:48
    list Group lab/hosts.toml:9:64
    ntp All lab/hosts.toml:4:7
    on Group lab/hosts.toml:9:51
    product Host lab/hosts.toml:13:26
    ratio Group lab/hosts.toml:9:41
    since All lab/hosts.toml:5:9
    site Group lab/hosts.toml:9:17
    tries Group lab/hosts.toml:9:30
    ");
    assert_snapshot!(shown("db1"), @"
    ansible_port Host lab/hosts.toml:16:16
    list Group lab/hosts.toml:9:64
    ntp All lab/hosts.toml:4:7
    on Group lab/hosts.toml:9:51
    ratio Group lab/hosts.toml:9:41
    since All lab/hosts.toml:5:9
    site Group lab/hosts.toml:9:17
    tries Group lab/hosts.toml:9:30
    ");
}

#[test]
fn mistakes_in_toml_have_their_pictures() {
    let mistakes = |text: &str| read(&["hosts.toml"], &[("hosts.toml", text)]).expect_err("this is wrong");
    assert_snapshot!(mistakes("[web\nx = 1\n"), @"
    error[inventory]: this is no TOML: unclosed table, expected `]`
     --> hosts.toml:1:5
      |
    1 | [web
      |     ^
    ");
    assert_snapshot!(mistakes("[web]\nhosts = [\"a\"]\nchildrn = []\n"), @r#"
    error[wrong-type]: `hosts` takes a mapping, not a list
     --> hosts.toml:2:9
      |
    2 | hosts = ["a"]
      |         ^^^^^
      |
      = help: write each name as a key: `name:`

    error[unknown-keyword]: `childrn` is no part of a group
     --> hosts.toml:3:1
      |
    3 | childrn = []
      | ^^^^^^^
      |
      = help: did you mean `children`?
    "#);
    assert_snapshot!(mistakes("plugin = \"x\"\n"), @r#"
    error[wrong-type]: the group `plugin` takes a mapping, not text
     --> hosts.toml:1:10
      |
    1 | plugin = "x"
      |          ^^^
    "#);
    assert_snapshot!(mistakes("[a]\nchildren = [\"b\"]\n[b]\nchildren = [\"a\"]\n"), @r#"
    error[group-cycle]: the group `a` is in itself
     --> hosts.toml:4:12
      |
    4 | children = ["a"]
      |            ^^^^^
    "#);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(\\[|\\]|\\{|\\}|=|\\.|,|hosts|children|vars|a|\"b\"|'|1|0x|_|true|1979-05-27|#|\n){0,24}") {
        let _ = read(&["hosts.toml"], &[("hosts.toml", &text)]);
    }
}
