//! Files as trees.

use cutover_language::render;
use cutover_language::source::Source;
use cutover_language::yaml::{self, Kind, Node};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::pictures;

fn tree(text: &str) -> Node {
    yaml::parse(&Source::new("site.yml", text)).unwrap_or_else(|faults| panic!("{}", pictures(&faults)))
}

fn json(text: &str) -> String {
    serde_json::to_string(&tree(text).to_value().expect("no vault in it")).unwrap()
}

fn mistakes(text: &str) -> String {
    pictures(&yaml::parse(&Source::new("site.yml", text)).expect_err("this is wrong"))
}

#[test]
fn a_file_becomes_data_as_ansible_reads_it() {
    let text = "
window: yes
mode: 0644
at: 12:30
quoted: 'yes'
nothing:
folded: >
  two
  lines
list: [a, 1, 2.5, ~]
1: a number as a key
";
    assert_snapshot!(json(text), @r#"{"window":true,"mode":420,"at":"12:30","quoted":"yes","nothing":null,"folded":"two lines\n","list":["a",1,2.5,null],"1":"a number as a key"}"#);
}

#[test]
fn in_brackets_and_quotes_a_line_may_stand_anywhere() {
    let text = "
- name: one
  debug: {
    msg: \"{{ a }}\", größe: [
1,
    2
]
}
  args:
    text: \"two

words\"
    more: 'and
 so on'
- last: {a:
b}
";
    assert_snapshot!(json(text), @r#"[{"name":"one","debug":{"msg":"{{ a }}","größe":[1,2]},"args":{"text":"two\nwords","more":"and so on"}},{"last":{"a":"b"}}]"#);
    let root = tree(text);
    let last = root.as_seq().unwrap()[1].as_map().unwrap();
    let value = last.get("last").unwrap().as_map().unwrap().get("a").unwrap();
    assert_eq!(
        (value.place.line, value.place.column, value.place.text()),
        (16, 1, "b")
    );
    assert_snapshot!(mistakes("- a: {\n    b: 1\n}\n- c: {\n  d\n: [}\n"), @"
    error[yaml-syntax]: this is not YAML: while parsing a node, did not find expected node content
     --> site.yml:6:4
      |
    6 | : [}
      |    ^
    ");
    assert_snapshot!(mistakes("- a: {\n    b: 1\n}\n  c: \"x\ny\n"), @r#"
    error[yaml-syntax]: this is not YAML: while scanning a quoted scalar, found unexpected end of stream
     --> site.yml:4:6
      |
    4 |   c: "x
      |      ^
    "#);
}

#[test]
fn merged_mappings_yield_to_what_is_written() {
    let text = "
base: &base {port: 22, user: admin}
more: &more {user: root, shell: cli}
host:
  <<: [*base, *more]
  port: 2222
literal: {'<<': kept}
";
    assert_snapshot!(json(text), @r#"{"base":{"port":22,"user":"admin"},"more":{"user":"root","shell":"cli"},"host":{"port":2222,"user":"admin","shell":"cli"},"literal":{"<<":"kept"}}"#);
}

#[test]
fn places_are_exact() {
    let root = tree("größe: 1\nlist:\n  - 'ä b'\n  - {k: \"v\"}\nblock: |\n  text\n");
    let map = root.as_map().unwrap();
    let list = map.get("list").unwrap();
    let items = list.as_seq().unwrap();
    let places = [
        &map.entry("größe").unwrap().key.place,
        &map.get("größe").unwrap().place,
        &list.place,
        &items[0].place,
        &items[1].place,
        &items[1].as_map().unwrap().get("k").unwrap().place,
        &map.get("block").unwrap().place,
    ];
    let shown: Vec<_> = places
        .iter()
        .map(|place| format!("{place:?} {:?}", place.text()))
        .collect();
    assert_snapshot!(shown.join("\n"), @r#"
    site.yml:1:1+5 "größe"
    site.yml:1:8+1 "1"
    site.yml:3:3+20 "- 'ä b'\n  - {k: \"v\"}"
    site.yml:3:5+5 "'ä b'"
    site.yml:4:5+8 "{k: \"v\"}"
    site.yml:4:9+3 "\"v\""
    site.yml:6:3+4 "text"
    "#);
}

#[test]
fn tags_keep_what_must_not_be_a_template_apart() {
    let root = tree(
        "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nb: !unsafe '{{ x }}'\nc: !!str 0644\nd: !!float 3\n",
    );
    let kinds: Vec<_> = root
        .as_map()
        .unwrap()
        .iter()
        .map(|entry| entry.value.kind.clone())
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Vault("$ANSIBLE_VAULT;1.1;AES256\n6162".into()),
            Kind::Unsafe("{{ x }}".into()),
            Kind::Text("0644".into()),
            Kind::Float(3.0),
        ]
    );
    assert_eq!(root.to_value(), None);
}

#[test]
fn every_mistake_has_its_picture() {
    assert_snapshot!(mistakes("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n"), @r#"
    error[duplicate-key]: `a` stands twice in this mapping
     --> site.yml:3:1
      |
    1 | a: 1
      | - the first one
    2 | b: 2
    3 | a: 3
      | ^

    error[duplicate-key]: `d` stands twice in this mapping
     --> site.yml:4:11
      |
    4 | c: {d: 1, d: 2}
      |     -     ^
      |     |
      |     the first one
    "#);
    assert_snapshot!(mistakes("msg: {{ name }}\n"), @r#"
    error[yaml-key]: a key must be text, not a mapping
     --> site.yml:1:7
      |
    1 | msg: {{ name }}
      |       ^^^^^^^^
      |
      = help: a value that begins with a template needs quotes: "{{ ... }}"
    "#);
    assert_snapshot!(mistakes("a:\n\tb: 1\n"), @r#"
    error[yaml-syntax]: this is not YAML: tabs disallowed within this context (block indentation)
     --> site.yml:2:2
      |
    2 |     b: 1
      |     ^
      |
      = help: indent with spaces, never with tabs
    "#);
    assert_snapshot!(mistakes("name: wait: here\n"), @r#"
    error[yaml-syntax]: this is not YAML: mapping values are not allowed in this context
     --> site.yml:1:11
      |
    1 | name: wait: here
      |           ^
      |
      = help: text with `: ` in it needs quotes
    "#);
    assert_snapshot!(mistakes("a: 1\n---\nb: 2\n"), @r#"
    error[yaml-documents]: a second document begins here, where one file is one document
     --> site.yml:2:1
      |
    2 | ---
      | ^^^
    "#);
    assert_snapshot!(mistakes("a: !secret x\nb: !!int word\n"), @r#"
    error[yaml-tag]: the tag `!secret` cannot stand before this
     --> site.yml:1:4
      |
    1 | a: !secret x
      |    ^^^^^^^^^
      |
      = help: known tags are `!vault`, `!unsafe` and `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`

    error[yaml-tag]: the tag `!!int` cannot stand before this
     --> site.yml:2:4
      |
    2 | b: !!int word
      |    ^^^^^^^^^^
      |
      = help: known tags are `!vault`, `!unsafe` and `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`
    "#);
    assert_snapshot!(mistakes("a: [1, 2\nb: 1\n"), @r#"
    error[yaml-syntax]: this is not YAML: illegal placement of ':' indicator
     --> site.yml:2:2
      |
    2 | b: 1
      |  ^
    "#);
    assert_snapshot!(mistakes("a: *nowhere\n"), @r#"
    error[yaml-syntax]: this is not YAML: while parsing node, found unknown anchor
     --> site.yml:1:4
      |
    1 | a: *nowhere
      |    ^
    "#);
    assert_snapshot!(mistakes("a: &a [*a]\n"), @r#"
    error[yaml-alias]: this alias stands inside of what it stands for
     --> site.yml:1:8
      |
    1 | a: &a [*a]
      |        ^^
    "#);
    assert_snapshot!(mistakes("<<: 3\n[a, b]: 1\n"), @r#"
    error[yaml-merge]: `<<` takes a mapping or a list of mappings, not a number
     --> site.yml:1:5
      |
    1 | <<: 3
      |     ^

    error[yaml-key]: a key must be text, not a list
     --> site.yml:2:1
      |
    2 | [a, b]: 1
      | ^^^^^^
    "#);
}

#[test]
fn the_value_of_a_secret_is_blotted_out_of_a_picture() {
    assert_snapshot!(mistakes("ansible_password: C1sco!23\nansible_password: !x 'Ünsafe'\n"), @r#"
    error[duplicate-key]: `ansible_password` stands twice in this mapping
     --> site.yml:2:1
      |
    1 | ansible_password: ********
      | ---------------- the first one
    2 | ansible_password: ************
      | ^^^^^^^^^^^^^^^^

    error[yaml-tag]: the tag `!x` cannot stand before this
     --> site.yml:2:19
      |
    2 | ansible_password: ************
      |                   ^^^^^^^^^^^^
      |
      = help: known tags are `!vault`, `!unsafe` and `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`
    "#);
}

#[test]
fn a_mistake_in_one_line() {
    let faults = yaml::parse(&Source::new("site.yml", "a: 1\n a: 2\n")).unwrap_err();
    assert_snapshot!(render::line(&faults[0]), @"site.yml:2:3: error[yaml-syntax]: this is not YAML: mapping values are not allowed in this context; text with `: ` in it needs quotes");
}

#[test]
fn a_billion_laughs_are_refused() {
    let mut text = String::from("l0: &l0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*l{}", level - 1); 9].join(", ");
        text.push_str(&format!("l{level}: &l{level} [{aliases}]\n"));
    }
    assert_snapshot!(mistakes(&text), @r#"
    error[yaml-too-large]: with its aliases this file has more than 100000 nodes
     --> site.yml:6:10
      |
    6 | l5: &l5 [*l4, *l4, *l4, *l4, *l4, *l4, *l4, *l4, *l4]
      |          ^^^
    "#);
    assert_snapshot!(mistakes(&"[".repeat(20_000)), @r#"
    error[yaml-syntax]: this is not YAML: recursion limit exceeded
     --> site.yml:1:256
      |
    1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                                    ^
    "#);
    let deep = "- ".repeat(300) + "x";
    assert_snapshot!(mistakes(&deep).lines().next().unwrap(), @"error[yaml-too-deep]: this is nested more than 128 levels deep");
    let large = "x".repeat(yaml::MOST_BYTES + 1);
    assert_snapshot!(render::line(&yaml::parse(&Source::new("big.yml", large)).unwrap_err()[0]), @"big.yml:1:1: error[yaml-too-large]: this file is larger than 8 MB");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}|[-:{}\\[\\]&*!|>'\"%@`#a0 \n,?]{0,200}") {
        match yaml::parse(&Source::new("any.yml", text)) {
            Ok(node) => { node.to_value(); prop_assert!(count(&node) <= yaml::MOST_NODES); }
            Err(faults) => { prop_assert!(!faults.is_empty()); pictures(&faults); }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(faults) = yaml::parse(&Source::new("any.yml", text)) {
            pictures(&faults);
        }
    }

    #[test]
    fn quoted_text_comes_back_as_it_was(text in "\\PC{0,40}") {
        let quoted = format!("k: '{}'\n", text.replace('\'', "''"));
        let root = tree(&quoted);
        prop_assert_eq!(root.as_map().unwrap().get("k").unwrap().as_text(), Some(text.as_str()));
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Seq(seq) => seq.iter().map(count).sum(),
        Kind::Map(map) => map.iter().map(|entry| count(&entry.value)).sum(),
        _ => 0,
    }
}
