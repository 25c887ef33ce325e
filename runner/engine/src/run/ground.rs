//! The ground under one task on one host: what its module can reach.

use std::any::Any;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::becoming::Become;
use cutover_kit::clock::within;
use cutover_kit::local::Local;
use cutover_kit::reach::{Background, Ground, Known, Rendering};
use cutover_kit::secret::Origin;
use cutover_kit::session::{Endpoint, Exec, Executed, Handshake, HandshakeError, Offer};
use cutover_kit::{Clock, Estate, Failure, FailureKind, Host, Later, Made, Note, Notes, Secret, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::place::Place;
use super::play::PlayRun;
use super::roster::Route;
use super::scope::Terms;
use super::shapes::{HIDDEN, told};
use super::world::World;
use crate::bytes::{hex, random};
use crate::event::{EventKind, Step, TaskRef};
use crate::sync::lock;

/// See [`Ground`].
pub(super) struct TaskGround {
    /// What all tasks share.
    pub world: Arc<World>,
    /// The host it works on, and the way to it.
    pub way: Route,
    /// The inventory as it was when the task began.
    pub estate: Arc<Estate>,
    /// Of its play: what other hosts are looked up with.
    pub play: Arc<PlayRun>,
    /// The hosts it stands for.
    pub hosts: Vec<String>,
    /// Everybody in the play.
    pub play_hosts: Arc<BTreeSet<String>>,
    /// The task.
    pub task: TaskRef,
    /// Its `environment`.
    pub environment: Vec<(String, Secret)>,
    /// As whom it works, where not as the account logged in.
    pub becoming: Option<Become>,
    /// Its variables, for templates that it renders.
    pub terms: Terms,
    /// Whether its command goes on by itself.
    pub background: Option<Background>,
    /// Its place in `forks`.
    pub place: Arc<Place>,
    /// Whether its changes are only planned.
    pub check: bool,
    /// The host whose walk this is; turns are taken on its behalf.
    pub walker: String,
    /// The change that is under way.
    pub applying: Mutex<Option<(Step, usize)>>,
    /// `no_log`: nothing of what it says and does is told.
    pub hidden: bool,
}

/// Turns notes into events of one task.
struct TaskNotes {
    world: Arc<World>,
    task: TaskRef,
    host: String,
    hidden: bool,
}

impl Notes for TaskNotes {
    fn note(&self, note: Note) {
        let Some(note) = (match self.hidden {
            true => hidden(&note),
            false => Some(note),
        }) else {
            return;
        };
        if let Note::Waiting { what, .. } = &note {
            self.world.set_busy(&self.host, Some(what.clone()));
        }
        self.world.bus.emit(EventKind::Noted {
            task: self.task.clone(),
            host: self.host.clone(),
            note,
        });
    }
}

/// What is left of a note of a task of which nothing is told: that there was one.
fn hidden(note: &Note) -> Option<Note> {
    match note {
        Note::Sent { .. } | Note::Said { .. } | Note::Asked { .. } => None,
        Note::Waiting { limit, .. } => Some(Note::Waiting {
            what: HIDDEN.into(),
            limit: *limit,
        }),
        Note::Pausing { .. } => Some(note.clone()),
        Note::Warning { .. } => Some(Note::Warning {
            message: HIDDEN.into(),
        }),
        Note::NoReturn { .. } => Some(Note::NoReturn {
            message: HIDDEN.into(),
        }),
    }
}

impl TaskGround {
    /// The same for another task, which begins now, and is waited for.
    pub(super) fn for_task(&self, task: TaskRef) -> Self {
        Self {
            world: self.world.clone(),
            way: self.way.clone(),
            estate: self.estate.clone(),
            play: self.play.clone(),
            hosts: self.hosts.clone(),
            play_hosts: self.play_hosts.clone(),
            task,
            environment: self.environment.clone(),
            becoming: self.becoming.clone(),
            terms: self.terms.clone(),
            background: None,
            place: Arc::new(Place::new(self.world.forks.clone(), None)),
            check: self.check,
            walker: self.walker.clone(),
            applying: Mutex::default(),
            hidden: self.hidden,
        }
    }

    /// A failure as it may be told.
    pub(super) fn told(&self, failure: &Failure) -> Failure {
        told(failure, self.hidden)
    }
}

#[async_trait]
impl Ground for TaskGround {
    fn host(&self) -> &Host {
        &self.way.host
    }

    fn hosts(&self) -> Vec<String> {
        self.hosts.clone()
    }

    fn play_hosts(&self) -> &BTreeSet<String> {
        &self.play_hosts
    }

    fn estate(&self) -> &Estate {
        &self.estate
    }

    fn clock(&self) -> &dyn Clock {
        &*self.world.clock
    }

    fn notes(&self) -> Arc<dyn Notes> {
        Arc::new(TaskNotes {
            world: self.world.clone(),
            task: self.task.clone(),
            host: self.way.host.name.clone(),
            hidden: self.hidden,
        })
    }

    async fn connection(&self, host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        if *host == self.way.host.name {
            return self.world.connections.of(&self.way);
        }
        self.world.connections.of(&self.play.way_to(host)?)
    }

    async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError> {
        let own = (*host == self.way.host.name).then_some(&self.way.host);
        let known = own.or_else(|| self.estate.host(host));
        let name = known.map_or(host, |host| host.ssh.host.as_str());
        self.world
            .dialer
            .handshake(&Endpoint::new(name, port), offer)
            .await
    }

    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        let promised = self
            .check
            .then(|| self.made(&Made::File(path.to_owned())))
            .flatten();
        match promised {
            Some(later) => Ok(Known::Later(later)),
            None => self.world.folders.read(path),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let mut names = self.world.folders.list(folder)?;
        if self.check {
            let made = lock(&self.world.made);
            let here = made.keys().filter_map(|made| match made {
                Made::File(path) if path.parent() == Some(folder) => path.file_name(),
                _ => None,
            });
            names.extend(here.map(|name| name.to_string_lossy().into_owned()));
            names.sort();
            names.dedup();
        }
        Ok(names)
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        self.world.folders.write(path, content)
    }

    fn beside(&self) -> Vec<PathBuf> {
        self.terms.beside()
    }

    fn unsealed(&self, content: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        self.terms.unsealed(content)
    }

    fn render(&self, path: &Path, how: &Rendering) -> Result<Value, Failure> {
        self.terms.file(path, how)
    }

    fn environment(&self) -> Vec<(String, Secret)> {
        self.environment.clone()
    }

    fn background(&self) -> Option<Background> {
        self.background
    }

    fn becoming(&self) -> Option<Become> {
        self.becoming.clone()
    }

    async fn run(&self, argv: &[String], folder: Option<&Path>, command: &Exec) -> Result<Executed, Failure> {
        run_process(self, argv, folder, command).await
    }

    fn checking(&self) -> bool {
        self.check
    }

    fn state(&self) -> &Path {
        &self.world.state
    }

    fn random(&self, count: usize) -> Result<Vec<u8>, Failure> {
        let bytes = random(count).map_err(|error| {
            let message = format!("this machine has no random numbers: {error}");
            Failure::new(FailureKind::Internal, message)
        })?;
        if !self.hidden {
            self.world.bus.emit(EventKind::Drawn {
                host: self.way.host.name.clone(),
                hex: hex(&bytes),
            });
        }
        Ok(bytes)
    }

    async fn ask(&self, prompt: &str, echo: bool) -> Result<Option<Secret>, Failure> {
        self.place.leave().await;
        let answer = self.world.ask(prompt, echo).await;
        self.place.enter().await;
        let origin = || Origin::Prompt(prompt.to_owned());
        Ok(answer?.map(|answer| match echo {
            true => answer,
            false => self.world.secrets.learn(answer.expose(), origin()),
        }))
    }

    async fn wait(&self, duration: Duration) {
        self.place.leave().await;
        self.world.clock.sleep(duration).await;
        self.place.enter().await;
    }

    async fn rest(&self, duration: Duration) -> Result<(), Failure> {
        self.place.leave().await;
        let rested = self.world.rest(duration).await;
        self.place.enter().await;
        rested
    }

    fn made(&self, what: &Made) -> Option<Later> {
        lock(&self.world.made).get(what).cloned()
    }

    fn at_start(&self, key: &str, now: &str) -> String {
        // Held while it is told: of two that ask at once, the first is the one that is told.
        let mut known = lock(&self.world.at_start);
        if let Some(value) = known.get(key) {
            return value.clone();
        }
        known.insert(key.to_owned(), now.to_owned());
        self.world.bus.emit(EventKind::AtStart {
            key: key.to_owned(),
            value: now.to_owned(),
        });
        now.to_owned()
    }

    fn rotate_always(&self) -> bool {
        self.world.rotate_always
    }
}

async fn run_process(
    ground: &TaskGround,
    argv: &[String],
    folder: Option<&Path>,
    command: &Exec,
) -> Result<Executed, Failure> {
    let [program, arguments @ ..] = argv else {
        return Err(Failure::new(FailureKind::Arguments, "there is no program to run"));
    };
    let mut process = Command::new(program);
    process.args(arguments);
    process.envs(
        ground
            .environment
            .iter()
            .map(|(name, value)| (name, value.expose())),
    );
    process.stdout(Stdio::piped()).stderr(Stdio::piped());
    process.stdin(if command.stdin.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    });
    if let Some(folder) = folder {
        process.current_dir(folder);
    }
    let not_begun = |error| Failure::not_begun(program, &error);
    let mut child = Local::spawn(process).map_err(not_begun)?;
    let (stdin, out, err) = (child.stdin(), child.stdout(), child.stderr());
    let feed = async {
        if let (Some(mut stdin), Some(text)) = (stdin, &command.stdin) {
            // A process may end without reading; that is its right.
            let _ = stdin.write_all(text.expose().as_bytes()).await;
        }
    };
    let finish = async {
        let (stdout, stderr, status, ()) = tokio::join!(all_of(out), all_of(err), child.wait(), feed);
        Ok(Executed {
            status: status?.code(),
            stdout: stdout?,
            stderr: stderr?,
        })
    };
    let output = match command.limit {
        Some(limit) => within(&*ground.world.clock, limit, finish)
            .await
            .map_err(|late| {
                Failure::new(
                    FailureKind::Late,
                    format!("{program} did not end within {:?}", late.0),
                )
            })?,
        None => finish.await,
    };
    output.map_err(|error: io::Error| {
        let message = format!("how {program} ended cannot be told: {error}");
        Failure::new(FailureKind::Unknown, message)
    })
}

async fn all_of(from: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(mut from) = from {
        from.read_to_end(&mut all).await?;
    }
    Ok(all)
}
