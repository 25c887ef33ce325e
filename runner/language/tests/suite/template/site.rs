//! Filters of the site: macros in files beside the playbook.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cutover_kit::{Secrets, Value};
use cutover_language::files::{Files, Found, Memory};
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::template::{Templar, site_filters};
use cutover_language::{Node, Source};
use insta::assert_snapshot;

use crate::pictures;

const NAMES: &str = "{# How this site writes names. #}
{% macro short(name, length=3, end='') %}
{{ name.split('.')[0][:length] }}{{ end }}
{% endmacro %}
{% macro shout(name) %}{{ name | short(99) | upper }}@{{ domain }}{% endmacro %}
{% macro again(name) %}{{ name | again }}{% endmacro %}
{% macro broken(name) %}

{{ name.nothing }}{% endmacro %}
";

fn files() -> Memory {
    Memory::of([
        ("/play/filters/names.j2", NAMES),
        ("/play/filters/readme.md", "{% macro not_this(x) %}{% endmacro %}"),
        (
            "/role/filters/own.jinja2",
            "{% macro shout(name) %}{{ name }}!{% endmacro %}",
        ),
    ])
}

fn answer(expression: &str, role: bool) -> String {
    let templar = Templar::new(Arc::new(files()), Secrets::default());
    let mut magic = Layer::new(Rank::Magic, "magic")
        .with("playbook_dir", "/play")
        .with("domain", "lab")
        .with("hosts", vec!["fin-a.lab.example", "cuic.lab.example"]);
    if role {
        magic = magic.with("role_path", "/role");
    }
    let source = Source::new("vars.yml", "api_token: hunter22.example");
    let root = cutover_language::yaml::parse(&source).unwrap();
    let secrets = Layer::written(Rank::Play, "vars", root.as_map().unwrap());
    let scope = Scope::new(Arc::new(Nowhere)).with(magic).with(secrets);
    let text = Source::new("task.yml", expression);
    let node = Node::text(expression, text.place(0..expression.len()));
    match templar.expression(&node, &scope) {
        Ok(Value::Secret(secret)) => format!("secret {}", secret.expose()),
        Ok(value) => serde_json::to_string(&value).unwrap(),
        Err(error) => pictures(&[error.to_diagnostic()]),
    }
}

