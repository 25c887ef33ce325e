//! What is said of mistakes: where, what, and what would have been right.

use crate::support::Place;

const HOSTS: &str = "all:\n  hosts:\n    here: {ansible_connection: local}\n";

fn place() -> Place {
    Place::new().file("hosts.yml", HOSTS)
}

fn playbook(text: &str) -> Place {
    place().file("site.yml", text)
}

#[test]
fn a_module_that_is_misspelt() {
    let place = playbook("- hosts: all\n  tasks:\n    - name: Say so\n      debgu: {msg: hello}\n");
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err);
}

#[test]
fn an_option_that_cannot_mean_anything_is_refused_before_anybody_is_asked() {
    let place = playbook("- hosts: all\n  tasks: []\n");
    insta::assert_snapshot!(
        place.cutover("run site.yml -i hosts.yml -J --ssh-common-args='-o Port=22 -4'").ends_with(5).err,
        @"
    error: --ssh-common-args: -4: the kind of address cannot be chosen
    hint: give the address or name to dial as `ansible_host`
    "
    );
}

#[test]
fn an_option_for_a_program_that_is_not_started_is_warned_of() {
    let place = playbook("- hosts: all\n  tasks: []\n");
    let run = "run site.yml -i hosts.yml --scp-extra-args=-O --sftp-extra-args=-v";
    insta::assert_snapshot!(place.cutover(run).ends_with(0).err, @"
    warning[option]: --sftp-extra-args has no effect: files are sent over the SSH connection that is there

    warning[option]: --scp-extra-args has no effect: files are sent over the SSH connection that is there
    ");
    place.cutover(&format!("{run} --strict")).ends_with(4);
}

#[test]
fn a_way_over_another_host_is_refused_where_a_play_would_need_it() {
    let inventory = "\
all:
  vars: {ansible_ssh_common_args: -C -o ProxyJump=bastion}
  hosts:
    here: {ansible_connection: local}
    web: {ansible_ssh_common_args: '-o User=x'}
    far:
";
    let place = Place::new()
        .file("hosts.yml", inventory)
        .file("here.yml", "- hosts: here\n  tasks: []\n")
        .file("far.yml", "- hosts: far:here:web\n  tasks: []\n");
    insta::assert_snapshot!(place.cutover("run far.yml -i hosts.yml").ends_with(4).err, @"
    error[ssh-args]: `ansible_ssh_common_args` of far: ProxyJump=bastion: no way over another host is known
     --> hosts.yml:2:35
      |
    2 |   vars: {ansible_ssh_common_args: -C -o ProxyJump=bastion}
      |                                   ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: forward a port to the host (`ssh -L`) and give it as `ansible_host` and `ansible_port`, or start cutover on the machine that is jumped over
    ");
    place.cutover("run here.yml -i hosts.yml").ends_with(0);
    let set = place
        .cutover("run here.yml -i hosts.yml")
        .env("ANSIBLE_SSH_ARGS", "-J bastion")
        .ends_with(0);
    assert_eq!(set.err, "");
}

#[test]
fn an_argument_that_is_misspelt() {
    let place = playbook("- hosts: all\n  tasks:\n    - command: {cmd: uptime, creats: /tmp/x}\n");
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err);
}

#[test]
fn a_variable_that_nobody_sets() {
    let place = playbook(
        "- hosts: all\n  vars: {greeting: hello}\n  tasks:\n    - debug: {msg: \"{{ greting }}\"}\n",
    );
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err);
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(place().cutover("run site.yml -i hosts.yml").ends_with(1).err);
}

#[test]
fn yaml_that_is_none() {
    let place = playbook("- hosts: all\n  tasks: [\n");
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err);
}

#[test]
fn a_limit_that_leaves_no_host() {
    let place = playbook("- hosts: all\n  tasks:\n    - debug: {msg: hello}\n");
    insta::assert_snapshot!(
        place
            .cutover("run site.yml -i hosts.yml -l there")
            .ends_with(1)
            .err
    );
}

#[test]
fn a_pattern_that_matches_nobody_is_told() {
    let place = playbook("- hosts: finesse-9\n  tasks:\n    - debug: {msg: hello}\n");
    let told = place.cutover("run site.yml -i hosts.yml").ends_with(0);
    assert!(told.err.contains("finesse-9"), "{told}");
}

#[test]
fn a_wrong_word_in_the_inventory() {
    let place = Place::new().file(
        "hosts.yml",
        "all:\n  hosts:\n    fin-1: {platform: vos, product: finess}\n",
    );
    let place = place.file("site.yml", "- hosts: all\n  tasks:\n    - debug: {msg: hello}\n");
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err);
}

