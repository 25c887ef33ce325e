//! Inventories: hosts, groups, who sets what.

mod ini;
mod patterns;
mod script;
mod toml;

use std::path::PathBuf;
use std::sync::Arc;

use cutover_language::files::Memory;
use cutover_language::inventory::{Growth, Inventory, Sources, load};
use cutover_language::scope::{Layer, Nowhere, Rank, Scope, Variable};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::pictures;

const ESTATE: &str = "
all:
  vars: {ntp: all, site: none}
  hosts:
    standalone:
  children:
    side_a:
      hosts:
        fin-a: {product: finesse, cluster: fin, node: primary}
        cuic-a: {product: [cuic, livedata, ids], cluster: cuic}
      vars: {site: a, order: group}
    side_b:
      hosts:
        fin-b: {product: finesse, cluster: fin, node: secondary, order: host}
        web[01:03].lab:
        odd:2222:
      children:
        backup:
          hosts: {fin-b: }
          vars: {site: deep}
";

fn read(sources: &[&str], files: &[(&str, &str)]) -> Result<Inventory, String> {
    let sources = Sources {
        inventories: sources.iter().map(|&source| source.to_owned()).collect(),
        playbooks: vec![PathBuf::from("play")],
    };
    load(&sources, &Memory::of(files.iter().copied())).map_err(|faults| pictures(&faults))
}

fn estate() -> Inventory {
    read(&["lab/hosts.yml"], &[("lab/hosts.yml", ESTATE)]).unwrap()
}

fn mistakes(text: &str) -> String {
    read(&["hosts.yml"], &[("hosts.yml", text)]).expect_err("this is wrong")
}

fn scope(inventory: &Inventory, host: &str) -> Scope {
    Scope::new(Arc::new(Nowhere)).with_all(inventory.layers(host))
}

/// What wins for a variable of a host, what it overrides, and where each stands.
fn explain(inventory: &Inventory, host: &str, name: &str) -> String {
    let scope = scope(inventory, host);
    let every = scope.every(name).map(|(variable, layer)| {
        let Variable::Template(node) = variable else {
            panic!("it is written")
        };
        format!("{} {:?} {}", node.place.text(), layer.rank, node.place)
    });
    every.collect::<Vec<_>>().join("\n")
}