#[test]
fn a_macro_beside_the_playbook_is_a_filter() {
    let table = [
        "'fin-a.lab.example' | short",
        "'fin-a.lab.example' | short(5, end='?')",
        "hosts | map('short', 4) | join(',')",
        "'fin-a.lab' | shout",
        "api_token | short(8)",
        "nosuch | default('x') | short",
    ];
    let table = table.map(|text| format!("{text}\n    {}", answer(text, false)));
    assert_snapshot!(table.join("\n"), @r#"
    'fin-a.lab.example' | short
        "fin"
    'fin-a.lab.example' | short(5, end='?')
        "fin-a?"
    hosts | map('short', 4) | join(',')
        "fin-,cuic"
    'fin-a.lab' | shout
        "FIN-A@lab"
    api_token | short(8)
        secret hunter22
    nosuch | default('x') | short
        "x"
    "#);
    assert_snapshot!(answer("'fin-a' | shout", true), @r#""fin-a!""#);
}

#[test]
fn what_is_omitted_is_left_out_of_the_call() {
    let table = [
        "'fin-a.lab' | short(omit)",
        "'fin-a.lab' | short(length=omit, end='?')",
        "'fin-a.lab' | short(omit, '?')",
        "omit | short(3)",
    ];
    let table = table.map(|text| format!("{text}\n    {}", answer(text, false)));
    assert_snapshot!(table.join("\n"), @r#"
    'fin-a.lab' | short(omit)
        "fin"
    'fin-a.lab' | short(length=omit, end='?')
        "fin?"
    'fin-a.lab' | short(omit, '?')
        error[template-value]: `omit` stands before another argument, which would take its place
     --> task.yml:1:1
      |
    1 | 'fin-a.lab' | short(omit, '?')
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name the arguments after it: `filter(name=value)`


    omit | short(3)
        error[template-value]: `omit` stands before another argument, which would take its place
     --> task.yml:1:8
      |
    1 | omit | short(3)
      |        ^^^^^^^^
      |
      = help: name the arguments after it: `filter(name=value)`
    "#);
}

/// Files that count how often they are listed or read.
struct Counted(Memory, Arc<AtomicUsize>);

impl Files for Counted {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.list(folder)
    }

    fn find(&self, path: &Path) -> Option<Found> {
        self.0.find(path)
    }
}

#[test]
fn a_filter_and_its_folder_are_read_once_for_a_whole_list() {
    let read = Arc::new(AtomicUsize::new(0));
    let files = Counted(files(), Arc::clone(&read));
    let magic = Layer::new(Rank::Magic, "magic").with("playbook_dir", "/play");
    let templar = Templar::new(Arc::new(files), Secrets::default());
    let text = "range(50) | map('string') | map('short') | list | length";
    let node = Node::text(text, Source::new("t.yml", text).place(0..text.len()));
    let scope = Scope::new(Arc::new(Nowhere)).with(magic);
    assert_eq!(templar.expression(&node, &scope).unwrap(), Value::from(50));
    assert_eq!(read.load(Ordering::SeqCst), 2);
}

#[test]
fn faults_in_such_a_filter_are_shown_where_they_are() {
    assert_snapshot!(answer("'a' | broken", false), @r"
    error[undefined]: object of type 'str' has no attribute 'nothing'
     --> /play/filters/names.j2:9:1
      |
    1 | {# How this site writes names. #}
      | - while templating variable `template /play/filters/names.j2`
    ...
    9 | {{ name.nothing }}{% endmacro %}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: task.yml:1:1
      |
    1 | 'a' | broken
      | ------------ while templating variable `filter broken`
    ");
    assert_snapshot!(answer("'a' | again", false), @r"
    error[variable-cycle]: this variable is made of itself: filter again -> filter again
     --> /play/filters/names.j2:6:1
      |
    1 | {# How this site writes names. #}
      | - while templating variable `template /play/filters/names.j2`
    ...
    6 | {% macro again(name) %}{{ name | again }}{% endmacro %}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: task.yml:1:1
      |
    1 | 'a' | again
      | ----------- while templating variable `filter again`
    ");
    assert_snapshot!(answer("'a' | shot", false), @r"
    error[template-unknown]: there is no filter `shot`
     --> task.yml:1:1
      |
    1 | 'a' | shot
      | ^^^^^^^^^^
      |
      = help: did you mean `short`?
    ");
    assert_snapshot!(answer("'a' | not_this", false), @r"
    error[template-unknown]: there is no filter `not_this`
     --> task.yml:1:1
      |
    1 | 'a' | not_this
      | ^^^^^^^^^^^^^^
    ");
    assert_snapshot!(answer("nosuch | short", false), @r"
    error[undefined]: 'nosuch' is undefined
     --> task.yml:1:10
      |
    1 | nosuch | short
      |          ^^^^^
    ");
}

#[test]
fn what_is_wrong_in_their_files_is_found_before_anything_runs() {
    let files = Memory::of([
        ("/play/filters/a.j2", "{% macro upper(x) %}{{ x }}{% endmacro %}"),
        ("/play/filters/b.j2", "{% macro open(x) %}\n{{ x }"),
    ]);
    let (found, faults) = site_filters(&files, "/play".as_ref());
    let names: Vec<&str> = found.iter().map(|filter| filter.name.as_str()).collect();
    assert_eq!(names, ["upper"]);
    assert_snapshot!(pictures(&faults), @r"
    error[template-syntax]: unexpected `}`, expected end of variable block
     --> /play/filters/b.j2:2:6
      |
    2 | {{ x }
      |      ^

    warning[filter-name]: `upper` is a filter already, and stays what it is
     --> /play/filters/a.j2:1:4
      |
    1 | {% macro upper(x) %}{{ x }}{% endmacro %}
      |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give the macro another name
    ");
}
