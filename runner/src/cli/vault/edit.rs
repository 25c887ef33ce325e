//! The editor, on a file that only its owner can see and that is gone afterwards.

use std::path::Path;
use std::process::Command;

use zeroize::Zeroizing;

use super::super::fault::Fault;
use super::file::read;

/// What becomes of `clear` in the editor.
pub(super) fn edit(path: &Path, clear: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // For the owner only, and removed with everything in it whatever happens.
    let folder = tempfile::tempdir().map_err(Fault::io("make a folder for the editor"))?;
    // The editor knows the kind of a file by its name.
    let file = folder.path().join(path.file_name().unwrap_or_default());
    make(&file, clear).map_err(Fault::io("make a file for the editor"))?;
    let editor = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let editor = editor
        .filter(|editor| !editor.trim().is_empty())
        .unwrap_or_else(|| "vi".into());
    let words = shell_words::split(&editor)
        .map_err(|error| Fault::error(format!("EDITOR cannot be understood: {error}")))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(Fault::error("EDITOR names no program"));
    };
    let status = Command::new(program)
        .args(arguments)
        .arg(&file)
        .status()
        .map_err(Fault::io(format!("start the editor {program}")))?;
    let changed = read(&file);
    // Overwritten before it is removed, as far as the file system lets that mean something.
    let _ = std::fs::write(&file, vec![0; clear.len()]);
    if status.success() {
        changed
    } else {
        Err(Fault::error(format!(
            "the editor ended with {status}; nothing was changed"
        )))
    }
}

#[cfg(unix)]
fn make(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)
}

#[cfg(not(unix))]
fn make(path: &Path, content: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, content)
}