#[test]
fn hosts_and_groups_are_found() {
    let inventory = estate();
    let groups: Vec<_> = inventory
        .groups()
        .map(|group| format!("{group}: {}", inventory.members(group).join(" ")))
        .collect();
    assert_snapshot!(groups.join("\n"), @r#"
    all: standalone fin-a cuic-a fin-b web01.lab web02.lab web03.lab odd
    ungrouped: standalone
    side_a: fin-a cuic-a
    side_b: fin-b web01.lab web02.lab web03.lab odd
    backup: fin-b
    finesse: fin-a fin-b
    cuic: cuic-a
    livedata: cuic-a
    ids: cuic-a
    "#);
    assert_eq!(inventory.groups_of("fin-b"), ["backup", "finesse", "side_b"]);
    assert_eq!(inventory.groups_of("standalone"), ["ungrouped"]);
    let magic = inventory.magic("web01.lab");
    let shown: Vec<_> = magic
        .variables
        .iter()
        .map(|(name, value)| format!("{name} = {value:?}"))
        .collect();
    assert_snapshot!(shown.join("\n"), @r#"
    inventory_hostname = "web01.lab"
    inventory_hostname_short = "web01"
    inventory_file = "lab/hosts.yml"
    inventory_dir = "lab"
    group_names = ["side_b"]
    "#);
    let port = scope(&inventory, "odd");
    assert_eq!(port.get("ansible_port").unwrap().0, &Variable::from(2222));
}

#[test]
fn every_setting_of_a_variable_is_known_with_its_place() {
    let inventory = read(
        &["lab/hosts.yml", "more"],
        &[
            ("lab/hosts.yml", ESTATE),
            ("lab/group_vars/all/a.yml", "site: gv-all"),
            ("lab/group_vars/all/.hidden.yml", "site: hidden"),
            ("lab/group_vars/side_b.yml", "site: gv-b"),
            ("lab/group_vars/finesse", "site: gv-product"),
            ("lab/host_vars/fin-b.yml", "site: hv"),
            ("play/group_vars/all.yml", "site: play-gv-all"),
            ("play/group_vars/backup.json", "{\"site\": \"play-gv\"}"),
            ("play/host_vars/fin-b/x.yaml", "site: play-hv"),
            (
                "more/10.yml",
                "side_b: {vars: {site: later}}\nall: {hosts: {fin-b: {site: later-host}}}",
            ),
            ("more/hosts.txt", "nothing"),
        ],
    )
    .unwrap();
    assert_snapshot!(explain(&inventory, "fin-b", "site"), @r#"
    play-hv PlaybookHostVars play/host_vars/fin-b/x.yaml:1:7
    hv HostVars lab/host_vars/fin-b.yml:1:7
    later-host Host more/10.yml:2:29
    "play-gv" PlaybookGroupVars play/group_vars/backup.json:1:10
    gv-b GroupVars lab/group_vars/side_b.yml:1:7
    gv-product GroupVars lab/group_vars/finesse:1:7
    play-gv-all PlaybookAllVars play/group_vars/all.yml:1:7
    gv-all AllVars lab/group_vars/all/a.yml:1:7
    deep Group lab/hosts.yml:20:24
    later Group more/10.yml:1:23
    none All lab/hosts.yml:3:26
    "#);
    assert_eq!(
        explain(&inventory, "fin-a", "order"),
        "group Group lab/hosts.yml:11:30"
    );
}

#[test]
fn priority_and_depth_decide_between_groups() {
    let text = "
b: {hosts: {x: }, vars: {v: b}}
a: {hosts: {x: }, vars: {v: a, ansible_group_priority: 2}}
c: {hosts: {x: }, vars: {v: c}}
outer: {children: {c: }, vars: {v: outer, ansible_group_priority: 9}}
";
    let inventory = read(&["h.yml"], &[("h.yml", text)]).unwrap();
    let order: Vec<_> = scope(&inventory, "x")
        .every("v")
        .map(|(_, layer)| layer.origin.clone())
        .collect();
    assert_eq!(
        order,
        [
            "h.yml group c",
            "h.yml group outer",
            "h.yml group a",
            "h.yml group b"
        ]
    );
}

#[test]
fn a_list_of_names_is_an_inventory() {
    let inventory = read(&["a,b[1:2],"], &[]).unwrap();
    assert_eq!(inventory.hosts().collect::<Vec<_>>(), ["a", "b1", "b2"]);
}

#[test]
fn localhost_is_always_there_and_never_among_all() {
    assert!(estate().hosts().all(|host| host != "localhost"));
    let layers = estate().layers("localhost");
    let own = layers.last().unwrap();
    assert_eq!(own.rank, Rank::Host);
    assert_eq!(own.variables["ansible_connection"], Variable::from("local"));
    // What holds for all holds for a name that only a task knows, too.
    let nobody = estate().layers("nobody");
    assert!(nobody.iter().all(|layer| layer.rank == Rank::All));
    assert_eq!(layers.len(), nobody.len() + 1);
}

#[test]
fn hosts_and_groups_can_be_added_by_a_run() {
    let mut inventory = estate();
    assert!(inventory.add("new", ["side_a", "fresh"]));
    assert!(!inventory.add("new", ["side_a"]));
    inventory.add_child("fresh", "side_b");
    assert_eq!(
        inventory.members("fresh"),
        ["fin-b", "web01.lab", "web02.lab", "web03.lab", "odd", "new"]
    );
}

#[test]
fn an_added_host_is_in_the_groups_of_the_products_its_files_name() {
    let files = Memory::of([
        ("lab/hosts.yml", ESTATE),
        ("lab/group_vars/fresh.yml", "product: [finesse, nosuch]\n2nd: x"),
        ("lab/host_vars/own.yml", "product: cvp"),
        ("lab/group_vars/cvp.yml", "of: cvp"),
    ]);
    let sources = Sources {
        inventories: vec!["lab/hosts.yml".to_owned()],
        playbooks: Vec::new(),
    };
    let mut inventory = load(&sources, &files).unwrap();
    for (name, variables) in [
        ("one", Layer::new(Rank::Host, "add_host")),
        ("own", Layer::new(Rank::Host, "add_host").with("product", "ids")),
        ("said", Layer::new(Rank::Host, "add_host").with("product", "ids")),
    ] {
        let growth = Growth::Host {
            name: name.to_owned(),
            groups: if name == "one" {
                vec!["fresh".to_owned()]
            } else {
                Vec::new()
            },
            variables,
        };
        assert!(inventory.grow(&growth, &sources, &files).unwrap());
    }
    assert_eq!(inventory.groups_of("one"), ["finesse", "fresh"]);
    assert_eq!(inventory.groups_of("own"), ["cvp"]);
    assert_eq!(
        explain(&inventory, "own", "of"),
        "cvp GroupVars lab/group_vars/cvp.yml:1:5"
    );
    assert_eq!(inventory.groups_of("said"), ["ids"]);
    assert_snapshot!(pictures(&inventory.warnings), @"
    warning[product]: `nosuch` is no product
     --> lab/group_vars/fresh.yml:1:20
      |
    1 | product: [finesse, nosuch]
      |                    ^^^^^^
      |
      = help: the products are finesse, cuic, livedata, ids, cloudconnect, vvb, cucm, uccx, socialminer, aw, router, logger, pg, cvp, cvp_reporting, cvp_oamp

    warning[variable-name]: no template can use a variable called `2nd`
     --> lab/group_vars/fresh.yml:2:1
      |
    2 | 2nd: x
      | ^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit
    ");
}

#[test]
fn every_mistake_has_its_picture() {
    assert_snapshot!(mistakes("- a\n"), @r#"
    error[inventory]: an inventory is a mapping of groups, not a list
     --> hosts.yml:1:1
      |
    1 | - a
      | ^^^
    "#);
    assert_snapshot!(mistakes("all:\n  host: {a: }\n  hosts: [a, b]\n  children: {x: {vars: 3}}\n"), @r#"
    error[unknown-keyword]: `host` is no part of a group
     --> hosts.yml:2:3
      |
    2 |   host: {a: }
      |   ^^^^
      |
      = help: did you mean `hosts`?

    error[wrong-type]: `hosts` takes a mapping, not a list
     --> hosts.yml:3:10
      |
    3 |   hosts: [a, b]
      |          ^^^^^^
      |
      = help: write each name as a key: `name:`

    error[wrong-type]: `vars` takes a mapping, not a number
     --> hosts.yml:4:24
      |
    4 |   children: {x: {vars: 3}}
      |                        ^
    "#);
    assert_snapshot!(mistakes("all: {hosts: {'n[3:1]': , b: text}}\n"), @r#"
    error[host-range]: `[3:1]` is no range such as `[1:5]`, `[01:20]` or `[a:f]`
     --> hosts.yml:1:15
      |
    1 | all: {hosts: {'n[3:1]': , b: text}}
      |               ^^^^^^^^

    error[wrong-type]: `b` takes a mapping, not text
     --> hosts.yml:1:30
      |
    1 | all: {hosts: {'n[3:1]': , b: text}}
      |                              ^^^^
    "#);
    assert_snapshot!(mistakes("a: {children: {b: }}\nb: {children: {a: }}\n"), @r#"
    error[group-cycle]: the group `a` is in itself
     --> hosts.yml:2:15
      |
    2 | b: {children: {a: }}
      |               ^^^^^
    "#);
    assert_snapshot!(read(&["nosuch.yml"], &[]).unwrap_err(), @"error[unreadable]: nosuch.yml cannot be read: no such file");
    assert_snapshot!(read(&["h.yml"], &[("h.yml", "all: {hosts: {a: }}"), ("group_vars/all.yml", "- x"), ("host_vars/a.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")]).unwrap_err(), @r#"
    error[variables]: a file of variables is a mapping, not a list
     --> group_vars/all.yml:1:1
      |
    1 | - x
      | ^^^

    error[vault]: this is no encrypted text: a part of its body is missing
     --> host_vars/a.yml:1:1
      |
    1 | $ANSIBLE_VAULT;1.1;AES256
      | ^
      |
      = help: copy the whole text, from `$ANSIBLE_VAULT` to its last line
    "#);
}

#[test]
fn what_is_odd_is_warned_of() {
    let text = "my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}\n";
    let inventory = read(&["h.yml"], &[("h.yml", text)]).unwrap();
    assert_snapshot!(pictures(&inventory.warnings), @r#"
    warning[group-name]: `my-group` is an odd name for a group
     --> h.yml:1:1
      |
    1 | my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}
      | ^^^^^^^^
      |
      = help: letters, digits and `_` can be used in every pattern

    warning[variable-name]: no template can use a variable called `a-b`
     --> h.yml:1:60
      |
    1 | my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}
      |                                                            ^^^
      |
      = help: a name is made of letters, digits and `_`, and does not begin with a digit

    warning[product]: `finese` is no product
     --> h.yml:1:34
      |
    1 | my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}
      |                                  ^^^^^^
      |
      = help: did you mean `finesse`?

    warning[product]: a product that is a template is no group: groups are made before any template is rendered
     --> h.yml:1:48
      |
    1 | my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}
      |                                                ^^^^^^^^^

    warning[product]: `product` takes a name or a list of names, not a number
     --> h.yml:1:82
      |
    1 | my-group: {hosts: {a: {product: [finese, cuic, '{{ x }}'], a-b: 1}, b: {product: 3}}}
      |                                                                                  ^
    "#);
    assert_eq!(inventory.members("cuic"), ["a"]);
}

proptest! {
    #[test]
    fn any_inventory_is_read_or_refused(text in "(([a-c]|all|hosts|children|vars|product): ?\n? {0,6}){0,12}") {
        let _ = read(&["h.yml"], &[("h.yml", &text)]);
    }
}
