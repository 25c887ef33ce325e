//! Ctrl-C, and twins that somebody keeps up.

use regex::Regex;

use crate::running::Running;
use crate::support::{Place, VOICE, workspace};
use crate::watching::Screen;

const EXAMPLE: &str = "rehearse playbooks/vos-tomcat.yml -i inventories/example";

/// A playbook of these tasks for this machine.
fn here(tasks: &str) -> Place {
    let playbook = format!("- hosts: all\n  gather_facts: false\n  tasks:\n    - {tasks}\n");
    Place::new()
        .file(
            "hosts.yml",
            "all:\n  hosts:\n    here: {ansible_connection: local}\n",
        )
        .file("site.yml", &playbook)
}

#[test]
fn the_first_ctrl_c_suspends_and_the_same_command_does_the_rest() {
    let place = Place::new();
    let mut running = Running::of(place.in_workspace(EXAMPLE).start());
    running.until("TASK [identity and restart : vos_identity]");
    running.interrupt();
    let (code, stopped) = running.end(&place);
    assert_eq!(code, Some(3), "{stopped}");
    assert!(
        stopped
            .after_recap()
            .contains(": suspended in identity and restart: "),
        "{stopped}"
    );

    let rest = place.in_workspace(EXAMPLE).ends_with(0);
    assert!(!rest.on("finesse-1").contains("vos_csr: changed"), "{rest}");
    let nothing = place.in_workspace(EXAMPLE).ends_with(0);
    assert!(
        nothing.recap().lines().all(|line| line.contains("changed=0 ")),
        "{nothing}"
    );
}

#[test]
fn the_second_one_drops_everything() {
    let place = here("shell: touch begun; exec sleep 3000");
    let mut running = Running::of(place.cutover("run site.yml -i hosts.yml").start());
    running.until_there(&place.files().join("begun"));
    running.interrupt();
    running.until("stopping: the current change is finished first");
    // Another signal: two of the same kind may reach the process as one.
    running.signal("-TERM");
    let (code, ended) = running.end(&place);
    assert_eq!(code, Some(99), "{ended}");
}

#[test]
fn who_only_waits_stops_at_once() {
    let place = here("pause: {seconds: 3000}");
    let mut running = Running::of(place.cutover("run site.yml -i hosts.yml --events -").start());
    running.until(r#""event":"intent""#);
    running.interrupt();
    let (code, ended) = running.end(&place);
    assert_eq!(code, Some(3), "{ended}");
}

#[test]
fn a_command_of_this_machine_ends_by_itself_after_the_first_ctrl_c() {
    let place = here(
        "shell: touch begun; until [ -e go ]; do sleep 0.05; done; touch ended\n    - debug: {msg: never}",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts.yml");
    screen.until(|_| place.files().join("begun").exists());
    screen.press("C-c");
    screen.until(|shown| shown.contains("stopping: the current change is finished first"));
    std::fs::write(place.files().join("go"), "").unwrap();
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(ended.contains("ended with 3"), "{ended}");
    assert!(ended.contains("changed=1") && !ended.contains("never"), "{ended}");
    assert!(place.files().join("ended").exists(), "{ended}");
}

#[test]
fn the_second_ctrl_c_kills_it_with_all_that_it_started() {
    let place = here("shell: sleep 600 & echo $! > new && mv new pid; wait\n    - debug: {msg: never}");
    let screen = Screen::of(&place, "run site.yml -i hosts.yml");
    let pid = place.files().join("pid");
    screen.until(|_| pid.exists());
    screen.press("C-c");
    screen.until(|shown| shown.contains("stopping: the current change is finished first"));
    screen.press("C-c");
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(ended.contains("ended with 99"), "{ended}");
    let pid = std::fs::read_to_string(pid).unwrap();
    let lives = || {
        let about = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        // Nobody may have asked yet how it ended: that is `Z`.
        about.is_ok_and(|about| !about.contains(") Z "))
    };
    screen.until(|_| !lives());
}

#[test]
fn a_lost_terminal_finishes_the_current_change_and_no_more() {
    let place = here(
        "debug: {msg: begun}\n    - shell: touch begun; until [ -e go ]; do sleep 0.05; done\n    - debug: {msg: never}",
    );
    let mut running = Running::of(place.with_hangup("run site.yml -i hosts.yml").start());
    running.until_there(&place.files().join("begun"));
    running.signal("-HUP");
    running.until("stopping: the current change is finished first");
    // A shell passes on what the kernel has sent already, and who ends the session asks for an end, too.
    running.signal("-HUP");
    running.signal("-TERM");
    std::fs::write(place.files().join("go"), "").unwrap();
    let (code, ended) = running.end(&place);
    assert_eq!(code, Some(3), "{ended}");
    assert!(!ended.out.contains("never"), "{ended}");
    assert!(ended.recap().contains("changed=1"), "{ended}");
}

#[test]
fn twins_that_are_up_are_used_and_keep_their_state() {
    let place = Place::new().file("hosts.yml", VOICE);
    let playbook = workspace().join("playbooks/vos-tomcat.yml");
    let rehearse = format!("rehearse {} -i hosts.yml", playbook.display());
    let mut twins = Running::of(place.cutover("twins -i hosts.yml").start());
    twins.until("any will do");

    let used = place.cutover(&rehearse).ends_with(0);
    assert!(used.on("vvb-2").contains("vos_identity: changed"), "{used}");
    let refused = place.cutover(&format!("{rehearse} --fresh")).ends_with(8);
    assert!(
        refused.err.contains("keeps the twins of this inventory up"),
        "{refused}"
    );

    twins.interrupt();
    let (code, ended) = twins.end(&place);
    assert_eq!(code, Some(0), "{ended}");
    insta::assert_snapshot!(without_ports(&ended.out));

    let again = place.cutover(&rehearse).ends_with(0);
    assert!(
        again.recap().lines().all(|line| line.contains("changed=0 ")),
        "{again}"
    );

    let fresh = place.cutover(&format!("{rehearse} --fresh")).ends_with(0);
    assert!(fresh.on("vvb-1").contains("vos_identity: changed"), "{fresh}");
}

/// Free ports differ from run to run.
fn without_ports(text: &str) -> String {
    let port = Regex::new(r"(-p |127\.0\.0\.1:)\d+").unwrap();
    port.replace_all(text, "${1}[PORT]").into_owned()
}

#[test]
fn the_second_run_is_told_who_has_its_hosts() {
    let place = Place::new()
        .file(
            "hosts.yml",
            "all:\n  vars: {ansible_host: 127.0.0.1}\n  hosts:\n    one: {ansible_port: 1}\n    two: {ansible_port: 2}\n",
        )
        .file(
            "site.yml",
            "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: begun}\n    - pause: {seconds: 3000}\n",
        )
        .file("other.yml", "- hosts: two\n  gather_facts: false\n  tasks:\n    - debug: {msg: mine}\n");
    let mut running = Running::of(place.cutover("run site.yml -i hosts.yml").start());
    running.until("begun");
    let refused = place.cutover("run other.yml -i hosts.yml").ends_with(8);
    insta::assert_snapshot!(refused.err);
    assert_eq!(refused.out, "");

    running.interrupt();
    running.signal("-TERM");
    running.end(&place);
    place.cutover("run other.yml -i hosts.yml").ends_with(0);
}
