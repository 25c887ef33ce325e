//! The files a task may touch: read anything, write only into granted folders.

use std::io;
use std::path::{Component, Path, PathBuf};

use cutover_kit::reach::Known;
use cutover_kit::{Failure, FailureKind};

use crate::journal::write_atomically;

/// The granted folders.
#[derive(Clone, Debug, Default)]
pub(super) struct Folders {
    granted: Vec<PathBuf>,
}

impl Folders {
    /// These folders and everything below them.
    pub(super) fn new(granted: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            granted: granted.into_iter().map(|folder| plain(&folder)).collect(),
        }
    }

    /// The content of a file.
    pub(super) fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        match std::fs::read(path) {
            Ok(content) => Ok(Known::Now(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::Absent),
            Err(error) => Err(failed("read", path, &error)),
        }
    }

    /// The names of the files in a folder, sorted.
    pub(super) fn list(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("list", folder, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed("list", folder, &error))?;
            if entry.path().is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Writes a file whole or not at all.
    pub(super) fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        let wanted = plain(path);
        if !self.granted.iter().any(|folder| wanted.starts_with(folder)) {
            let message = format!("{} is outside the folders a task may write to", path.display());
            return Err(Failure::new(FailureKind::Arguments, message)
                .seen_all(
                    self.granted
                        .iter()
                        .map(|folder| format!("granted: {}", folder.display())),
                )
                .hint("write below `{{ work }}`"));
        }
        write_atomically(path, content).map_err(|error| failed("write", path, &error))
    }
}

/// The absolute path without `.` and `..`, so that a prefix says what it seems to say.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .components()
    {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Task,
        format!("cannot {verb} {}: {error}", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_writes_below_its_folders_and_nowhere_else() {
        let temp = tempfile::tempdir().unwrap();
        let work = temp.path().join("work");
        let folders = Folders::new([work.clone()]);
        folders.write(&work.join("csr/fin-a.csr"), b"request").unwrap();
        assert_eq!(
            folders.read(&work.join("csr/fin-a.csr")).unwrap(),
            Known::Now(b"request".to_vec())
        );
        assert_eq!(folders.list(&work.join("csr")).unwrap(), ["fin-a.csr"]);
        let outside = folders.write(&work.join("../elsewhere"), b"x").unwrap_err();
        assert_eq!(outside.kind, FailureKind::Arguments);
        assert!(!temp.path().join("elsewhere").exists());
    }
}
