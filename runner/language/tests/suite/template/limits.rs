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
