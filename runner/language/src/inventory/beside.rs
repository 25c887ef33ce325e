//! `group_vars` and `host_vars` beside an inventory or a playbook.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Inventory;
use super::load::Loading;
use crate::files::{Found, variables_below, with_ends};
use crate::scope::{Layer, Rank};

/// Beside what the folders stand.
#[derive(Clone, Copy)]
pub(super) enum Beside {
    Inventory,
    Playbook,
}

/// Reads the files of some groups.
pub(super) fn groups(
    inventory: &mut Inventory,
    names: &[String],
    folder: &Path,
    beside: Beside,
    loading: &mut Loading<'_>,
) {
    let folder = folder.join("group_vars");
    if loading.files.find(&folder) != Some(Found::Folder) {
        return;
    }
    let rank = |name: &str| match (beside, name) {
        (Beside::Inventory, "all") => Rank::AllVars,
        (Beside::Playbook, "all") => Rank::PlaybookAllVars,
        (Beside::Inventory, _) => Rank::GroupVars,
        (Beside::Playbook, _) => Rank::PlaybookGroupVars,
    };
    for name in names {
        let Some(group) = inventory.groups.get_mut(name) else {
            continue;
        };
        for layer in layers(&folder, name, rank(name), loading) {
            group.add(layer);
        }
    }
}

/// Reads the files of some hosts.
pub(super) fn hosts(
    inventory: &mut Inventory,
    names: &[String],
    folder: &Path,
    beside: Beside,
    loading: &mut Loading<'_>,
) {
    let folder = folder.join("host_vars");
    if loading.files.find(&folder) != Some(Found::Folder) {
        return;
    }
    let rank = match beside {
        Beside::Inventory => Rank::HostVars,
        Beside::Playbook => Rank::PlaybookHostVars,
    };
    for name in names {
        let Some(host) = inventory.hosts.get_mut(name) else {
            continue;
        };
        let layers = layers(&folder, name, rank, loading);
        host.layers.extend(layers.into_iter().map(Arc::new));
    }
}

/// The files of one host or group, each a layer.
fn layers(folder: &Path, name: &str, rank: Rank, loading: &mut Loading<'_>) -> Vec<Layer> {
    let Some(file) = first(folder, name, loading) else {
        return Vec::new();
    };
    let paths = match loading.files.find(&file) {
        Some(Found::Folder) => variables_below(loading.files, &file).unwrap_or_else(|fault| {
            loading.faults.push(*fault);
            Vec::new()
        }),
        _ => vec![file],
    };
    let mut layers = Vec::new();
    for path in paths {
        if let Some(variables) = loading.variables(&path) {
            layers.push(Layer::written(rank, path.display().to_string(), &variables));
        }
    }
    layers
}

/// The first of `name`, `name.yml`, `name.yaml` and `name.json` that exists.
fn first(folder: &Path, name: &str, loading: &Loading<'_>) -> Option<PathBuf> {
    let bare = folder.join(name);
    let named = with_ends(&bare);
    [bare]
        .into_iter()
        .chain(named)
        .find(|path| loading.files.find(path).is_some())
}
