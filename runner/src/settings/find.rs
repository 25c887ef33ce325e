//! Which `ansible.cfg` counts.

use std::path::{Path, PathBuf};

use cutover_language::files::{Files, Found};
use cutover_language::{Diagnostic, Severity};

use super::Environment;
use cutover_engine::home;

/// The first that exists: `ANSIBLE_CONFIG`, the folder's own (unless everybody
/// may write there), the user's, the machine's.
pub(super) fn find(
    folder: &Path,
    environment: Environment<'_>,
    files: &dyn Files,
    warnings: &mut Vec<Diagnostic>,
) -> Option<PathBuf> {
    let is_file = |path: &PathBuf| matches!(files.find(path), Some(Found::File | Found::Program));
    let users = environment("HOME").map(PathBuf::from);
    if let Some(named) = environment("ANSIBLE_CONFIG") {
        let named = home::expand(Path::new(&named), users.as_deref());
        let path = match files.find(&named) {
            Some(Found::Folder) => named.join("ansible.cfg"),
            _ => named,
        };
        if is_file(&path) {
            return Some(path);
        }
    }
    let own = match folder == Path::new(".") {
        true => PathBuf::from("ansible.cfg"),
        false => folder.join("ansible.cfg"),
    };
    if is_file(&own) {
        if !anybody_writes(folder) {
            return Some(own);
        }
        let warning = Diagnostic::nowhere(
            "setting",
            "ansible.cfg of this folder is passed over: everybody may write in the folder",
        );
        warnings.push(Diagnostic {
            severity: Severity::Warning,
            ..warning.help("take away the right with `chmod o-w .`, or name the file in ANSIBLE_CONFIG")
        });
    }
    let own = users.map(|home| home.join(".ansible.cfg"));
    let machine = Some(PathBuf::from("/etc/ansible/ansible.cfg"));
    [own, machine].into_iter().flatten().find(is_file)
}

#[cfg(unix)]
fn anybody_writes(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o002 != 0)
}

#[cfg(not(unix))]
fn anybody_writes(_: &Path) -> bool {
    false
}
