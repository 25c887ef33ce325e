//! Which hosts each play is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::Value;
use cutover_language::files::Files;
use cutover_language::inventory::{Pattern, limit};
use cutover_language::playbook::{Order, Play, Playbook};
use cutover_language::{Diagnostic, Node};

use super::prepare::{Chosen, Refusal};
use super::scope::Terms;
use super::variables::Variables;
use crate::event::Options;
use crate::exit::Exit;

/// The plays of all playbooks with their hosts.
pub(super) fn chosen(
    playbooks: Vec<Playbook>,
    variables: &Variables,
    options: &Options,
    files: &dyn Files,
) -> Result<Vec<Chosen>, Refusal> {
    let limit = match &options.limit {
        Some(text) => Some(limit(text, files).map_err(|fault| refused(*fault))?),
        None => None,
    };
    let mut plays = Vec::new();
    for playbook in playbooks {
        for play in playbook.plays {
            let folder = folder_of(play.place.source.path());
            let layers = Variables::layers_of(&play, &folder);
            let terms = variables.play_terms(&layers);
            let patterns = patterns(&play.hosts, &terms).map_err(|fault| Refusal::from(vec![*fault]))?;
            let mut hosts = variables.inventory().select(&patterns).hosts;
            if let Some(limit) = &limit {
                hosts = variables.inventory().limited(hosts, limit);
            }
            in_order(&mut hosts, order(&play));
            plays.push(Chosen {
                play: Arc::new(play),
                hosts,
                folder: folder.clone(),
                playbook: playbook.path.clone(),
            });
        }
    }
    let all: Vec<String> = variables.inventory().hosts().map(str::to_owned).collect();
    let nobody = |limit| variables.inventory().limited(all.clone(), limit).is_empty();
    if !all.is_empty() && limit.as_ref().is_some_and(nobody) {
        let message = "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.";
        return Err(refused(Diagnostic::nowhere("no-hosts", message)));
    }
    Ok(plays)
}

fn refused(fault: Diagnostic) -> Refusal {
    Refusal {
        diagnostics: vec![fault],
        exit: Exit::Error,
    }
}

fn folder_of(path: &str) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    path.parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The patterns that nodes hold, rendered.
pub(super) fn patterns(nodes: &[Node], terms: &Terms) -> Result<Vec<Pattern>, Box<Diagnostic>> {
    let mut patterns = Vec::new();
    for node in nodes {
        for text in texts(node, terms)? {
            patterns.push(Pattern::parse(&text).map_err(|message| wrong(node, message))?);
        }
    }
    Ok(patterns)
}

/// The texts of the patterns that a node holds, rendered.
pub(super) fn texts(node: &Node, terms: &Terms) -> Result<Vec<String>, Box<Diagnostic>> {
    let text = |value: &Value| match value {
        Value::Int(number) => Some(number.to_string()),
        other => other.as_str().map(str::to_owned),
    };
    let rendered = terms
        .render(node)
        .map_err(|failure| wrong(node, failure.message))?;
    match &rendered {
        Value::String(_) | Value::Int(_) => Ok(text(&rendered).into_iter().collect()),
        Value::List(list) => Ok(list.iter().filter_map(text).collect()),
        other => Err(wrong(
            node,
            format!("hosts must be text, and this is {}", other.kind()),
        )),
    }
}

fn wrong(node: &Node, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("pattern", &node.place, message))
}

fn order(play: &Play) -> Order {
    play.order
        .as_ref()
        .and_then(|order| order.literal())
        .copied()
        .unwrap_or_default()
}

fn in_order(hosts: &mut [String], order: Order) {
    match order {
        Order::Inventory => {}
        Order::ReverseInventory => hosts.reverse(),
        Order::Sorted => hosts.sort(),
        Order::ReverseSorted => hosts.sort_by(|a, b| b.cmp(a)),
        Order::Shuffle => fastrand::shuffle(hosts),
    }
}
