//! Rehearsals of the example, as the README has them.

use serde_json::Value as Json;

use crate::support::{Place, files_below};

const EXAMPLE: &str = "rehearse playbooks/vos-tomcat.yml -i inventories/example";

#[test]
fn the_example_is_rotated_and_a_second_run_changes_nothing() {
    let place = Place::new();
    let first = place.in_workspace(EXAMPLE).ends_with(0);
    insta::assert_snapshot!("finesse-1", first.on("finesse-1"));
    insta::assert_snapshot!("cuic-2", first.on("cuic-2"));
    assert_eq!(
        first.recap().matches("unreachable=0    failed=0 ").count(),
        6,
        "{first}"
    );

    let second = place.in_workspace(EXAMPLE).ends_with(0);
    assert!(
        second.recap().lines().all(|line| line.contains("changed=0 ")),
        "{second}"
    );
    insta::assert_snapshot!("reasons", reasons(second.after_recap()));

    let renewed = place
        .in_workspace(&format!("{EXAMPLE} -e rotate=always"))
        .ends_with(0);
    assert!(
        renewed.recap().lines().all(|line| !line.contains("changed=0 ")),
        "{renewed}"
    );
}

/// The reasons, without the order and the hosts, which differ from run to run.
fn reasons(text: &str) -> String {
    let mut tasks: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter_map(|line| line.split_once(':'))
        .map(|(task, _)| task)
        .collect();
    tasks.sort_unstable();
    tasks.join("\n")
}

#[test]
fn a_check_run_reads_and_changes_nothing() {
    let place = Place::new();
    let check = format!("{EXAMPLE} --check --diff");
    let first = place.in_workspace(&check).ends_with(0);
    insta::assert_snapshot!("check", first.on("finesse-2"));
    let twins = || {
        let mut files = files_below(&place.state().join("rehearsal/twins"));
        files.retain(|(name, _)| name.ends_with("estate.json"));
        let [(_, estate)] = files.as_slice() else {
            panic!("there is not one estate")
        };
        let mut estate: Json = serde_json::from_slice(estate).unwrap();
        assert!(
            estate.as_object_mut().unwrap().remove("now").is_some(),
            "its clock"
        );
        estate
    };
    let before = twins();
    place.in_workspace(&check).ends_with(0);
    assert!(before == twins(), "a check run changed a twin");
    assert_eq!(files_below(&place.state().join("rehearsal/work")), []);
    assert_eq!(files_below(&place.state().join("rehearsal/ca")), []);
}

#[test]
fn a_password_is_nowhere_but_in_the_environment() {
    const PASSWORD: &str = "Sw0rdfish-in-the-environment";
    let place = Place::new();
    let events = place.files().join("events.jsonl");
    let words = format!("{EXAMPLE} -vvv --diff --events {}", events.display());
    let ended = place
        .in_workspace(&words)
        .env("CUTOVER_VOS_PASSWORD", PASSWORD)
        .ends_with(0);
    assert!(
        ended.out.contains("<cuic-1> "),
        "the transcript is shown: {ended}"
    );
    assert!(!ended.to_string().contains(PASSWORD));
    let mut files = files_below(&place.state());
    files.extend(files_below(&place.files()));
    assert!(files.iter().any(|(name, _)| name.ends_with("journal.jsonl")));
    for (name, content) in files {
        let found = String::from_utf8_lossy(&content).contains(PASSWORD);
        assert!(!found, "the password is in {name}");
    }
}
