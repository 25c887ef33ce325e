//! Texts that must agree with the program.

use std::collections::BTreeSet;

use regex::Regex;

use crate::support::{Place, workspace};

/// Each page that is made from the program, and the words that make it.
const MADE: [(&str, &str); 3] = [
    ("docs/modules.md", "modules --markdown"),
    ("docs/commands.md", "manual commands"),
    ("docs/lint.md", "manual lint"),
];

#[test]
fn the_manuals_are_up_to_date() {
    for (path, words) in MADE {
        let written = std::fs::read_to_string(workspace().join(path)).unwrap();
        let made = Place::new().cutover(words).ends_with(0).out;
        assert!(
            written == made,
            "{path} is stale; renew it with `cargo run -- {words} > {path}`"
        );
    }
}

/// Every code that a fault of the program has, as it stands in the sources.
fn codes(folder: &std::path::Path, into: &mut BTreeSet<String>) {
    let code = Regex::new(r#"Diagnostic::(?:error|warning|nowhere)\(\s*"([a-z-]+)""#).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, into);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            into.extend(code.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
}

#[test]
fn the_manual_of_lint_knows_every_code() {
    let mut all = BTreeSet::new();
    codes(&workspace().join("runner/language/src"), &mut all);
    codes(&workspace().join("runner/engine/src"), &mut all);
    assert!(all.contains("unknown-module"), "{all:?}");
    let manual = Place::new().cutover("manual lint").ends_with(0).out;
    all.retain(|code| !manual.contains(&format!("| `{code}` |")));
    assert!(
        all.is_empty(),
        "runner/language/src/lint/rules.rs does not know {all:?}"
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
