//! `hash_behaviour = merge`.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Later, Secret, Secrets, Value};
use cutover_language::files::Memory;
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::template::Templar;
use cutover_language::{Node, Source};
use insta::assert_snapshot;

use super::{json, node};

fn layer(rank: Rank, text: &str) -> Layer {
    Layer::written(rank, "vars", node("vars.yml", text).as_map().unwrap())
}

fn answer(merges: bool, expression: &str) -> String {
    let scope = Scope::new(Arc::new(Nowhere))
        .with(layer(
            Rank::All,
            "{tls: {port: 443, ciphers: {old: 1, new: 2}, url: '{{ tls.host }}:{{ tls.port }}'}, list: [1], word: {a: 1}}",
        ))
        .with(layer(Rank::Group, "{tls: {ciphers: {old: 0}}, list: [2], word: plain}"))
        .with(layer(Rank::Host, "{tls: {host: web, password: hunter22}, word: {b: 2}}"))
        .with(Layer::new(Rank::Set, "set_fact").with("found", 1).with(
            "tls",
            cutover_kit::Value::map([("port", 8443)]),
        ));
    let templar = Templar::new(Arc::new(Memory::default()), Secrets::default()).merging(merges);
    let text = Source::new("t.yml", expression);
    let node = Node::text(expression, text.place(0..expression.len()));
    match templar.expression(&node, &scope) {
        Ok(value) => json(&value),
        Err(error) => format!("! {}", error.message),
    }
}

#[test]
fn mappings_of_one_name_are_merged_where_that_is_asked_for() {
    let table = [
        "tls.port",
        "tls.ciphers",
        "tls.url",
        "tls.password",
        "tls | list",
        "list",
        "word",
        "found",
        "nosuch",
    ];
    let table = table.map(|text| format!("{text}: {} / {}", answer(true, text), answer(false, text)));
    assert_snapshot!(table.join("\n"), @r#"
    tls.port: 8443 / 8443
    tls.ciphers: {"old":0,"new":2} / ! object of type 'dict' has no attribute 'ciphers'
    tls.url: "web:8443" / ! object of type 'dict' has no attribute 'url'
    tls.password: "********" / ! object of type 'dict' has no attribute 'password'
    tls | list: ["port","ciphers","url","host","password"] / ["port"]
    list: [2] / [2]
    word: {"b":2} / {"b":2}
    found: 1 / 1
    nosuch: ! 'nosuch' is undefined / ! 'nosuch' is undefined
    "#);
}

/// What was found out is merged too, where it holds a secret or what is known later.
#[test]
fn secrets_and_what_is_known_later_are_members_like_all() {
    let secret = Secret::new("hunter22", Origin::Derived(Vec::new()));
    let later = || Value::Later(Later { after: "sign".into() });
    let facts = Layer::new(Rank::Facts, "facts")
        .with(
            "tls",
            Value::map([
                ("key", Value::Secret(secret)),
                ("cert", later()),
                ("text", Value::from("{{ x }}")),
            ]),
        )
        .with("whole", later())
        .with("below", later());
    let scope = Scope::new(Arc::new(Nowhere))
        .with(layer(
            Rank::All,
            "{tls: {port: 443, cert: {chain: none}, '{{ name }}': 1, url: '{{ tls.key }}:{{ tls.port }}'}, name: web, whole: {a: 1}}",
        ))
        .with(facts)
        .with(layer(Rank::Play, "{tls: {port: 8443, cert: {leaf: mine}}, below: {a: 1}}"));
    let templar = Templar::new(Arc::new(Memory::default()), Secrets::default()).merging(true);
    let table = ["tls", "tls.url", "tls.text", "tls.cert", "whole", "below"].map(|expression| {
        let text = Source::new("t.yml", expression);
        let node = Node::text(expression, text.place(0..expression.len()));
        let names: Vec<_> = templar
            .settings(expression, &scope)
            .iter()
            .map(|(_, layer)| layer.rank.to_string())
            .collect();
        format!(
            "{expression}: {} ({})",
            json(&templar.expression(&node, &scope).unwrap()),
            names.join(", ")
        )
    });
    assert_snapshot!(table.join("\n"), @r#"
    tls: {"port":8443,"cert":"(known after sign)","web":1,"url":"********","key":"********","text":"{{ x }}"} (play vars, facts, group all)
    tls.url: "********" ()
    tls.text: "{{ x }}" ()
    tls.cert: "(known after sign)" ()
    whole: "(known after sign)" (facts)
    below: "(known after sign)" (play vars, facts)
    "#);
}
