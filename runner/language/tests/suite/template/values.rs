//! Values, variables through each other, faults and their pictures.

use cutover_kit::Value;
use cutover_language::Source;
use cutover_language::scope::{Layer, Rank};
use cutover_language::template::{FileOptions, names};
use insta::assert_snapshot;

use super::{all, json, node, picture, render, scope, templar};

#[test]
fn a_whole_expression_keeps_its_type_and_anything_else_is_text() {
    let vars = "{n: 3, list: [1, a, ~], flag: yes, nothing: ~, map: {k: v}, f: 1.0, empty: ''}";
    let table = [
        ("'{{ n }}'", "3"),
        ("'{{ n + 1 }}'", "4"),
        ("' {{ n }}'", "\" 3\""),
        ("\"{{ n }}\\n\"", "3"),
        ("'{{ list }}'", "[1,\"a\",null]"),
        (
            "'{{ list }} {{ flag }} {{ nothing }} {{ map }} {{ f }}'",
            "\"[1, 'a', None] True  {'k': 'v'} 1.0\"",
        ),
        ("'{% if flag %}{{ n }}{% endif %}'", "3"),
        ("'{% if not flag %}{{ n }}{% endif %}'", "null"),
        ("'{% for i in list %}{{ i }}{% endfor %}'", "\"1a\""),
        ("'{{ n }}{{ empty }}'", "\"3\""),
        ("'{# nothing #}{{ map }}'", "{\"k\":\"v\"}"),
        ("'{% set x = n %}{{ x }}'", "3"),
        ("'{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(n) }}'", "\"<3>\""),
        ("plain", "\"plain\""),
        ("!unsafe '{{ n }}'", "\"{{ n }}\""),
        (
            "{a: ['{{ n }}', '{{ omit }}'], b: '{{ omit }}', '{{ map.k }}': 1}",
            "{\"a\":[3],\"v\":1}",
        ),
        ("'x{{ omit }}y'", "\"xy\""),
        ("'{{ omit }}'", "null"),
        ("'{{ nosuch | default(omit) }}'", "null"),
    ];
    for (template, wanted) in table {
        let found = render(template, vars).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, wanted, "{template}");
    }
}

#[test]
fn variables_are_rendered_when_used_and_through_each_other() {
    let vars = "
a: '{{ b }}-{{ c.d[0] }}'
b: '{{ n * 2 }}'
c: {d: ['{{ e }}'], broken: '{{ nosuch }}'}
e: end
n: 21
unused: '{{ also_nosuch }}'
";
    all(
        vars,
        &[
            ("a", "\"42-end\""),
            ("b", "42"),
            ("c.d", "[\"end\"]"),
            ("c.d | first", "\"end\""),
            ("c | length", "2"),
            ("c.broken is defined", "false"),
            ("vars['a']", "\"42-end\""),
            ("lookup('vars', 'a')", "\"42-end\""),
        ],
    );
}

