//! The world as templates see it: the run's clock, chance that is journalled,
//! this machine's shell.

use std::fs::Metadata;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cutover_kit::Clock;
use cutover_language::template::{About, Fetch, Ran, Surroundings};
use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::fetch::fetch;
use crate::bus::Bus;
use crate::bytes::{hex, random};
use crate::event::EventKind;
use crate::policy::Effects;

pub(super) struct World {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) bus: Bus,
    /// Whether no other machine may be asked.
    pub(super) loopback_only: bool,
    /// What may be changed: a command can change anything.
    pub(super) effects: Effects,
}

/// Why a rehearsal keeps no password.
const UNWRITTEN: &str = "a rehearsal writes no file that a run would take for its own; \
                         `-e` can give the variable that it makes";

impl World {
    /// Refuses what could change something that has no twin.
    fn may(&self, refusal: &'static str) -> io::Result<()> {
        match self.effects {
            Effects::All => Ok(()),
            _ => Err(io::Error::other(refusal)),
        }
    }
}

impl Surroundings for World {
    fn now(&self) -> Option<Timestamp> {
        Some(self.clock.now())
    }

    fn host_name(&self) -> Option<String> {
        host_name()
    }

    fn about(&self, path: &Path) -> Option<About> {
        let file = std::fs::metadata(path).ok()?;
        Some(About {
            written: file.modified().ok()?.try_into().ok()?,
            owner: owner(&file),
        })
    }

    fn random(&self, count: usize) -> Option<Vec<u8>> {
        let bytes = self.secret_random(count)?;
        self.bus.emit(EventKind::Drawn {
            host: "templates".into(),
            hex: hex(&bytes),
        });
        Some(bytes)
    }

    fn secret_random(&self, count: usize) -> Option<Vec<u8>> {
        random(count).ok()
    }

    fn shell(&self, command: &str, folder: &Path) -> io::Result<Ran> {
        self.may(
            "a command of this machine could change what has no twin, and a rehearsal does not run it; \
             `-e` can give the variable that it makes",
        )?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command]).stdin(Stdio::null());
        if folder.is_dir() {
            shell.current_dir(folder);
        }
        let ran = shell.output()?;
        Ok(Ran {
            status: ran.status.code(),
            output: String::from_utf8_lossy(&ran.stdout).into_owned(),
            errors: String::from_utf8_lossy(&ran.stderr).into_owned(),
        })
    }

    fn fetch(&self, request: &Fetch) -> Result<String, String> {
        fetch(request, self.loopback_only)
    }

    fn create(&self, path: &Path, text: &str) -> io::Result<()> {
        self.may(UNWRITTEN)?;
        Ok(beside(path, text)?.persist_noclobber(path).map(drop)?)
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        self.may(UNWRITTEN)?;
        Ok(beside(path, text)?.persist(path).map(drop)?)
    }
}

/// A file that only its owner can read, in the folder where it is to stand.
fn beside(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    Some(system.nodename().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(unix)]
fn owner(file: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;

    let number = file.uid();
    let user = nix::unistd::User::from_uid(number.into()).ok().flatten();
    user.map_or_else(|| number.to_string(), |user| user.name)
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> String {
    std::env::var("USERNAME").unwrap_or_default()
}
