//! The files, and what they say of a key.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use cutover_kit::session::Endpoint;
use ssh_key::known_hosts::Marker;

use super::entry::{Entry, Line, Name, matches};
use super::key::HostKey;

/// `known_hosts` files, read anew whenever they have changed. New keys go to the first.
#[derive(Debug)]
pub struct KnownHosts {
    files: Vec<PathBuf>,
    /// Held from asking to writing, so that two connections to a new host
    /// write one line, and never two different keys.
    writing: Mutex<()>,
    /// What they said when they were read last.
    last: Mutex<Option<Reading>>,
}

/// What all files said at a time.
#[derive(Clone, Debug)]
struct Reading {
    /// How each file was then.
    stamps: Vec<Option<Stamp>>,
    entries: Arc<[(Place, Entry)]>,
}

/// When a file was changed last, and its size.
type Stamp = (SystemTime, u64);

/// A line of a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// What the files say of a host's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one they have.
    Known,
    /// They know no key of this host.
    Unknown,
    /// They know another key of this host.
    Changed {
        /// Where.
        place: Place,
        /// The key they know.
        known: HostKey,
    },
    /// This key is revoked.
    Revoked {
        /// Where.
        place: Place,
    },
}

impl KnownHosts {
    /// The keys in `files`; a file need not exist.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            writing: Mutex::new(()),
            last: Mutex::new(None),
        }
    }

    /// The types of the keys known for `endpoint`, most trusted file first.
    pub fn types_for(&self, endpoint: &Endpoint) -> io::Result<Vec<String>> {
        let entries = self.entries()?;
        let of = |name: &Name| -> Vec<String> {
            let entries = entries.iter().filter(|(_, entry)| entry.marker.is_none());
            let named = entries.filter(|(_, entry)| matches(&entry.hosts, name));
            named.map(|(_, entry)| entry.key.key_type().to_owned()).collect()
        };
        let found = of(&Name::of(endpoint));
        if !found.is_empty() {
            return Ok(found);
        }
        Ok(Name::without_port(endpoint)
            .map(|name| of(&name))
            .unwrap_or_default())
    }

    /// What the files say of `key` as the key of `endpoint`.
    pub fn check(&self, endpoint: &Endpoint, key: &HostKey) -> io::Result<Verdict> {
        Ok(judge(&self.entries()?, endpoint, key))
    }

    /// What the files say of `key`; an unknown key is added to the first file,
    /// which is created where need be, for its owner only.
    pub fn check_or_add(&self, endpoint: &Endpoint, key: &HostKey) -> io::Result<Verdict> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match self.check(endpoint, key)? {
            Verdict::Unknown => {
                if let Some(file) = self.files.first() {
                    let line = format!("{} {key}", Name::of(endpoint).as_str());
                    append(file, &line).map_err(|error| about(file, &error))?;
                }
                Ok(Verdict::Known)
            }
            verdict => Ok(verdict),
        }
    }

    /// The files, for messages.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    fn entries(&self) -> io::Result<Arc<[(Place, Entry)]>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps: Vec<_> = self.files.iter().map(|file| stamp(file)).collect();
        if let Some(last) = last.as_ref().filter(|last| last.stamps == stamps) {
            return Ok(last.entries.clone());
        }
        let mut entries = Vec::new();
        for file in &self.files {
            let text = read(file)?;
            let lines = text.lines().enumerate();
            entries.extend(lines.filter_map(|(index, line)| match Line::read(line) {
                Line::Entry(entry) => Some((place(file, index + 1), entry)),
                Line::Empty | Line::Broken => None,
            }));
        }
        let entries: Arc<[_]> = entries.into();
        *last = Some(Reading {
            stamps,
            entries: entries.clone(),
        });
        Ok(entries)
    }
}

/// None where there is no file, or nothing is told of it.
fn stamp(file: &Path) -> Option<Stamp> {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}

fn place(file: &Path, line: usize) -> Place {
    Place {
        file: file.to_owned(),
        line,
    }
}

/// As OpenSSH judges: a revocation wins, then a matching key; any other key
/// of the host makes it changed. A host without a key at its port may show the
/// one known for its bare name. Certificate authorities vouch for
/// certificates, which are never asked for.
fn judge(entries: &[(Place, Entry)], endpoint: &Endpoint, key: &HostKey) -> Verdict {
    let at_port = judge_name(entries, &Name::of(endpoint), key);
    match (at_port, Name::without_port(endpoint)) {
        (Verdict::Unknown, Some(bare)) => match judge_name(entries, &bare, key) {
            Verdict::Changed { .. } => Verdict::Unknown,
            verdict => verdict,
        },
        (verdict, _) => verdict,
    }
}

