//! A command that goes on by itself on the host (`async`): started, looked at, cleared away, all by
//! its shell.
//!
//! `~/.ansible_async/ID` tells how it stands as one line of JSON, as Ansible has it; what the command
//! says lies beside it, in `ID.stdout` and `ID.stderr`.

use std::time::Duration;

use cutover_kit::reach::Background;
use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind, Map, Note, Reach, Secret, Value, Write};
use serde::Deserialize;

use super::quote;
use crate::posix::{Posix, PosixReader};

const FOLDER: &str = r#""${ANSIBLE_ASYNC_DIR:-$HOME/.ansible_async}""#;

/// A job on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) file: String,
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no such job.
    Unknown,
    /// It has not ended.
    Running,
    /// It has ended.
    Ended(Ended),
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub(crate) executed: Executed,
    /// When it began and ended, in seconds since 1970 by the host's clock.
    pub(crate) began: i64,
    pub(crate) ended: i64,
    /// Whether it was stopped because its time was over.
    pub(crate) late: bool,
}

/// The line of the job's file.
#[derive(Deserialize)]
struct Status {
    finished: bool,
    #[serde(default)]
    rc: Option<i32>,
    #[serde(default)]
    began: i64,
    #[serde(default)]
    ended: i64,
}

/// What `timeout` ends with when it has stopped the command.
const STOPPED: i32 = 124;

/// Starts a line of the shell as a job and comes back at once.
pub(crate) async fn start(
    line: &str,
    stdin: Option<&Secret>,
    background: Background,
    reach: &Reach<Write>,
) -> Result<Job, Failure> {
    let random: u64 = reach
        .random(6)?
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let id = format!("j{}.{}", random / 10_000, random % 10_000);
    let mut writer = reach.writer::<Posix>().await?;
    let executed = writer
        .script(&launcher(&id, line, background.limit), stdin)
        .await?;
    let file = String::from_utf8_lossy(&executed.stdout).trim().to_owned();
    if executed.status != Some(0) || file.is_empty() {
        let said = String::from_utf8_lossy(&executed.stderr).into_owned();
        let failure = Failure::new(FailureKind::Refused, "the host does not start a job");
        return Err(failure.seen_all(said.lines()));
    }
    Ok(Job { id, file })
}

/// What the command is to read is kept by the shell that started it, and never lies on the disk.
fn launcher(id: &str, line: &str, limit: Duration) -> String {
    let shown = line.lines().next().unwrap_or_default();
    let (id, line, limit) = (quote(id), quote(line), limit.as_secs().max(1));
    format!(
        r#"# start job {id}: {shown}
d={FOLDER}; (umask 077; mkdir -p "$d") || exit 1
j=$d/{id}; data=$(cat; echo .); data=${{data%.}}; began=$(date +%s)
tell() {{ (umask 077; echo "{{\"ansible_job_id\": \"{id}\", \"started\": true, \"finished\": $1}}" >"$j.new") && mv -f "$j.new" "$j"; }}
tell false || exit 1
limit="timeout {limit}"; command -v timeout >/dev/null 2>&1 || limit=
(
  trap '' HUP; exec </dev/null >/dev/null 2>&1
  (umask 077; : >"$j.stdout"; : >"$j.stderr")
  printf %s "$data" | $limit /bin/sh -c {line} >>"$j.stdout" 2>>"$j.stderr"; rc=$?
  tell "true, \"rc\": $rc, \"began\": $began, \"ended\": $(date +%s)"
) &
echo "$j""#
    )
}

/// Waits for the end of a job, looking as often as `poll` says.
pub(crate) async fn wait(job: &Job, background: Background, reach: &Reach<Write>) -> Result<Ended, Failure> {
    let poll = background.poll.unwrap_or(Duration::from_secs(1));
    let begun = reach.clock().elapsed();
    reach.note(Note::Waiting {
        what: format!("job {}", job.id),
        limit: background.limit,
    });
    loop {
        let reader = reach.reader::<Posix>(&reach.host().name).await?;
        let lost = match look(&reader, &job.id).await {
            Ok(Standing::Ended(ended)) if ended.late => return Err(late(job, background.limit)),
            Ok(Standing::Ended(ended)) => return Ok(ended),
            Ok(Standing::Unknown) => return Err(unknown(&job.id)),
            Ok(Standing::Running) => None,
            // The job goes on by itself; the way to it may come back.
            Err(failure) => Some(failure),
        };
        if reach.clock().elapsed().saturating_sub(begun) > background.limit {
            return Err(lost.unwrap_or_else(|| late(job, background.limit)));
        }
        reach.wait(poll).await;
    }
}

fn late(job: &Job, limit: Duration) -> Failure {
    let message = format!(
        "async task did not complete within the requested time - {}s",
        limit.as_secs()
    );
    Failure::new(FailureKind::Task, message).field("ansible_job_id", job.id.as_str())
}

/// No file tells of the job.
pub(crate) fn unknown(id: &str) -> Failure {
    Failure::new(FailureKind::Task, "could not find job")
        .field("ansible_job_id", id)
        .field("started", true)
        .field("finished", true)
        .hint("a job belongs to the account that started it: become the same user")
}

/// How the job of this id stands.
pub(crate) async fn look(reader: &PosixReader, id: &str) -> Result<Standing, Failure> {
    let id = quote(id);
    let script = format!(
        r#"# look at job {id}
j={FOLDER}/{id}; [ -r "$j" ] || exit 3
cat "$j"; grep -q '"finished": true' "$j" || exit 0
wc -c <"$j.stdout"; cat "$j.stdout" "$j.stderr""#
    );
    let executed = reader.look(&script, None).await?;
    if executed.status == Some(3) {
        return Ok(Standing::Unknown);
    }
    read(&executed.stdout).ok_or_else(|| {
        let said = String::from_utf8_lossy(&executed.stderr).into_owned();
        Failure::new(FailureKind::Task, "the job's file cannot be read").seen_all(said.lines())
    })
}

/// One line of JSON; of an ended job the size of its standard output, then both streams.
fn read(said: &[u8]) -> Option<Standing> {
    let (line, rest) = split(said)?;
    let status: Status = serde_json::from_slice(line).ok()?;
    if !status.finished {
        return Some(Standing::Running);
    }
    let (size, streams) = split(rest)?;
    let size: usize = std::str::from_utf8(size).ok()?.trim().parse().ok()?;
    let (stdout, stderr) = streams.split_at_checked(size)?;
    Some(Standing::Ended(Ended {
        executed: Executed {
            status: status.rc,
            stdout: stdout.to_vec(),
            stderr: stderr.to_vec(),
        },
        began: status.began,
        ended: status.ended,
        late: status.rc == Some(STOPPED),
    }))
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// Clears a job's files away.
pub(crate) async fn clear(id: &str, reach: &Reach<Write>) -> Result<(), Failure> {
    let id = quote(id);
    let script = format!("# clear job {id} away\nj={FOLDER}/{id}; rm -f \"$j\" \"$j.stdout\" \"$j.stderr\"");
    let mut writer = reach.writer::<Posix>().await?;
    writer.script(&script, None).await.map(drop)
}

/// What a result says of a job.
pub(crate) fn fields(job: &Job, finished: bool) -> Map {
    crate::fields([
        ("ansible_job_id", Value::from(job.id.as_str())),
        ("started", true.into()),
        ("finished", finished.into()),
        ("results_file", job.file.as_str().into()),
    ])
}
