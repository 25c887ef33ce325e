//! What a program costs, with every process it starts.
//!
//! The kernel adds up what a process's children have cost, over all of them and
//! for ever. So each program gets a parent of its own, the *watcher*: this same
//! binary, started anew, which runs one program, collects what the program left
//! running, and reads its own account.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// The word that makes this binary a watcher.
const WATCH: &str = "watch";

/// How often the memory of a tree of processes is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// How long what a program left running may take to end.
const PARTING: Duration = Duration::from_secs(5);

/// What one go of a program cost.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From its start to its end.
    pub(crate) wall: Duration,
    /// Processor time, user and system, of all its processes.
    pub(crate) cpu: Duration,
    /// Bytes of memory at the peak: the largest single process, or all together
    /// with shared pages counted once, whichever is more.
    pub(crate) memory: u64,
}

/// Runs `command` and waits for its end; what it prints goes to `log`.
///
/// # Errors
/// Where it cannot be run or does not succeed, with the end of what it printed.
pub(crate) fn cost(command: &Command, log: &Path) -> Result<Cost> {
    let mut watcher = Command::new(std::env::current_exe()?);
    watcher.arg(WATCH).arg(log).arg(command.get_program());
    watcher.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => watcher.env(name, value),
            None => watcher.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        watcher.current_dir(folder);
    }
    let output = watcher.stderr(Stdio::inherit()).output()?;
    let answer: Result<Cost, String> =
        serde_json::from_slice(&output.stdout).context("the watcher's answer")?;
    answer.map_err(|reason| anyhow!("{reason}; the end of what it said:\n{}", tail(log)))
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// Does a watcher's work, where this process was started as one; whether it was.
pub(crate) fn watched_if_asked() -> Result<bool> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(WATCH)) {
        return Ok(false);
    }
    let log = arguments.next().unwrap_or_default();
    let command: Vec<OsString> = arguments.collect();
    let answer = watch(Path::new(&log), &command).map_err(|error| format!("{error:#}"));
    println!("{}", serde_json::to_string(&answer)?);
    Ok(true)
}

fn watch(log: &Path, command: &[OsString]) -> Result<Cost> {
    let (program, arguments) = command.split_first().context("no program to watch")?;
    // What the program leaves behind becomes this process's child, not init's.
    prctl::set_child_subreaper(true)?;
    let output = File::create(log)?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // Ansible, told to end, ends its whole group.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", Path::new(program).display()))?;
    let (over, ended) = mpsc::channel();
    let looking = thread::spawn(move || most_memory(&ended));
    let status = child.wait()?;
    let wall = started.elapsed();
    drop(over);
    let together = looking.join().unwrap_or_default();
    end_what_is_left()?;
    ensure!(status.success(), "it ended with {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = usage.user_time() + usage.system_time();
    let largest = u64::try_from(usage.max_rss())? * 1024;
    Ok(Cost {
        wall,
        cpu: Duration::from_micros(u64::try_from(cpu.num_microseconds())?),
        memory: largest.max(together),
    })
}

/// The most that all processes below this one hold together, until told to stop.
fn most_memory(ended: &mpsc::Receiver<()>) -> u64 {
    let mut most = 0;
    while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        most = most.max(descendants().into_iter().map(held).sum());
    }
    most
}

/// Ends the processes that a program left running, and waits until their costs are known.
fn end_what_is_left() -> Result<()> {
    let begin = Instant::now();
    let mut signal = Signal::SIGTERM;
    loop {
        for pid in descendants() {
            // It may have gone by itself.
            let _ = kill(pid, signal);
        }
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Err(nix::errno::Errno::ECHILD) => return Ok(()),
            Ok(WaitStatus::StillAlive) => thread::sleep(Duration::from_millis(5)),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        if begin.elapsed() > PARTING {
            signal = Signal::SIGKILL;
        }
    }
}

/// All processes below this one.
fn descendants() -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some((pid, parent)) = pid.and_then(|pid| Some((pid, parent(pid)?))) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![Pid::this().as_raw()];
    while let Some(pid) = open.pop() {
        let below = children.remove(&pid).unwrap_or_default();
        found.extend(below.iter().copied().map(Pid::from_raw));
        open.extend(below);
    }
    found
}

/// Who started a process: the second field after its name, which may hold anything.
fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Bytes of memory that a process holds, its part of shared pages included.
fn held(pid: Pid) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kilobytes = rollup.lines().find_map(|line| {
        let rest = line.strip_prefix("Pss:")?;
        rest.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    kilobytes.unwrap_or(0) * 1024
}
