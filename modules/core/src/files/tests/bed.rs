//! Where the stories of file modules are played: this machine, and shells of it behind the seam of
//! connections. Every story must go the same everywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_kit::session::{
    Credential, DialError, Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, HostKeyPolicy, Link,
    LinkError, Offer, Shell, SshSettings, Terminal,
};
use cutover_kit::timing::Timing;
use cutover_kit::{AnyModule, Failure, Value};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::bench::{Bench, Done};
use crate::posix::PosixConnection;

use super::sshd::Sshd;

/// A place with a folder of its own.
pub(crate) struct Bed {
    pub(crate) name: &'static str,
    pub(crate) bench: Bench,
    pub(crate) folder: TempDir,
    /// The server behind it, where there is one.
    _sshd: Option<Sshd>,
}

/// This machine, its shells, BusyBox where it is installed, and a real server.
pub(crate) fn beds() -> Vec<Bed> {
    let mut beds = vec![
        Bed::new("here", None, &[]),
        Bed::new("sh", Some("/bin/sh"), &[]),
        Bed::new("bash", Some("/bin/bash"), &["--posix"]),
    ];
    if Path::new("/usr/bin/busybox").exists() {
        beds.push(Bed::new("busybox", Some("/usr/bin/busybox"), &["sh"]));
    }
    beds.push(Bed::ssh());
    beds
}

impl Bed {
    /// Over a real connection.
    fn ssh() -> Self {
        let sshd = Sshd::start();
        let bench = Bench::posix(sshd.connection());
        Self::over("ssh", bench, tempfile::tempdir().unwrap(), Some(sshd))
    }

    fn over(name: &'static str, bench: Bench, folder: TempDir, sshd: Option<Sshd>) -> Self {
        std::fs::create_dir(folder.path().join("site")).unwrap();
        Self {
            name,
            bench: bench.beside(&folder.path().join("site")),
            folder,
            _sshd: sshd,
        }
    }

    fn new(name: &'static str, program: Option<&'static str>, words: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bench = match program {
            None => Bench::local(),
            Some(program) => Bench::posix(connection(Near {
                program,
                words,
                tools: tools(name, folder.path()),
            })),
        };
        Self::over(name, bench, folder, None)
    }

    /// A path in its folder, where `@` stands for the folder.
    fn here(&self, text: &str) -> String {
        text.replace('@', &self.folder.path().display().to_string())
    }

    /// Puts a file there.
    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Runs a task; `@` in its arguments stands for the folder. First it is only planned, which may
    /// change nothing.
    pub(crate) async fn task(
        &self,
        module: &'static dyn AnyModule,
        args: serde_json::Value,
    ) -> Result<Done, Failure> {
        let args =
            Value::from(serde_json::from_str::<serde_json::Value>(&self.here(&args.to_string())).unwrap());
        let before = self.tree();
        let planned = self.bench.check(module, &args).await;
        assert_eq!(before, self.tree(), "{}: a look has changed something", self.name);
        let done = self.bench.task(module, &args).await;
        if let (Ok(planned), Ok(done)) = (planned, &done) {
            assert_eq!(planned, done.changes.len(), "{}: check mode is exact", self.name);
        }
        done
    }

    /// Runs a task and takes it back, which must leave everything as it was unless something stays.
    pub(crate) async fn there_and_back(
        &self,
        module: &'static dyn AnyModule,
        args: serde_json::Value,
    ) -> String {
        let args =
            Value::from(serde_json::from_str::<serde_json::Value>(&self.here(&args.to_string())).unwrap());
        let before = self.tree();
        let mut between = String::new();
        let told = self
            .bench
            .there_and_back(module, &args, || between = self.tree())
            .await;
        let told = told.unwrap().join("; ");
        assert_ne!(before, between, "{}: {told}: nothing was changed", self.name);
        if !told.contains("stays: ") {
            assert_eq!(before, self.tree(), "{}: {told}", self.name);
        }
        self.plain(&told)
    }

    /// The result of a task as one line: what is changed, what the result says, without what differs
    /// from machine to machine.
    pub(crate) async fn line(&self, module: &'static dyn AnyModule, args: serde_json::Value) -> String {
        match self.task(module, args).await {
            Ok(done) => {
                let changes: Vec<_> = done.changes.iter().map(|change| change.text.as_str()).collect();
                let changes = if changes.is_empty() {
                    "ok".to_owned()
                } else {
                    changes.join("; ")
                };
                self.plain(&format!(
                    "{changes} => {}",
                    serde_json::to_string(&settled(&done.fields)).unwrap()
                ))
            }
            Err(failure) => self.plain(&format!("{:?}: {}", failure.kind, failure.message)),
        }
    }

    /// Why a task fails that finds its host otherwise than it was when it was planned.
    pub(crate) async fn overtaken(
        &self,
        module: &'static dyn AnyModule,
        args: serde_json::Value,
        happens: impl FnOnce(),
    ) -> String {
        let args = serde_json::from_str::<serde_json::Value>(&self.here(&args.to_string())).unwrap();
        let done = self.bench.task_while(module, &args.into(), happens).await;
        let failure = done.unwrap_err();
        self.plain(&format!("{:?}: {}", failure.kind, failure.message))
    }

    /// Why a task is refused. What is there may be of any kind, so nothing looks whether it changes.
    pub(crate) async fn refused(&self, module: &'static dyn AnyModule, args: serde_json::Value) -> String {
        let args = serde_json::from_str::<serde_json::Value>(&self.here(&args.to_string())).unwrap();
        let failure = self.bench.check(module, &args.into()).await.unwrap_err();
        self.plain(&format!("{:?}: {}", failure.kind, failure.message))
    }

