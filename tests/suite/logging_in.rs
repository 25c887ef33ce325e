//! Passwords from files, as they reach a device and `sudo`.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use regex::Regex;

use crate::running::Running;
use crate::support::Place;

const TWINS: &str = "\
all:
  vars: {platform: vos, product: vvb, ansible_user: administrator, ansible_password: s3same-open}
  hosts: {vvb-1: }
";

/// The port at which a twin that was just told of takes logins.
fn port(told: &str) -> String {
    let found = Regex::new(r"ssh -p (\d+)").unwrap().captures(told).unwrap();
    found[1].to_owned()
}

#[test]
fn a_device_is_logged_in_to_with_the_password_of_a_file() {
    let place = Place::new().file("twins.yml", TWINS);
    let mut twins = Running::of(place.cutover("twins -i twins.yml").start());
    twins.until("ssh -p");
    let real = format!(
        "all:\n  hosts:\n    vvb-1: {{platform: vos, product: vvb, ansible_host: 127.0.0.1, ansible_port: {}, \
         ansible_user: administrator, ansible_host_key_checking: false}}\n",
        port(&twins.so_far())
    );
    let place = place
        .file("real.yml", &real)
        .file("right", "s3same-open\n")
        .file("script", "#!/bin/sh\necho s3same-open\n")
        .file("wrong", "s3same\n")
        .file(
            "site.yml",
            "- hosts: all\n  gather_facts: false\n  tasks:\n    - vos_command: {command: show version active}\n",
        );
    let script = place.files().join("script");
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();

    let run = "run site.yml -i real.yml";
    for file in ["right", "script"] {
        let told = place
            .cutover(&format!("{run} --connection-password-file {file}"))
            .ends_with(0);
        assert!(told.recap().contains("ok=1"), "{told}");
        assert!(!told.to_string().contains("s3same"), "{told}");
    }
    let set = place
        .cutover(run)
        .env("ANSIBLE_CONNECTION_PASSWORD_FILE", "right");
    set.ends_with(0);
    let wrong = place
        .cutover(&format!("{run} --connection-password-file wrong"))
        .ends_with(4);
    assert!(wrong.recap().contains("unreachable=1"), "{wrong}");
    let none = place.cutover(run).ends_with(4);
    assert!(none.out.contains("vvb-1 has no ansible_password"), "{none}");

    twins.interrupt();
    assert_eq!(twins.end(&place).0, Some(0));
}

#[test]
fn a_password_that_is_empty_is_a_mistake_of_the_inventory() {
    let place = Place::new()
        .file(
            "hosts.yml",
            "all:\n  vars:\n    ansible_password: \"{{ lookup('env', 'NO_SUCH_VARIABLE') }}\"\n  hosts:\n    web:\n",
        )
        .file("site.yml", "- hosts: all\n  tasks: []\n");
    insta::assert_snapshot!(place.cutover("run site.yml -i hosts.yml").ends_with(4).err, @r#"
    error[wrong-type]: `ansible_password` of web is empty
     --> hosts.yml:3:23
      |
    3 |     ansible_password: "{{ lookup('env', 'NO_SUCH_VARIABLE') }}"
      |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: is the variable or the environment variable it is made of set?
    "#);
}

/// Asks on standard error and reads a line, as `sudo` does; then runs what follows `-u USER`.
const SUDO: &str = "\
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        -n) echo 'sudo: a password is required' >&2; exit 1 ;;
        -p) prompt=$2; shift ;;
        -u) shift 2; break ;;
    esac
    shift
done
for try in 1 2 3; do
    printf %s \"$prompt\" >&2
    IFS= read -r word || exit 1
    [ \"$word\" = s3same ] && exec \"$@\"
    echo 'Sorry, try again.' >&2
done
exit 1
";

#[test]
fn another_user_is_become_with_the_password_of_a_file() {
    let place = Place::new()
        .file("sudo", SUDO)
        .file("right", "s3same\n")
        .file("wrong", "s4same\n")
        .file(
            "site.yml",
            "- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n    - command: echo done\n",
        );
    let sudo = place.files().join("sudo");
    std::fs::set_permissions(&sudo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let hosts = format!(
        "all:\n  hosts:\n    here: {{ansible_connection: local, ansible_become_exe: {}}}\n",
        sudo.display()
    );
    let place = place.file("hosts.yml", &hosts);
    let run = "run site.yml -i hosts.yml -v";
    let right = place
        .cutover(&format!("{run} --become-password-file right"))
        .ends_with(0);
    assert!(right.recap().contains("changed=1"), "{right}");
    let set = place.cutover(run).env("ANSIBLE_BECOME_PASSWORD_FILE", "right");
    set.ends_with(0);
    let wrong = place
        .cutover(&format!("{run} --become-password-file wrong"))
        .ends_with(2);
    assert!(!wrong.to_string().contains("s4same"), "{wrong}");
    place.cutover(run).ends_with(2);
}
