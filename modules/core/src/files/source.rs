//! Files of this machine that tasks send to hosts.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cutover_kit::{Failure, FailureKind, Known, Later, Reach, Read};

use crate::disk::at_home;

/// What a task's `src` is on this machine.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    File(Sent),
    /// A folder: what is below it.
    Folder(Vec<Below>),
    /// An earlier step of this check run makes it.
    Later(Later),
}

/// A file to send.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) content: Vec<u8>,
    /// Its permissions.
    pub(crate) mode: u32,
    /// Whether the content was encrypted.
    pub(crate) secret: bool,
}

/// Something below a folder, by its path from there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Below {
    pub(super) path: String,
    pub(super) it: Entry,
}

/// What it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    File(Sent),
    Folder,
    /// A link that is sent as one.
    Link(String),
}

/// Where `src` is: itself where it is absolute, else beside the role, the task's file or the playbook,
/// in a folder of that name (`files`) first.
pub(super) fn place(reach: &Reach<Read>, src: &str, folder: &str) -> PathBuf {
    let given = PathBuf::from(at_home(src));
    if given.is_absolute() {
        return given;
    }
    let folders = reach.beside();
    let places = folders
        .iter()
        .flat_map(|beside| [beside.join(folder).join(&given), beside.join(&given)]);
    let promised = |path: &PathBuf| reach.promised(&cutover_kit::Made::File(path.clone())).is_some();
    places
        .into_iter()
        .find(|path| path.exists() || promised(path))
        .unwrap_or(given)
}

/// How files are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taking {
    /// Links in folders stay links.
    pub(crate) links: bool,
    /// What is encrypted with Ansible Vault is decrypted.
    pub(crate) decrypt: bool,
}

impl Taking {
    /// What links lead to, in clear.
    pub(crate) const CLEAR: Self = Self {
        links: false,
        decrypt: true,
    };

    fn content(self, reach: &Reach<Read>, path: &Path) -> Result<Known<Sent>, Failure> {
        let made = reach.promised(&cutover_kit::Made::File(path.to_owned()));
        let secret = made.is_none() && is_sealed(path);
        let content = match secret && !self.decrypt {
            true => Known::Now(fs::read(path).map_err(|error| unreadable(path, &error))?),
            false => reach.read(path)?,
        };
        Ok(match content {
            Known::Now(content) => Known::Now(Sent {
                path: path.display().to_string(),
                content,
                mode: mode(path),
                secret: secret && self.decrypt,
            }),
            Known::Later(later) => Known::Later(later),
            Known::Absent => Known::Absent,
        })
    }
}

/// How a file begins that Ansible Vault encrypted.
const SEALED: &[u8] = b"$ANSIBLE_VAULT;";

fn is_sealed(path: &Path) -> bool {
    let mut begin = Vec::new();
    let length = SEALED.len() as u64;
    let file = fs::File::open(path);
    file.and_then(|file| file.take(length).read_to_end(&mut begin))
        .is_ok_and(|_| begin == SEALED)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Task,
        format!("cannot read {}: {error}", path.display()),
    )
}

/// Reads what is to be sent.
pub(crate) fn read(reach: &Reach<Read>, src: &str, folder: &str, taking: Taking) -> Result<Source, Failure> {
    let path = place(reach, src, folder);
    if path.is_dir() {
        let mut found = Vec::new();
        below(reach, &path, Path::new(""), taking, &mut found)?;
        return Ok(Source::Folder(found));
    }
    match taking.content(reach, &path)? {
        Known::Now(sent) => Ok(Source::File(sent)),
        Known::Later(later) => Ok(Source::Later(later)),
        Known::Absent => Err(absent(reach, src)),
    }
}

/// There is no such file on this machine.
pub(super) fn absent(reach: &Reach<Read>, src: &str) -> Failure {
    let message = format!("Could not find or access '{src}' on this machine");
    let looked = reach.beside();
    Failure::new(FailureKind::Preflight, message)
        .seen_all(
            looked
                .iter()
                .map(|folder| format!("looked beside {}", folder.display())),
        )
        .hint("a file of the host itself is meant by `remote_src: true`")
}

/// The permissions of a file of this machine.
pub(super) fn mode(path: &Path) -> u32 {
    fs::metadata(path).map_or(0o644, |about| about.permissions().mode() & 0o7777)
}

/// Folders before what is in them.
fn below(
    reach: &Reach<Read>,
    top: &Path,
    inside: &Path,
    taking: Taking,
    found: &mut Vec<Below>,
) -> Result<(), Failure> {
    let here = top.join(inside);
    let failed = |error: io::Error| unreadable(&here, &error);
    let entries = fs::read_dir(&here).map_err(failed)?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    names.sort();
    for name in names {
        let inside = inside.join(&name);
        let path = top.join(&inside);
        let relative = inside.to_string_lossy().into_owned();
        let it = if taking.links && path.is_symlink() {
            let to = fs::read_link(&path).map_err(failed)?;
            Entry::Link(to.to_string_lossy().into_owned())
        } else if path.is_dir() {
            Entry::Folder
        } else {
            match taking.content(reach, &path)? {
                Known::Now(sent) => Entry::File(sent),
                Known::Later(_) | Known::Absent => continue,
            }
        };
        let folder = it == Entry::Folder;
        found.push(Below { path: relative, it });
        if folder {
            below(reach, top, &inside, taking, found)?;
        }
    }
    Ok(())
}
