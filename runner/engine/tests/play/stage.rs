//! A stage for plays: hosts that are pretended, virtual time, and what was told of it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cutover_engine::bus::Sink;
use cutover_engine::event::{Debugged, Event, EventKind, Options, Status};
use cutover_engine::exit::Exit;
use cutover_engine::journal::State;
use cutover_engine::policy::Policy;
use cutover_engine::run::{Devices, Modules, Request, Run, Standing, Stop, Terminal};
use cutover_kit::secret::Origin;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Handshake, HandshakeError, Link, Offer, SshSettings,
};
use cutover_kit::{Clock, Failure, FailureKind, Host, Reach, Read, Secret, Secrets};
use cutover_memory_twins::RuntimeClock;
use tempfile::TempDir;

use crate::fakes;

/// A playbook, an inventory, and how it is run.
pub(crate) struct Stage {
    pub inventory: String,
    pub playbook: String,
    pub options: Options,
    pub policy: Policy,
    pub stop: Stop,
    /// What somebody at the terminal types, line by line; then they are gone. Without, nobody is there.
    pub typed: Option<&'static [&'static str]>,
    /// When it is asked to stop.
    pub stop_after: Option<Duration>,
    folder: TempDir,
}

/// What became of it.
pub(crate) struct Told {
    pub exit: Exit,
    /// What the terminal showed of questions and answers.
    pub asked: String,
    pub events: Vec<Event>,
    /// Every connection that was made, in the words of `how`.
    pub connected: Vec<String>,
}

/// `count` hosts called `h1`, `h2` and so on.
pub(crate) fn hosts(count: usize) -> String {
    let mut text = String::from("all:\n  hosts:\n");
    for number in 1..=count {
        writeln!(text, "    h{number}:").unwrap();
    }
    text
}

