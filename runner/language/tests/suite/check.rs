//! What is found wrong before the run.

use std::path::Path;
use std::sync::Arc;

use cutover_language::files::Memory;
use cutover_language::inventory::{Inventory, Sources, load};
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::{Severity, check, load_playbook};
use insta::assert_snapshot;

use crate::modules::Modules;
use crate::pictures;

const HOSTS: &str = "
all:
  vars: {site: lab}
  children:
    side_a: {hosts: {fin-a: {product: finesse, unit: tomcat}}}
    side_b: {hosts: {cuic-b: {product: cuic, only_there: 1}}}
";

fn inventory(text: &str) -> Inventory {
    let sources = Sources {
        inventories: vec!["hosts.yml".into()],
        playbooks: Vec::new(),
    };
    load(&sources, &Memory::of([("hosts.yml", text)]))
        .unwrap_or_else(|faults| panic!("{}", pictures(&faults)))
}

fn found_with(hosts: &str, playbook: &str) -> String {
    let files = Memory::of([("site.yml", playbook)]);
    let playbook = load_playbook(Path::new("site.yml"), &files, &Modules)
        .unwrap_or_else(|faults| panic!("{}", pictures(&faults)));
    let inventory = inventory(hosts);
    let scope = |host: &str| {
        let extra = Layer::new(Rank::Extra, "-e").with("from_the_command_line", 1);
        Scope::new(Arc::new(Nowhere))
            .with_all(inventory.layers(host))
            .with(extra)
    };
    pictures(&check(&[playbook], &inventory, &scope, Severity::Error))
}

fn found(playbook: &str) -> String {
    found_with(HOSTS, playbook)
}

#[test]
fn what_may_be_right_is_left_alone() {
    let text = r#"
- hosts: all
  vars: {greeting: "hello {{ site }}"}
  tasks:
    - debug: {msg: "{{ greeting }} {{ unit | default('tomcat') }} {{ inventory_hostname }} {{ ansible_host }}"}
    - debug: {msg: "{{ answer.stdout }} {{ groups['all'] }} {{ hostvars['x'].y }} {{ from_the_command_line }}"}
    - command: show version
      register: answer
      when: maybe is defined and maybe
    - debug: {msg: "{{ item }} {{ n }} {{ own }}"}
      loop: "{{ [1, 2] }}"
      loop_control: {index_var: n}
      vars: {own: "{{ item }}"}
    - set_fact: {later: 1}
    - debug: {msg: "{% for x in [later] %}{{ x }}{{ loop.index }}{% endfor %}{{ only_there }}"}
      notify: again
      until: answer is succeeded
  handlers:
    - name: again
      debug: {msg: x}
- hosts: "{{ target }}"
  tasks:
    - debug: {msg: "{{ later }} {{ only_there }}"}
"#;
    assert_eq!(found(text), "");
}

