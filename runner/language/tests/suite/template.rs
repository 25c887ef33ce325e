//! Templates: values, undefined, secrets, later values, conditions.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cutover_kit::secret::Origin;
use cutover_kit::value::Later;
use cutover_kit::{Secrets, Value};
use cutover_language::files::Memory;
use cutover_language::scope::{Layer, Rank, Scope, World};
use cutover_language::template::{NoVault, Templar, TemplateError, Truth, Vault, names};
use cutover_language::{Node, Source, yaml};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::pictures;

/// Two hosts and an environment.
#[derive(Default)]
struct Estate {
    scopes: OnceLock<BTreeMap<String, Scope>>,
}

impl World for Estate {
    fn hosts(&self) -> Vec<String> {
        self.scopes
            .get()
            .into_iter()
            .flat_map(BTreeMap::keys)
            .cloned()
            .collect()
    }

    fn scope(&self, host: &str) -> Option<Scope> {
        self.scopes.get()?.get(host).cloned()
    }

    fn environment(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/me".into()),
            "VOS_PASSWORD" => Some("C1sco!23".into()),
            _ => None,
        }
    }
}

fn node(path: &str, text: &str) -> Node {
    yaml::parse(&Source::new(path, text)).unwrap_or_else(|faults| panic!("{}", pictures(&faults)))
}

fn layer(text: &str) -> Layer {
    let root = node("vars.yml", text);
    Layer::written(Rank::Play, "vars.yml", root.as_map().expect("variables"))
}

fn scope(text: &str) -> Scope {
    let world = Arc::new(Estate::default());
    let own = Scope::new(Arc::clone(&world) as Arc<dyn World>).with(layer(text));
    let host = |name: &str| {
        let magic = Layer::new(Rank::Magic, "magic").with("inventory_hostname", name);
        (name.to_owned(), own.clone().with(magic))
    };
    let _ = world.scopes.set([host("fin-a"), host("fin-b")].into());
    own
}

fn templar() -> Templar {
    let files = Memory::of([("play/files/banner.txt", "hello\n\n"), ("play/secret", "x")]);
    Templar::new(Arc::new(files), Secrets::default(), Arc::new(NoVault))
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}

/// A YAML value rendered with some variables, as JSON.
fn render(template: &str, variables: &str) -> Result<String, TemplateError> {
    templar()
        .render(&node("task.yml", template), &scope(variables))
        .map(|value| json(&value))
}

/// An expression with some variables, as JSON or as its message.
fn expression(text: &str, variables: &str) -> String {
    let node = Node::text(text, Source::new("task.yml", text).place(0..text.len()));
    match templar().expression(&node, &scope(variables)) {
        Ok(value) => json(&value),
        Err(error) => format!(
            "! {}{}",
            error.message,
            error.help.map_or(String::new(), |help| format!(" ({help})"))
        ),
    }
}

fn picture(template: &str, variables: &str) -> String {
    pictures(&[render(template, variables)
        .expect_err("this is wrong")
        .to_diagnostic()])
}

