//! `lipsum`: as much text as was asked for, from the chance of the run.

use std::sync::Arc;

use cutover_kit::{Secrets, Value};
use cutover_language::files::Memory;
use cutover_language::scope::{Nowhere, Scope};
use cutover_language::template::Templar;
use cutover_language::{Node, Source};
use insta::assert_snapshot;

use super::recorded::Machine;

fn answer(expression: &str) -> String {
    let templar = Templar::new(Arc::new(Memory::default()), Secrets::default());
    let templar = templar.with_surroundings(Arc::new(Machine));
    let node = Node::text(
        expression,
        Source::new("t.yml", expression).place(0..expression.len()),
    );
    match templar.expression(&node, &Scope::new(Arc::new(Nowhere))) {
        Ok(Value::String(text)) => text,
        Ok(value) => serde_json::to_string(&value).unwrap(),
        Err(error) => format!("! {}", error.message),
    }
}

#[test]
fn text_that_says_nothing() {
    let table = [
        "lipsum(2, html=false, min=5, max=30)",
        "lipsum(2, true, 1, 4)",
        "lipsum(n=3, html=False).split('\\n\\n') | length",
        "lipsum() | regex_findall('</p>') | length",
        "lipsum(0)",
        "lipsum(n=100, min=999, max=1000, html=false).split() | length",
        "lipsum(101)",
        "lipsum(max=1001)",
        "lipsum(min=100)",
        "lipsum(min=-1)",
        "lipsum(words=3)",
        "lipsum('a')",
    ];
    let table = table.map(|expression| format!("{expression}: {}", answer(expression)));
    assert_snapshot!(table.join("\n"), @r#"
    lipsum(2, html=false, min=5, max=30): Aut res nox quae sonus ratio liber dies lapis salus. Manus, cum modus sine, mos orbis. Terra.

    Sed orbis lapis, semper, de oculus verba. Tempus mens mater clamat. Sit illa sed de, mater quid dolor. Semper ergo modus hic semper liber de.
    lipsum(2, true, 1, 4): <p>Aut res.</p>
    <p>Lumen multa.</p>
    lipsum(n=3, html=False).split('\n\n') | length: 3
    lipsum() | regex_findall('</p>') | length: 5
    lipsum(0): 
    lipsum(n=100, min=999, max=1000, html=false).split() | length: 99900
    lipsum(101): ! more than 100 paragraphs of 1000 words are too much
    lipsum(max=1001): ! more than 100 paragraphs of 1000 words are too much
    lipsum(min=100): ! `min` has to be less than `max`, and neither less than 0
    lipsum(min=-1): ! `min` has to be less than `max`, and neither less than 0
    lipsum(words=3): ! there is no argument `words` here
    lipsum('a'): ! `n` takes a whole number
    "#);
}
