//! Lists of tasks and blocks.

use super::action::Action;
use super::directives::Directives;
use super::fields::Fields;
use super::model::{Block, Handler, Item};
use super::reading::Reading;
use super::{inclusion, task};
use crate::diagnose::Diagnostic;
use crate::yaml::Node;

/// The members of a list of tasks, inside of what holds around it.
pub(super) fn items(
    reading: &mut Reading<'_>,
    what: &'static str,
    node: Option<&Node>,
    outer: &Directives,
) -> Vec<Item> {
    let Some(node) = node else { return Vec::new() };
    let name = format!("`{what}`");
    let nodes = reading.list(&name, node);
    nodes.iter().flat_map(|node| item(reading, node, outer)).collect()
}

/// What `node` means: an import stands for everything it brings in.
fn item(reading: &mut Reading<'_>, node: &Node, outer: &Directives) -> Vec<Item> {
    let is_block = node.as_map().is_some_and(|map| {
        ["block", "rescue", "always"]
            .iter()
            .any(|key| map.get(key).is_some())
    });
    if is_block {
        let block = block(reading, node, outer);
        return block
            .map(|block| Item::Block(Box::new(block)))
            .into_iter()
            .collect();
    }
    let Some(task) = task::task(reading, node, outer) else {
        return Vec::new();
    };
    match &task.action {
        Action::Inclusion(import) if import.is_early() => {
            let import = import.clone();
            inclusion::imported(reading, &task, &import)
        }
        _ => vec![Item::Task(Box::new(task))],
    }
}

fn block(reading: &mut Reading<'_>, node: &Node, outer: &Directives) -> Option<Block> {
    let map = reading.mapping("a block", node)?;
    let mut fields = Fields::new("a block", map);
    let name = fields.text(reading, "name");
    let directives = Directives::of_block(&mut fields, reading).under(outer);
    let inner = fields.node("block");
    if inner.is_none() {
        reading.fault(Diagnostic::error(
            "block",
            &node.place.first_line(),
            "`rescue` and `always` belong to a `block`, and there is none",
        ));
    }
    for (key, place) in map.iter().map(|entry| (entry.key.as_str(), &entry.key.place)) {
        if key == "loop" || key.starts_with("with_") {
            let fault = Diagnostic::error("block", place, "a block cannot loop");
            reading.fault(fault.help("put its tasks into a file of their own and loop over `include_tasks`"));
        }
    }
    fields.entry("loop");
    let items_in = items(reading, "block", inner, &directives);
    let rescue = fields.node("rescue");
    let rescue = items(reading, "rescue", rescue, &directives);
    let always = fields.node("always");
    let always = items(reading, "always", always, &directives);
    fields.finish(reading);
    Some(Block {
        place: node.place.first_line(),
        name,
        items: items_in,
        rescue,
        always,
        directives,
    })
}

/// The members of `handlers`.
pub(super) fn handlers(reading: &mut Reading<'_>, node: Option<&Node>, outer: &Directives) -> Vec<Handler> {
    let Some(node) = node else { return Vec::new() };
    reading.around.in_handlers = true;
    let handlers = handlers_in(reading, node, outer);
    reading.around.in_handlers = false;
    handlers
}

/// The handlers of a list.
pub(super) fn handlers_in(reading: &mut Reading<'_>, node: &Node, outer: &Directives) -> Vec<Handler> {
    let nodes = reading.list("`handlers`", node);
    let mut handlers = Vec::new();
    for node in nodes {
        let Some(handler) = task::handler(reading, node, outer) else {
            continue;
        };
        match &handler.task.action {
            Action::Inclusion(import) if import.is_early() => {
                let import = import.clone();
                handlers.extend(inclusion::imported_handlers(reading, &handler.task, &import));
            }
            _ => handlers.push(handler),
        }
    }
    handlers
}
