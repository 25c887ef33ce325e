//! Patterns of hosts.

use cutover_language::files::Memory;
use cutover_language::inventory::{self, Pattern};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::estate;
use crate::pictures;

fn select(pattern: &str) -> String {
    let selection = estate().select(&[Pattern::parse(pattern).unwrap()]);
    let unmatched: Vec<_> = selection
        .unmatched
        .iter()
        .map(|(term, near)| format!(" ({term}? {near:?})"))
        .collect();
    selection.hosts.join(" ") + &unmatched.join("")
}

#[test]
fn patterns_mean_what_they_mean_to_ansible() {
    let table = [
        (
            "all",
            "standalone fin-a cuic-a fin-b web01.lab web02.lab web03.lab odd",
        ),
        (
            "*",
            "standalone fin-a cuic-a fin-b web01.lab web02.lab web03.lab odd",
        ),
        ("finesse", "fin-a fin-b"),
        ("cuic:finesse", "cuic-a fin-a fin-b"),
        ("cuic,finesse", "cuic-a fin-a fin-b"),
        ("!side_b:all", "standalone fin-a cuic-a"),
        ("!side_b", "standalone fin-a cuic-a"),
        ("finesse:&side_a", "fin-a"),
        ("&side_a:finesse:!cuic", "fin-a"),
        ("web*", "web01.lab web02.lab web03.lab"),
        ("web0[!2].lab", "web01.lab web03.lab"),
        ("~fin-(a|b)", "fin-a fin-b"),
        ("~(?:cuic)", "cuic-a"),
        ("~in", ""),
        ("side_b[0]", "fin-b"),
        ("side_b[-1]", "odd"),
        ("side_b[1:2]", "web01.lab web02.lab"),
        ("side_b[3:]", "web03.lab odd"),
        ("side_b[9]", " (side_b[9]? None)"),
        ("ungrouped", "standalone"),
        ("localhost", "localhost"),
        ("finese", " (finese? Some(\"finesse\"))"),
        ("", ""),
        (" , fin-a ,", "fin-a"),
    ];
    for (pattern, hosts) in table {
        let found = select(pattern);
        let bare = found
            .strip_suffix(&format!(" ({pattern}? None)"))
            .unwrap_or(&found);
        assert_eq!(if hosts.is_empty() { bare } else { &found }, hosts, "{pattern}");
    }
    for wrong in ["~(", "!", "a:&"] {
        assert!(Pattern::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_limit_narrows_and_may_be_a_file() {
    let files = Memory::of([
        ("retry", "fin-a\n\nweb01.lab\n"),
        ("bad", "ok\n  ~(\n"),
        ("folder/x", ""),
    ]);
    let limit = inventory::limit("@retry", &files).unwrap();
    let hosts = vec!["cuic-a".to_owned(), "web01.lab".to_owned(), "fin-a".to_owned()];
    assert_eq!(estate().limited(hosts, &limit), ["web01.lab", "fin-a"]);
    let wrong = |text: &str| pictures(&[*inventory::limit(text, &files).unwrap_err()]);
    assert_snapshot!(wrong("@bad"), @r#"
    error[pattern]: `~(` is no regular expression
     --> bad:2:1
      |
    2 |   ~(
      | ^^^^
    "#);
    assert_snapshot!(wrong("@folder"), @"error[pattern]: --limit @folder: this must be a file");
    assert_snapshot!(wrong("@nosuch"), @"error[unreadable]: nosuch cannot be read: no such file");
}

proptest! {
    #[test]
    fn any_pattern_is_read_or_refused(text in "\\PC{0,30}|[a-z\\[\\]:!&~*,0-9-]{0,30}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            estate().select(&[pattern]);
        }
    }

    /// Keeping and dropping are what they are to sets.
    #[test]
    fn terms_are_sets(keep in 0..4_usize, drop in 0..4_usize) {
        let names = ["side_a", "side_b", "finesse", "backup"];
        let inventory = estate();
        let expected: Vec<_> = inventory.hosts()
            .filter(|host| inventory.members(names[keep]).contains(host) && !inventory.members(names[drop]).contains(host))
            .collect();
        let pattern = Pattern::parse(&format!("!{}:&{}:all", names[drop], names[keep])).unwrap();
        prop_assert_eq!(inventory.select(&[pattern]).hosts, expected);
    }
}