    /// Without the folder's own name and the moments in names of kept files.
    pub(crate) fn plain(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let text = text.replace(&folder, "@");
        let kept = r"\.\d+\.2026-11-21@12:\d\d:\d\d~";
        let kept = fancy_regex::Regex::new(kept).unwrap();
        kept.replace_all(&text, ".MICROSECOND.TIME~").into_owned()
    }

    /// Everything in its folder: kind, permissions and content.
    pub(crate) fn tree(&self) -> String {
        let mut lines = BTreeMap::new();
        walk(self.folder.path(), self.folder.path(), &mut lines);
        lines.into_iter().fold(String::new(), |mut out, (path, line)| {
            writeln!(out, "{} {line}", self.plain(&path)).unwrap();
            out
        })
    }
}

fn walk(top: &Path, folder: &Path, lines: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap().display().to_string();
        if name == "tools" || name == "site" {
            continue;
        }
        let about = path.symlink_metadata().unwrap();
        let line = if about.is_symlink() {
            format!("-> {}", path.read_link().unwrap().display())
        } else if about.is_dir() {
            walk(top, &path, lines);
            format!("{:04o} folder", about.mode() & 0o7777)
        } else {
            format!(
                "{:04o} {:?}",
                about.mode() & 0o7777,
                String::from_utf8_lossy(&std::fs::read(&path).unwrap())
            )
        };
        lines.insert(name, line);
    }
}

/// What differs from run to run is left out.
fn settled(value: &Value) -> serde_json::Value {
    let mut json = value.reveal();
    let size_of_folder = json["state"] == "directory";
    if let Some(map) = json.as_object_mut() {
        for name in ["uid", "gid", "owner", "group", "diff"] {
            map.shift_remove(name);
        }
        if size_of_folder {
            map.shift_remove("size");
        }
        map.sort_keys();
    }
    json
}

/// The same story everywhere; what it tells must be the same too.
pub(crate) async fn everywhere(story: impl AsyncFn(&Bed) -> String) -> String {
    told_alike(beds(), story).await
}

/// The same story on this machine and over a real connection: for what is decided on this side.
pub(crate) async fn here_and_there(story: impl AsyncFn(&Bed) -> String) -> String {
    told_alike(vec![Bed::new("here", None, &[]), Bed::ssh()], story).await
}

async fn told_alike(beds: Vec<Bed>, story: impl AsyncFn(&Bed) -> String) -> String {
    let mut told: Option<(&'static str, String)> = None;
    for bed in beds {
        let tale = story(&bed).await;
        match &told {
            None => told = Some((bed.name, tale)),
            Some((first, expected)) => assert_eq!(&tale, expected, "{} against {first}", bed.name),
        }
    }
    told.unwrap().1
}

/// BusyBox's own tools, and no others, for its shell.
fn tools(name: &str, folder: &Path) -> Option<String> {
    (name == "busybox").then(|| {
        let tools = folder.join("tools");
        std::fs::create_dir(&tools).unwrap();
        let listed = std::process::Command::new("/usr/bin/busybox")
            .arg("--list")
            .output()
            .unwrap();
        for tool in String::from_utf8(listed.stdout).unwrap().lines() {
            symlink("/usr/bin/busybox", tools.join(tool)).unwrap();
        }
        tools.display().to_string()
    })
}

/// A host that is dialled so.
pub(crate) fn connection(near: impl Dialer) -> PosixConnection {
    let settings = SshSettings {
        name: "box".into(),
        endpoint: Endpoint::new("box", 22),
        user: "admin".into(),
        credential: Credential::OwnKeys,
        host_keys: HostKeyPolicy::Strict,
        legacy: false,
        timing: Timing::fast(),
    };
    PosixConnection::new(settings, Arc::new(near))
}

/// Dials a shell of this machine.
#[derive(Clone)]
struct Near {
    program: &'static str,
    words: &'static [&'static str],
    tools: Option<String>,
}

#[async_trait]
impl Dialer for Near {
    async fn dial(&self, _to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        Ok(Box::new(self.clone()))
    }

    async fn handshake(&self, _: &Endpoint, _: &Offer) -> Result<Handshake, HandshakeError> {
        unreachable!("files shake no hands")
    }
}

#[async_trait]
impl Link for Near {
    async fn shell(&mut self, _: Terminal) -> Result<Box<dyn Shell>, LinkError> {
        unreachable!("files need no terminal")
    }

    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
        // A login shell that runs the line with the shell under test as its `/bin/sh`.
        let line = command
            .command
            .replace("/bin/sh", &[&[self.program], self.words].concat().join(" "));
        let mut process = tokio::process::Command::new(self.program);
        process.args(self.words).args(["-c", &line]);
        if let Some(tools) = &self.tools {
            process.env("PATH", tools);
        }
        let mut child = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = command.stdin.clone();
        let feed = async move {
            if let Some(text) = text {
                // A script that fails may leave some of it unread.
                let _ = stdin.write_all(text.expose().as_bytes()).await;
            }
        };
        let (_, output) = tokio::join!(feed, child.wait_with_output());
        let output = output.unwrap();
        Ok(Executed {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn alive(&self) -> bool {
        true
    }

    fn host_key(&self) -> &str {
        "ssh-ed25519 AAAA"
    }

    async fn close(self: Box<Self>) {}
}
