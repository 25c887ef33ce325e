//! The folder of a role: where it is, and which files it has.

use std::path::{Path, PathBuf};

use crate::diagnose::Diagnostic;
use crate::files::{self, Found, variables_below, with_ends};
use crate::playbook::inclusion::looked_in;
use crate::playbook::reading::Reading;
use crate::source::Located;
use crate::yaml::Mapping;

/// The folder of a role, or where it was looked for.
pub(in crate::playbook) fn find(reading: &Reading<'_>, name: &str) -> Result<PathBuf, Vec<PathBuf>> {
    let around = &reading.around;
    let beside = around
        .role
        .iter()
        .filter_map(|role| role.path.parent().map(Path::to_owned));
    let folders = [around.folder.join("roles")]
        .into_iter()
        .chain(reading.origin.roles_path.iter().cloned())
        .chain(beside)
        .chain([around.folder.clone()]);
    let mut tried: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let path = files::join(&folder, name);
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    let is_folder = |path: &&PathBuf| reading.origin.files.find(path) == Some(Found::Folder);
    tried.iter().find(is_folder).cloned().ok_or(tried)
}

/// The file of a role's folder `sub`: `main`, or the one that was asked for.
pub(super) fn main_file(
    reading: &mut Reading<'_>,
    role: &Path,
    sub: &str,
    from: Option<&Located<String>>,
) -> Option<PathBuf> {
    let folder = role.join(sub);
    let name = from.map_or("main", |from| from.value.as_str());
    let wanted = files::join(&folder, name);
    let with_end = with_ends(&wanted);
    let candidates: Vec<PathBuf> = match from {
        Some(_) => [wanted.clone()].into_iter().chain(with_end).collect(),
        None => with_end.into_iter().chain([wanted.clone()]).collect(),
    };
    if let Some(from) = from.filter(|_| !wanted.starts_with(&folder)) {
        let message = format!("`{name}` leads out of `{sub}` of the role");
        reading.fault(Diagnostic::error("outside-role", &from.place, message));
        return None;
    }
    let found = reading.first_file(candidates.clone());
    if let (None, Some(from)) = (&found, from) {
        let folder = reading.origin.files.find(&wanted) == Some(Found::Folder);
        if !(folder && matches!(sub, "vars" | "defaults")) {
            let message = format!("there is no `{name}` in `{sub}` of the role");
            let fault = Diagnostic::error("no-such-file", &from.place, message);
            reading.fault(fault.help(looked_in(&candidates)));
        }
    }
    found
}

/// The variables of a role's folder: a file, or a folder of files in order of their names.
pub(super) fn variables(
    reading: &mut Reading<'_>,
    role: &Path,
    sub: &str,
    from: Option<&Located<String>>,
) -> Mapping {
    let place = from.map(|from| from.place.clone());
    if let Some(path) = main_file(reading, role, sub, from) {
        return reading.variables_of(&path, place.as_ref()).unwrap_or_default();
    }
    let name = from.map_or("main", |from| from.value.as_str());
    let mut merged = Mapping::default();
    let folder = role.join(sub).join(name);
    if reading.origin.files.find(&folder) != Some(Found::Folder) {
        return merged;
    }
    let paths = variables_below(reading.origin.files, &folder).unwrap_or_else(|fault| {
        reading.fault(*fault);
        Vec::new()
    });
    for path in paths {
        if let Some(map) = reading.variables_of(&path, place.as_ref()) {
            let merges = reading.origin.merges;
            map.iter().cloned().for_each(|entry| match merges {
                true => merged.merge(entry),
                false => merged.insert(entry),
            });
        }
    }
    merged
}

/// The files in a folder and the folders in it, whatever they are called.
pub(in crate::playbook) fn all_below(reading: &Reading<'_>, folder: &Path) -> Vec<PathBuf> {
    let files = reading.origin.files;
    let mut found = Vec::new();
    for name in files.list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        match files.find(&path) {
            Some(Found::Folder) => found.extend(all_below(reading, &path)),
            Some(_) => found.push(path),
            None => {}
        }
    }
    found
}
