//! A place of one's own for each test, and the command in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use regex::Regex;
use tempfile::TempDir;

/// The command under test.
const CUTOVER: &str = env!("CARGO_BIN_EXE_cutover");

/// A pool of two, which nobody calls.
pub(crate) const VOICE: &str = "\
all:
  vars: {platform: vos, product: vvb, pool: voice, ansible_user: administrator}
  hosts: {vvb-1: , vvb-2: }
";

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A folder for the state and the files of one test.
pub(crate) struct Place {
    root: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("files")).unwrap();
        Self { root }
    }

    /// The folder that [`Place::cutover`] starts in.
    pub(crate) fn files(&self) -> PathBuf {
        self.root.path().join("files")
    }

    /// The state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// The user's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().to_owned()
    }

    /// Writes a file of the test.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.files().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The command with these words, in the test's own files.
    pub(crate) fn cutover(&self, words: &str) -> Cutover<'_> {
        self.command(Command::new(CUTOVER), words, &self.files())
    }

    /// The same as from a terminal that may go away: `nohup`, if these tests run under it, leaves SIGHUP
    /// ignored in all that is started.
    pub(crate) fn with_hangup(&self, words: &str) -> Cutover<'_> {
        let mut cutover = Command::new("env");
        cutover.args(["--default-signal=HUP", CUTOVER]);
        self.command(cutover, words, &self.files())
    }

    /// The command with these words, in the workspace, as the README has it.
    pub(crate) fn in_workspace(&self, words: &str) -> Cutover<'_> {
        self.command(Command::new(CUTOVER), words, &workspace())
    }

    fn command(&self, mut command: Command, words: &str, folder: &Path) -> Cutover<'_> {
        command
            .args(shell_words::split(words).unwrap())
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.root.path())
            .env("USER", "engineer")
            .env("CUTOVER_STATE", self.state())
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        Cutover { place: self, command }
    }

    /// `text` with everything replaced that differs from run to run.
    fn settled(&self, text: &str) -> String {
        let root = self.root.path().display().to_string();
        let text = text
            .replace(&root, "[PLACE]")
            .replace(&workspace().display().to_string(), "[WORKSPACE]");
        let replace = |text: String, pattern: &str, by: &str| {
            Regex::new(pattern).unwrap().replace_all(&text, by).into_owned()
        };
        let text = replace(text, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[TIME]");
        let text = replace(text, r"run \d{8}T\d{6}Z-[0-9a-f]{8}", "run [RUN]");
        let text = replace(text, r"process \d+", "process [PID]");
        let text = replace(text, r"(took|done after) [0-9.hms]+", "$1 [DURATION]");
        let text = replace(text, r"in \d+ days", "in [DAYS]");
        replace(text, r"-[0-9a-f]{8}\b", "-[HASH]")
    }
}

/// The command, about to be run.
#[must_use]
pub(crate) struct Cutover<'a> {
    place: &'a Place,
    command: Command,
}

impl Cutover<'_> {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end, which must be this exit code.
    #[track_caller]
    pub(crate) fn ends_with(mut self, code: i32) -> Ended {
        let output = self.command.output().unwrap();
        let ended = Ended::of(self.place, &output);
        assert_eq!(output.status.code(), Some(code), "{ended}");
        ended
    }

    /// Starts it, with its standard output to be read.
    pub(crate) fn start(mut self) -> Child {
        self.command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// What a command said until its end.
pub(crate) struct Ended {
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(place: &Place, output: &Output) -> Self {
        Self {
            out: place.settled(&String::from_utf8_lossy(&output.stdout)),
            err: place.settled(&String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// What happened on one host, in order: `vos_csr: changed`. Lanes run side by
    /// side, so only the order on each host is the same from run to run; what one host
    /// does for all is left out.
    pub(crate) fn on(&self, host: &str) -> String {
        let result =
            Regex::new(r"^(ok|changed|skipping|listed|later|awaiting|fatal|no return|turn): \[([^\] ]+)\]")
                .unwrap();
        let banner = Regex::new(r"^(?:TASK|GATE) \[(.*)\] \*+$").unwrap();
        let (mut lines, mut task) = (String::new(), String::new());
        for line in self.out.lines() {
            if let Some(found) = banner.captures(line) {
                task = found[1].to_owned();
            }
            let Some(found) = result.captures(line).filter(|found| &found[2] == host) else {
                continue;
            };
            match &found[1] {
                "no return" | "turn" => lines.push_str(&format!("{line}\n")),
                word => lines.push_str(&format!("{task}: {word}\n")),
            }
        }
        lines
    }

    /// Ansible's recap.
    pub(crate) fn recap(&self) -> String {
        let recap = self.out.split_once("PLAY RECAP").map(|(_, recap)| recap);
        let lines = recap.unwrap_or_default().lines().skip(1);
        lines
            .take_while(|line| !line.is_empty())
            .map(|line| format!("{}\n", line.trim_end()))
            .collect()
    }

    /// What follows Ansible's recap.
    pub(crate) fn after_recap(&self) -> &str {
        let recap = self.out.split_once("PLAY RECAP").map(|(_, recap)| recap);
        recap
            .and_then(|recap| recap.split_once("\n\n"))
            .map_or("", |(_, after)| after)
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}--- stderr\n{}", self.out, self.err)
    }
}

/// Every file below `folder`, by its path in it.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}
