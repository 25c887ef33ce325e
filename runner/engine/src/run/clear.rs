//! Secrets that stand in files in clear: learnt before the first event, so that
//! no event shows them.

use cutover_kit::Secrets;
use cutover_kit::secret::Origin;
use cutover_language::playbook::{Action, Playbook, Task, VarsFile};
use cutover_language::scope::{Layer, Variable};
use cutover_language::secrecy::is_secret_name;
use cutover_language::yaml::{Kind, Mapping};
use cutover_language::{Inventory, Node};

/// Learns every literal value of a secret name in files and after `-e`.
pub(super) fn learn(playbooks: &[Playbook], inventory: &Inventory, extra: &Layer, secrets: &Secrets) {
    inventory.all_layers().for_each(|layer| in_layer(layer, secrets));
    for play in playbooks.iter().flat_map(Playbook::plays) {
        in_mapping(&play.vars, secrets);
        for file in &play.vars_files {
            if let VarsFile::Read(layer) = file {
                in_layer(layer, secrets);
            }
        }
        in_tasks(&play.tasks(), secrets);
    }
    in_layer(extra, secrets);
}

/// Learns every literal value of a secret name in tasks and the roles they belong to.
pub(super) fn in_tasks(tasks: &[&Task], secrets: &Secrets) {
    let mut roles: Vec<&str> = Vec::new();
    for task in tasks {
        in_mapping(&task.directives.vars, secrets);
        if let Action::Module(call) = &task.action {
            in_node("", &call.args, false, secrets);
        }
        if let Some(role) = task
            .role
            .as_ref()
            .filter(|role| !roles.contains(&role.identity.as_str()))
        {
            roles.push(&role.identity);
            role.layers().iter().for_each(|layer| in_layer(layer, secrets));
        }
    }
}

/// Learns every literal value of a secret name in a layer.
pub(super) fn in_layer(layer: &Layer, secrets: &Secrets) {
    for (name, variable) in &layer.variables {
        if let Variable::Template(node) = variable {
            in_node(name, node, is_secret_name(name), secrets);
        }
    }
}

fn in_mapping(vars: &Mapping, secrets: &Secrets) {
    for entry in vars.iter() {
        in_node(&entry.key, &entry.value, is_secret_name(&entry.key), secrets);
    }
}

fn in_node(name: &str, node: &Node, secret: bool, secrets: &Secrets) {
    match &node.kind {
        Kind::Map(map) => {
            for entry in map.iter() {
                in_node(
                    &entry.key,
                    &entry.value,
                    secret || is_secret_name(&entry.key),
                    secrets,
                );
            }
        }
        Kind::Seq(items) => items.iter().for_each(|item| in_node(name, item, secret, secrets)),
        _ if secret && !node.is_template() => {
            if let Some(text) = node.written() {
                let at = node.place.to_string();
                secrets.learn(
                    text,
                    Origin::Place {
                        at,
                        variable: name.to_owned(),
                    },
                );
            }
        }
        _ => {}
    }
}
