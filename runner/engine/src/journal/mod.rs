//! The durable record of a run: its events, one JSON object a line.
//!
//! A change's intent is on the disk before the change is made, and its outcome
//! before any other change is. After a crash the last line may be torn; a reader
//! drops it.

mod state;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use state::State;

use crate::bus::{Durable, Sink, Trip};
use crate::event::{Event, EventKind};

/// The file's name in the run's folder.
pub const FILE: &str = "journal.jsonl";

/// Writes events to a run's journal.
pub struct Journal {
    file: BufWriter<Arc<File>>,
}

impl Journal {
    /// A new journal in `folder`; only the owner may read it.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owner_only(&mut options);
        Ok(Self {
            file: BufWriter::new(Arc::new(options.open(folder.join(FILE))?)),
        })
    }
}

impl Sink for Journal {
    fn take(&mut self, event: &Event, line: &str) -> io::Result<()> {
        if matches!(event.kind, EventKind::Heartbeat { .. }) {
            return Ok(());
        }
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\n")?;
        if event.kind.is_durable() {
            self.file.flush()?;
        }
        Ok(())
    }
}

impl Durable for Journal {
    fn sync(&mut self) -> io::Result<Trip> {
        self.file.flush()?;
        let file = self.file.get_ref().clone();
        Ok(Box::new(move || file.sync_data()))
    }
}

/// Reads the events of a journal. A torn last line is dropped; any other bad
/// line is an error that names it.
pub fn read(path: &Path) -> io::Result<Vec<Event>> {
    let text = std::fs::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().collect();
    let mut events = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(event) => events.push(event),
            Err(_) if index + 1 == lines.len() => break,
            Err(error) => {
                let place = format!("{}:{}: {error}", path.display(), index + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, place));
            }
        }
    }
    Ok(events)
}

/// Writes `content` to `path` whole or not at all, for the owner only.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    make_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a folder and its parents; what is made anew is for the owner only.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens the file at `path` for reading and writing; made anew, it is for the owner only.
pub fn open_or_make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    owner_only(&mut options);
    options.open(path)
}

fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// The path of the journal in `folder`.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
