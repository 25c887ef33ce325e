//! Locks between runs: two runs never touch the same host, nor take members of the same
//! cluster or pool out of service at the same time.
//!
//! A lock is a file in the state folder that the operating system locks for as long as the
//! process lives: a run that dies holds nothing. Beside the lock stands who holds it, for whoever
//! comes second. The files stay; they are empty promises once their lock is given back.

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bytes::hex;
use crate::journal::{make_folder, open_or_make};
use crate::sync::lock;

/// A run, as whoever comes second is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The run's id.
    pub run: String,
    /// Its process.
    pub pid: u32,
    /// When it began.
    pub since: Timestamp,
    /// What it plays.
    pub playbooks: Vec<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, pid, since, .. } = self;
        let playbooks = self.playbooks.join(", ");
        write!(f, "run {run} ({playbooks}, process {pid}, since {since:.0})")
    }
}

/// What is locked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Everything about the host at this address (`host:port`, as dialled), for the whole run.
    Host(String),
    /// The same, of the host that has this key, whatever it was dialled as.
    HostKey(String),
    /// The turn of the host at this address, while it or a partner is out of service.
    Turn(String),
}

impl Key {
    /// The name of its file: a kind and a hash, since addresses may be long and odd.
    fn file_name(&self) -> String {
        let (kind, of) = match self {
            Self::Host(of) => ("host", of),
            Self::HostKey(of) => ("key", of),
            Self::Turn(of) => ("turn", of),
        };
        let hash = openssl::sha::sha256(of.as_bytes());
        format!("{kind}-{}", hex(&hash[..16]))
    }
}

/// Another run holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which one, where that could be read.
    pub by: Option<Holder>,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Some(holder) => holder.fmt(f),
            None => f.write_str("another run"),
        }
    }
}

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("held by {0}")]
    Taken(Taken),
    /// The state folder cannot be used.
    #[error("the lock cannot be taken: {0}")]
    Io(#[from] io::Error),
}

/// The locks that one run holds.
#[derive(Debug)]
pub struct Locks {
    folder: PathBuf,
    me: Holder,
    held: Mutex<HashMap<Key, File>>,
}

impl Locks {
    /// None yet; lock files lie in `folder`, which is made when the first is taken.
    pub fn new(folder: PathBuf, me: Holder) -> Self {
        Self {
            folder,
            me,
            held: Mutex::default(),
        }
    }

    /// Takes the lock of `key`, which this run may hold already. It is held until
    /// [`Locks::give_back`] or the end of the run.
    pub fn take(&self, key: Key) -> Result<(), LockError> {
        let mut held = lock(&self.held);
        if held.contains_key(&key) {
            return Ok(());
        }
        make_folder(&self.folder)?;
        let mut file = open_or_make(&self.folder.join(key.file_name()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Taken(holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.write_all(
            serde_json::to_string(&self.me)
                .map_err(io::Error::from)?
                .as_bytes(),
        )?;
        held.insert(key, file);
        Ok(())
    }

    /// Gives back what this run holds of `keys`.
    pub fn give_back<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) {
        let mut held = lock(&self.held);
        for file in keys.into_iter().filter_map(|key| held.remove(key)) {
            leave(&file);
        }
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        lock(&self.held).values().for_each(leave);
    }
}

/// Whoever reads the file between the next lock and the words beside it is not told of this run.
fn leave(file: &File) {
    // Words that stay behind mislead nobody but that one.
    let _ = file.set_len(0);
}

/// Who says to hold the lock. Nobody does between the lock and the words beside it.
fn holder(file: &mut File) -> Taken {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    Taken {
        by: read.ok().and_then(|_| serde_json::from_str(&text).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locks(folder: &std::path::Path, run: &str) -> Locks {
        let me = Holder {
            run: run.into(),
            pid: 7,
            since: "2026-03-01T22:00:00Z".parse().unwrap(),
            playbooks: vec!["tomcat.yml".into()],
        };
        Locks::new(folder.join("locks"), me)
    }

    fn host() -> Key {
        Key::Host("10.0.0.1:22".into())
    }

    #[test]
    fn the_second_run_is_told_who_holds_a_host_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (locks(folder.path(), "first"), locks(folder.path(), "second"));
        first.take(host()).unwrap();
        first.take(host()).unwrap();
        assert_eq!(
            second.take(host()).unwrap_err().to_string(),
            "held by run first (tomcat.yml, process 7, since 2026-03-01T22:00:00Z)"
        );
        second.take(Key::Turn("10.0.0.1:22".into())).unwrap();
        drop(first);
        second.take(host()).unwrap();
    }

    #[test]
    fn who_held_a_lock_before_is_not_told_as_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (locks(folder.path(), "first"), locks(folder.path(), "second"));
        let ways: [&dyn Fn(&Locks); 2] = [&|locks| locks.give_back([&host()]), &|_| {}];
        let mut first = Some(first);
        for way in ways {
            let run = first.take().unwrap_or_else(|| locks(folder.path(), "another"));
            run.take(host()).unwrap();
            way(&run);
            drop(run);
            let file = open_or_make(&folder.path().join("locks").join(host().file_name())).unwrap();
            file.lock().unwrap();
            assert_eq!(
                second.take(host()).unwrap_err().to_string(),
                "held by another run"
            );
        }
    }

    #[test]
    fn what_is_given_back_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (locks(folder.path(), "first"), locks(folder.path(), "second"));
        first.take(host()).unwrap();
        first.give_back([&host()]);
        second.take(host()).unwrap();
        assert!(matches!(first.take(host()), Err(LockError::Taken(_))));
    }
}