#[track_caller]
fn all(variables: &str, table: &[(&str, &str)]) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, wanted)| (text, wanted, expression(text, variables)))
        .filter(|(_, wanted, found)| found != *wanted)
        .map(|(text, wanted, found)| format!("{text}\n  wanted {wanted}\n  found  {found}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

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
fn what_is_undefined_goes_through_until_it_is_used() {
    let vars =
        "{a: {b: 1, password: x}, list: [1], text: t, nothing: ~, v: '{{ nosuch }}', w: 'x{{ a.nosuch }}'}";
    all(
        vars,
        &[
            ("nosuch.deep['x'].y | default('d')", "\"d\""),
            ("nosuch.deep is defined", "false"),
            ("a.nosuch is undefined", "true"),
            ("v is defined", "false"),
            ("w | default('d')", "\"d\""),
            ("v.deep | d(3)", "3"),
            ("nothing | default('d')", "null"),
            ("nothing | default('d', true)", "\"d\""),
            ("'' | default('d', boolean=True)", "\"d\""),
            ("list[5] | default('none')", "\"none\""),
            ("list[-1]", "1"),
            ("list | first", "1"),
            ("[] | first | default('none')", "\"none\""),
            ("nosuch or true", "! 'nosuch' is undefined"),
            ("true or nosuch", "true"),
            ("nosuch if false else 1", "1"),
            (
                "1 if false",
                "! the condition of this is false, and it has no `else` (say what it is otherwise: `x if y else z`)",
            ),
            ("nosuch", "! 'nosuch' is undefined"),
            ("nosuch == 1", "! 'nosuch' is undefined"),
            ("'x' == nosuch", "! 'nosuch' is undefined"),
            ("nosuch in list", "! 'nosuch' is undefined"),
            ("1 in nosuch", "! 'nosuch' is undefined"),
            ("nosuch + 1", "! 'nosuch' is undefined"),
            ("nosuch ~ 'x'", "! 'nosuch' is undefined"),
            ("not nosuch", "! 'nosuch' is undefined"),
            ("nosuch | int", "! 'nosuch' is undefined"),
            ("'x' | replace(nosuch, 'y')", "! 'nosuch' is undefined"),
            ("[nosuch]", "! 'nosuch' is undefined"),
            ("[nosuch] | length", "1"),
            ("{'a': nosuch} == {}", "! 'nosuch' is undefined"),
            ("nosuch()", "! 'nosuch' is undefined"),
            ("nosuch.lower()", "! 'nosuch' is undefined"),
            ("nosuch is string", "! 'nosuch' is undefined"),
            ("nosuch[1:]", "! 'nosuch' is undefined"),
            ("a.nosuch", "! object of type 'dict' has no attribute 'nosuch'"),
            (
                "a.pasword",
                "! object of type 'dict' has no attribute 'pasword' (did you mean `password`?)",
            ),
            ("text.nosuch", "! object of type 'str' has no attribute 'nosuch'"),
            ("nothing.x", "! object of type 'NoneType' has no attribute 'x'"),
            ("list[7]", "! object of type 'list' has no element 7"),
            ("lits", "! 'lits' is undefined (did you mean `list`?)"),
            ("nosuch | mandatory", "! 'nosuch' is undefined"),
            ("nosuch | mandatory('say which')", "! say which"),
            ("undef('set it yourself') | default(1)", "1"),
            (
                "a.nosuch | ternary(1, 2)",
                "! object of type 'dict' has no attribute 'nosuch'",
            ),
            (
                "[{'x': 1}, {}] | map(attribute='x') | list",
                "! object of type 'dict' has no attribute 'x'",
            ),
            ("[{'x': 1}, {}] | map(attribute='x', default=0) | list", "[1,0]"),
            (
                "[{'x': 1}, {}] | selectattr('x', 'defined') | list",
                "[{\"x\":1}]",
            ),
            (
                "hostvars['fin-c'].text",
                "! there is no host 'fin-c' (did you mean `fin-a`?)",
            ),
            ("hostvars['fin-a'].nosuch | default('d')", "\"d\""),
            ("hostvars['fin-b'].inventory_hostname", "\"fin-b\""),
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
    assert_snapshot!(picture("text: |\n  first\n  {% if a %}\n  and {{ a + 'x' }}\n  {% endif %}\n", "{a: 1}"), @r#"
    error[template-value]: tried to use + operator on unsupported types number and string
     --> task.yml:4:10
      |
    4 |   and {{ a + 'x' }}
      |          ^^^^^^^
    "#);
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
    assert_snapshot!(picture("'{{ [1].append(2) }}'", "{}"), @r#"
    error[template-unknown]: `append` would change a value, and templates change none
     --> task.yml:1:8
      |
    1 | '{{ [1].append(2) }}'
      |        ^^^^^^^^^^
      |
      = help: write `list + [member]`
    "#);
    assert_snapshot!(picture("'{{ hostvars[\"fin-a\"].a }}'", "{a: '{{ 1 + [] }}'}"), @r#"
    error[template-value]: tried to use + operator on unsupported types number and sequence
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
fn filters_do_what_ansible_users_expect() {
    let vars = "
list: [3, 1, 2, 1]
users: [{name: b, uid: 2}, {name: a, uid: 1}]
map: {x: 1, y: {z: 2}}
path: /etc/ssl/cert.tar.gz
";
    all(
        vars,
        &[
            ("'yes' | bool", "true"),
            ("'no' | bool", "false"),
            ("'y' | bool", "false"),
            ("2 | bool", "false"),
            ("1.0 | bool", "true"),
            ("none | bool", "false"),
            ("'12' | int", "12"),
            ("'abc' | int", "0"),
            ("'abc' | int(7)", "7"),
            ("'ff' | int(base=16)", "255"),
            ("'3.9' | int", "3"),
            ("3.9 | int", "3"),
            ("true | int", "1"),
            ("'x' | float", "0.0"),
            ("'1.5' | float", "1.5"),
            ("none | string", "\"None\""),
            ("[1, 'a', true] | string", "\"[1, 'a', True]\""),
            ("list | sort", "[1,1,2,3]"),
            ("list | unique", "[3,1,2]"),
            ("list | join('-')", "\"3-1-2-1\""),
            ("list | length", "4"),
            ("map | count", "2"),
            ("list | last", "1"),
            ("list | min", "1"),
            ("list | sum", "7"),
            ("list | reverse | list", "[1,2,1,3]"),
            ("users | map(attribute='name') | list", "[\"b\",\"a\"]"),
            ("users | map(attribute='name') | map('upper') | join", "\"BA\""),
            (
                "users | sort(attribute='uid') | map(attribute='name') | list",
                "[\"a\",\"b\"]",
            ),
            (
                "users | selectattr('uid', 'gt', 1) | map(attribute='name') | first",
                "\"b\"",
            ),
            ("users | rejectattr('name', 'equalto', 'b') | list | length", "1"),
            ("list | select('odd') | list", "[3,1,1]"),
            ("list | reject('in', [1]) | list", "[3,2]"),
            (
                "map | dict2items",
                "[{\"key\":\"x\",\"value\":1},{\"key\":\"y\",\"value\":{\"z\":2}}]",
            ),
            ("map | dict2items | items2dict == map", "true"),
            (
                "[{'n': 'a', 'v': 1}] | items2dict(key_name='n', value_name='v')",
                "{\"a\":1}",
            ),
            ("map | combine({'y': {'w': 3}})", "{\"x\":1,\"y\":{\"w\":3}}"),
            (
                "map | combine({'y': {'w': 3}}, recursive=true)",
                "{\"x\":1,\"y\":{\"z\":2,\"w\":3}}",
            ),
            (
                "{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append_rp')",
                "{\"l\":[1,2,3]}",
            ),
            ("[{'a': 1}, {'b': 2}] | combine", "{\"a\":1,\"b\":2}"),
            ("[[1, [2]], 3, none] | flatten", "[1,2,3]"),
            ("[[1, [2]], 3] | flatten(levels=1)", "[1,[2],3]"),
            ("true | ternary('a', 'b')", "\"a\""),
            ("none | ternary('a', 'b', 'c')", "\"c\""),
            (
                "{'b': 1, 'a': [1, 'é']} | to_json",
                "\"{\\\"b\\\": 1, \\\"a\\\": [1, \\\"\\\\u00e9\\\"]}\"",
            ),
            (
                "{'b': 1, 'a': []} | to_nice_json",
                "\"{\\n    \\\"a\\\": [],\\n    \\\"b\\\": 1\\n}\"",
            ),
            ("'{\"a\": [1]}' | from_json", "{\"a\":[1]}"),
            (
                "{'b': [1, 2], 'a': {'c': 'yes'}} | to_yaml",
                "\"a: {c: 'yes'}\\nb: [1, 2]\\n\"",
            ),
            (
                "{'b': [1, {'x': 2, 'y': [3]}], 'a': {'c': '12'}} | to_nice_yaml",
                "\"a:\\n    c: '12'\\nb:\\n- 1\\n-   x: 2\\n    y:\\n    - 3\\n\"",
            ),
            ("'a: [1, yes]' | from_yaml", "{\"a\":[1,true]}"),
            ("'hello' | b64encode", "\"aGVsbG8=\""),
            ("'aGVsbG8=' | b64decode", "\"hello\""),
            (
                "'cert-01' | regex_replace('(\\\\w+)-(\\\\d+)', '\\\\2_\\\\g<1>')",
                "\"01_cert\"",
            ),
            ("'aXbX' | regex_replace('x', '', ignorecase=true)", "\"ab\""),
            ("'aaa' | regex_replace('a', 'b', count=2)", "\"bba\""),
            (
                "'CN=fin-a,O=x' | regex_search('CN=([^,]+)', '\\\\1')",
                "[\"fin-a\"]",
            ),
            ("'abc' | regex_search('x') is none", "true"),
            ("'a1b22' | regex_findall('\\\\d+')", "[\"1\",\"22\"]"),
            ("'foobar' | regex_search('foo(?=bar)')", "\"foo\""),
            ("'a.b*' | regex_escape", "\"a\\\\.b\\\\*\""),
            ("path | basename", "\"cert.tar.gz\""),
            ("path | dirname", "\"/etc/ssl\""),
            ("path | splitext", "[\"/etc/ssl/cert.tar\",\".gz\"]"),
            ("'.bashrc' | splitext", "[\".bashrc\",\"\"]"),
            ("['/a', 'b', 'c'] | path_join", "\"/a/b/c\""),
            ("'C:\\\\x\\\\y.txt' | win_basename", "\"y.txt\""),
            ("\"it's\" | quote", "\"'it'\\\"'\\\"'s'\""),
            ("'' | quote", "\"''\""),
            ("' a  b ' | split", "[\"a\",\"b\"]"),
            ("'a,b,c' | split(',')", "[\"a\",\"b\",\"c\"]"),
            ("[1, 2] | union([2, 3])", "[1,2,3]"),
            ("[1, 2, 2] | intersect([2])", "[2]"),
            ("[1, 2] | difference([2])", "[1]"),
            ("[1, 2] | zip(['a', 'b', 'c']) | list", "[[1,\"a\"],[2,\"b\"]]"),
            ("1.0 | type_debug", "\"float\""),
            (
                "'x' | hash('sha256')",
                "\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\"",
            ),
            ("'x' | hash('md5')", "\"9dd4e461268c8034f5c8564e155c67a6\""),
            ("'x' | sha1", "\"11f6ad8ec52a2984abaafd7c3b516503785c2072\""),
            ("'Ab' | lower ~ 'Ab' | upper", "\"abAB\""),
            ("' x ' | trim", "\"x\""),
            ("'aaa' | replace('a', 'b', 1)", "\"baa\""),
            ("'x' | ansible.builtin.upper", "\"X\""),
            ("'a' in map", "false"),
            ("'x' in map", "true"),
            ("map.items() | list | first", "[\"x\",1]"),
            ("map.get('q', 5)", "5"),
            ("map.get('q') is none", "true"),
            ("'a b'.split()", "[\"a\",\"b\"]"),
            ("'5'.zfill(3)", "\"005\""),
            ("range(3) | list", "[0,1,2]"),
            ("list[1:3]", "[1,2]"),
            ("dict([['a', 1]])", "{\"a\":1}"),
            ("[1] + [2]", "[1,2]"),
            ("9 // 2 * 2 ** 3 % 5", "2"),
            ("1 < 2 < 3", "true"),
            ("lookup('env', 'HOME')", "\"/home/me\""),
            ("lookup('env', 'NOSUCH', default='d')", "\"d\""),
            ("query('env', 'HOME', 'NOSUCH')", "[\"/home/me\",\"\"]"),
            ("lookup('vars', 'nosuch', default=3)", "3"),
            ("lookup('file', '/nosuch', errors='ignore')", "\"\""),
            ("'x' | nosuch", "! there is no filter `nosuch`"),
            ("'x' | upper(1)", "! there are too many arguments here"),
            ("'x' | trim(colour='red')", "! there is no argument `colour` here"),
        ],
    );
}

#[test]
fn tests_do_what_ansible_users_expect() {
    let vars = "{r: {changed: true, failed: false, rc: 0}, s: {skipped: true, changed: false}, map: {a: 1}}";
    all(
        vars,
        &[
            ("r is changed and r is succeeded and r is not failed", "true"),
            ("s is skipped and s is success and s is not changed", "true"),
            (
                "3 is changed",
                "! this test needs the result of a task, not 'int'",
            ),
            ("'12.6.2' is version('12.5', '>=')", "true"),
            ("'12.6(2)ES1' is version('12.6(2)', 'gt')", "true"),
            ("'1.0rc1' is version('1.0.1', '<')", "true"),
            (
                "'1' is version('2', 'near')",
                "! `near` compares no versions; use ==, !=, <, <=, > or >=",
            ),
            ("'fin-a' is match('fin')", "true"),
            ("'a-fin' is match('fin')", "false"),
            ("'a-FIN' is search('fin', ignorecase=true)", "true"),
            (
                "'text' is string and 'text' is sequence and [] is sequence and map is mapping",
                "true",
            ),
            (
                "1 is number and 1.5 is float and 1 is integer and true is boolean and none is none",
                "true",
            ),
            ("1 is sameas 1 and not (1 is sameas true)", "true"),
            (
                "2 is in [1, 2] and [1] is subset([1, 2]) and [1, 2] is superset([1])",
                "true",
            ),
            ("[1, 2] is contains(2)", "true"),
            ("[true, false] is any and not ([true, false] is all)", "true"),
            ("'yes' is truthy(convert_bool=true) and '' is falsy", "true"),
            ("3 is odd and 4 is even and 9 is divisibleby(3)", "true"),
            (
                "1 is eq(1) and 1 is lt(2) and 'a' is ne('b') and 2 is ge 2",
                "true",
            ),
        ],
    );
}

fn condition(text: &str, variables: &str) -> String {
    let node = node("task.yml", text);
    match templar().condition(&node, &scope(variables)) {
        Ok(condition) => {
            let warning = condition
                .warning
                .map_or(String::new(), |warning| format!(" [{}]", warning.code));
            format!("{:?}{warning}", condition.truth)
        }
        Err(error) => format!("! {}", error.message),
    }
}

#[test]
fn conditions_are_bare_expressions() {
    let vars = "{n: 1, text: 'false', cond: '1 == 2', list: [], v: '{{ n == 1 }}'}";
    let table = [
        ("n == 1", "True"),
        ("n != 1", "False"),
        ("true", "True"),
        ("no", "False"),
        ("v", "True"),
        ("nosuch is defined", "False"),
        ("nosuch", "! 'nosuch' is undefined"),
        ("text", "True [condition-type]"),
        ("list", "False [condition-type]"),
        ("3", "True [condition-type]"),
        ("cond", "True [condition-type]"),
        ("'{{ cond }}'", "False [braces-in-condition]"),
        ("'{{ n == 1 }}'", "True [braces-in-condition]"),
        ("'{{ n }} == 1'", "True [condition-type]"),
        ("''", "! this condition is empty"),
        ("n ==", "! unexpected end of input, expected expression"),
    ];
    for (text, wanted) in table {
        assert_eq!(condition(text, vars), wanted, "{text}");
    }
}

const SECRETS: &str = "
ansible_password: hunter22
keystore: {password: changeit, path: /opt, deep: [{api_token: 123456}]}
from_env: \"{{ lookup('env', 'VOS_PASSWORD') }}\"
user: admin
url: 'https://{{ user }}:{{ ansible_password }}@host'
ansible_ssh_private_key_file: /home/me/.ssh/id
other_password: \"{{ user }}\"
";

/// The value with every secret shown by where it comes from.
fn shown(value: &Value) -> String {
    match value {
        Value::Secret(secret) => origin(secret.origin()),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let members: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", shown(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => json(other),
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Place { at, variable } => format!("<{variable} {at}>"),
        Origin::Environment(name) => format!("<${name}>"),
        Origin::Derived(from) => format!(
            "<from {}>",
            from.iter().map(self::origin).collect::<Vec<_>>().join(" ")
        ),
        other => format!("<{other:?}>"),
    }
}

#[test]
fn what_is_made_of_a_secret_is_secret_and_nothing_else() {
    let table = [
        "'{{ ansible_password }}'",
        "'{{ keystore }}'",
        "'{{ keystore.path }}'",
        "'{{ keystore.password }}'",
        "'{{ keystore.deep[0].api_token }}'",
        "'{{ from_env }}'",
        "'{{ url }}'",
        "'-p {{ ansible_password }} {{ from_env }}'",
        "'{{ ansible_password | upper }}'",
        "'{{ ansible_password | length }}'",
        "'{{ ansible_password == \"hunter22\" }}'",
        "'{{ ansible_password is defined }}{{ user }}'",
        "'{{ [user, ansible_password] }}'",
        "'{{ {\"u\": user, \"p\": ansible_password} | combine({\"x\": 1}) }}'",
        "'{{ [user, ansible_password] | map(\"upper\") | list }}'",
        "{u: '{{ user }}', p: '{{ ansible_password }}'}",
        "'{{ user if ansible_password == \"x\" else \"no\" }}'",
        "'{{ ansible_ssh_private_key_file }}'",
        "'{{ other_password }}'",
        "'{% for c in keystore.deep %}{{ c.api_token }}{% endfor %}'",
        "'{{ hostvars[\"fin-b\"].ansible_password }}'",
        "'{{ nosuch | default(ansible_password) }}'",
        "'{{ ansible_password | default(\"x\") }}'",
        "'{{ \"hunter22\" in [user, ansible_password] }}'",
        "'{{ ansible_password | to_json }}'",
    ];
    let templar = templar();
    let scope = scope(SECRETS);
    let lines = table.map(|template| {
        let value = templar.render(&node("task.yml", template), &scope);
        format!(
            "{template}\n    {}",
            value.map_or_else(|error| error.to_string(), |value| shown(&value))
        )
    });
    assert_snapshot!(lines.join("\n"), @r#"
    '{{ ansible_password }}'
        <ansible_password vars.yml:2:19>
    '{{ keystore }}'
        {password: <keystore.password vars.yml:3:22>, path: "/opt", deep: [{api_token: <keystore.deep[0].api_token vars.yml:3:63>}]}
    '{{ keystore.path }}'
        "/opt"
    '{{ keystore.password }}'
        <keystore.password vars.yml:3:22>
    '{{ keystore.deep[0].api_token }}'
        <keystore.deep[0].api_token vars.yml:3:63>
    '{{ from_env }}'
        <$VOS_PASSWORD>
    '{{ url }}'
        <from <ansible_password vars.yml:2:19>>
    '-p {{ ansible_password }} {{ from_env }}'
        <from <ansible_password vars.yml:2:19> <$VOS_PASSWORD>>
    '{{ ansible_password | upper }}'
        <from <ansible_password vars.yml:2:19>>
    '{{ ansible_password | length }}'
        8
    '{{ ansible_password == "hunter22" }}'
        true
    '{{ ansible_password is defined }}{{ user }}'
        "Trueadmin"
    '{{ [user, ansible_password] }}'
        ["admin", <ansible_password vars.yml:2:19>]
    '{{ {"u": user, "p": ansible_password} | combine({"x": 1}) }}'
        {u: "admin", p: <ansible_password vars.yml:2:19>, x: 1}
    '{{ [user, ansible_password] | map("upper") | list }}'
        [<from <ansible_password vars.yml:2:19>>, <from <ansible_password vars.yml:2:19>>]
    {u: '{{ user }}', p: '{{ ansible_password }}'}
        {u: "admin", p: <ansible_password vars.yml:2:19>}
    '{{ user if ansible_password == "x" else "no" }}'
        <from <ansible_password vars.yml:2:19>>
    '{{ ansible_ssh_private_key_file }}'
        "/home/me/.ssh/id"
    '{{ other_password }}'
        <other_password vars.yml:8:17>
    '{% for c in keystore.deep %}{{ c.api_token }}{% endfor %}'
        <keystore.deep[0].api_token vars.yml:3:63>
    '{{ hostvars["fin-b"].ansible_password }}'
        <ansible_password vars.yml:2:19>
    '{{ nosuch | default(ansible_password) }}'
        <ansible_password vars.yml:2:19>
    '{{ ansible_password | default("x") }}'
        <ansible_password vars.yml:2:19>
    '{{ "hunter22" in [user, ansible_password] }}'
        true
    '{{ ansible_password | to_json }}'
        <from <ansible_password vars.yml:2:19>>
    "#);
}

#[test]
fn a_secret_is_learnt_and_never_said() {
    let secrets = Secrets::default();
    let templar = Templar::new(Arc::new(Memory::default()), secrets.clone(), Arc::new(NoVault));
    let template = node("task.yml", "'{{ url }}'");
    let value = templar.render(&template, &scope(SECRETS)).unwrap();
    assert_eq!(format!("{value:?}"), "********");
    assert_eq!(
        secrets.mask("x https://admin:hunter22@host y hunter22"),
        "x ******** y ********"
    );
    let error = templar
        .render(
            &node("task.yml", "'{{ lookup(\"file\", ansible_password) }}'"),
            &scope(SECRETS),
        )
        .unwrap_err();
    assert_eq!(error.message, "the file ******** cannot be read: no such file");
}

struct Open;

impl Vault for Open {
    fn open(&self, encrypted: &str) -> Result<String, String> {
        match encrypted.ends_with("6162") {
            true => Ok("opened".to_owned()),
            false => Err("no password opens this".to_owned()),
        }
    }
}

#[test]
fn an_encrypted_value_is_opened_when_it_is_used() {
    let vars = "good: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nbad: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n";
    let templar = Templar::new(Arc::new(Memory::default()), Secrets::default(), Arc::new(Open));
    let scope = scope(vars);
    let value = templar.render(&node("task.yml", "'{{ good }}'"), &scope).unwrap();
    assert_eq!(shown(&value), "<good vars.yml:1:7>");
    let error = templar
        .render(&node("task.yml", "'{{ bad }}'"), &scope)
        .unwrap_err();
    assert_snapshot!(pictures(&[error.to_diagnostic()]), @r#"
    error[vault]: no password opens this
     --> vars.yml:4:6
      |
    4 | bad: !vault |
      |      ^^^^^^^^
      |
     ::: task.yml:1:5
      |
    1 | '{{ bad }}'
      |     --- while templating variable `bad`
    "#);
}

#[test]
fn what_needs_something_later_is_known_later() {
    let later = Later { after: "sign".into() };
    let result = Value::map([
        ("cert", Value::Later(later.clone())),
        ("changed", Value::from(true)),
    ]);
    let scope = scope("{name: '{{ signed.cert }}', list: ['{{ signed.cert }}', 1]}").with(
        Layer::new(Rank::Set, "register")
            .with("signed", result)
            .with("all_later", later),
    );
    let shown = |template: &str| match templar().render(&node("task.yml", template), &scope) {
        Ok(value) => json(&value),
        Err(error) => error.to_string(),
    };
    let is = "\"(known after sign)\"";
    assert_eq!(shown("'{{ signed.cert }}'"), is);
    assert_eq!(shown("'{{ name }}'"), is);
    assert_eq!(shown("'cert {{ name }}'"), is);
    assert_eq!(shown("'{{ list }}'"), format!("[{is},1]"));
    assert_eq!(shown("'{{ all_later.stdout.deep | upper }}'"), is);
    assert_eq!(shown("'{{ signed.changed }}'"), "true");
    assert_eq!(shown("'{{ signed.cert is defined }}'"), "true");
    assert_eq!(shown("'{% for x in all_later %}{{ x }}{% endfor %}'"), is);
    assert_eq!(
        shown("{a: '{{ signed.cert }}', b: 1}"),
        format!("{{\"a\":{is},\"b\":1}}")
    );
    let truth = |text: &str| {
        templar()
            .condition(&node("task.yml", text), &scope)
            .unwrap()
            .truth
    };
    assert!(matches!(truth("signed.cert == 'x'"), Truth::Later(_)));
    assert!(matches!(truth("all_later is changed"), Truth::Later(_)));
    assert_eq!(truth("signed is changed"), Truth::True);
    assert_eq!(truth("signed.changed or all_later.rc == 1"), Truth::True);
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
        templar.document(&document, &scope).unwrap(),
        Value::from("Hello 3\nend\n\n")
    );
}

#[test]
fn the_names_a_template_uses_are_known_without_rendering() {
    let uses = |text: &str, bare: bool| {
        let found = names(&node("task.yml", text), bare).unwrap();
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
    assert!(names(&node("task.yml", "'{{ a | nosuch }}'"), false).is_err());
}

#[test]
fn nothing_runs_for_ever_or_grows_without_end() {
    let mut bomb = String::from("a0: 'xxxxxxxxxxxxxxxxxxxx'\n");
    for level in 1..30 {
        bomb.push_str(&format!(
            "a{level}: '{{{{ a{} }}}}{{{{ a{} }}}}'\n",
            level - 1,
            level - 1
        ));
    }
    let mut chain = String::from("c0: end\n");
    for level in 1..80 {
        chain.push_str(&format!("c{level}: 'x{{{{ c{} }}}}'\n", level - 1));
    }
    let message = |template: &str, vars: &str| render(template, vars).expect_err("this is too much").message;
    assert_eq!(message("'{{ a29 }}'", &bomb), "this makes too much text");
    assert_eq!(
        message("'{{ c79 }}'", &chain),
        "variables are nested more than 40 deep here"
    );
    assert_eq!(render("'{{ c39 }}'", &chain).unwrap().len(), 39 + 3 + 2);
    assert_eq!(
        message(
            "'{% for a in range(10000) %}{% for b in range(10000) %}{{ a }}{% endfor %}{% endfor %}'",
            "{}"
        ),
        "this template runs for too long"
    );
    assert_eq!(
        message("'{{ [0] * 90000000 }}'", "{}"),
        "this has more than 250000 members"
    );
    let deep = format!("'{{{{ {}1{} }}}}'", "(".repeat(500), ")".repeat(500));
    assert!(render(&deep, "{}").is_err());
    let same = format!("'{{{{ x{} }}}}'", ".a".repeat(2000));
    assert!(render(&same, "{x: 1}").is_err());
}

proptest! {
    /// Whatever stands in the braces: a value or an error, never a panic.
    #[test]
    fn any_expression_has_a_value_or_an_error(text in "([a-c]|1|'x'|\\.|\\[|\\]|\\(|\\)|\\{|\\}|,|:|~|\\+|-|\\*|/|%|==|<| in | is | not | and | or | if | else |defined|none|string|\\||default|upper|list|join|combine|first|map|lookup| ){1,14}") {
        let vars = "{a: 1, b: [x, {c: '{{ a }}'}], c: '{{ b[1].c }}'}";
        expression(&text, vars);
        let _ = render(&serde_json::to_string(&format!("{{{{ {text} }}}}")).unwrap(), vars);
    }

    #[test]
    fn any_template_has_a_text_or_an_error(text in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}| |for|if|set|endfor|endif|else|x|in|=|raw|macro|endmacro|\\(|\\)|-|\n|é){0,16}") {
        let _ = render(&serde_json::to_string(&text).unwrap(), "{x: [1, 2]}");
    }

    /// Text without braces is itself, and quoting it in an expression too.
    #[test]
    fn plain_text_is_itself(text in "[^{}\\\\'\"\\p{C}]{0,30}") {
        let yaml = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(render(&yaml, "{}").unwrap(), yaml.clone());
        let quoted = serde_json::to_string(&format!("{{{{ '{text}' }}}}")).unwrap();
        prop_assert_eq!(render(&quoted, "{}").unwrap(), yaml);
    }
}
