//! Files of variables: read at once, or when a host is known.

use std::path::Path;

use cutover_language::files::Memory;
use cutover_language::playbook::Loader;
use insta::assert_snapshot;

use super::loaded;
use crate::modules::Modules;
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

/// Where mappings are merged, names are made of merged ones, and a host may add to each of them.
#[test]
fn names_are_made_of_mappings_as_values_are() {
    let files = Memory::of([
        (
            "site.yml",
            "
- hosts: all
  vars: {at: {realm: lab}}
  vars_files: ['{{ at.realm }}.yml']
  tasks:
    - import_tasks: '{{ at.realm }}.yml'
      vars: {at: {port: 1}}
",
        ),
        ("lab.yml", "---\n"),
    ]);
    let read = |merges: bool| {
        let loader = Loader::new(&files, &Modules).merging(merges);
        match loader.playbook(Path::new("site.yml")) {
            Ok(playbook) => format!("{:?}", playbook.plays[0].vars_files),
            Err(faults) => pictures(&faults),
        }
    };
    assert_snapshot!(read(true), @"[Later([site.yml:4:16+20 text of 18 bytes])]");
    assert_snapshot!(read(false), @"
    error[not-known-early]: this file is read before any host is known: object of type 'dict' has no attribute 'realm'
     --> site.yml:6:25
      |
    6 |     - import_tasks: '{{ at.realm }}.yml'
      |                         ^^^^^^^^
      |
      = help: only `-e` and variables of the play and role are known then; `include_...` knows all
    ");
}
