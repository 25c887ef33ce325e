//! Where a process runs: on this machine, or on a POSIX host.

use std::path::{Path, PathBuf};

use cutover_kit::failure::RC;
use cutover_kit::reach::Made;
use cutover_kit::session::{Exec, Executed};
use cutover_kit::{Failure, FailureKind, Later, Map, Platform, Reach, Read, Write};
use globset::Glob;

use super::args::{Line, Order};
use super::job;
use crate::disk::at_home;
use crate::posix::Posix;

/// Whether there is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    There,
    Missing,
    /// An earlier step of this check run makes it.
    Later(Later),
}

/// What came of an order.
pub(super) enum Ran {
    /// It ended; of a job that was waited for, what there is to say of that.
    Ended(Executed, Option<Map>),
    /// It goes on by itself.
    Left(Map),
}

/// Runs it, and waits for its end where the task does.
pub(super) async fn run(order: &Order, reach: &Reach<Write>) -> Result<Ran, Failure> {
    let Some(background) = reach.background() else {
        return Ok(Ran::Ended(at_once(order, reach).await?, None));
    };
    let job = job::start(&order.remote(), order.stdin.as_ref(), background, reach).await?;
    if background.poll.is_none() {
        return Ok(Ran::Left(job::fields(&job, false)));
    }
    let ended = job::wait(&job, background, reach).await?;
    job::clear(&job.id, reach).await?;
    Ok(Ran::Ended(ended.executed, Some(job::fields(&job, true))))
}

/// On this machine no shell is needed, unless to become somebody else.
async fn at_once(order: &Order, reach: &Reach<Write>) -> Result<Executed, Failure> {
    if reach.host().platform == Platform::Local && reach.becoming().is_none() {
        let command = Exec {
            stdin: order.stdin.clone(),
            ..Exec::default()
        };
        let folder = order.chdir.as_deref().map(at_home);
        let ran = reach
            .run(&order.local(), folder.as_deref().map(Path::new), &command)
            .await;
        return ran.map_err(|failure| match (&order.line, failure.kind) {
            (Line::Words(words), FailureKind::Refused) => never_began(words, failure),
            _ => failure,
        });
    }
    let mut writer = reach.writer::<Posix>().await?;
    writer.run(&order.remote(), order.stdin.as_ref()).await
}

/// There is no such program, or it may not be run: nothing has happened, and `rc` is the system's
/// number of that, as in Ansible.
fn never_began(words: &[String], failure: Failure) -> Failure {
    let nothing: [&str; 0] = [];
    let number = failure.fields.get(RC).cloned();
    Failure::new(FailureKind::Refused, "Error executing command.")
        .seen(failure.message)
        .field("cmd", shell_words::join(words))
        .field(RC, number.unwrap_or_else(|| 2.into()))
        .field("stdout", "")
        .field("stdout_lines", nothing.as_slice())
        .field("stderr", "")
        .field("stderr_lines", nothing.as_slice())
}

/// Looks for files that match the pattern, below the folder where one is given.
pub(crate) async fn find(pattern: &str, folder: Option<&str>, reach: &Reach<Read>) -> Result<Found, Failure> {
    if reach.host().platform == Platform::Local {
        let path = Path::new(&at_home(folder.unwrap_or_default())).join(at_home(pattern));
        if reach.becoming().is_none() && any(&path)? {
            return Ok(Found::There);
        }
        if let Some(later) = reach.promised(&Made::File(path)) {
            return Ok(Found::Later(later));
        }
        if reach.becoming().is_none() {
            return Ok(Found::Missing);
        }
    }
    let reader = reach.reader::<Posix>(&reach.host().name).await?;
    let there = reader.exists(pattern, folder).await?;
    Ok(if there { Found::There } else { Found::Missing })
}

/// Whether any file of this machine matches the path, component by component.
fn any(pattern: &Path) -> Result<bool, Failure> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let text = part.as_os_str().to_string_lossy();
        if !text.contains(['*', '?', '[']) {
            found.iter_mut().for_each(|path| path.push(part));
            found.retain(|path| path.as_os_str().is_empty() || path.symlink_metadata().is_ok());
            continue;
        }
        let matcher = Glob::new(&text)
            .map_err(|error| Failure::new(FailureKind::Arguments, error.to_string()))?
            .compile_matcher();
        let fits = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            let hidden = name.to_string_lossy().starts_with('.') && !text.starts_with('.');
            !hidden && matcher.is_match(name)
        };
        found = found
            .iter()
            .flat_map(|folder| children(folder))
            .filter(fits)
            .collect();
    }
    Ok(!found.is_empty())
}

/// What is in a folder; nothing where it cannot be read.
fn children(folder: &Path) -> Vec<PathBuf> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = folder.read_dir().into_iter().flatten();
    entries.filter_map(Result::ok).map(|entry| entry.path()).collect()
}