fn judge_name(entries: &[(Place, Entry)], name: &Name, key: &HostKey) -> Verdict {
    let named = || entries.iter().filter(|(_, entry)| matches(&entry.hosts, name));
    let revoked = |(_, entry): &&(Place, Entry)| entry.marker == Some(Marker::Revoked) && entry.key == *key;
    if let Some((place, _)) = named().find(revoked) {
        return Verdict::Revoked { place: place.clone() };
    }
    let mut plain = named().filter(|(_, entry)| entry.marker.is_none());
    match plain.clone().find(|(_, entry)| entry.key == *key) {
        Some(_) => Verdict::Known,
        None => plain
            .next()
            .map_or(Verdict::Unknown, |(place, entry)| Verdict::Changed {
                place: place.clone(),
                known: entry.key.clone(),
            }),
    }
}

/// A file that is not there says nothing; bytes that are no text break their
/// own line only.
fn read(file: &Path) -> io::Result<String> {
    match fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(about(file, &error)),
    }
}

/// The system's errors name no file.
fn about(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", file.display()))
}

fn append(file: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    let start = if ends_in_newline(&mut file)? { "" } else { "\n" };
    // One write, so that another process's line cannot come between.
    file.write_all(format!("{start}{line}\n").as_bytes())
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn ends_in_newline(file: &mut fs::File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> HostKey {
        let mut blob = vec![0, 0, 0, 11];
        blob.extend(b"ssh-ed25519");
        blob.push(number);
        HostKey::from_blob(&blob).expect("a key")
    }

    fn known(folder: &Path, texts: &[String]) -> KnownHosts {
        let files = texts.iter().enumerate().map(|(index, text)| {
            let file = folder.join(index.to_string());
            fs::write(&file, text).expect("a file");
            file
        });
        KnownHosts::new(files.collect())
    }

    fn at(folder: &Path, file: usize, line: usize) -> Place {
        place(&folder.join(file.to_string()), line)
    }

    #[test]
    fn any_file_may_know_a_host_and_a_broken_line_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let texts = [
            format!("nonsense\n\u{0}\u{1}\nhost {}", key(1)),
            format!("# more\nhost {}\n", key(2)),
        ];
        let known = known(folder.path(), &texts);
        let host = Endpoint::new("host", 22);
        let changed = Verdict::Changed {
            place: at(folder.path(), 0, 3),
            known: key(1),
        };
        assert_eq!(known.check(&host, &key(1)).unwrap(), Verdict::Known);
        assert_eq!(known.check(&host, &key(2)).unwrap(), Verdict::Known);
        assert_eq!(known.check(&host, &key(3)).unwrap(), changed);
        assert_eq!(
            known.check(&Endpoint::new("other", 22), &key(1)).unwrap(),
            Verdict::Unknown
        );
        assert_eq!(known.types_for(&host).unwrap(), ["ssh-ed25519", "ssh-ed25519"]);
    }

    #[test]
    fn a_revoked_key_is_revoked_wherever_else_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let texts = [
            format!("host {0}\n", key(1)),
            format!("@revoked host {0}\n", key(1)),
        ];
        let known = known(folder.path(), &texts);
        let revoked = Verdict::Revoked {
            place: at(folder.path(), 1, 1),
        };
        assert_eq!(known.check(&Endpoint::new("host", 22), &key(1)).unwrap(), revoked);
        assert_eq!(
            known.check(&Endpoint::new("elsewhere", 22), &key(1)).unwrap(),
            Verdict::Unknown
        );
    }

    #[test]
    fn a_certificate_authority_vouches_for_no_plain_key() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(folder.path(), &[format!("@cert-authority * {0}\n", key(1))]);
        assert_eq!(
            known.check(&Endpoint::new("host", 22), &key(1)).unwrap(),
            Verdict::Unknown
        );
        assert_eq!(
            known.check(&Endpoint::new("host", 22), &key(2)).unwrap(),
            Verdict::Unknown
        );
    }

    /// As OpenSSH: the key known for the bare name is good at any port, and
    /// another one there says nothing about this port.
    #[test]
    fn a_host_known_by_its_bare_name_is_known_at_any_port() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(folder.path(), &[format!("host {}\n", key(1))]);
        let elsewhere = Endpoint::new("host", 2222);
        assert_eq!(known.check(&elsewhere, &key(1)).unwrap(), Verdict::Known);
        assert_eq!(known.check(&elsewhere, &key(2)).unwrap(), Verdict::Unknown);
        assert_eq!(known.types_for(&elsewhere).unwrap(), ["ssh-ed25519"]);
    }

    #[test]
    fn a_new_key_begins_a_line_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(folder.path(), &[format!("one {}", key(1))]);
        let two = Endpoint::new("TWO", 2222);
        assert_eq!(known.check_or_add(&two, &key(2)).unwrap(), Verdict::Known);
        assert_eq!(known.check_or_add(&two, &key(2)).unwrap(), Verdict::Known);
        let changed = known.check_or_add(&two, &key(3)).unwrap();
        assert!(matches!(changed, Verdict::Changed { .. }), "{changed:?}");
        let text = fs::read_to_string(folder.path().join("0")).unwrap();
        assert_eq!(text, format!("one {}\n[two]:2222 {}\n", key(1), key(2)));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownHosts::new(vec![folder.path().to_owned()]);
        let error = known.check(&Endpoint::new("host", 22), &key(1)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&folder.path().display().to_string()),
            "{error}"
        );
    }
}
