//! Changing this machine's files.

use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use cutover_kit::{Failure, FailureKind};
use tempfile::NamedTempFile;

use super::super::shell::refused;
use super::super::step::{Attributes, Moment, Step, Text, Writing};

/// Carries the steps out up to the first that fails.
pub(in super::super) fn carry_out(steps: &[Step]) -> Result<(), Failure> {
    for (number, step) in steps.iter().enumerate() {
        let kind = if number == 0 {
            FailureKind::Refused
        } else {
            FailureKind::Task
        };
        match one(step) {
            Ok(()) => {}
            Err(Trouble::System(path, error)) => {
                return Err(Failure::new(kind, format!("{path}: {error}")));
            }
            Err(Trouble::Invalid(status, said)) => return Err(refused(kind, status, &said)),
        }
    }
    Ok(())
}

/// Why a step failed.
enum Trouble {
    /// What the system said about which path.
    System(String, io::Error),
    /// The program that was to accept the file did not: its exit status and what it said.
    Invalid(i32, String),
}

type Done = Result<(), Trouble>;

fn at(path: &str) -> impl FnOnce(io::Error) -> Trouble + '_ {
    move |error| Trouble::System(path.to_owned(), error)
}

fn one(step: &Step) -> Done {
    match step {
        Step::Write(writing) => write(writing),
        Step::Folder { path, attributes } => folder(Path::new(path), *attributes),
        Step::Symlink { path, to } => {
            if Path::new(path).symlink_metadata().is_ok() {
                fs::remove_file(path).map_err(at(path))?;
            }
            symlink(to, path).map_err(at(path))
        }
        Step::Hardlink { path, to } => {
            if Path::new(path).symlink_metadata().is_ok() {
                fs::remove_file(path).map_err(at(path))?;
            }
            fs::hard_link(to, path).map_err(at(path))
        }
        Step::Create { path } => {
            let mut options = OpenOptions::new();
            let opened = options.create(true).append(true).open(path);
            opened.map(drop).map_err(at(path))
        }
        Step::Times {
            path,
            accessed,
            modified,
        } => times(path, *accessed, *modified).map_err(at(path)),
        Step::Set { path, attributes } => set(path, *attributes),
        Step::Remove { path } => remove(path).map_err(at(path)),
    }
}

fn folder(path: &Path, attributes: Attributes) -> Done {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        folder(above, attributes)?;
    }
    let text = path.to_string_lossy();
    let mut builder = fs::DirBuilder::new();
    if attributes.mode.is_some() {
        // Nobody looks in before its own permissions are set.
        builder.mode(0o700);
    }
    builder.create(path).map_err(at(&text))?;
    set(&text, attributes)
}

fn remove(path: &str) -> io::Result<()> {
    match Path::new(path).symlink_metadata() {
        Ok(about) if about.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn times(path: &str, accessed: Option<Moment>, modified: Option<Moment>) -> io::Result<()> {
    let mut times = FileTimes::new();
    if let Some(moment) = accessed {
        times = times.set_accessed(moment_of(moment));
    }
    if let Some(moment) = modified {
        times = times.set_modified(moment_of(moment));
    }
    File::open(path)?.set_times(times)
}

fn moment_of(moment: Moment) -> SystemTime {
    match moment {
        Moment::Now => SystemTime::now(),
        Moment::At(seconds) => {
            let since = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            SystemTime::UNIX_EPOCH + since
        }
    }
}

/// Owner before permissions: giving a file away takes its set-id bits.
fn set(path: &str, wanted: Attributes) -> Done {
    if wanted.uid.is_some() || wanted.gid.is_some() {
        let give = if wanted.itself { lchown } else { chown };
        match give(path, wanted.uid, wanted.gid) {
            Err(error) if !wanted.keeps_owner => return Err(at(path)(error)),
            _ => {}
        }
    }
    match wanted.mode {
        Some(mode) => fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at(path)),
        None => Ok(()),
    }
}

fn write(writing: &Writing) -> Done {
    let path = &writing.path;
    let folder = Path::new(path)
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".cutover.")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(at(path))?;
    match &writing.text {
        Text::Bytes(bytes) => file.write_all(&bytes.0).map_err(at(path))?,
        Text::Of(from) => {
            let mut source = File::open(from).map_err(at(from))?;
            io::copy(&mut source, &mut file).map_err(at(path))?;
        }
    }
    let temporary = file.path().to_string_lossy().into_owned();
    set(
        &temporary,
        Attributes {
            mode: Some(writing.attributes.mode.unwrap_or(DEFAULT & !umask_of(folder))),
            ..writing.attributes
        },
    )?;
    if let Some(words) = &writing.validate {
        validate(words, &temporary)?;
    }
    if let Some(backup) = &writing.backup {
        keep(path, backup).map_err(at(backup))?;
    }
    put(file, writing).map_err(at(path))
}

/// What new files get before the mask.
const DEFAULT: u32 = 0o666;

/// The mask, read off a file that is made like any other.
fn umask_of(folder: Option<&Path>) -> u32 {
    let probe = tempfile::Builder::new()
        .permissions(Permissions::from_mode(DEFAULT))
        .tempfile_in(folder.unwrap_or(Path::new(".")));
    let mode = probe.and_then(|file| file.as_file().metadata());
    mode.map_or(0o022, |about| DEFAULT & !about.permissions().mode())
}

fn put(file: NamedTempFile, writing: &Writing) -> io::Result<()> {
    let file = match file.persist(&writing.path) {
        Ok(_) => return Ok(()),
        Err(error) if !writing.inside => return Err(error.error),
        Err(error) => error.file,
    };
    let mut inside = OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(&writing.path)?;
    io::copy(&mut File::open(file.path())?, &mut inside).map(drop)
}

/// A copy with the same permissions, owner and times.
fn keep(path: &str, backup: &str) -> io::Result<()> {
    let mut source = File::open(path)?;
    let about = source.metadata()?;
    let mut options = OpenOptions::new();
    let mut copy = options.write(true).create_new(true).mode(0o600).open(backup)?;
    io::copy(&mut source, &mut copy)?;
    let (uid, gid) = {
        use std::os::unix::fs::MetadataExt;
        (about.uid(), about.gid())
    };
    // Only root may give files away; the copy is ours then.
    drop(chown(backup, Some(uid), Some(gid)));
    copy.set_permissions(about.permissions())?;
    let times = FileTimes::new()
        .set_accessed(about.accessed()?)
        .set_modified(about.modified()?);
    copy.set_times(times)
}

fn validate(words: &[String], file: &str) -> Done {
    let words: Vec<String> = words.iter().map(|word| word.replace("%s", file)).collect();
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    let mut command = Command::new(program);
    let ran = command.args(arguments).stdin(Stdio::null()).output();
    let output = ran.map_err(at(program))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Trouble::Invalid(output.status.code().unwrap_or(-1), said))
}
