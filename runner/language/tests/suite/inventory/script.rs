//! Inventories that are programs.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use cutover_language::files::Disk;
use cutover_language::inventory::{Inventory, Sources, load};
use insta::assert_snapshot;

use super::scope;
use crate::pictures;

/// What a program with this text tells; its folder stands as `F` in what goes wrong.
fn told(text: &str) -> Result<Inventory, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cmdb");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let sources = Sources {
        inventories: vec![path.display().to_string()],
        playbooks: Vec::new(),
    };
    let settled = |text: String| text.replace(&folder.path().display().to_string(), "F");
    load(&sources, &Disk::default()).map_err(|faults| settled(pictures(&faults)))
}

fn shown(inventory: &Inventory) -> String {
    let groups = inventory
        .groups()
        .map(|group| format!("{group}: {}\n", inventory.members(group).join(" ")));
    let hosts = inventory.hosts().map(|host| {
        let scope = scope(inventory, host);
        let values = scope.names().into_iter().map(|name| {
            let (variable, _) = scope.get(name).expect("it has this name");
            let cutover_language::Variable::Template(node) = variable else {
                panic!("a program gives what is written")
            };
            match node.to_value() {
                Some(value) => format!(" {name}={}", value.reveal()),
                None => format!(" {name}=?"),
            }
        });
        format!("{host}:{}\n", values.collect::<String>())
    });
    groups.chain(hosts).collect()
}

#[test]
fn a_program_tells_groups_hosts_and_variables() {
    let inventory = told(
        r#"#!/bin/sh
[ "$1" = --list ] || exit 9
cat <<'END'
{"_meta": {"hostvars": {"a": {"n": 1, "deep": {"x": [true, null, 1.5]}, "pw": {"__ansible_vault": "$ANSIBLE_VAULT"}}}},
 "web": {"hosts": ["a", "b"], "vars": {"site": "{{ x }}"}, "children": ["inner"]},
 "inner": ["c"],
 "all": {"vars": {"ntp": "all"}}}
END
"#,
    )
    .unwrap();
    assert_snapshot!(shown(&inventory), @r#"
    all: a b c
    ungrouped: 
    web: a b c
    inner: c
    a: deep={"x":[true,null,1.5]} n=1 ntp="all" pw=? site="{{ x }}"
    b: ntp="all" site="{{ x }}"
    c: ntp="all" site="{{ x }}"
    "#);
}

#[test]
fn without_meta_each_host_is_asked_for() {
    let inventory = told(
        "#!/bin/sh\ncase $1 in --list) echo '{\"web\": [\"a\", \"b\"]}';; --host) [ $2 = b ] || echo \"{\\\"me\\\": \\\"$2\\\"}\";; esac\n",
    )
    .unwrap();
    assert_snapshot!(shown(&inventory), @r#"
    all: a b
    ungrouped: 
    web: a b
    a: me="a"
    b:
    "#);
}

#[test]
fn what_goes_wrong_is_told_with_what_the_program_said() {
    let wrong = |text: &str| told(text).unwrap_err();
    assert_snapshot!(wrong("#!/bin/sh\necho no route to the CMDB >&2; exit 3\n"), @r#"
    error[inventory-script]: F/cmdb --list ended with 3
     |
     = help: it said: no route to the CMDB
    "#);
    assert_snapshot!(wrong("#!/bin/sh\necho '[1]'\n"), @"error[inventory-script]: F/cmdb --list printed JSON that is no mapping");
    assert_snapshot!(wrong("#!/bin/sh\necho hello\n"), @"error[inventory-script]: F/cmdb --list printed no JSON: expected value at line 1 column 1");
    assert_snapshot!(wrong("#!/nowhere/interpreter\n"), @"error[inventory-script]: F/cmdb --list cannot be run: No such file or directory (os error 2)");
}

#[test]
fn a_file_that_may_be_executed_by_accident_is_read() {
    let inventory = told("[web]\na\n").unwrap();
    assert_eq!(inventory.members("web"), ["a"]);
}
