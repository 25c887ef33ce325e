//! The one seam through which files are read.
//!
//! Everything the language reads goes through [`Files`], so that tests need no
//! disk and a run can record what it was run with ([`Recorded`]).

mod program;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use program::Ended;
pub(crate) use variables::{is_named_yaml, variables_below, with_ends};

use crate::diagnose::Diagnostic;
use crate::source::Source;
use crate::vault::{self, NoVault, Remembering, Vault};

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file to read.
    File,
    /// A file that may be executed.
    Program,
    /// A folder.
    Folder,
}

/// Where files are read from.
pub trait Files: Send + Sync {
    /// The text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// What stands at a path, if anything does.
    fn find(&self, path: &Path) -> Option<Found>;

    /// The path without links, if anything stands there.
    fn real(&self, path: &Path) -> Option<PathBuf> {
        self.find(path).map(|_| path.to_owned())
    }

    /// Whether a link stands at a path, wherever it leads.
    fn is_link(&self, _: &Path) -> bool {
        false
    }

    /// Whether a file system is mounted at a path.
    fn is_mount(&self, path: &Path) -> bool {
        path == Path::new("/")
    }

    /// What opens those of them that are encrypted.
    fn vault(&self) -> Arc<dyn Vault> {
        Arc::new(NoVault)
    }

    /// Runs one of them that is a program, and waits for its end.
    fn run(&self, program: &Path, arguments: &[&str]) -> io::Result<Ended> {
        let _ = (program, arguments);
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "no program can be run here",
        ))
    }
}

/// Reads a file as a source known by its path. One that is encrypted as a
/// whole is opened.
pub fn read(files: &dyn Files, path: &Path) -> Result<Arc<Source>, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let text = files.read(path).map_err(|error| {
        Box::new(Diagnostic::nowhere(
            "unreadable",
            format!("{shown} cannot be read: {error}"),
        ))
    })?;
    if !vault::is_sealed(&text) {
        return Ok(Source::new(shown, text));
    }
    match files.vault().open_text(&text) {
        Ok(clear) => Ok(Source::sealed(shown, clear.as_str())),
        Err(error) => {
            let place = Source::new(shown, text).place(0..0);
            let fault = Diagnostic::error("vault", &place, error.to_string());
            Err(Box::new(match error.hint() {
                Some(hint) => fault.help(hint),
                None => fault,
            }))
        }
    }
}

/// `path` as seen from `folder`, without `.` and `..` where that can be said from the names alone.
pub fn join(folder: &Path, path: impl AsRef<Path>) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(joined.components().next_back(), Some(Component::Normal(_))) => {
                joined.pop();
            }
            other => joined.push(other),
        }
    }
    joined
}

/// The machine's own files.
#[derive(Clone)]
pub struct Disk {
    vault: Arc<dyn Vault>,
}

