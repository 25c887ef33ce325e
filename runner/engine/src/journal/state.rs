//! Where runs, twins, local CAs and work live: `$CUTOVER_STATE`, by default the
//! user's XDG state folder, readable by the owner only.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{make_folder, write_atomically};
use crate::bytes::{hex, random};
use crate::home;

/// The state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    root: PathBuf,
}

impl State {
    /// The state folder of this user. It is made when something is put there.
    pub fn of_user() -> io::Result<Self> {
        let root = home::named("CUTOVER_STATE").or_else(|| {
            let own = || home::of_user().map(|home| home.join(".local/state"));
            let all = home::named("XDG_STATE_HOME").or_else(own);
            all.map(|folder| folder.join("cutover"))
        });
        let root = root.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no state folder: set CUTOVER_STATE, XDG_STATE_HOME or HOME",
            )
        })?;
        Ok(Self {
            root: std::path::absolute(root)?,
        })
    }

    /// The state folder at `root`, made where it is missing.
    pub fn at(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        make_folder(&root)?;
        Ok(Self { root })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of what belongs to an inventory: requests, signed certificates,
    /// twins. The same from run to run; its name tells the inventory's.
    pub fn of_inventory(&self, kind: &str, inventories: &[String]) -> PathBuf {
        let mut hasher = openssl::sha::Sha256::new();
        for inventory in inventories {
            let path = std::path::absolute(inventory).unwrap_or_else(|_| PathBuf::from(inventory));
            hasher.update(path.as_os_str().as_encoded_bytes());
            hasher.update(b"\0");
        }
        let hash = hasher.finish();
        let first = inventories.first().map(Path::new).and_then(Path::file_stem);
        let name = first.map_or("inventory".into(), |name| name.to_string_lossy().into_owned());
        self.root.join(kind).join(format!("{name}-{}", hex(&hash[..4])))
    }

    /// The key of this state folder's file hashes, made on first use.
    pub fn hash_key(&self) -> io::Result<Vec<u8>> {
        let path = self.root.join("hash.key");
        match std::fs::read(&path) {
            Ok(key) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random(32)?;
                write_atomically(&path, &key)?;
                Ok(key)
            }
            Err(error) => Err(error),
        }
    }

    /// The id of a run that begins now.
    pub fn run_id(now: Timestamp, random: u32) -> String {
        format!("{}-{random:08x}", now.strftime("%Y%m%dT%H%M%SZ"))
    }

    /// The folder of the run with this id, made.
    pub fn run_folder(&self, id: &str) -> io::Result<PathBuf> {
        let path = self.root.join("runs").join(id);
        make_folder(&path)?;
        Ok(path)
    }

    /// The folder of the locks between runs.
    pub fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }
}
