//! Nothing runs for ever, and nothing panics.

use proptest::prelude::*;

use super::{expression, render};

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
    // Neither is memory filled first where nobody sees the text.
    for line in ["{{ a12 }}", "{% set x %}{{ a12 }}{% endset %}"] {
        let again = format!("'{{% for a in range(5000) %}}{line}{{% endfor %}}'");
        assert_eq!(message(&again, &bomb), "this makes too much text");
    }
    assert_eq!(message("'{{ [0] * 90000000 }}'", "{}"), "this repeats too much");
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

/// Numbers at the ends of what there is.
fn end() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![i128::MIN, i128::MAX, -1, 0, 1, 2]).prop_map(|number| number.to_string()),
        (any::<bool>(), -2_i128..=2).prop_map(|(least, by)| {
            let end = if least { i64::MIN } else { i64::MAX };
            (i128::from(end) + by).to_string()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Where a result has no room there is an error, never a panic.
    #[test]
    fn numbers_at_their_ends_have_a_value_or_an_error(
        (a, b, c) in (end(), end(), end()),
        sign in prop::sample::select(vec!["+", "-", "*", "/", "//", "%", "**", "<", "=="]),
        filter in prop::sample::select(vec!["abs", "round", "int", "float", "human_readable", "string"]),
    ) {
        for text in [
            format!("({a}) {sign} ({b})"),
            format!("(-({a})) | {filter}"),
            format!("({a}) | random({b}, {c}, seed=1)"),
            format!("query('sequence', start='{a}', end='{b}', stride='{c}')"),
            format!("query('sequence', start='{a}', count='{b}', stride='{c}')"),
            format!("query('sequence', '{a}-{b}/{c}:%05d')"),
            format!("range({a}, {b}, {c}) | first"),
            format!("'%{a}d %d' % ({b}, {c})"),
            format!("'abc'[{a}:{b}:{c}]"),
        ] {
            expression(&text, "{}");
        }
    }
}

/// An expression made of values, filters, tests, methods and operators.
fn built() -> impl Strategy<Value = String> {
    use cutover_language::template::{filter_names, function_names, lookup_names, method_names, test_names};
    let sorted = |names: &mut dyn Iterator<Item = &'static str>| {
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names
    };
    let value = prop::sample::select(vec![
        "1",
        "-7",
        "2.5",
        "0",
        "''",
        "'a b,c'",
        "'10 MB'",
        "'1.2.3'",
        "none",
        "true",
        "[]",
        "[3, 1, 2]",
        "['b', 'a']",
        "{'a': 1, 'b': [2]}",
        "[{'a': 1}, {'a': 2}]",
        "(1, 'x')",
        "x",
        "nosuch",
        "secret_token",
        "range(3)",
        "'/etc/../x.y'",
        "'%s {} \\\\1'",
        "[[1], [2, none]]",
        "'2024-02-29 01:02:03'",
    ]);
    let argument = prop::sample::select(vec![
        "",
        "1",
        "'a'",
        "-1, 'b'",
        "[1]",
        "'a', 2",
        "attribute='a'",
        "'upper'",
        "'eq', 1",
        "{'a': 3}",
        "2, 'x', true",
        "none",
        "seed=1",
        "99999999999",
    ]);
    let filters = prop::sample::select(sorted(&mut filter_names()));
    let tests = prop::sample::select(sorted(&mut test_names()));
    let methods = prop::sample::select(
        method_names()
            .flat_map(|(_, names)| names.to_vec())
            .collect::<Vec<_>>(),
    );
    let functions = prop::sample::select(sorted(&mut function_names()));
    let lookups = prop::sample::select(sorted(&mut lookup_names()));
    let operators = prop::sample::select(vec![
        "+", "-", "*", "/", "//", "%", "**", "~", "==", "<", "in", "and", "or",
    ]);
    let leaf = prop_oneof![
        4 => value.prop_map(str::to_owned),
        1 => (functions, argument.clone()).prop_map(|(name, args)| format!("{name}({args})")),
        1 => (lookups, argument.clone()).prop_map(|(name, args)| format!("query('{name}', {args})")),
    ];
    leaf.prop_recursive(4, 12, 2, move |inner| {
        prop_oneof![
            4 => (inner.clone(), filters.clone(), argument.clone())
                .prop_map(|(inner, name, args)| format!("({inner}) | {name}({args})")),
            2 => (inner.clone(), tests.clone(), argument.clone())
                .prop_map(|(inner, name, args)| format!("(({inner}) is {name}({args}))")),
            2 => (inner.clone(), methods.clone(), argument.clone())
                .prop_map(|(inner, name, args)| format!("({inner}).{name}({args})")),
            1 => (inner.clone(), operators.clone(), inner.clone())
                .prop_map(|(left, sign, right)| format!("(({left}) {sign} ({right}))")),
            1 => inner.prop_map(|inner| format!("({inner})[::-1]")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is called on whatever with whatever: it ends, and with no panic.
    #[test]
    fn any_call_has_a_value_or_an_error(text in built()) {
        let _ = expression(&text, "{x: [1, {y: 2}], secret_token: hush-hush}");
        let _ = render(&format!("\"<{{{{ {} }}}}>\"", text.replace(['\\', '"'], "")), "{x: 1}");
    }
}