impl Disk {
    /// With what opens those that are encrypted, each once.
    pub fn with_vault(vault: Arc<dyn Vault>) -> Self {
        Self {
            vault: Arc::new(Remembering::new(vault)),
        }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::with_vault(Arc::new(NoVault))
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn find(&self, path: &Path) -> Option<Found> {
        let about = fs::metadata(path).ok()?;
        Some(match about.is_dir() {
            true => Found::Folder,
            false if executable(&about) => Found::Program,
            false => Found::File,
        })
    }

    fn vault(&self) -> Arc<dyn Vault> {
        Arc::clone(&self.vault)
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> io::Result<Ended> {
        program::run(program, arguments)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    fn is_link(&self, path: &Path) -> bool {
        path.is_symlink()
    }

    #[cfg(unix)]
    fn is_mount(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| {
            fs::symlink_metadata(path)
                .ok()
                .map(|about| (about.dev(), about.ino()))
        };
        match (device(path), device(&path.join(".."))) {
            (Some((here, number)), Some((above, other))) => here != above || number == other,
            _ => false,
        }
    }
}

#[cfg(unix)]
fn executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &fs::Metadata) -> bool {
    false
}

/// Files held in memory.
#[derive(Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, String>,
    vault: Option<Arc<dyn Vault>>,
}

impl Memory {
    /// The files of the given paths and texts.
    pub fn of<P: Into<PathBuf>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (path.into(), text.into()));
        Self {
            files: files.collect(),
            vault: None,
        }
    }

    /// The same with what opens those that are encrypted.
    #[must_use]
    pub fn with_vault(self, vault: Arc<dyn Vault>) -> Self {
        Self {
            vault: Some(vault),
            ..self
        }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let below = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(folder).ok());
        let mut names: Vec<_> = below
            .filter_map(|path| path.components().next())
            .map(|name| name.as_os_str().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn find(&self, path: &Path) -> Option<Found> {
        if self.files.contains_key(path) {
            return Some(Found::File);
        }
        let folder = self.files.keys().any(|file| file.starts_with(path));
        folder.then_some(Found::Folder)
    }

    fn vault(&self) -> Arc<dyn Vault> {
        self.vault.clone().unwrap_or_else(|| Arc::new(NoVault))
    }
}

/// Other files, with everything that was read of them remembered, and texts that were
/// given and stand in no file.
pub struct Recorded<F> {
    inner: F,
    given: BTreeMap<PathBuf, String>,
    read: Mutex<BTreeMap<PathBuf, String>>,
}

impl<F: Files> Recorded<F> {
    /// Reads from `inner`.
    pub fn new(inner: F) -> Self {
        Self {
            inner,
            given: BTreeMap::new(),
            read: Mutex::default(),
        }
    }

    /// The same with texts that are found under these paths.
    #[must_use]
    pub fn with(mut self, given: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        self.given.extend(given);
        self
    }

    /// Every file read so far: its path and its text, as it stands there.
    pub fn so_far(&self) -> BTreeMap<PathBuf, String> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<F: Files> Files for Recorded<F> {
    fn read(&self, path: &Path) -> io::Result<String> {
        let text = match self.given.get(path) {
            Some(text) => text.clone(),
            None => self.inner.read(path)?,
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(path.to_owned(), text.clone());
        Ok(text)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.inner.list(folder)
    }

    fn find(&self, path: &Path) -> Option<Found> {
        let given = self.given.contains_key(path).then_some(Found::File);
        given.or_else(|| self.inner.find(path))
    }

    fn vault(&self) -> Arc<dyn Vault> {
        self.inner.vault()
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> io::Result<Ended> {
        self.inner.run(program, arguments)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        self.inner.real(path)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.inner.is_link(path)
    }

    fn is_mount(&self, path: &Path) -> bool {
        self.inner.is_mount(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joined_path_says_no_more_than_it_must() {
        let joined = |folder: &str, path: &str| join(Path::new(folder), path).display().to_string();
        assert_eq!(joined("plays", "../roles/./base"), "roles/base");
        assert_eq!(joined("", "../x"), "../x");
        assert_eq!(joined("a", "/etc/../x"), "/x");
    }

    #[test]
    fn what_is_read_is_remembered() {
        let files = Recorded::new(Memory::of([("a/b.yml", "x: 1"), ("a/c/d.yml", "")]));
        assert_eq!(files.list(Path::new("a")).unwrap(), ["b.yml", "c"]);
        assert_eq!(files.find(Path::new("a/c")), Some(Found::Folder));
        assert_eq!(files.find(Path::new("a/x")), None);
        assert_eq!(read(&files, Path::new("a/b.yml")).unwrap().text(), "x: 1");
        assert_eq!(
            files.so_far().into_keys().collect::<Vec<_>>(),
            [Path::new("a/b.yml")]
        );
        let missing = read(&files, Path::new("z.yml")).unwrap_err();
        assert_eq!(missing.message, "z.yml cannot be read: no such file");
    }
}
