//! Folders of files of variables: those of a host, of a group, of a role.

use std::path::{Path, PathBuf};

use super::{Files, Found};
use crate::diagnose::Diagnostic;

/// How the name of a file of variables may end, if it ends in anything.
const ENDS: [&str; 3] = ["yml", "yaml", "json"];

/// Whether a file's name says that it holds YAML, or JSON, which is YAML too.
pub(crate) fn is_named_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| ENDS.iter().any(|known| end == *known))
}

/// The paths at which a file of this name may stand: the name with each end, in the order in which
/// they are tried.
pub(crate) fn with_ends(path: &Path) -> [PathBuf; 3] {
    ENDS.map(|end| PathBuf::from(format!("{}.{end}", path.display())))
}

/// The files of variables in a folder and the folders in it, in order of their names. What is hidden
/// or a backup is left out, and so is a folder whose name has an end.
pub(crate) fn variables_below(files: &dyn Files, folder: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let names = files.list(folder).map_err(|error| {
        let message = format!("{} cannot be read: {error}", folder.display());
        Box::new(Diagnostic::nowhere("unreadable", message))
    })?;
    let mut found = Vec::new();
    for name in names {
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = folder.join(&name);
        let has_end = path.extension().is_some();
        let ours = !has_end || is_named_yaml(&path);
        match files.find(&path) {
            Some(Found::Folder) if !has_end => found.extend(variables_below(files, &path)?),
            Some(Found::File | Found::Program) if ours => found.push(path),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Memory;

    #[test]
    fn files_of_variables_are_found_by_their_names() {
        let names = [
            "d/b.yml",
            "d/a",
            "d/c.json",
            "d/no.txt",
            "d/.hidden.yml",
            "d/old.yml~",
            "d/sub/x.yaml",
            "d/sub.d/no.yml",
            "d/.git/no.yml",
        ];
        let files = Memory::of(names.map(|name| (name, "")));
        let found = variables_below(&files, Path::new("d")).unwrap();
        let found: Vec<_> = found.iter().map(|path| path.display().to_string()).collect();
        assert_eq!(found, ["d/a", "d/b.yml", "d/c.json", "d/sub/x.yaml"]);
    }
}
