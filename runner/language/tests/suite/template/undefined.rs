//! What is undefined, and conditions.

use super::{all, node, render, scope, templar};

/// Checked on ansible-core 2.19, except that alone it is no error, as up to 2.18.
#[test]
fn an_if_without_else_is_undefined_and_printed_as_nothing() {
    all(
        "{list: [1, 2]}",
        &[
            ("('a' if false) | default('b')", "\"b\""),
            ("('a' if false) is defined", "false"),
            ("('a' if true) is defined", "true"),
            ("'x' ~ ('a' if false)", "\"x\""),
            ("('a' if false) or 'q'", "\"q\""),
            ("not ('a' if false)", "true"),
            ("('a' if false) | upper", "\"\""),
            ("('a' if false) | length", "0"),
            ("('a' if false) | bool", "false"),
            ("('a' if false) is none", "false"),
            ("['a' if false, 'b'] | join('-')", "\"-b\""),
            ("list | join(',' if false)", "\"12\""),
            ("('a' if false).x", "! this `if` does not hold and has no `else`"),
            ("('a' if false) | mandatory('say which')", "! say which"),
            ("'a' if false", "\"\""),
        ],
    );
    let text = |template: &str| render(template, "{list: [1, 2]}").unwrap();
    let separated = "'{% for i in list %}{{ i }}{{ \", \" if not loop.last }}{% endfor %}'";
    assert_eq!(text(separated), "\"1, 2\"");
    assert_eq!(
        text("'{% for i in (list if false) %}{{ i }}{% endfor %}z'"),
        "\"z\""
    );
    assert_eq!(
        text("'{% set s = 1 if false %}{{ s is defined }}-{{ s }}-'"),
        "\"False--\""
    );
    let omitted = "{owner: \"{{ ('root' if false) | default(omit) }}\", path: x}";
    assert_eq!(text(omitted), r#"{"path":"x"}"#);
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
            ("1 if false", "\"\""),
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
            ("list[7]", "! object of type 'list' has no attribute 7"),
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

/// Checked on ansible-core 2.19, except that the text around stays, and what has statements is left alone.
#[test]
fn a_text_for_people_says_where_it_cannot_be_rendered() {
    let scope = scope("{who: nobody, n: 5, secret: \"{{ lookup('env', 'VOS_PASSWORD') }}\"}");
    let shown = |text: &str| {
        let found = templar().patient_text(&node("x.yml", &format!("'{text}'")), &scope);
        found.map_or_else(
            || "-".to_owned(),
            |(text, faults)| format!("{text} ({})", faults.len()),
        )
    };
    let texts = [
        "plain",
        "hello {{ who }} {{ n }}",
        "{{ who }}: {{ nosuch }} and {{ other.b }}",
        "{% if nosuch %}x{% endif %}",
        "{{ broken",
        "{{ 1 // 0 }}!",
        "{{ nosuch }} {{ secret }}",
    ];
    insta::assert_snapshot!(texts.map(shown).join("\n"), @"
    plain (0)
    hello nobody 5 (0)
    nobody: << error 1 - 'nosuch' is undefined >> and << error 2 - 'other' is undefined >> (2)
    -
    -
    << error 1 - division by zero >>! (1)
    -
    ");
}
