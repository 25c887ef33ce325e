//! Verbs and options that only look.

use crate::support::{Place, files_below};

#[test]
fn the_hosts_of_each_play() {
    let listed = Place::new()
        .in_workspace(
            "run playbooks/vos-tomcat.yml -i inventories/example -l 'finesse:!finesse-2' --list-hosts",
        )
        .ends_with(0);
    insta::assert_snapshot!(listed.out);
}

#[test]
fn the_tasks_of_each_play() {
    let listed = Place::new()
        .in_workspace("run playbooks/vos-tomcat.yml -i inventories/example --list-tasks")
        .ends_with(0);
    insta::assert_snapshot!(listed.out);
}

#[test]
fn a_check_of_the_files() {
    let place = Place::new();
    let checked = place
        .in_workspace("run playbooks/vos-tomcat.yml -i inventories/example --syntax-check")
        .ends_with(0);
    assert_eq!(checked.out, "\nplaybook: playbooks/vos-tomcat.yml\n");
}

#[test]
fn a_check_of_the_files_of_a_rehearsal_starts_no_twin() {
    let place = Place::new();
    let words = "rehearse playbooks/vos-tomcat.yml -i inventories/example --syntax-check";
    place.in_workspace(words).ends_with(0);
    assert!(
        !files_below(&place.state())
            .iter()
            .any(|(name, _)| name.contains("estate.json"))
    );
}

#[test]
fn the_groups_as_a_tree() {
    let graph = Place::new()
        .in_workspace("inventory -i inventories/example --graph")
        .ends_with(0);
    insta::assert_snapshot!(graph.out);
}

#[test]
fn the_inventory_as_ansible_lists_it() {
    let place = Place::new().file(
        "hosts.yml",
        "all:\n  children:\n    site:\n      hosts:\n        a: {ansible_password: hunter22, port: 0644}\n        b:\n      vars: {colour: blue}\n",
    );
    let list = place.cutover("inventory -i hosts.yml --list").ends_with(0);
    insta::assert_snapshot!(list.out);
    let host = place.cutover("inventory -i hosts.yml --host a").ends_with(0);
    assert_eq!(
        host.out,
        "{\n    \"ansible_password\": \"********\",\n    \"colour\": \"blue\",\n    \"port\": 420\n}\n"
    );
}

#[test]
fn a_doctor_finds_nothing_wrong_with_a_good_machine() {
    let place = Place::new();
    let doctor = place.cutover("doctor").ends_with(0);
    assert!(doctor.out.lines().all(|line| line.starts_with("ok ")), "{doctor}");
    assert!(doctor.out.contains("[PLACE]/state can be written"), "{doctor}");
    let sick = place
        .cutover("doctor")
        .env("CUTOVER_STATE", "/proc/nowhere")
        .ends_with(1);
    assert!(sick.out.contains("BAD state"), "{sick}");
}

#[test]
fn a_shell_completes_verbs() {
    let script = Place::new().cutover("completions bash").ends_with(0);
    assert!(script.out.contains("rehearse"), "{script}");
}
