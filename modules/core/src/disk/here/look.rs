//! Looking at this machine's files.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use cutover_kit::{Failure, FailureKind};
use nix::unistd::{Gid, Group, Uid, User};
use openssl::hash::{Hasher, MessageDigest};
use rustix::fs::Access as Mode;

use super::super::question::{
    Access, Answer, Ask, Content, Entry, Kind, Question, SMALL, Seen, Stat, Sum, Tree,
};

/// Answers the question.
pub(in super::super) fn answer(question: &Question) -> Result<Answer, Failure> {
    let mut names = Names::default();
    let mut answer = Answer {
        umask: umask(),
        temporary: std::env::temp_dir().display().to_string(),
        ..Answer::default()
    };
    for ask in &question.files {
        answer.files.push(seen(ask, &mut names)?);
    }
    for tree in &question.trees {
        answer.trees.push(entries(tree, &mut names));
    }
    answer.users = question.users.iter().map(|name| user(name)).collect();
    answer.groups = question.groups.iter().map(|name| group(name)).collect();
    Ok(answer)
}

fn seen(ask: &Ask, names: &mut Names) -> Result<Seen, Failure> {
    let path = at_home(&ask.path);
    let mut seen = Seen {
        path: path.clone(),
        ..Seen::default()
    };
    let stat = match fs::symlink_metadata(&path) {
        Ok(about) => names.stat(&about),
        Err(error) if is_absent(&error) => return Ok(seen),
        Err(error) => return Err(failed("look at", &path, &error)),
    };
    if stat.is(Kind::Link) {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        seen.link = fs::read_link(&path).map(text).unwrap_or_default();
        seen.target = fs::metadata(&path).ok().map(|about| names.stat(&about));
    } else {
        seen.target = Some(stat.clone());
    }
    seen.real = real(Path::new(&path)).to_string_lossy().into_owned();
    let may = |mode| rustix::fs::access(&path, mode).is_ok();
    seen.access = Access {
        read: may(Mode::READ_OK),
        write: may(Mode::WRITE_OK),
        execute: may(Mode::EXEC_OK),
    };
    seen.stat = Some(stat);
    if seen.leads_to(Kind::File) && seen.access.read {
        seen.sums = sums(&path, &ask.sums)?;
        let size = seen.target.as_ref().map_or(0, |stat| stat.size);
        let wanted = match ask.content {
            Content::No => false,
            Content::Small => size <= SMALL as u64,
            Content::All => true,
        };
        if wanted {
            seen.content = Some(fs::read(&path).map_err(|error| failed("read", &path, &error))?);
        }
    }
    Ok(seen)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Where the last part is missing, or leads nowhere, at least its folder is resolved.
fn real(path: &Path) -> PathBuf {
    let by_folder = || {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    path.canonicalize()
        .ok()
        .or_else(by_folder)
        .unwrap_or_else(|| path.to_owned())
}

fn sums(path: &str, wanted: &[Sum]) -> Result<BTreeMap<Sum, String>, Failure> {
    let mut sums = BTreeMap::new();
    for sum in wanted {
        let hex = hash(path, *sum).map_err(|error| failed("read", path, &error))?;
        sums.insert(*sum, hex);
    }
    Ok(sums)
}

fn hash(path: &str, sum: Sum) -> io::Result<String> {
    let mut hasher = Hasher::new(digest(sum))?;
    let mut file = File::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            count => hasher.update(&piece[..count])?,
        }
    }
    Ok(hasher
        .finish()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The digest of this name.
pub(crate) fn digest(sum: Sum) -> MessageDigest {
    match sum {
        Sum::Md5 => MessageDigest::md5(),
        Sum::Sha1 => MessageDigest::sha1(),
        Sum::Sha224 => MessageDigest::sha224(),
        Sum::Sha256 => MessageDigest::sha256(),
        Sum::Sha384 => MessageDigest::sha384(),
        Sum::Sha512 => MessageDigest::sha512(),
    }
}

/// Folders before what is in them; what vanishes meanwhile, or may not be read, is left out.
fn entries(tree: &Tree, names: &mut Names) -> Option<Vec<Entry>> {
    let top = PathBuf::from(at_home(&tree.path));
    if !fs::metadata(&top).ok()?.is_dir() {
        return None;
    }
    let mut found = Vec::new();
    let mut folders = vec![(top, 1)];
    while let Some((folder, level)) = folders.pop() {
        let mut below: Vec<PathBuf> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        below.sort();
        for path in below {
            let Ok(about) = fs::symlink_metadata(&path) else {
                continue;
            };
            let folder = about.is_dir() || tree.follow && path.is_dir();
            if folder && tree.depth.is_none_or(|depth| level < depth) {
                folders.push((path.clone(), level + 1));
            }
            found.push(Entry {
                path: path.to_string_lossy().into_owned(),
                stat: names.stat(&about),
            });
            if tree.limit.is_some_and(|limit| found.len() >= limit.into()) {
                folders.clear();
                break;
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Some(found)
}

/// Names of users and groups, each asked for once.
#[derive(Default)]
struct Names {
    users: HashMap<u32, String>,
    groups: HashMap<u32, String>,
}

impl Names {
    fn stat(&mut self, about: &Metadata) -> Stat {
        let moment = |seconds: i64, nanos: i64| seconds as f64 + nanos as f64 / 1e9;
        Stat {
            mode: about.mode(),
            uid: about.uid(),
            gid: about.gid(),
            owner: self.user(about.uid()),
            group: self.group(about.gid()),
            size: about.size(),
            inode: about.ino(),
            device: about.dev(),
            links: about.nlink(),
            device_type: about.rdev(),
            block_size: about.blksize(),
            blocks: about.blocks(),
            accessed: moment(about.atime(), about.atime_nsec()),
            modified: moment(about.mtime(), about.mtime_nsec()),
            changed: moment(about.ctime(), about.ctime_nsec()),
        }
    }

    fn user(&mut self, uid: u32) -> String {
        let name = || User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let entry = self.users.entry(uid);
        entry
            .or_insert_with(|| name().map(|user| user.name).unwrap_or_default())
            .clone()
    }

    fn group(&mut self, gid: u32) -> String {
        let name = || Group::from_gid(Gid::from_raw(gid)).ok().flatten();
        let entry = self.groups.entry(gid);
        entry
            .or_insert_with(|| name().map(|group| group.name).unwrap_or_default())
            .clone()
    }
}

fn user(name: &str) -> Option<u32> {
    let known = User::from_name(name).ok().flatten().map(|user| user.uid.as_raw());
    known.or_else(|| name.parse().ok())
}

fn group(name: &str) -> Option<u32> {
    let known = Group::from_name(name)
        .ok()
        .flatten()
        .map(|group| group.gid.as_raw());
    known.or_else(|| name.parse().ok())
}

/// Read and not asked for: asking sets it for a moment, in all threads.
fn umask() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok())
        .unwrap_or(0o022)
}

/// The path with `~` or `~user` filled in.
pub(crate) fn at_home(path: &str) -> String {
    let Some(rest) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    let (name, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let home = if name.is_empty() {
        std::env::home_dir()
    } else {
        User::from_name(name).ok().flatten().map(|user| user.dir)
    };
    home.map_or_else(|| path.to_owned(), |home| format!("{}{below}", home.display()))
}

fn failed(verb: &str, path: &str, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Task, format!("cannot {verb} {path}: {error}"))
}
