//! The folder in which the twins of one inventory live: their state, their host
//! keys, and a note for whoever looks for them while they are up.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::stage::{Address, Pace};
use crate::journal::{State, make_folder, write_atomically};

/// Everything of rehearsals lives under this folder of the state folder: their
/// requests and signatures must never be taken for those of real devices.
const APART: &str = "rehearsal";

/// Where the twins of an inventory live.
#[derive(Clone, Debug)]
pub struct Home {
    state: State,
    folder: PathBuf,
    work: PathBuf,
}

/// The right to start the twins of a home; given back when dropped.
#[derive(Debug)]
pub struct Held {
    _lock: File,
}

/// Twins that are up, for others who want to use them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Up {
    /// The process that keeps them up.
    pub pid: u32,
    /// How fast they are.
    pub pace: Pace,
    /// Where to reach what.
    pub addresses: BTreeSet<Address>,
}

impl Home {
    /// The home of the twins of `inventories`.
    pub fn of(state: &State, inventories: &[String]) -> io::Result<Self> {
        let state = State::at(state.root().join(APART))?;
        let folder = state.of_inventory("twins", inventories);
        let work = state.of_inventory("work", inventories);
        make_folder(&folder)?;
        Ok(Self { state, folder, work })
    }

    /// The state folder of rehearsals.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The file with the twins' host keys, for `ssh` and for cutover.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.join("known_hosts")
    }

    /// The name of the local CA that signs in rehearsals of this inventory.
    pub fn ca_name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        format!("rehearsal-{}", name.to_string_lossy())
    }

    /// Takes the twins for oneself; `None` where somebody else has them.
    pub fn hold(&self) -> io::Result<Option<Held>> {
        let mut options = OpenOptions::new();
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Held { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Forgets the twins, their work, and the CA that signed for them.
    pub fn forget(&self, _: &Held) -> io::Result<()> {
        for file in [self.estate_file(), self.known_hosts(), self.up_file()] {
            gone(std::fs::remove_file(file))?;
        }
        gone(std::fs::remove_dir_all(&self.work))?;
        gone(std::fs::remove_dir_all(
            self.state.root().join("ca").join(self.ca_name()),
        ))
    }

    /// The twins' state as it was left, if there is one.
    pub fn kept(&self) -> io::Result<Option<String>> {
        found(std::fs::read_to_string(self.estate_file()))
    }

    /// Keeps the twins' state. It holds their private keys, and is the owner's only.
    pub fn keep(&self, estate: &str, _: &Held) -> io::Result<()> {
        write_atomically(&self.estate_file(), estate.as_bytes())
    }

    /// Writes the twins' host keys.
    pub fn write_known_hosts(&self, lines: &str, _: &Held) -> io::Result<()> {
        write_atomically(&self.known_hosts(), lines.as_bytes())
    }

    /// Tells others that the twins are up.
    pub fn tell_up(&self, up: &Up, _: &Held) -> io::Result<()> {
        write_atomically(&self.up_file(), serde_json::to_string(up)?.as_bytes())
    }

    /// Tells others that they are not, before or after.
    pub fn tell_down(&self, _: &Held) -> io::Result<()> {
        gone(std::fs::remove_file(self.up_file()))
    }

    /// The twins that are up; ask only where [`Home::hold`] found them taken.
    pub fn up(&self) -> io::Result<Option<Up>> {
        let text = found(std::fs::read_to_string(self.up_file()))?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn estate_file(&self) -> PathBuf {
        self.folder.join("estate.json")
    }

    fn up_file(&self) -> PathBuf {
        self.folder.join("up.json")
    }
}

/// What is not there is gone already.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    found(removed).map(drop)
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(root: &Path) -> Home {
        let state = State::at(root).unwrap();
        Home::of(&state, &["inventories/example".to_owned()]).unwrap()
    }

    #[test]
    fn only_one_has_the_twins_and_others_find_them() {
        let root = tempfile::tempdir().unwrap();
        let first = home(root.path());
        let held = first.hold().unwrap().unwrap();
        let addresses = BTreeSet::from([Address {
            host: "finesse-1".into(),
            port: 22,
            at: "127.0.0.1:40022".parse().unwrap(),
        }]);
        let up = Up {
            pid: 7,
            pace: Pace::Fast,
            addresses,
        };
        first.tell_up(&up, &held).unwrap();

        let second = home(root.path());
        assert!(second.hold().unwrap().is_none());
        assert_eq!(second.up().unwrap(), Some(up));

        first.tell_down(&held).unwrap();
        drop(held);
        assert!(second.hold().unwrap().is_some());
        assert_eq!(second.up().unwrap(), None);
    }

    #[test]
    fn what_is_forgotten_is_gone_and_may_be_forgotten_again() {
        let root = tempfile::tempdir().unwrap();
        let home = home(root.path());
        let held = home.hold().unwrap().unwrap();
        home.keep("{}", &held).unwrap();
        make_folder(&home.work.join("csr")).unwrap();
        assert_eq!(home.kept().unwrap().as_deref(), Some("{}"));
        home.forget(&held).unwrap();
        home.forget(&held).unwrap();
        assert_eq!(home.kept().unwrap(), None);
        assert!(!home.work.exists());
    }
}
