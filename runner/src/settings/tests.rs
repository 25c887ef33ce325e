use std::path::Path;

use cutover_language::files::Memory;
use cutover_language::render::{Look, render};
use insta::assert_snapshot;

use super::*;

fn load(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Settings, String> {
    let environment = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    // A folder that is on no disk, so that nobody may write there.
    let files = Memory::of(files.iter().copied());
    Settings::load(Path::new("/nowhere/site"), &environment, &files).map_err(|faults| pictures(&faults))
}

fn pictures(faults: &[Diagnostic]) -> String {
    faults
        .iter()
        .map(|fault| render(fault, Look::Plain) + "\n\n")
        .collect()
}

fn shown(settings: &Settings) -> String {
    let set = settings.every().filter_map(|(known, set)| Some((known, set?)));
    set.map(|(known, (text, origin))| format!("{} = {text:?} ({origin})\n", known.name))
        .collect()
}

const FILE: &str = "\
[defaults]
inventory = hosts, more/hosts.yml ; both
FORKS: 20
roles_path=roles:/usr/share/roles
remote_user = admin
nocows = 1
unheard_of = x
vault_identity_list = lab@~/lab,
   prod@prod.sh
host_key_checking = False
[privilege_escalation]
become = yes
[ssh_connection]
ssh_args = -o ControlMaster=auto
pipelining = True
";

#[test]
fn the_environment_wins_over_the_file_and_each_value_knows_its_origin() {
    let settings = load(
        &[("/nowhere/site/ansible.cfg", FILE)],
        &[("ANSIBLE_FORKS", "7"), ("ANSIBLE_DIFF_ALWAYS", "on")],
    )
    .unwrap();
    assert_snapshot!(shown(&settings), @r#"
    DEFAULT_HOST_LIST = "hosts, more/hosts.yml" (/nowhere/site/ansible.cfg:2:1)
    DEFAULT_ROLES_PATH = "roles:/usr/share/roles" (/nowhere/site/ansible.cfg:4:1)
    DEFAULT_FORKS = "7" (ANSIBLE_FORKS)
    DEFAULT_REMOTE_USER = "admin" (/nowhere/site/ansible.cfg:5:1)
    DEFAULT_VAULT_IDENTITY_LIST = "lab@~/lab,\nprod@prod.sh" (/nowhere/site/ansible.cfg:8:1)
    DIFF_ALWAYS = "on" (ANSIBLE_DIFF_ALWAYS)
    DEFAULT_BECOME = "yes" (/nowhere/site/ansible.cfg:12:1)
    HOST_KEY_CHECKING = "False" (/nowhere/site/ansible.cfg:10:1)
    SSH_ARGS = "-o ControlMaster=auto" (/nowhere/site/ansible.cfg:14:1)
    PIPELINING = "True" (/nowhere/site/ansible.cfg:15:1)
    ANSIBLE_NOCOWS = "1" (/nowhere/site/ansible.cfg:6:1)
    "#);
    assert_eq!(settings.number("DEFAULT_FORKS"), Some(7));
    assert_eq!(settings.truth("DEFAULT_BECOME"), Some(true));
    assert_eq!(
        settings.paths("DEFAULT_ROLES_PATH", ':'),
        [Path::new("/nowhere/site/roles"), Path::new("/usr/share/roles")]
    );
    assert_eq!(
        Settings::default().roles_path(),
        [
            Path::new("/usr/share/ansible/roles"),
            Path::new("/etc/ansible/roles")
        ]
    );
    assert_eq!(
        settings.words("DEFAULT_VAULT_IDENTITY_LIST"),
        ["lab@~/lab", "prod@prod.sh"]
    );
    assert_eq!(settings.truth("HOST_KEY_CHECKING"), Some(false));
    assert_eq!(pictures(&settings.warnings), "");
}

#[test]
fn the_first_file_that_exists_counts() {
    let all = [
        ("/named.cfg", "[defaults]\nremote_user=named\n"),
        ("/folder/ansible.cfg", "[defaults]\nremote_user=folder\n"),
        ("/nowhere/site/ansible.cfg", "[defaults]\nremote_user=own\n"),
        ("/home/e/.ansible.cfg", "[defaults]\nremote_user=home\n"),
        ("/etc/ansible/ansible.cfg", "[defaults]\nremote_user=machine\n"),
    ];
    let user = |files: &[(&str, &str)], environment: &[(&str, &str)]| {
        load(files, environment)
            .unwrap()
            .text("DEFAULT_REMOTE_USER")
            .unwrap()
    };
    let home = ("HOME", "/home/e");
    assert_eq!(user(&all, &[("ANSIBLE_CONFIG", "/named.cfg"), home]), "named");
    assert_eq!(user(&all, &[("ANSIBLE_CONFIG", "/folder"), home]), "folder");
    assert_eq!(user(&all, &[("ANSIBLE_CONFIG", "~/.ansible.cfg"), home]), "home");
    assert_eq!(user(&all, &[("ANSIBLE_CONFIG", "/missing"), home]), "own");
    assert_eq!(user(&all[3..], &[home]), "home");
    assert_eq!(user(&all[3..], &[]), "machine");
    assert!(load(&[], &[]).unwrap().file.is_none());
}

#[test]
fn every_mistake_has_its_picture() {
    let wrong = |text: &str| load(&[("/nowhere/site/ansible.cfg", text)], &[]).unwrap_err();
    assert_snapshot!(wrong("forks = 3\n[defaults]\nnothing\n"), @r#"
    error[setting]: this stands in no section
     --> /nowhere/site/ansible.cfg:1:1
      |
    1 | forks = 3
      | ^^^^^^^^^
      |
      = help: begin the file with `[defaults]`

    error[setting]: this is no setting
     --> /nowhere/site/ansible.cfg:3:1
      |
    3 | nothing
      | ^^^^^^^
      |
      = help: write `name = value`
    "#);
    assert_snapshot!(wrong("[defaults]\nforks = many\ngathering = never\nforce_handlers = perhaps\n"), @r#"
    error[setting]: the setting `forks` must be a number from 1 to 10000
     --> /nowhere/site/ansible.cfg:2:1
      |
    2 | forks = many
      | ^^^^^^^^^^^^

    error[setting]: the setting `gathering` must be one of implicit, explicit, smart
     --> /nowhere/site/ansible.cfg:3:1
      |
    3 | gathering = never
      | ^^^^^^^^^^^^^^^^^

    error[setting]: the setting `force_handlers` must be true or false
     --> /nowhere/site/ansible.cfg:4:1
      |
    4 | force_handlers = perhaps
      | ^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(load(&[], &[("ANSIBLE_FORKS", "x")]).unwrap_err(), @"error[setting]: ANSIBLE_FORKS: the setting `forks` must be a number from 1 to 10000");
}

#[test]
fn settings_have_the_limits_of_the_options() {
    let wrong = |line: &str| {
        let text = format!("[defaults]\n{line}\n");
        let fault = load(&[("/nowhere/site/ansible.cfg", text.as_str())], &[]).unwrap_err();
        fault.lines().next().unwrap_or_default().to_owned()
    };
    assert_snapshot!(wrong("forks = 0"), @"error[setting]: the setting `forks` must be a number from 1 to 10000");
    assert_snapshot!(wrong("timeout = 0"), @"error[setting]: the setting `timeout` must be a number, at least 1");
    assert_snapshot!(
        wrong("x = y\n[privilege_escalation]\nbecome_method = pbrun"),
        @"error[setting]: the setting `become_method` must be one of sudo, su, doas"
    );
}

#[test]
fn a_value_goes_on_in_lines_that_stand_deeper_than_its_name() {
    let file = "[defaults] ; of this site\n\
                inventory = hosts,\n  more\n\
                \x20 [tags]\n\
                \x20 run = a,\n    b\n\
                \x20 skip = c\n\
                \x20 [diff] ; too\n  always = on\n";
    let settings = load(&[("/nowhere/site/ansible.cfg", file)], &[]).unwrap();
    assert_snapshot!(shown(&settings), @r#"
    DEFAULT_HOST_LIST = "hosts,\nmore\n[tags]\nrun = a,\nb\nskip = c\n[diff]\nalways = on" (/nowhere/site/ansible.cfg:2:1)
    "#);
    let file = "[defaults]\n  inventory = hosts\n  forks = 3\n[tags]\n  run = a,\n   b\n  skip = c\n";
    let settings = load(&[("/nowhere/site/ansible.cfg", file)], &[]).unwrap();
    assert_snapshot!(shown(&settings), @r#"
    DEFAULT_HOST_LIST = "hosts" (/nowhere/site/ansible.cfg:2:3)
    DEFAULT_FORKS = "3" (/nowhere/site/ansible.cfg:3:3)
    TAGS_RUN = "a,\nb" (/nowhere/site/ansible.cfg:5:3)
    TAGS_SKIP = "c" (/nowhere/site/ansible.cfg:7:3)
    "#);
}

#[test]
fn no_setting_stands_twice() {
    let mut names: Vec<_> = TABLE.iter().map(|known| known.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TABLE.len());
}