#[test]
fn a_fault_shows_where_it_is_and_how_it_was_reached() {
    assert_snapshot!(picture("\"{{ greting }}\"", "{greeting: hi}"), @r#"
    error[undefined]: 'greting' is undefined
     --> task.yml:1:5
      |
    1 | "{{ greting }}"
      |     ^^^^^^^
      |
      = help: did you mean `greeting`?
    "#);
    assert_snapshot!(picture("msg: \"Hello {{ user.nmae | upper }}\"", "{user: {name: me}}"), @r#"
    error[undefined]: object of type 'dict' has no attribute 'nmae'
     --> task.yml:1:16
      |
    1 | msg: "Hello {{ user.nmae | upper }}"
      |                ^^^^^^^^^
      |
      = help: did you mean `name`?
    "#);
    assert_snapshot!(picture("- 'see {{ a }}'", "a: 'x {{ b }}'\nb: 'y {{ nosuch.deep }}'\n"), @r#"
    error[undefined]: 'nosuch' is undefined
     --> vars.yml:2:10
      |
    1 | a: 'x {{ b }}'
      |          - while templating variable `b`
    2 | b: 'y {{ nosuch.deep }}'
      |          ^^^^^^^^^^^
      |
     ::: task.yml:1:11
      |
    1 | - 'see {{ a }}'
      |           - while templating variable `a`
    "#);
    assert_snapshot!(picture("text: |\n  first\n  {% if a %}\n  and {{ a + 'x' }}\n  {% endif %}\n", "{a: 1}"), @r"
    error[template-value]: unsupported operand type(s) for +: 'int' and 'str'
     --> task.yml:4:10
      |
    4 |   and {{ a + 'x' }}
      |          ^^^^^^^
    ");
    assert_snapshot!(picture("'{{ a }}'", "a: '{{ b }}'\nb: 'x{{ c }}'\nc: '{{ a }}'\n"), @r#"
    error[variable-cycle]: this variable is made of itself: a -> b -> c -> a
     --> vars.yml:3:8
      |
    1 | a: '{{ b }}'
      |        - while templating variable `b`
    2 | b: 'x{{ c }}'
      |         - while templating variable `c`
    3 | c: '{{ a }}'
      |        ^
      |
     ::: task.yml:1:5
      |
    1 | '{{ a }}'
      |     - while templating variable `a`
    "#);
    assert_snapshot!(picture("'{{ a + }}'", "{}"), @r#"
    error[template-syntax]: unexpected end of variable block
     --> task.yml:1:9
      |
    1 | '{{ a + }}'
      |         ^^
    "#);
    assert_snapshot!(picture("'{% if a %}x'", "{}"), @r#"
    error[template-syntax]: unexpected end of input, expected end of block
     --> task.yml:1:12
      |
    1 | '{% if a %}x'
      |            ^
    "#);
    assert_snapshot!(picture("\"{{ 'x' | uper }}\"", "{}"), @r#"
    error[template-unknown]: there is no filter `uper`
     --> task.yml:1:11
      |
    1 | "{{ 'x' | uper }}"
      |           ^^^^
      |
      = help: did you mean `upper`?
    "#);
    assert_snapshot!(picture("\"{{ 1 is evn }}\"", "{}"), @r#"
    error[template-unknown]: there is no test `evn`
     --> task.yml:1:10
      |
    1 | "{{ 1 is evn }}"
      |          ^^^
      |
      = help: did you mean `even`?
    "#);
    assert_snapshot!(picture("\"{{ lookup('envv', 'X') }}\"", "{}"), @r#"
    error[template-unknown]: there is no lookup `envv`
     --> task.yml:1:5
      |
    1 | "{{ lookup('envv', 'X') }}"
      |     ^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `env`?
    "#);
    assert_snapshot!(picture("'{{ [1].push(2) }}'", "{}"), @r"
    error[undefined]: object of type 'list' has no attribute 'push'
     --> task.yml:1:8
      |
    1 | '{{ [1].push(2) }}'
      |        ^^^^^^^^
    ");
    assert_snapshot!(picture("'{{ hostvars[\"fin-a\"].a }}'", "{a: '{{ 1 + [] }}'}"), @r#"
    error[template-value]: unsupported operand type(s) for +: 'int' and 'list'
     --> vars.yml:1:9
      |
    1 | {a: '{{ 1 + [] }}'}
      |         ^^^^^^
      |
     ::: task.yml:1:13
      |
    1 | '{{ hostvars["fin-a"].a }}'
      |             ----------- while templating variable `hostvars['fin-a'].a`
    "#);
    assert_snapshot!(picture("\"{{ 'a\\tb' ~ nosuch }}\"", "{}"), @r#"
    error[undefined]: 'nosuch' is undefined
     --> task.yml:1:1
      |
    1 | "{{ 'a\tb' ~ nosuch }}"
      | ^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(picture("\"{{ 'x' | regex_replace('(', '') }}\"", "{}"), @r#"
    error[template-value]: this is no regular expression: Parsing error at position 1: Opening parenthesis without closing parenthesis
     --> task.yml:1:11
      |
    1 | "{{ 'x' | regex_replace('(', '') }}"
      |           ^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn data_of_a_run_is_never_a_template() {
    let scope = scope("{}").with(Layer::new(Rank::Set, "register").with(
        "answer",
        Value::map([("stdout", Value::from("{{ nosuch }}")), ("rc", Value::from(0))]),
    ));
    let node = node(
        "task.yml",
        "'{{ answer.stdout }} {{ answer.rc }} {{ answer is succeeded }}'",
    );
    assert_eq!(
        templar().render(&node, &scope).unwrap(),
        Value::from("{{ nosuch }} 0 True")
    );
}

#[test]
fn text_is_text_and_documents_keep_their_end() {
    let templar = templar();
    let scope = scope("{n: 3, list: [1], playbook_dir: play, secret: hush-hush}");
    let text = |template: &str| json(&templar.text(&node("task.yml", template), &scope).unwrap());
    assert_eq!(text("'{{ n }}'"), "\"3\"");
    assert_eq!(text("'{{ list }}'"), "\"[1]\"");
    assert_eq!(text("5"), "\"5\"");
    assert_eq!(text("'{{ secret }}!'"), "\"********\"");
    assert_eq!(text("\"{{ lookup('file', 'banner.txt') }}\""), "\"hello\"");
    let document = Source::new("motd.j2", "{% if n == 3 %}\nHello {{ n }}\n{% endif %}\nend\n\n");
    assert_eq!(
        templar
            .render_source(&document, &scope, &FileOptions::default())
            .unwrap(),
        Value::from("Hello 3\nend\n\n")
    );
}

#[test]
fn a_template_file_says_in_its_first_line_how_it_is_marked_up() {
    let file = |text: &str| {
        let source = Source::new("play/templates/a.j2", text);
        let options = FileOptions::default();
        match templar().render_source(&source, &scope("{n: 3, password: hush-hush}"), &options) {
            Ok(value) => json(&value),
            Err(error) => format!("! {error}"),
        }
    };
    let found = [
        file("#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% n %] {{ n }}\n"),
        file("#jinja2: trim_blocks: False, lstrip_blocks: True\n  {% if n %}\nx\n{% endif %}\n"),
        file("#jinja2: newline_sequence: '\\r\\n'\na\r\nb{{ n }}\n"),
        file("#jinja2: colour: 'red'\n"),
        file("# {{ ansible_managed }} {{ template_path }}\n{{ n }}\n\n"),
        file("key {{ password }}\n"),
        file("a\n{{ nosuch }}\n"),
    ];
    assert_snapshot!(found.join("\n"), @r##"
    "3 {{ n }}\n"
    "\nx\n\n"
    "a\r\nb3\r\n"
    ! play/templates/a.j2:1:1: the `#jinja2:` line does not understand `colour`; it is a list like `#jinja2: trim_blocks: False, variable_start_string: '[%'`
    "# Ansible managed play/templates/a.j2\n3\n\n"
    "********"
    ! play/templates/a.j2:2:4: 'nosuch' is undefined
    "##);
}

#[test]
fn the_names_a_template_uses_are_known_without_rendering() {
    let uses = |text: &str, bare: bool| {
        let found = names(&node("task.yml", text), bare).unwrap().variables;
        let shown = found.iter().map(|it| {
            format!(
                "{}{}@{}",
                it.name,
                if it.guarded { "?" } else { "" },
                it.place.column
            )
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        uses("'{{ a.b[c] | default(d) }} {{ lookup(\"env\", e) }}'", false),
        "a?@5 c@9 d@22 e@45"
    );
    assert_eq!(uses("x is defined and y == 1", true), "x?@1 y@18");
    assert_eq!(
        uses(
            "'{% for i in list %}{{ i ~ loop.index }}{% endfor %}{% set q = 1 %}{{ q }}'",
            false
        ),
        "list@14"
    );
    assert_eq!(uses("{k: ['{{ a }}', plain], '{{ b }}': 1}", false), "a@10 b@29");
    let unknown = names(
        &node("task.yml", "{'{{ k | other }}': '{{ a | nosuch }}'}"),
        false,
    );
    assert_eq!(
        format!("{:?}", unknown.unwrap().filters),
        "[(\"other\", task.yml:1:10+5), (\"nosuch\", task.yml:1:29+6)]"
    );
}