#[test]
fn a_twin_that_is_told_nonsense() {
    let place = Place::new().file(
        "hosts.yml",
        "all:\n  hosts:\n    fin-1:\n      platform: vos\n      product: finesse\n      twin: {replicatoin: 4}\n",
    );
    let err = place.cutover("twins -i hosts.yml").ends_with(4).err;
    assert!(err.contains("unknown field `replicatoin`"), "{err}");
    assert!(err.contains("hosts.yml:6:"), "{err}");
}

#[test]
fn options_that_cannot_be_right() {
    let place = playbook("- hosts: all\n  tasks:\n    - debug: {msg: hello}\n").file("vars.yml", "a: 1\n");
    for (words, said) in [
        (
            "run site.yml -i hosts.yml -e vars.yml",
            "`vars.yml` is a file; write `@vars.yml`",
        ),
        (
            "run site.yml -i hosts.yml --accept-outage here",
            "write HOST=REASON",
        ),
        ("run site.yml -i hosts.yml -f 0", "a number from 1 to 10000"),
        (
            "run site.yml -i hosts.yml --chekc",
            "a similar argument exists: '--check'",
        ),
        ("run", "<PLAYBOOK>..."),
        ("runn site.yml", "a similar subcommand exists: 'run'"),
        ("rehearse site.yml", "there is no inventory"),
        ("inventory -i hosts.yml", "--list"),
    ] {
        let ended = place.cutover(words).ends_with(5);
        assert!(ended.err.contains(said), "{words}:\n{ended}");
    }
}

#[test]
fn nobody_to_rehearse_with() {
    let place = playbook("- hosts: all\n  tasks:\n    - debug: {msg: hello}\n");
    insta::assert_snapshot!(place.cutover("rehearse site.yml -i hosts.yml").ends_with(1).err);
}

#[test]
fn a_manual_of_a_module_that_is_not_there() {
    let err = place().cutover("modules vos_scr").ends_with(1).err;
    assert_eq!(
        err,
        "error: there is no module `vos_scr`\nhint: did you mean `vos_csr`?\n"
    );
}

#[test]
fn nobody_becomes_another_user_on_a_device() {
    let hosts = "all:\n  hosts:\n    fin-a: {platform: vos, product: finesse, ansible_user: admin}\n";
    let text = "- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n    - vos_facts:\n";
    let place = Place::new().file("hosts.yml", hosts).file("site.yml", text);
    let said = place.cutover("run site.yml -i hosts.yml").ends_with(4).err;
    assert!(
        said.contains("fin-a is a vos host, where nobody can become another user"),
        "{said}"
    );
    assert!(said.contains("site.yml:3"), "{said}");
}

#[test]
fn what_works_step_by_step_is_not_left_behind() {
    let place = playbook(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n      async: 5\n      poll: 0\n",
    );
    let said = place.cutover("run site.yml -i hosts.yml").ends_with(4).err;
    assert!(said.contains("`ping` works step by step from here"), "{said}");
    assert!(said.contains("site.yml:6"), "{said}");
}

#[test]
fn a_tag_that_no_task_has() {
    let place = playbook("- hosts: all\n  tasks:\n    - {debug: {msg: shown}, tags: [config]}\n");
    let told = place
        .cutover("run site.yml -i hosts.yml --skip-tags 'config, conifg'")
        .ends_with(0);
    insta::assert_snapshot!(told.err, @"[WARNING]: no task has the tag `conifg`; did you mean `config`?");
    assert!(!told.out.contains("shown"), "{told}");
    let refused = place
        .cutover("run site.yml -i hosts.yml -t conifg --strict")
        .ends_with(4);
    insta::assert_snapshot!(refused.err, @r#"
    warning[no-such-tag]: no task has the tag `conifg`
     |
     = help: did you mean `config`?
    "#);
}

#[test]
#[cfg(unix)]
fn events_of_the_last_run_stay_until_there_are_new_ones() {
    use std::os::unix::fs::PermissionsExt;
    let place = playbook("- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: here}\n");
    let events = place.files().join("events");
    let text = || std::fs::read_to_string(&events).unwrap();
    let run = "run site.yml -i hosts.yml --events events";
    place.cutover(run).ends_with(0);
    assert_eq!(
        std::fs::metadata(&events).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let first = text();
    assert!(first.contains("run_finished"), "{first}");
    place.cutover(&format!("{run} -l nosuch")).ends_with(1);
    assert_eq!(text(), first);
    place.cutover(run).ends_with(0);
    assert_eq!(text().matches("run_started").count(), 1);
}
