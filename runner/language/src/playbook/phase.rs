//! From a mapping to a phase.

use cutover_kit::estate;

use super::block::items;
use super::directives::Directives;
use super::fields::Fields;
use super::model::{Nodes, OnFailure, Phase};
use super::reading::Reading;
use super::setting::{Setting, Share};
use crate::diagnose::Diagnostic;
use crate::yaml::{Kind, Node};

/// The phases of a play, inside of what holds around them.
pub(super) fn phases(
    reading: &mut Reading<'_>,
    node: &Node,
    outer: &Directives,
    on_failure: OnFailure,
) -> Vec<Phase> {
    let nodes = reading.list("`phases`", node);
    let mut phases: Vec<Phase> = Vec::new();
    for node in nodes {
        let Some(phase) = phase(reading, node, outer, on_failure) else {
            continue;
        };
        if let Some(first) = phases.iter().find(|first| first.name.value == phase.name.value) {
            let message = format!("this play has two phases called `{}`", phase.name.value);
            let fault = Diagnostic::error("duplicate-phase", &phase.name.place, message);
            reading.fault(fault.note(&first.name.place, "the first one"));
        }
        phases.push(phase);
    }
    phases
}

fn phase(reading: &mut Reading<'_>, node: &Node, outer: &Directives, on_failure: OnFailure) -> Option<Phase> {
    let map = reading.mapping("a phase", node)?;
    let mut fields = Fields::new("a phase", map);
    let name = fields.literal(reading, "name");
    if name.is_none() && map.get("name").is_none() {
        let place = node.place.first_line();
        reading.fault(Diagnostic::error("phase", &place, "a phase needs a `name`"));
    }
    let nodes = fields.node("nodes");
    let nodes = nodes.map_or_else(Nodes::default, |node| self::nodes(reading, node));
    let switch = |fields: &mut Fields<'_>, reading: &mut Reading<'_>, name| {
        fields.literal(reading, name).is_some_and(|truth| truth.value)
    };
    let barrier = switch(&mut fields, reading, "barrier");
    let window = switch(&mut fields, reading, "window");
    let estimate = fields.setting(reading, "estimate");
    let hosts = fields.node("hosts");
    let hosts = hosts.map_or(Vec::new(), |node| reading.texts("`hosts`", node));
    let serial = serial(reading, &mut fields);
    let on_failure = fields
        .literal(reading, "on_failure")
        .map_or(on_failure, |it| it.value);
    let directives = Directives::of_phase(&mut fields, reading).under(outer);
    let [tasks, gate, rollback] = ["tasks", "gate", "rollback"].map(|section| {
        let node = fields.node(section);
        items(reading, section, node, &directives)
    });
    fields.finish(reading);
    Some(Phase {
        name: name?,
        nodes,
        barrier,
        window,
        estimate,
        hosts,
        serial,
        tasks,
        gate,
        rollback,
        on_failure,
        directives,
    })
}

fn nodes(reading: &mut Reading<'_>, node: &Node) -> Nodes {
    const WANTED: &str = "`all`, or `primary` and `secondary` in the order wanted";
    let mut roles = Vec::new();
    for item in reading.words("`nodes`", node) {
        let role = match item.as_text() {
            Some("all") if node.as_seq().is_none_or(|items| items.len() == 1) => return Nodes::All,
            Some("primary") => estate::Node::Primary,
            Some("secondary") => estate::Node::Secondary,
            _ => {
                let word = item.as_text().unwrap_or_default();
                let fault = Diagnostic::error("wrong-type", &item.place, format!("`nodes` takes {WANTED}"));
                reading.fault(fault.did_you_mean(word, ["all", "primary", "secondary"]));
                continue;
            }
        };
        if roles.contains(&role) {
            reading.fault(Diagnostic::error(
                "wrong-type",
                &item.place,
                "this role stands here twice",
            ));
        }
        roles.push(role);
    }
    match roles.is_empty() {
        true => Nodes::default(),
        false => Nodes::InTurn(roles),
    }
}

/// `serial`: one size or a list of them.
pub(super) fn serial(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<Setting<Share>> {
    let Some(node) = fields.node("serial") else {
        return Vec::new();
    };
    let sizes = match &node.kind {
        Kind::Seq(items) => items,
        Kind::Null => return Vec::new(),
        _ => std::slice::from_ref(node),
    };
    sizes
        .iter()
        .filter_map(|size| reading.setting("`serial`", size))
        .collect()
}