impl Stage {
    pub(crate) fn of(inventory: impl Into<String>, playbook: impl Into<String>) -> Self {
        Self {
            inventory: inventory.into(),
            playbook: playbook.into(),
            options: Options {
                verb: "run".into(),
                forks: 50,
                ..Options::default()
            },
            policy: Policy::default(),
            stop: Stop::default(),
            typed: None,
            stop_after: None,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs it on virtual time.
    pub(crate) fn run(&self) -> Told {
        match self.try_run() {
            Ok(told) => told,
            Err(refused) => panic!("{refused}"),
        }
    }

    /// Runs it, or says why it does not begin.
    pub(crate) fn try_run(&self) -> Result<Told, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(self.play())
    }

    async fn play(&self) -> Result<Told, String> {
        let collected = Collected::default();
        let connected = Arc::<Mutex<Vec<String>>>::default();
        let shown = Arc::<Mutex<String>>::default();
        let clock = RuntimeClock::new("2026-11-21T22:00:00Z".parse().unwrap());
        let request = Request {
            options: Options {
                playbooks: vec![self.write("site.yml", &self.playbook)],
                inventories: vec![self.write("hosts.yml", &self.inventory)],
                ..self.options.clone()
            },
            policy: self.policy.clone(),
            sinks: vec![Box::new(collected.clone())],
            state: State::at(self.folder.path().join("state")).unwrap(),
            clock: Arc::new(clock),
            dialer: Arc::new(NoDialer),
            devices: Arc::new(Pretended(connected.clone())),
            modules: Modules::new(cutover_core::modules().into_iter().chain(fakes::modules())),
            secrets: Secrets::default(),
            stop: self.stop.clone(),
            password: None,
            become_password: None,
            terminal: match &self.typed {
                Some(lines) => Arc::new(Typed::of(lines, shown.clone())),
                None => Arc::new(cutover_engine::run::Nobody),
            },
            steps: None,
            given: Default::default(),
            roles_path: Vec::new(),
            vault: Arc::new(cutover_language::vault::NoVault),
            key_file: None,
            strict: false,
            extra: Default::default(),
        };
        let run = Run::prepare(request).map_err(|refusal| {
            let said = refusal.diagnostics.iter().map(|fault| fault.message.clone());
            format!("{}: {}", refusal.exit.code(), said.collect::<Vec<_>>().join("; "))
        })?;
        let asked = async {
            match self.stop_after {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
            self.stop.finish_change();
            std::future::pending().await
        };
        let exit = tokio::select! {
            exit = run.execute() => exit,
            never = asked => never,
        };
        let events = collected.0.lock().unwrap().clone();
        let connected = connected.lock().unwrap().clone();
        let asked = shown.lock().unwrap().clone();
        Ok(Told {
            exit,
            asked,
            events,
            connected,
        })
    }

    /// Where the playbook is.
    pub(crate) fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// A file beside the playbook.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file beside the playbook.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.file(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<Event>>>);

impl Sink for Collected {
    fn take(&mut self, event: &Event, _: &str) -> std::io::Result<()> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

/// Somebody at the terminal.
struct Typed {
    lines: Mutex<std::collections::VecDeque<&'static str>>,
    shown: Arc<Mutex<String>>,
}

impl Typed {
    fn of(lines: &[&'static str], shown: Arc<Mutex<String>>) -> Self {
        Self {
            lines: Mutex::new(lines.iter().copied().collect()),
            shown,
        }
    }
}

#[async_trait]
impl Terminal for Typed {
    async fn ask(&self, prompt: &str, _: bool) -> Option<Secret> {
        let line = self.lines.lock().unwrap().pop_front();
        writeln!(self.shown.lock().unwrap(), "{prompt}{}", line.unwrap_or("^D")).unwrap();
        Some(Secret::new(line?, Origin::Prompt(prompt.to_owned())))
    }
}

/// Nothing is dialled: connections are only settings.
struct NoDialer;

#[async_trait]
impl Dialer for NoDialer {
    async fn dial(&self, to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        panic!("{} was dialled", to.name)
    }

    async fn handshake(&self, _: &Endpoint, _: &Offer) -> Result<Handshake, HandshakeError> {
        panic!("no listener is asked")
    }
}

struct Pretended(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Devices for Pretended {
    fn connect(
        &self,
        _: &Host,
        settings: SshSettings,
        _: Arc<dyn Dialer>,
        _: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        self.0.lock().unwrap().push(fakes::how(&settings));
        Ok(Arc::new(settings))
    }

    fn here(&self, _: &Host, _: Arc<dyn Clock>) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        Ok(Arc::new(()))
    }

    async fn standing(&self, _: &Reach<Read>, host: &str) -> Result<Standing, Failure> {
        Err(Failure::new(
            FailureKind::NotProved,
            format!("nobody can tell of {host}"),
        ))
    }
}

/// Ansible's counts of one host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub ok: usize,
    pub changed: usize,
    pub unreachable: usize,
    pub failed: usize,
    pub skipped: usize,
    pub rescued: usize,
    pub ignored: usize,
}

impl Told {
    /// Every banner and result in order, then the recap and the exit code.
    pub(crate) fn story(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            if let Some(line) = line(&event.kind) {
                writeln!(text, "{line}").unwrap();
            }
        }
        text + &self.recap()
    }

    /// The recap and the exit code.
    pub(crate) fn recap(&self) -> String {
        let mut text = String::new();
        for (host, it) in self.counts() {
            let numbers = [
                ("ok", it.ok),
                ("changed", it.changed),
                ("unreachable", it.unreachable),
                ("failed", it.failed),
                ("skipped", it.skipped),
                ("rescued", it.rescued),
                ("ignored", it.ignored),
            ];
            let shown: Vec<_> = numbers
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(word, count)| format!("{word}={count}"))
                .collect();
            writeln!(text, "{host}: {}", shown.join(" ")).unwrap();
        }
        writeln!(text, "exit {}", self.exit.code()).unwrap();
        text
    }

    /// The counts of every host that had a result.
    pub(crate) fn counts(&self) -> BTreeMap<String, Counts> {
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        for event in &self.events {
            match &event.kind {
                EventKind::TaskFinished { host, status, .. } => {
                    let it = counts.entry(host.clone()).or_default();
                    match status {
                        Status::Ok | Status::Later | Status::Listed => it.ok += 1,
                        Status::Changed => (it.ok, it.changed) = (it.ok + 1, it.changed + 1),
                        Status::Skipped => it.skipped += 1,
                        Status::Ignored => (it.ok, it.ignored) = (it.ok + 1, it.ignored + 1),
                        Status::Unreachable => it.unreachable += 1,
                        Status::Failed | Status::Awaiting => it.failed += 1,
                    }
                }
                EventKind::Debugged {
                    host,
                    did: Debugged::Redone { status, .. },
                    ..
                } => {
                    let it = counts.entry(host.clone()).or_default();
                    match status {
                        Status::Failed => it.failed -= 1,
                        Status::Skipped => it.skipped -= 1,
                        Status::Unreachable => it.unreachable -= 1,
                        Status::Changed => (it.ok, it.changed) = (it.ok - 1, it.changed - 1),
                        Status::Ignored => (it.ok, it.ignored) = (it.ok - 1, it.ignored - 1),
                        _ => it.ok -= 1,
                    }
                }
                EventKind::Rescued { host } => {
                    let it = counts.entry(host.clone()).or_default();
                    (it.failed, it.rescued) = (it.failed - 1, it.rescued + 1);
                }
                _ => {}
            }
        }
        counts
    }

    /// The results of the task of this name, by host.
    pub(crate) fn results(&self, name: &str) -> BTreeMap<String, serde_json::Value> {
        let of = |event: &Event| match &event.kind {
            EventKind::TaskFinished {
                task, host, result, ..
            } if task.name == name => Some((host.clone(), result.clone())),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// The result of the task of this name on its only host.
    #[track_caller]
    pub(crate) fn result(&self, name: &str) -> serde_json::Value {
        let results = self.results(name);
        assert_eq!(results.len(), 1, "{}", self.story());
        results.into_values().next().unwrap()
    }
}

fn line(kind: &EventKind) -> Option<String> {
    Some(match kind {
        EventKind::PlayStarted { name, .. } => format!("PLAY {name}"),
        EventKind::NoHosts { .. } => "skipping: no hosts matched".into(),
        EventKind::Warned { message, .. } => format!("[WARNING]: {message}"),
        EventKind::Retrying { host, left, .. } => format!("RETRYING [{host}] {left} left"),
        EventKind::Rescued { host } => format!("rescued [{host}]"),
        EventKind::ItemFinished {
            host, label, status, ..
        } => {
            format!("  [{host}] {} (item={label})", word(*status))
        }
        EventKind::TaskFinished {
            task,
            host,
            delegate,
            status,
            failure,
            ..
        } => {
            let to = delegate.as_ref().map_or(String::new(), |to| format!(" -> {to}"));
            let why = failure
                .as_ref()
                .map_or(String::new(), |why| format!(": {}", why.message));
            format!("[{host}{to}] {}: {}{why}", task.name, word(*status))
        }
        EventKind::Debugged { host, did, .. } => format!("debugger [{host}] {}", json(did)),
        EventKind::StopRequested => "stop requested".into(),
        _ => return None,
    })
}

fn json(did: &Debugged) -> String {
    serde_json::to_string(did).unwrap()
}

fn word(status: Status) -> String {
    format!("{status:?}").to_lowercase()
}
