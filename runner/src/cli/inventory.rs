//! `cutover inventory`.

use cutover_language::files::Disk;
use cutover_language::inventory::{self, Inventory, Sources};
use serde_json::{Map, Value as Json, json};

use super::fault::Fault;
use super::options::InventoryArgs;
use super::passwords::VaultArgs;
use super::start::Ground;
use super::{ui, written};
use crate::exit::Exit;

/// Show the hosts, groups and variables of an inventory
///
/// Variables are shown as they are written: templates are not evaluated, and secrets are masked.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    inventory: InventoryArgs,

    #[command(flatten)]
    vault: VaultArgs,

    #[command(flatten)]
    what: What,
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct What {
    /// All groups and hosts with their variables, as JSON.
    #[arg(long)]
    list: bool,

    /// The variables of one host, as JSON.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    /// The groups as a tree.
    #[arg(long)]
    graph: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let ground = Ground::of(&args.vault)?;
    let sources = Sources {
        inventories: args.inventory.sources(&ground.settings),
        playbooks: Vec::new(),
    };
    let disk = Disk::with_vault(ground.keyring);
    let inventory = inventory::load(&sources, &disk).map_err(Fault::invalid)?;
    ui::diagnostics(&inventory.warnings);
    let text = match &args.what.host {
        Some(host) if inventory.host(host).is_none() => {
            return Err(Fault::error(format!("`{host}` is not a host of the inventory")));
        }
        Some(host) => pretty(&variables(&inventory, host).into()),
        None if args.what.graph => graph(&inventory),
        None => pretty(&list(&inventory)),
    };
    ui::print(&text);
    Ok(Exit::Done)
}

fn pretty(json: &Json) -> String {
    crate::report::json::block(json) + "\n"
}

/// What all layers say of a host, the highest winning.
fn variables(inventory: &Inventory, host: &str) -> Map<String, Json> {
    let mut all = Map::new();
    for layer in inventory.layers(host) {
        for (name, variable) in &layer.variables {
            all.insert(name.clone(), written::variable(name, variable));
        }
    }
    all
}

fn list(inventory: &Inventory) -> Json {
    let mut all = Map::new();
    let hostvars: Map<_, _> = inventory
        .hosts()
        .map(|host| (host.to_owned(), variables(inventory, host).into()))
        .collect();
    all.insert("_meta".into(), json!({"hostvars": hostvars}));
    for name in inventory.groups() {
        let mut group = Map::new();
        let children = children(inventory, name);
        if !children.is_empty() {
            group.insert("children".into(), children.into());
        }
        let hosts = direct(inventory, name);
        if !hosts.is_empty() {
            group.insert("hosts".into(), hosts.into());
        }
        if !group.is_empty() {
            all.insert(name.to_owned(), group.into());
        }
    }
    all.into()
}

fn graph(inventory: &Inventory) -> String {
    let mut text = String::from("@all:\n");
    for child in children(inventory, "all") {
        branch(&mut text, inventory, child, 1);
    }
    text
}

fn branch(text: &mut String, inventory: &Inventory, group: &str, depth: usize) {
    let indent = "  |".repeat(depth);
    text.push_str(&format!("{indent}--@{group}:\n"));
    for child in children(inventory, group) {
        branch(text, inventory, child, depth + 1);
    }
    for host in direct(inventory, group) {
        text.push_str(&format!("{indent}  |--{host}\n"));
    }
}

/// The groups right below; below `all` stand those that are in no other.
fn children<'a>(inventory: &'a Inventory, group: &str) -> Vec<&'a str> {
    let of = |name: &str| {
        inventory
            .group(name)
            .into_iter()
            .flat_map(|group| &group.children)
    };
    if group != "all" {
        return of(group).map(String::as_str).collect();
    }
    let lower: Vec<&String> = inventory
        .groups()
        .filter(|name| *name != "all")
        .flat_map(of)
        .collect();
    let top = |name: &&str| *name != "all" && !lower.iter().any(|lower| lower == name);
    inventory.groups().filter(top).collect()
}

/// The hosts that a group lists itself.
fn direct<'a>(inventory: &'a Inventory, group: &str) -> Vec<&'a str> {
    let lists = |name: &&str| {
        let host = inventory.host(name);
        host.is_some_and(|host| match group {
            "ungrouped" => host.groups.is_empty(),
            _ => host.groups.contains(group),
        })
    };
    inventory.hosts().filter(lists).collect()
}
