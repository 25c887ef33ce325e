//! Texts that must agree with the program.

use std::collections::BTreeSet;

use regex::Regex;

use crate::support::{Place, workspace};

#[test]
fn the_manual_of_all_modules_is_up_to_date() {
    let written = std::fs::read_to_string(workspace().join("docs/modules.md")).unwrap();
    let made = Place::new().cutover("modules --markdown").ends_with(0).out;
    assert!(
        written == made,
        "docs/modules.md is stale; renew it with `cargo run -- modules --markdown > docs/modules.md`"
    );
}

/// Every `cutover VERB …` in the texts and playbooks, as it stands there.
fn commands(text: &str) -> BTreeSet<String> {
    let command =
        Regex::new(r"(?m)(?:`|^#  +)(?:cutover|cargo run --) ([a-z]+(?: [^`\n|>]*?)?)(?:`|\n|   | >)")
            .unwrap();
    command
        .captures_iter(text)
        .map(|found| found[1].trim().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_texts_exists() {
    let place = Place::new();
    let mut seen = BTreeSet::new();
    for path in ["README.md", "CONTRIBUTING.md", "playbooks/vos-tomcat.yml"] {
        seen.extend(commands(
            &std::fs::read_to_string(workspace().join(path)).unwrap(),
        ));
    }
    let examples = seen
        .iter()
        .filter(|command| command.starts_with("rehearse playbooks/vos-tomcat.yml"));
    assert!(examples.count() >= 2, "the texts name too few commands: {seen:?}");
    for command in seen {
        let verb = command.split(' ').next().unwrap();
        let help = place.cutover(&format!("{verb} --help")).ends_with(0).out;
        for word in command.split_whitespace().filter(|word| word.starts_with('-')) {
            let known = help.split([' ', ',', '\n', '<']).any(|known| known == word);
            assert!(known, "`cutover {command}`: {verb} has no {word}");
        }
    }
}

#[test]
fn every_file_that_the_readme_names_exists() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let named =
        Regex::new(r"(?m)(?:^|\]\(|`| )((?:playbooks|inventories|docs|\.ci)/[\w./-]+|[A-Z-]+\.md)").unwrap();
    let named: BTreeSet<&str> = named
        .captures_iter(&readme)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    assert!(
        named.contains("playbooks/vos-tomcat.yml") && named.contains(".ci/test"),
        "{named:?}"
    );
    for path in named {
        let path = path.trim_end_matches('.');
        assert!(
            workspace().join(path).exists(),
            "README.md names {path}, which is not there"
        );
    }
}
