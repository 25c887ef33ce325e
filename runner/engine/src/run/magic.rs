//! Layers of magic variables: how the run was asked for, and what a play is made of.

use std::path::Path;
use std::sync::Arc;

use cutover_kit::Value;
use cutover_language::playbook::{Play, Role};
use cutover_language::scope::{Layer, Rank, Variable};

use crate::event::Options;

/// Magic variables that are the same for every host of the run.
pub(super) fn of_run(options: &Options) -> Layer {
    let mut magic = Layer::new(Rank::Magic, "magic");
    if let Some(limit) = &options.limit {
        magic = magic.with("ansible_limit", limit.as_str());
    }
    magic
        .with("ansible_check_mode", options.check)
        .with("ansible_diff_mode", options.diff)
        .with("ansible_forks", options.forks)
        .with(
            "ansible_run_tags",
            if options.tags.is_empty() {
                vec!["all".to_owned()]
            } else {
                options.tags.clone()
            },
        )
        .with("ansible_skip_tags", options.skip_tags.clone())
        .with("ansible_inventory_sources", inventory_sources(options))
        .with("ansible_version", as_ansible())
        .with("ansible_verbosity", i64::from(options.verbosity))
        .with("ansible_playbook_python", "python3")
        .with("ansible_config_file", Value::Null)
}

/// The sources of the inventory: paths as they are from everywhere, lists of names as they are.
fn inventory_sources(options: &Options) -> Vec<String> {
    let shown = |source: &String| match std::path::absolute(source) {
        Ok(path) if !source.contains(',') => path.display().to_string(),
        _ => source.clone(),
    };
    options.inventories.iter().map(shown).collect()
}

/// The release of Ansible whose language this is.
fn as_ansible() -> Value {
    Value::map([
        ("full", Value::from("2.19.14")),
        ("string", "2.19.14".into()),
        ("major", 2_i64.into()),
        ("minor", 19_i64.into()),
        ("revision", 14_i64.into()),
    ])
}

/// Magic variables with the paths of the inventory as they are from everywhere.
pub(super) fn from_everywhere(mut magic: Layer) -> Layer {
    let source = magic.variables.get("inventory_file").and_then(|it| match it {
        Variable::Data(value) => value.as_str().map(str::to_owned),
        Variable::Template(_) => None,
    });
    let path = source
        .filter(|source| !source.is_empty())
        .map(std::path::absolute);
    if let Some(Ok(path)) = path {
        let folder = path.parent().unwrap_or(Path::new("/"));
        magic = magic
            .with("inventory_dir", folder.display().to_string())
            .with("inventory_file", path.display().to_string());
    }
    magic
}

/// The names of a play's roles.
pub(super) fn of_roles(play: &Play) -> Layer {
    let of_play = play.used.iter().filter(|role| !role.by_task);
    let names = |roles: Vec<&Arc<Role>>| {
        let mut names: Vec<String> = Vec::new();
        for role in roles {
            if !names.contains(&role.name) {
                names.push(role.name.clone());
            }
        }
        names
    };
    let own = names(of_play.clone().collect());
    let dependent = names(of_play.clone().flat_map(|role| &role.dependencies).collect());
    let all = of_play.flat_map(|role| role.dependencies.iter().chain([role]));
    let all = names(all.collect());
    Layer::new(Rank::Magic, "magic")
        .with("ansible_play_role_names", own.clone())
        // Its old name.
        .with("role_names", own)
        .with("ansible_dependent_role_names", dependent)
        .with("ansible_role_names", all)
}
