//! Which hosts each play is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::Value;
use cutover_language::files::Files;
use cutover_language::inventory::{Pattern, Selection, limit};
use cutover_language::playbook::{Order, Play, Playbook};
use cutover_language::{Diagnostic, Node, Severity};

use super::request::{Chosen, Refusal};
use super::scope::Terms;
use super::variables::Variables;
use crate::event::Options;
use crate::exit::Exit;

/// Whom a run is for.
pub(super) struct Aim {
    /// The plays of all playbooks with their hosts.
    pub(super) plays: Vec<Chosen>,
    /// `--limit`, as it was read: what the run adds to the inventory is held against it too.
    pub(super) limit: Option<Pattern>,
    /// Names that nobody has.
    pub(super) warnings: Vec<Diagnostic>,
}

/// Finds the hosts of all plays.
pub(super) fn aim(
    playbooks: Vec<Playbook>,
    variables: &Variables,
    options: &Options,
    files: &dyn Files,
) -> Result<Aim, Refusal> {
    let limit = limit_of(options, files)?;
    let mut plays = Vec::new();
    for playbook in playbooks {
        for play in playbook.plays {
            let folder = folder_of(play.place.source.path());
            let hosts = hosts_of(&play, &folder, variables, limit.as_ref())
                .map_err(|fault| Refusal::from(vec![*fault]))?
                .hosts;
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
    let mut warnings = limit
        .as_ref()
        .map_or_else(Vec::new, |limit| strangers(limit, variables));
    if !all.is_empty() && limit.as_ref().is_some_and(nobody) {
        let message = "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.";
        warnings.push(Diagnostic::nowhere("no-hosts", message));
        return Err(Refusal {
            diagnostics: warnings,
            exit: Exit::Error,
        });
    }
    Ok(Aim {
        plays,
        limit,
        warnings,
    })
}

/// What a limit names and nobody is called.
fn strangers(limit: &Pattern, variables: &Variables) -> Vec<Diagnostic> {
    let meant = variables.inventory().select(std::slice::from_ref(limit));
    let warning = |(term, near): (String, Option<String>)| {
        let message = format!("Could not match supplied host pattern, ignoring: {term}");
        let warning = Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::nowhere("no-such-host", message)
        };
        match near {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        }
    };
    meant.unmatched.into_iter().map(warning).collect()
}

/// The pattern of `--limit`.
fn limit_of(options: &Options, files: &dyn Files) -> Result<Option<Pattern>, Refusal> {
    let limit = options.limit.as_ref().map(|text| limit(text, files));
    limit.transpose().map_err(|fault| refused(*fault))
}

/// The hosts a play is for, as the inventory is now.
pub(super) fn hosts_of(
    play: &Play,
    folder: &Path,
    variables: &Variables,
    limit: Option<&Pattern>,
) -> Result<Selection, Box<Diagnostic>> {
    let terms = variables.play_terms(&Variables::layers_of(play, folder));
    let inventory = variables.inventory();
    let mut meant = inventory.select(&patterns(&play.hosts, &terms)?);
    if let Some(limit) = limit {
        meant.hosts = inventory.limited(meant.hosts, limit);
    }
    in_order(&mut meant.hosts, order(play));
    Ok(meant)
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
