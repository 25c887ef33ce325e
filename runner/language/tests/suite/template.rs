//! Templates: values, undefined, secrets, later values, conditions, limits.

mod files;
mod filler;
mod filters;
mod limits;
mod merging;
mod passwords;
mod recorded;
mod secrets;
mod site;
mod undefined;
mod values;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cutover_kit::{Secrets, Value};
use cutover_language::files::Memory;
use cutover_language::scope::{Layer, Rank, Scope, World};
use cutover_language::template::{Templar, TemplateError};
use cutover_language::{Node, Source, yaml};

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
    Templar::new(Arc::new(files), Secrets::default())
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
