//! The files a task may touch: read anything, write only into granted folders.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cutover_kit::reach::Known;
use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Secrets};
use cutover_language::vault::{self, Vault};

use crate::journal::write_atomically;

/// The granted folders, and what opens files that are encrypted.
pub(super) struct Folders {
    granted: Vec<PathBuf>,
    vault: Arc<dyn Vault>,
    secrets: Secrets,
}

impl Folders {
    /// These folders and everything below them. What `vault` opens is told to `secrets`.
    pub(super) fn new(
        granted: impl IntoIterator<Item = PathBuf>,
        vault: Arc<dyn Vault>,
        secrets: Secrets,
    ) -> Self {
        Self {
            granted: granted.into_iter().map(|folder| plain(&folder)).collect(),
            vault,
            secrets,
        }
    }

    /// The content of a file; of one that is encrypted, what is in it.
    pub(super) fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        match std::fs::read(path) {
            Ok(content) if content.starts_with(vault::HEADER.as_bytes()) => {
                self.open(path, &content).map(Known::Now)
            }
            Ok(content) => Ok(Known::Now(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Known::Absent),
            Err(error) => Err(failed("read", path, &error)),
        }
    }

    fn open(&self, path: &Path, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        let clear = self
            .vault
            .open(&String::from_utf8_lossy(sealed))
            .map_err(|error| {
                let message = format!("{}: {error}", path.display());
                let failure = Failure::new(FailureKind::Preflight, message);
                match error.hint() {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            })?;
        if let Ok(text) = std::str::from_utf8(&clear) {
            self.secrets.learn(text, Origin::File(path.display().to_string()));
        }
        Ok(clear.to_vec())
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
        let folders = Folders::new([work.clone()], Arc::new(vault::NoVault), Secrets::default());
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

    #[test]
    fn an_encrypted_file_is_opened_and_its_content_is_a_secret() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("key.pem");
        let password = cutover_kit::Secret::new("p", Origin::Argument);
        let sealed = vault::seal(b"hunter22 in a file", &password, None).unwrap();
        std::fs::write(&path, sealed).unwrap();
        let label = vault::PLAIN_LABEL.to_owned();
        let keyring = vault::Keyring::new([vault::Key { label, password }]);
        let secrets = Secrets::default();
        let folders = Folders::new([], Arc::new(keyring), secrets.clone());
        let known = Known::Now(b"hunter22 in a file".to_vec());
        assert_eq!(folders.read(&path).unwrap(), known);
        assert_eq!(secrets.mask("<hunter22 in a file>"), "<********>");
        let closed = Folders::new([], Arc::new(vault::NoVault), secrets);
        let failure = closed.read(&path).unwrap_err();
        assert!(
            failure
                .message
                .ends_with("key.pem: Attempting to decrypt but no vault secrets found"),
            "{failure}"
        );
    }
}
