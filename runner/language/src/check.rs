//! What can be found wrong before the run, with playbooks and inventory together.
//!
//! The check is careful: what may be right is no error. A name is undefined only
//! if no variable of any host that may be meant has it, nothing in any playbook
//! sets it, and nothing there could set names that cannot be known beforehand.

mod known;
mod secrets;
mod task;

use std::collections::BTreeSet;

use known::Known;

use crate::diagnose::{Diagnostic, Severity};
use crate::inventory::{Inventory, Pattern};
use crate::playbook::{Action, Meta, Play, Playbook, Task};
use crate::scope::Scope;
use crate::yaml::{Node, inside};

/// Everything that is wrong or odd in some playbooks that run one after the
/// other on the hosts of an inventory. `scope` gives the variables that a host
/// has before anything runs, `missing_handler` how bad it is that one is notified and not there.
pub fn check(
    playbooks: &[Playbook],
    inventory: &Inventory,
    scope: &dyn Fn(&str) -> Scope,
    missing_handler: Severity,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let set = Known::by(playbooks);
    let hosts: Vec<&str> = inventory.hosts().collect();
    let mut everywhere: Option<BTreeSet<String>> = None;
    let grows = playbooks.iter().flat_map(Playbook::plays).any(grows);
    let plays = playbooks
        .iter()
        .flat_map(|playbook| playbook.plays().map(move |play| (playbook, play)));
    for (playbook, play) in plays {
        let meant = patterns(play, inventory, &mut found);
        let names = match meant {
            Some(meant) if !meant.is_empty() => names_of(meant.iter().map(String::as_str), scope),
            _ => everywhere
                .get_or_insert_with(|| names_of(hosts.iter().copied(), scope))
                .clone(),
        };
        let known = set.in_play(playbook, play, names);
        task::check(play, &known, missing_handler, &mut found);
        secrets::in_play(play, &mut found);
    }
    secrets::in_inventory(inventory, &mut found);
    // Who is meant by a name that the run itself may make shows when its play begins.
    found.retain(|fault| !(grows && fault.code == "no-such-host"));
    found.sort_by_key(|fault| {
        let place = fault.place.as_ref();
        place.map(|place| (place.source.path().to_owned(), place.line, place.column))
    });
    found.dedup();
    found
}

/// Whether a play may add hosts or groups to the inventory.
fn grows(play: &Play) -> bool {
    let adds = |task: &Task| match &task.action {
        Action::Module(call) => ["add_host", "group_by"].contains(&call.module.as_str()),
        Action::Meta(meta) => meta.value == Meta::RefreshInventory,
        // What they bring is read when they are reached.
        Action::Inclusion(inclusion) => !inclusion.is_early(),
        Action::Template { .. } => true,
    };
    play.tasks().into_iter().any(adds)
}

fn names_of<'a>(hosts: impl Iterator<Item = &'a str>, scope: &dyn Fn(&str) -> Scope) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for host in hosts {
        names.extend(scope(host).names().into_iter().map(str::to_owned));
    }
    names
}

/// The hosts that a play and its phases mean; `None` where a template decides.
fn patterns(play: &Play, inventory: &Inventory, found: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let crate::playbook::Body::Phases(phases) = &play.body else {
        return selected(&play.hosts, inventory, found);
    };
    for phase in phases {
        selected(&phase.hosts, inventory, found);
    }
    selected(&play.hosts, inventory, found)
}

fn selected(nodes: &[Node], inventory: &Inventory, found: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let mut patterns = Vec::new();
    for node in nodes {
        let text = node.as_text().filter(|_| !node.is_template())?;
        match Pattern::parse(text) {
            Ok(pattern) => {
                let selection = inventory.select(std::slice::from_ref(&pattern));
                for (term, near) in selection.unmatched {
                    let message = format!("`{term}` matches no host and no group");
                    let at = text.find(&term).unwrap_or(0);
                    let place = inside(node, at..at + term.len());
                    let warning = Diagnostic::warning("no-such-host", &place, message);
                    found.push(match near {
                        Some(near) => warning.help(format!("did you mean `{near}`?")),
                        None => warning,
                    });
                }
                patterns.push(pattern);
            }
            Err(message) => found.push(Diagnostic::error("pattern", &node.place, message)),
        }
    }
    Some(inventory.select(&patterns).hosts)
}
