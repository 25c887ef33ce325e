//! The site's own modules: the examples of `docs/site-modules.md`, as they stand there.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use crate::support::{Place, workspace};

const HOSTS: &str = "[all]\nhere ansible_connection=local platform=local\n";

/// A place with every program of the document in its `library`, by the name it gives itself.
fn place() -> Place {
    let text = std::fs::read_to_string(workspace().join("docs/site-modules.md")).unwrap();
    let mut place = Place::new().file("hosts", HOSTS);
    for block in text.split("\n```").filter(|block| block.contains("\n#!")) {
        let program = block.split_once('\n').unwrap().1;
        let name = program.lines().find_map(|line| line.strip_prefix("# library/"));
        place = program_file(place, &format!("library/{}", name.unwrap()), program);
    }
    place
}

fn program_file(place: Place, name: &str, text: &str) -> Place {
    let place = place.file(name, &format!("{}\n", text.trim_end()));
    let path = place.files().join(name);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    place
}

fn playbook(place: Place, tasks: &str) -> Place {
    place.file(
        "site.yml",
        &format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"),
    )
}

#[test]
fn the_example_in_sh_looks_applies_and_proves() {
    let place = place();
    let path = place.files().join("note.txt");
    let place = playbook(
        place,
        &format!("    - note: {{path: {}, note: hello}}\n", path.display()),
    );
    let checked = place.cutover("run site.yml -i hosts --check --diff").ends_with(0);
    insta::assert_snapshot!(checked.out, @r#"
    PLAY [all] *********************************************************************

    TASK [note] ********************************************************************
    --- before: note
    +++ after: note
    @@ -1 +1 @@
    -
    +hello

    changed: [here]
        - write the note

    PLAY RECAP *********************************************************************
    here                       : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
    "#);
    assert!(!path.exists());
    let first = place.cutover("run site.yml -i hosts").ends_with(0);
    insta::assert_snapshot!(first.recap(), @"here                       : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello\n");
    let second = place.cutover("run site.yml -i hosts").ends_with(0);
    insta::assert_snapshot!(second.recap(), @"here                       : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0");
}

#[test]
fn the_example_in_python_keeps_its_secret() {
    let place = place();
    let path = place.files().join("accounts.json");
    let tasks = format!(
        "    - account: {{path: '{}', name: finesse, code: hunter22}}\n      register: made\n    - debug: {{var: made}}\n",
        path.display()
    );
    let place = playbook(place, &tasks);
    let told = place.cutover("run site.yml -i hosts -v").ends_with(0);
    assert!(std::fs::read_to_string(&path).unwrap().contains("hunter22"));
    assert!(told.out.contains("it is ********"), "{}", told.out);
    assert!(!told.out.contains("hunter22"), "{}", told.out);
}

#[test]
fn the_examples_take_back_what_they_did_when_a_lane_rolls_back() {
    let place = place()
        .file("note.txt", "old\n")
        .file("accounts.json", "{\"a\": \"1\", \"b\": \"2\"}");
    let of = |name: &str| place.files().join(name);
    let phases = format!(
        "- hosts: all
  gather_facts: false
  phases:
    - name: notes
      tasks:
        - note: {{path: '{}', note: new}}
        - note: {{path: '{}', note: new}}
    - name: accounts
      on_failure: rollback
      tasks:
        - account: {{path: '{2}', name: a, code: hunter22}}
        - account: {{path: '{2}', name: finesse, code: hunter22}}
        - command: 'true'
        - fail: {{msg: no good}}
",
        of("note.txt").display(),
        of("another.txt").display(),
        of("accounts.json").display(),
    );
    let place = place.file("site.yml", &phases);
    let told = place.cutover("run site.yml -i hosts").ends_with(2);
    insta::assert_snapshot!(told.out, @r#"

    PLAY [all] *********************************************************************
    1 lane: here
    2 phases: notes > accounts
    phase: [here] notes

    TASK [notes : note] ************************************************************
    changed: [here]

    TASK [notes : note] ************************************************************
    changed: [here]
    phase: [here] accounts

    TASK [accounts : account] ******************************************************
    changed: [here]

    TASK [accounts : account] ******************************************************
    changed: [here]

    TASK [accounts : command] ******************************************************
    changed: [here]

    TASK [accounts : fail] *********************************************************
    fatal: [here]: FAILED! => {"changed": false, "msg": "no good"}
        no good
    rollback: [here] accounts

    ROLLBACK [accounts : undo account] *********************************************
    changed: [here]

    ROLLBACK [accounts : undo account] *********************************************
    changed: [here]
    rollback: [here] notes

    ROLLBACK [notes : undo note] ***************************************************
    changed: [here]

    ROLLBACK [notes : undo note] ***************************************************
    changed: [here]
    stopped: [here] at here in accounts: no good

    PLAY RECAP *********************************************************************
    here                       : ok=9    changed=9    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   

    here: stopped at here in accounts: no good
    took [DURATION]
    "#);
    insta::assert_snapshot!(told.err, @"[WARNING]: here keeps what is not undone: command (run true)");
    let read = |name: &str| std::fs::read_to_string(place.files().join(name));
    assert_eq!(read("note.txt").unwrap(), "old\n");
    assert!(read("another.txt").is_err());
    assert_eq!(read("accounts.json").unwrap(), "{\"a\": \"1\", \"b\": \"2\"}");
}

#[test]
fn a_program_as_ansible_has_them_is_given_a_file_that_is_gone_afterwards() {
    let place = place().file("uptime", "4711.5 1\n");
    let path = place.files().join("uptime");
    let tasks = format!(
        "    - uptime_of: path={}\n      register: it\n    - assert: {{that: it.uptime == '4711.5'}}\n    - old: a='x y' b=1\n      register: old\n    - debug: {{var: old.text}}\n    - where: {{}}\n      register: where\n    - debug: {{var: where.folder}}\n",
        path.display()
    );
    let place = program_file(
        place,
        "library/old",
        "#!/bin/sh\n. \"$1\"\nprintf '{\"changed\": true, \"text\": \"%s-%s\"}' \"$a\" \"$b\"\n",
    );
    let place = program_file(
        place,
        "roles/any/library/where.sh",
        "#!/bin/sh\n# WANT_JSON\nprintf '{\"folder\": \"%s\"}' \"$(dirname \"$1\")\"\n",
    );
    let place = playbook(place, &tasks);
    let told = place.cutover("run site.yml -i hosts").ends_with(0);
    assert!(told.out.contains("\"old.text\": \"x y-1\""), "{}", told.out);
    let folder = told.out.split("\"where.folder\": \"").nth(1).unwrap();
    let folder = folder.split('"').next().unwrap();
    assert!(folder.contains("cutover."), "{folder}");
    assert!(!std::path::Path::new(folder).exists(), "{folder}");
}

/// A module that says `word`.
fn saying(place: Place, path: &str, word: &str) -> Place {
    let text = format!("#!/bin/sh\n# WANT_JSON\necho '{{\"said\": \"{word}\"}}'\n");
    program_file(place, path, &text)
}

#[test]
fn folders_of_modules_are_named_on_the_command_line_and_in_settings() {
    let place = Place::new().file("hosts", HOSTS);
    let mut place = playbook(
        place,
        "    - first:\n      register: a\n    - second:\n      register: b\n    \
         - third:\n      register: c\n    - debug: {msg: '{{ a.said }} {{ b.said }} {{ c.said }}'}\n",
    );
    for (path, word) in [
        ("one/first", "one"),
        ("two/first", "two"),
        ("library/first", "beside"),
        ("two/second.sh", "two"),
        ("set/second", "set"),
        ("set/third", "set"),
    ] {
        place = saying(place, path, word);
    }
    let told = place
        .cutover("run site.yml -i hosts -M one:two --module-path=nowhere")
        .env("ANSIBLE_LIBRARY", "set")
        .ends_with(0);
    assert!(told.out.contains("\"msg\": \"one two set\""), "{told}");
    insta::assert_snapshot!(told.err, @"
    warning[site-module]: --module-path: there is no folder nowhere
     |
     = help: several folders stand with `:` between them
    ");
    let place = place.file("ansible.cfg", "[defaults]\nlibrary = ./two:set\n");
    let told = place.cutover("run site.yml -i hosts").ends_with(0);
    assert!(told.out.contains("\"msg\": \"beside two set\""), "{told}");
    place.cutover("do all -i hosts -m second -M one").ends_with(0);
}

/// What is beside the playbook is everybody's; below that each role has its own before those of others.
#[test]
fn of_several_modules_with_one_name_the_nearest_is_used() {
    let tasks = |names: &[&str]| {
        let task =
            |name: &&str| format!("- {name}:\n  register: it\n- debug: {{msg: '{{{{ it.said }}}}'}}\n");
        names.iter().map(task).collect::<String>()
    };
    let mut place = Place::new()
        .file("hosts", HOSTS)
        .file(
            "site.yml",
            "- hosts: all\n  gather_facts: false\n  roles: [b, a]\n  tasks:\n    - both:\n      register: it\n    - debug: {msg: '{{ it.said }}'}\n    - include_role: {name: shared/c}\n- import_playbook: lab/more.yml\n",
        )
        .file(
            "lab/more.yml",
            "- hosts: all\n  gather_facts: false\n  tasks:\n    - own:\n      register: it\n    - debug: {msg: '{{ it.said }}'}\n",
        )
        .file("roles/a/tasks/main.yml", &tasks(&["all", "both", "only_b"]))
        .file("roles/b/tasks/main.yml", &tasks(&["all", "both"]))
        .file("shared/c/tasks/main.yml", &tasks(&["both", "far"]));
    for name in [
        "library/all",
        "roles/a/library/all",
        "roles/a/library/both",
        "roles/b/library/both",
        "roles/b/library/only_b",
        "shared/c/library/both",
        "shared/c/library/far",
        "lab/library/own",
    ] {
        place = saying(place, name, name);
    }
    let told = place.cutover("run site.yml -i hosts").ends_with(0);
    let said: Vec<&str> = told
        .out
        .lines()
        .filter(|line| line.contains("\"msg\""))
        .map(str::trim)
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    "msg": "library/all"
    "msg": "roles/b/library/both"
    "msg": "library/all"
    "msg": "roles/a/library/both"
    "msg": "roles/b/library/only_b"
    "msg": "roles/a/library/both"
    "msg": "shared/c/library/both"
    "msg": "shared/c/library/far"
    "msg": "lab/library/own"
    "#);
    insta::assert_snapshot!(told.err, @"[WARNING]: two roles have a module `both`: roles/a/library/both is used, not roles/b/library/both; a module in `library/` beside the playbook is meant for all tasks (site.yml:5:7)");
}

#[test]
fn what_is_wrong_is_said_before_the_run_where_that_can_be() {
    let place = place()
        .file(
            "library/plugin.py",
            "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n",
        )
        .file("library/command", "#!/bin/sh\n");
    let tasks =
        "    - note: {path: x, note: y, node: z}\n    - plugin: {}\n    - nte: {}\n    - command: 'true'\n";
    let place = playbook(place, tasks);
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts").ends_with(4).err, @r#"
    warning[site-module]: the built-in module `command` is used, not library/command
     |
     = help: give the file another name

    error[unknown-argument]: `note` has no argument `node`
     --> site.yml:4:32
      |
    4 |     - note: {path: x, note: y, node: z}
      |                                ^^^^
      |
      = help: did you mean `note`?

    error[unusable-module]: library/plugin.py is a Python plugin for Ansible: it needs Ansible's own libraries. Write a program that takes JSON (`WANT_JSON`), or use a module of cutover or `command` instead
     --> site.yml:5:7
      |
    5 |     - plugin: {}
      |       ^^^^^^

    error[unknown-module]: `nte` is neither a keyword of a task nor a module
     --> site.yml:6:7
      |
    6 |     - nte: {}
      |       ^^^
      |
      = help: did you mean `note`?
    "#);
    let place = program_file(
        place,
        "library/silent",
        "#!/bin/sh\necho oh >&2\necho nothing\nexit 3\n",
    );
    let place = playbook(place, "    - silent: {}\n");
    let told = place.cutover("run site.yml -i hosts").ends_with(2);
    insta::assert_snapshot!(told.out, @r#"
    PLAY [all] *********************************************************************

    TASK [silent] ******************************************************************
    fatal: [here]: FAILED! => {"changed": false, "module_stderr": "oh\n", "module_stdout": "nothing\n", "msg": "silent ended with 3 and printed no JSON object", "rc": 3}
        silent ended with 3 and printed no JSON object
          oh
          nothing
        hint: a module prints one JSON object, such as {"changed": true}
        last lines of here:
          > silent apply

    PLAY RECAP *********************************************************************
    here                       : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
    "#);
}

#[test]
fn what_the_program_ends_with_is_its_own_matter() {
    let place = program_file(place(), "library/odd", "#!/bin/sh\nexit 120\n");
    let place = playbook(place, "    - odd: {}\n");
    let told = place.cutover("run site.yml -i hosts").ends_with(2);
    let said = "odd ended with 120 and printed no JSON object";
    assert!(told.out.contains(said), "{}", told.out);
    let told = place
        .cutover("run site.yml -i hosts")
        .env("TMPDIR", "/nowhere")
        .ends_with(2);
    let said = "no temporary folder could be made on the host";
    assert!(told.out.contains(said), "{}", told.out);
}

#[test]
fn a_check_run_skips_what_only_the_program_knows() {
    let place = program_file(
        place(),
        "library/mark",
        "#!/bin/sh\ntouch was-here\necho '{\"changed\": 1}'\n",
    );
    let place = playbook(place, "    - mark: {}\n");
    let checked = place.cutover("run site.yml -i hosts --check").ends_with(0);
    insta::assert_snapshot!(checked.recap(), @"here                       : ok=0    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0");
    let run = place.cutover("run site.yml -i hosts").ends_with(0);
    insta::assert_snapshot!(run.recap(), @"here                       : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0");
}

#[test]
fn arguments_stand_in_the_text_of_a_program_that_wants_them_there() {
    let place = program_file(
        place(),
        "library/inside",
        "#!/bin/sh\ncat <<'END'\n{\"given\": <<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>}\nEND\n",
    );
    let tasks = "    - inside: {a: x}\n      register: it\n    - assert: {that: it.given.a == 'x'}\n";
    let _ = playbook(place, tasks)
        .cutover("run site.yml -i hosts")
        .ends_with(0);
}

/// `facts` of a look hold a secret: `apply` gets it as it is, and nobody else sees it.
const HOLDER: &str = r##"#!/bin/sh
# cutover: protocol=1
if [ "$1" = describe ]; then
    echo '{"arguments": {"code": {"no_log": true}}, "verbs": ["look"]}'
    exit
fi
input=$(cat)
case $1 in
look) echo '{"changed": true, "facts": {"code": "hunter22", "number": 471147}}' ;;
apply) case $input in
    *'"facts":{"code":"hunter22","number":471147}'*) echo '{"changed": true, "hunter22": 471147}' ;;
    *) echo '{"failed": true, "msg": "the facts are not what they were"}' ;;
    esac ;;
esac
"##;

#[test]
fn facts_come_back_as_they_were_said_and_are_shown_to_nobody() {
    let place = program_file(place(), "library/holder", HOLDER);
    let place = playbook(place, "    - holder: {code: [hunter22, 471147]}\n");
    let told = place.cutover("run site.yml -i hosts -v").ends_with(0);
    assert!(told.out.contains("\"********\": \"********\""), "{}", told.out);
    assert!(
        !told.out.contains("hunter22") && !told.out.contains("471147"),
        "{}",
        told.out
    );
}

#[test]
fn a_module_that_is_not_used_does_not_pass_a_strict_run() {
    let place = playbook(
        place().file("library/command", "#!/bin/sh\n"),
        "    - debug: {msg: hello}\n",
    );
    place.cutover("run site.yml -i hosts").ends_with(0);
    let refused = place.cutover("run site.yml -i hosts --strict").ends_with(4);
    assert!(
        refused.err.contains("the built-in module `command` is used"),
        "{refused}"
    );
}
