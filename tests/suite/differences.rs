//! `docs/differences.md` is made from the heads of the cases in `tests/ansible`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::support::workspace;

#[test]
fn the_list_of_differences_is_up_to_date() {
    let path = workspace().join("docs/differences.md");
    let text = differences(&workspace().join("tests/ansible/cases"));
    if std::env::var_os("CUTOVER_ACCEPT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "CUTOVER_ACCEPT=1 writes docs/differences.md anew");
}

fn differences(cases: &Path) -> String {
    let (mut on_purpose, mut not_yet, mut count) = (String::new(), String::new(), 0);
    for (name, head) in heads(cases) {
        count += 1;
        for (key, told) in [("differs", &mut on_purpose), ("not-yet", &mut not_yet)] {
            if let Some(reason) = head.get(key) {
                let _ = writeln!(told, "| `{name}` | {} |", reason.replace('|', "\\|"));
            }
        }
    }
    format!(
        "# Where cutover does otherwise than Ansible\n\n\
         Made from the {count} cases in `tests/ansible/cases` by its test (`CUTOVER_ACCEPT=1 cargo nextest run -p cutover\n\
         differences`). All others print the same lines and end with the same exit code as ansible-core 2.19.\n\n\
         ## On purpose\n\n| case | why |\n|---|---|\n{on_purpose}{}",
        match not_yet.is_empty() {
            true => String::new(),
            false => format!("\n## Not yet\n\n| case | what is missing |\n|---|---|\n{not_yet}"),
        }
    )
}

/// Whether a reason says more than that there is a difference, which the mark says already.
fn says_something(reason: &str) -> bool {
    !reason.is_empty() && !reason.contains("the output is not the same")
}

/// The `# key: value` lines at the head of every case, by the case's name.
fn heads(cases: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut heads = BTreeMap::new();
    for area in std::fs::read_dir(cases).unwrap().map(Result::unwrap) {
        for case in std::fs::read_dir(area.path()).unwrap().map(Result::unwrap) {
            let path = case.path();
            if path.extension().is_none_or(|extension| extension != "yml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().map_while(|line| line.strip_prefix('#'));
            let head = lines.filter_map(|line| line.split_once(':'));
            let head = head.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
            let head: BTreeMap<String, String> = head.collect();
            let name = path.with_extension("");
            let name = name.strip_prefix(cases).unwrap().display().to_string();
            for key in ["differs", "not-yet"] {
                let reason = head.get(key).map_or("unmarked", String::as_str);
                assert!(
                    says_something(reason),
                    "{name}: `# {key}: {reason}` gives no cause"
                );
            }
            heads.insert(name, head);
        }
    }
    heads
}