#[test]
fn names_that_nothing_defines_are_found() {
    let text = r#"
- hosts: side_a
  tasks:
    - debug: {msg: "{{ unti }} {{ only_there }}"}
    - debug: {msg: "{{ perhaps }}"}
      when: site == 'lab'
    - debug: {msg: x}
      when: [nosuch == 1, nosuch_either]
    - block:
        - debug: {msg: "{{ rescued }}"}
      rescue: []
    - debug: {msg: x}
      loop: "{{ list }}"
"#;
    assert_snapshot!(found(text), @r#"
    error[undefined-variable]: nothing defines the variable `unti`
     --> site.yml:4:24
      |
    4 |     - debug: {msg: "{{ unti }} {{ only_there }}"}
      |                        ^^^^
      |
      = help: did you mean `unit`?

    error[undefined-variable]: nothing defines the variable `only_there`
     --> site.yml:4:35
      |
    4 |     - debug: {msg: "{{ unti }} {{ only_there }}"}
      |                                   ^^^^^^^^^^

    warning[undefined-variable]: nothing defines the variable `perhaps`
     --> site.yml:5:24
      |
    5 |     - debug: {msg: "{{ perhaps }}"}
      |                        ^^^^^^^

    error[undefined-variable]: nothing defines the variable `nosuch`
     --> site.yml:8:14
      |
    8 |       when: [nosuch == 1, nosuch_either]
      |              ^^^^^^

    warning[undefined-variable]: nothing defines the variable `nosuch_either`
     --> site.yml:8:27
      |
    8 |       when: [nosuch == 1, nosuch_either]
      |                           ^^^^^^^^^^^^^

    error[undefined-variable]: nothing defines the variable `rescued`
      --> site.yml:10:28
       |
    10 |         - debug: {msg: "{{ rescued }}"}
       |                            ^^^^^^^

    error[undefined-variable]: nothing defines the variable `list`
      --> site.yml:13:17
       |
    13 |       loop: "{{ list }}"
       |                 ^^^^
    "#);
}

#[test]
fn templates_that_are_none_are_found() {
    let text = r#"
- hosts: all
  tasks:
    - debug: {msg: "{{ site | uper }}"}
      when: false
    - debug: {msg: "{{ site "}
    - debug: {msg: x}
      when: site = 'lab'
"#;
    assert_snapshot!(found(text), @r#"
    error[template-unknown]: there is no filter `uper`
     --> site.yml:4:31
      |
    4 |     - debug: {msg: "{{ site | uper }}"}
      |                               ^^^^
      |
      = help: did you mean `upper`?

    error[template-syntax]: unexpected end of input, expected end of variable block
     --> site.yml:6:24
      |
    6 |     - debug: {msg: "{{ site "}
      |                        ^^^^

    error[template-syntax]: unexpected input after expression
     --> site.yml:8:18
      |
    8 |       when: site = 'lab'
      |                  ^
    "#);
}

#[test]
fn patterns_and_handlers_are_checked() {
    let text = r#"
- hosts: finese:side_a:!side_c
  phases:
    - name: one
      hosts: "~("
      tasks:
        - debug: {msg: x}
          notify: [agian, "{{ site }}"]
  handlers:
    - name: again
      debug: {msg: x}
"#;
    assert_snapshot!(found(text), @r#"
    warning[no-such-host]: `finese` matches no host and no group
     --> site.yml:2:10
      |
    2 | - hosts: finese:side_a:!side_c
      |          ^^^^^^
      |
      = help: did you mean `finesse`?

    warning[no-such-host]: `!side_c` matches no host and no group
     --> site.yml:2:24
      |
    2 | - hosts: finese:side_a:!side_c
      |                        ^^^^^^^
      |
      = help: did you mean `side_a`?

    error[pattern]: `~(` is no regular expression
     --> site.yml:5:14
      |
    5 |       hosts: "~("
      |              ^^^^

    error[unknown-handler]: there is no handler called `agian` in this play
     --> site.yml:8:20
      |
    8 |           notify: [agian, "{{ site }}"]
      |                    ^^^^^
      |
      = help: did you mean `again`?
    "#);
}

#[test]
fn secrets_in_clear_are_warned_of() {
    let hosts = "
all:
  vars: {ansible_password: C1sco!23, keystore: {password: changeit}}
  hosts: {a: {api_token: 12345, ansible_ssh_private_key_file: x, other_password: '{{ vaulted }}'}}
";
    let text = "- hosts: a\n  vars: {my_secret: hush}\n  tasks:\n    - set_fact: {db_password: 'word'}\n";
    assert_snapshot!(found_with(hosts, text), @r#"
    warning[literal-secret]: `ansible_password` stands here in clear, and so do 2 more values in this file
     --> hosts.yml:3:28
      |
    3 |   vars: {ansible_password: ********, keystore: {password: ********}}
      |                            ^^^^^^^^
      |
      = help: encrypt it (`!vault`), or take it from the environment: "{{ lookup('env', 'NAME') }}"

    warning[literal-secret]: `my_secret` stands here in clear
     --> site.yml:2:21
      |
    2 |   vars: {my_secret: ****}
      |                     ^^^^
      |
      = help: encrypt it (`!vault`), or take it from the environment: "{{ lookup('env', 'NAME') }}"

    warning[literal-secret]: `db_password` stands here in clear
     --> site.yml:4:31
      |
    4 |     - set_fact: {db_password: ******}
      |                               ^^^^^^
      |
      = help: encrypt it (`!vault`), or take it from the environment: "{{ lookup('env', 'NAME') }}"
    "#);
}

/// What is found wrong in `/play/site.yml`, which stands among these files.
fn found_in(files: &[(&str, &str)]) -> String {
    let files = Memory::of(files.iter().copied());
    let playbook = load_playbook(Path::new("/play/site.yml"), &files, &Modules)
        .unwrap_or_else(|faults| panic!("{}", pictures(&faults)));
    let inventory = inventory(HOSTS);
    let scope = |host: &str| Scope::new(Arc::new(Nowhere)).with_all(inventory.layers(host));
    pictures(&check(&[playbook], &inventory, &scope, Severity::Error))
}

#[test]
fn filters_of_the_site_are_known_where_the_run_finds_them() {
    let filter = |name: &str| format!("{{% macro {name}(name) %}}{{{{ name[:3] }}}}{{% endmacro %}}");
    let playbook = "
- hosts: all
  roles: [a, b]
- import_playbook: below/other.yml
";
    let other = "
- hosts: all
  tasks: [{debug: {msg: \"{{ 'x' | top }} {{ 'x' | under }}\"}}]
";
    let found = found_in(&[
        ("/play/site.yml", playbook),
        ("/play/filters/names.j2", &filter("top")),
        ("/play/below/other.yml", other),
        ("/play/below/filters/names.j2", &filter("under")),
        ("/play/roles/a/filters/names.j2", &filter("mine")),
        (
            "/play/roles/a/tasks/main.yml",
            "- debug: {msg: \"{{ 'x' | mine | top }}\"}",
        ),
        (
            "/play/roles/b/tasks/main.yml",
            "- set_fact: {a: \"{{ 'x' | mine }}\", \"{{ 'v' | mien }}\": 1}",
        ),
    ]);
    assert_snapshot!(found, @r#"
    error[template-unknown]: there is no filter `mine`
     --> /play/roles/b/tasks/main.yml:1:27
      |
    1 | - set_fact: {a: "{{ 'x' | mine }}", "{{ 'v' | mien }}": 1}
      |                           ^^^^
      |
      = help: did you mean `min`?

    error[template-unknown]: there is no filter `mien`
     --> /play/roles/b/tasks/main.yml:1:47
      |
    1 | - set_fact: {a: "{{ 'x' | mine }}", "{{ 'v' | mien }}": 1}
      |                                               ^^^^
      |
      = help: did you mean `min`?
    "#);
}

#[test]
fn a_module_that_sets_variables_may_set_any() {
    let text = |module: &str| {
        format!("- hosts: all\n  tasks:\n    - {module}:\n    - debug: {{msg: '{{{{ any }}}}'}}\n")
    };
    assert_eq!(found(&text("setup")), "");
    assert!(found(&text("vos_restart")).starts_with("error[undefined-variable]"));
}

#[test]
fn an_included_file_may_add_the_hosts_of_a_later_play() {
    let site = "
- hosts: all
  tasks: [{include_tasks: \"{{ inventory_hostname }}.yml\"}]
- hosts: made_there
";
    assert_eq!(found_in(&[("/play/site.yml", site)]), "");
    let site = "- hosts: made_nowhere\n";
    assert!(found_in(&[("/play/site.yml", site)]).starts_with("warning[no-such-host]"));
}

#[test]
fn filters_of_the_site_are_known() {
    let playbook = "
- hosts: all
  tasks:
    - debug: {msg: \"{{ inventory_hostname | short }} {{ inventory_hostname | shrt }}\"}
";
    let found = found_in(&[
        ("/play/site.yml", playbook),
        (
            "/play/filters/names.j2",
            "{% macro short(name) %}{{ name[:3] }}{% endmacro %}",
        ),
    ]);
    assert_snapshot!(found, @r#"
    error[template-unknown]: there is no filter `shrt`
     --> /play/site.yml:4:78
      |
    4 |     - debug: {msg: "{{ inventory_hostname | short }} {{ inventory_hostname | shrt }}"}
      |                                                                              ^^^^
      |
      = help: did you mean `short`?
    "#);
}
