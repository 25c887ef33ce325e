//! Questions at a real terminal.

use crate::support::Place;
use crate::watching::Screen;

const HOSTS: &str = "[all]\na ansible_connection=local\nb ansible_connection=local\n";

fn place(playbook: &str) -> Place {
    Place::new().file("hosts", HOSTS).file("site.yml", playbook)
}

#[test]
fn others_go_on_below_a_question_and_nothing_is_drawn_over_it() {
    let place = place(
        "- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:\n    \
         - pause: {prompt: 'may a go on?'}\n      when: inventory_hostname == 'a'\n    \
         - pause: {seconds: 1}\n    - debug: {msg: is here}\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    let asked = screen.until(|shown| shown.contains("may a go on?") && shown.contains("ok: [b] => {"));
    assert!(!asked.contains("lanes done"), "{asked}");
    assert!(!asked.contains("ok: [a]"), "{asked}");
    screen.press("Enter");
    screen.until(|shown| shown.contains("ok: [a] => {") && shown.contains("ended with 0"));
}

#[test]
fn the_first_ctrl_c_ends_a_question() {
    let place = place(
        "- hosts: a\n  gather_facts: false\n  tasks:\n    - pause: {prompt: 'sure?'}\n    - debug: {msg: never}\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    screen.until(|shown| shown.contains("sure?"));
    screen.press("C-c");
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(ended.contains("ended with 3"), "{ended}");
    assert!(!ended.contains("never") && !ended.contains("nobody"), "{ended}");
}

#[test]
fn the_second_ctrl_c_at_a_question_drops_what_others_do() {
    let place = place(
        "- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:\n    \
         - pause: {prompt: 'may a go on?', echo: false}\n      when: inventory_hostname == 'a'\n    \
         - shell: touch begun; exec sleep 600\n      when: inventory_hostname == 'b'\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    let begun = place.files().join("begun");
    screen.until(|shown| shown.contains("may a go on?") && begun.exists());
    screen.press("C-c");
    screen.until(|shown| shown.contains("stopping: the current change is finished first"));
    screen.press("C-c");
    let ended = screen.until(|shown| shown.contains("ended with") && shown.contains("echo\n"));
    assert!(ended.contains("ended with 99"), "{ended}");
    assert!(!ended.contains("-echo"), "{ended}");
}

#[test]
fn a_hidden_question_leaves_the_terminal_as_it_was() {
    let place = place(
        "- hosts: a\n  gather_facts: false\n  vars_prompt:\n    - {name: word, prompt: the word}\n  tasks: []\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    screen.until(|shown| shown.contains("the word:"));
    screen.press("C-c");
    let ended = screen.until(|shown| shown.contains("ended with") && shown.contains("echo\n"));
    assert!(ended.contains("ended with 3"), "{ended}");
    assert!(!ended.contains("-echo"), "{ended}");
}

#[test]
fn a_task_that_failed_is_mended_in_the_debugger() {
    let place = place(
        "- hosts: a\n  gather_facts: false\n  vars: {code: 7}\n  tasks:\n    \
         - name: leave\n      shell: exit {{ code }}\n      debugger: on_failed\n    - debug: {msg: went on}\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    screen.until(|shown| shown.contains("[a] TASK: leave (debug)>"));
    for (line, answer) in [
        ("p result.rc", "\n7\n"),
        ("p task.args", "(debug)> p task.args\n{\n  \"cmd\": \"exit 7\"\n}"),
        ("task_vars['code'] = 0", "(debug)> task_vars['code'] = 0\n"),
    ] {
        screen.press(line);
        screen.press("Enter");
        screen.until(|shown| shown.contains(answer) && shown.trim_end().ends_with("(debug)>"));
    }
    screen.press("r");
    screen.press("Enter");
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(
        ended.contains("fatal: [a]: FAILED!") && ended.contains("changed: [a]"),
        "{ended}"
    );
    assert!(
        ended.contains("went on") && ended.contains("failed=0") && ended.contains("ended with 0"),
        "{ended}"
    );
}

#[test]
fn the_end_of_the_input_closes_the_debugger() {
    let place = place(
        "- hosts: a\n  gather_facts: false\n  tasks:\n    - {name: bad, fail: {msg: x}, debugger: on_failed}\n",
    );
    let screen = Screen::of(&place, "run site.yml -i hosts");
    screen.until(|shown| shown.contains("[a] TASK: bad (debug)>"));
    screen.press("C-d");
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(ended.contains("ended with 2"), "{ended}");
}

#[test]
fn a_step_is_asked_for_on_standard_error() {
    let place = place("- hosts: a\n  gather_facts: false\n  tasks:\n    - debug: {msg: here}\n");
    let told = place
        .cutover("run site.yml -i hosts --step --events -")
        .ends_with(0);
    assert!(
        told.err
            .contains("Perform task: TASK: debug (N)o/(y)es/(c)ontinue: "),
        "{told}"
    );
    assert!(told.out.lines().all(|line| line.starts_with('{')), "{told}");
}

#[test]
fn a_password_that_seals_is_typed_twice() {
    let place = place("").file("vars.yml", "a: 1\n");
    let screen = Screen::of(&place, "vault encrypt vars.yml");
    screen.until(|shown| shown.contains("New Vault password:"));
    screen.press("one");
    screen.press("Enter");
    screen.until(|shown| shown.contains("Confirm New Vault password:"));
    screen.press("two");
    screen.press("Enter");
    let ended = screen.until(|shown| shown.contains("ended with"));
    assert!(
        ended.contains("Passwords do not match") && ended.contains("ended with 1"),
        "{ended}"
    );
    assert_eq!(
        std::fs::read_to_string(place.files().join("vars.yml")).unwrap(),
        "a: 1\n"
    );
}
