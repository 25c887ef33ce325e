//! Files of variables: read at once, or when a host is known.

use insta::assert_snapshot;

use super::loaded;
use crate::pictures;

#[test]
fn variables_files_are_read_where_their_names_are_known() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  vars: {realm: lab}
  vars_files:
    - '{{ realm }}.yml'
    - [nosuch.yml, other.yml]
    - '{{ unknown_yet }}.yml'
    - missing.yml
  tasks: []
",
        ),
        ("vars/lab.yml", "a: 1\n"),
        ("other.yml", "---\n"),
    ]);
    assert_snapshot!(format!("{:?}", playbook.plays[0].vars_files), @r#"[Read(VarsFiles vars/lab.yml {"a"}), Read(VarsFiles other.yml {}), Later([site.yml:7:7+23 text of 21 bytes])]"#);
    assert_snapshot!(pictures(&playbook.warnings), @"
    warning[no-such-file]: there is no file `missing.yml`; it is left out
     --> site.yml:8:7
      |
    8 |     - missing.yml
      |       ^^^^^^^^^^^
      |
      = help: looked for vars/missing.yml, missing.yml
    ");
}

#[test]
fn a_variables_file_that_a_host_may_name_otherwise_waits_for_the_host() {
    let playbook = loaded(&[
        (
            "site.yml",
            "
- hosts: all
  vars: {realm: lab, stage: \"{{ of_host | default('dev') }}\"}
  vars_files:
    - \"{{ of_host | default('dev') }}.yml\"
    - '{{ stage }}.yml'
    - \"{{ lookup('vars', 'of_host', default='dev') }}.yml\"
    - \"{{ realm | default('dev') }}.yml\"
  tasks: []
",
        ),
        ("dev.yml", "a: 1\n"),
        ("lab.yml", "a: 2\n"),
    ]);
    assert_snapshot!(format!("{:?}", playbook.plays[0].vars_files), @r#"[Later([site.yml:5:7+36 text of 34 bytes]), Later([site.yml:6:7+17 text of 15 bytes]), Later([site.yml:7:7+52 text of 50 bytes]), Read(VarsFiles lab.yml {"a"})]"#);
}
