//! Template files that include, import and extend others; lookups for loops.

use cutover_kit::Secrets;
use cutover_language::files::Memory;
use cutover_language::template::{FileOptions, Templar};
use insta::assert_snapshot;
use std::path::Path;
use std::sync::Arc;

use super::{json, node, scope};
use crate::pictures;

fn templar(files: &[(&'static str, &'static str)]) -> Templar {
    let files = Memory::of(files.iter().copied());
    Templar::new(Arc::new(files), Secrets::default())
}

fn file(files: &[(&'static str, &'static str)]) -> String {
    let variables = scope("{playbook_dir: play, n: 3, hosts: [a, b], password: hush-hush}");
    let path = Path::new("play/templates/main.j2");
    match templar(files).render_file(path, &variables, &FileOptions::default()) {
        Ok(value) => json(&value),
        Err(error) => pictures(&[error.to_diagnostic()]),
    }
}

#[test]
fn a_template_file_is_made_of_others() {
    let macros = "{% macro line(name, port=80) %}\n{{ name }}:{{ port + n }}\n{% endmacro %}\n{% set tail = 'end' %}\n";
    let found = [
        file(&[
            (
                "play/templates/main.j2",
                "{% for host in hosts %}{% include 'part.j2' %}{% endfor %}{% include 'none.j2' ignore missing %}",
            ),
            (
                "play/templates/part.j2",
                "[{{ host | upper }} {{ loop.index }}]\n",
            ),
        ]),
        file(&[
            (
                "play/templates/main.j2",
                "{% import 'macros.j2' as m %}{{ m.line('x') }}{{ m.tail }}\n",
            ),
            ("play/templates/macros.j2", macros),
        ]),
        file(&[
            (
                "play/templates/main.j2",
                "{% from 'macros.j2' import line as l with context %}{{ l('y', port=1) }}",
            ),
            ("play/templates/macros.j2", macros),
        ]),
        file(&[
            (
                "play/templates/main.j2",
                "{% extends 'base.j2' %}{% block body %}<{{ super() }}{{ n - 1 }}>{% endblock %}",
            ),
            (
                "play/templates/base.j2",
                "top\n{% block body %}{{ 'a\\tb' }}{% endblock %}\n{{ hosts[-1:] }} {{ {'k': [none, 1.5]} }}\n",
            ),
        ]),
        file(&[
            ("play/templates/main.j2", "key: {% include 'secret.j2' %}\n"),
            ("play/templates/secret.j2", "{{ password }}"),
        ]),
    ];
    assert_snapshot!(found.join("\n"), @r#"
    "[A 1][B 2]"
    "x:83\nend\n"
    "y:4\n"
    "top\n<a\tb2>['b'] {'k': [None, 1.5]}"
    "********"
    "#);
}

#[test]
fn a_fault_in_an_included_file_is_shown_there() {
    let found = [
        file(&[
            ("play/templates/main.j2", "first\n{% include 'part.j2' %}\n"),
            (
                "play/templates/part.j2",
                "{% if n %}\n\nx {{ nosuch }}\n{% endif %}\n",
            ),
        ]),
        file(&[
            ("play/templates/main.j2", "{% include 'part.j2' %}\n"),
            ("play/templates/part.j2", "a\n{{ n | nosuch }}\n"),
        ]),
        file(&[("play/templates/main.j2", "a\n{% include 'gone.j2' %}\n")]),
        file(&[("play/templates/main.j2", "{% include 'main.j2' %}\n")]),
    ];
    assert_snapshot!(found.join(""), @r"
    error[undefined]: 'nosuch' is undefined
     --> play/templates/part.j2:3:1
      |
    3 | x {{ nosuch }}
      | ^^^^^^^^^^^^^^
      |
     ::: play/templates/main.j2:2:4
      |
    2 | {% include 'part.j2' %}
      |    ----------------- while templating variable `template part.j2`

    error[template-unknown]: there is no filter `nosuch`
     --> play/templates/part.j2:2:1
      |
    2 | {{ n | nosuch }}
      | ^^^^^^^^^^^^^^^^
      |
     ::: play/templates/main.j2:1:4
      |
    1 | {% include 'part.j2' %}
      |    ----------------- while templating variable `template part.j2`

    error[template-value]: tried to include non-existing template 'gone.j2'
     --> play/templates/main.j2:2:4
      |
    2 | {% include 'gone.j2' %}
      |    ^^^^^^^^^^^^^^^^^
      |
      = help: files are looked for beside this one, in `templates` of the role and of the playbook

    error[template-value]: recursion limit exceeded
     --> play/templates/main.j2:1:1
      |
    1 | {% include 'main.j2' %}
      | ^^^-----------------^^^
      |    |
      |    while templating variable `template main.j2`
    ");
}

#[test]
fn a_loop_goes_through_what_a_lookup_finds() {
    let templar = templar(&[
        ("play/files/a.txt", "A"),
        ("play/files/b.txt", "B"),
        ("play/c.txt", "C"),
    ]);
    let variables = scope("{playbook_dir: play, users: [{name: x, keys: [k1, k2]}, {name: y, keys: []}]}");
    let with =
        |lookup: &str, value: &str| match templar.with_lookup(lookup, &node("task.yml", value), &variables) {
            Ok(items) => format!("{lookup}: {}", serde_json::to_string(&items).unwrap()),
            Err(error) => format!("{lookup}: ! {error}"),
        };
    let found = [
        with("items", "[[1, 2], 3, [[4]]]"),
        with("items", "one"),
        with("list", "[[1, 2], 3]"),
        with("dict", "{a: 1, b: {c: 2}}"),
        with("nested", "[[a, b], [1, 2]]"),
        with("together", "[[a, b], [1]]"),
        with("subelements", "['{{ users }}', keys]"),
        with("sequence", "start=1 end=3 format=web%02d"),
        with("indexed_items", "[a, b]"),
        with("fileglob", "['*.txt']"),
        with("first_found", "[nosuch.txt, c.txt]"),
        with("file", "[a.txt, c.txt]"),
        with("flattened", "[1, [2, [3]]]"),
        with("dict", "[1]"),
        with("nosuch", "[1]"),
        with("items", "'{{ nothing }}'"),
    ];
    assert_snapshot!(found.join("\n"), @r#"
    items: [1,2,3,[4]]
    items: ["one"]
    list: [[1,2],3]
    dict: [{"key":"a","value":1},{"key":"b","value":{"c":2}}]
    nested: [["a",1],["a",2],["b",1],["b",2]]
    together: [["a",1],["b",null]]
    subelements: [[{"name":"x"},"k1"],[{"name":"x"},"k2"]]
    sequence: ["web01","web02","web03"]
    indexed_items: [[0,"a"],[1,"b"]]
    fileglob: ["play/files/a.txt","play/files/b.txt"]
    first_found: ["play/c.txt"]
    file: ["A","C"]
    flattened: [1,2,3]
    dict: ! task.yml:1:1: this needs a mapping, not 'int' (1)
    nosuch: ! task.yml:1:1: there is no lookup `nosuch`
    items: ! task.yml:1:5: 'nothing' is undefined
    "#);
}
