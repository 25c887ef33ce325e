//! What a module can reach: the device it works on, any other host read-only,
//! listeners, the folders the engine grants, and the clock. Nothing else.
//!
//! `Reach<Read>` has no method that could write; `look` and `prove` get no other.

use std::any::Any;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::becoming::Become;
use crate::clock::Clock;
use crate::estate::{Estate, Host};
use crate::failure::{Failure, FailureKind};
pub use crate::made::{Known, Made};
use crate::note::{Note, Notes};
pub use crate::rendering::Rendering;
use crate::secret::Secret;
use crate::session::{Exec, Executed, Handshake, HandshakeError, Offer};
use crate::value::{Later, Value};

/// May only read.
#[derive(Clone, Copy, Debug)]
pub struct Read;

/// May change the task's own host and the granted folders.
#[derive(Clone, Copy, Debug)]
pub struct Write;

/// The hand a module is given.
pub struct Reach<A> {
    ground: Arc<dyn Ground>,
    access: PhantomData<A>,
}

/// A task's command goes on by itself on its host (`async`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background {
    /// `async`: how long it may take.
    pub limit: Duration,
    /// `poll`: how often it is looked at; `None` where nobody waits for it.
    pub poll: Option<Duration>,
}

/// How modules talk to hosts of one platform. The reader's type has no way to write.
pub trait Conversation: 'static {
    /// The shared connection that the engine keeps for a host.
    type Connection: Send + Sync + 'static;
    /// What `look` and `prove` get, for any host.
    type Reader: Send;
    /// What `apply` gets, for the task's own host.
    type Writer: Send;

    /// A reader over the connection, in these terms.
    fn reader(connection: Arc<Self::Connection>, terms: Terms) -> Self::Reader;

    /// A writer over the connection, in these terms.
    fn writer(connection: Arc<Self::Connection>, terms: Terms) -> Self::Writer;
}

/// The terms of one task in which a host is spoken to.
#[derive(Clone)]
pub struct Terms {
    /// Where what is said goes.
    pub notes: Arc<dyn Notes>,
    /// As whom; none of another host than the task's own.
    pub becoming: Option<Become>,
    /// With which `environment`; none of another host than the task's own.
    pub environment: Vec<(String, Secret)>,
}

/// What the engine provides underneath. Made anew for each task on each host.
#[async_trait]
pub trait Ground: Send + Sync + 'static {
    /// The host this task works on.
    fn host(&self) -> &Host;

    /// The hosts a collective task stands for; else just the task's own.
    fn hosts(&self) -> Vec<String>;

    /// Every host that takes part in the play.
    fn play_hosts(&self) -> &BTreeSet<String>;

    /// The typed inventory.
    fn estate(&self) -> &Estate;

    /// The clock.
    fn clock(&self) -> &dyn Clock;

    /// Where notes go.
    fn notes(&self) -> Arc<dyn Notes>;

    /// The connection kept for `host`, made on first use.
    async fn connection(&self, host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure>;

    /// Shakes hands with the listener of `host` on `port`.
    async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError>;

    /// The content of a file of the granted folders or beside the playbook.
    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure>;

    /// The names of the files in a folder, sorted; empty where there is none.
    /// In a check run, also of those that earlier steps would make there.
    fn list(&self, folder: &Path) -> Result<Vec<String>, Failure>;

    /// Folders beside which the files that the task names are looked for, nearest first.
    fn beside(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// What is in a content that Ansible Vault encrypted as a whole; `None` where it is not encrypted.
    fn unsealed(&self, content: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let _ = content;
        Ok(None)
    }

    /// The text of a template file of this machine with the task's variables: text, a secret, or
    /// known later.
    fn render(&self, path: &Path, how: &Rendering) -> Result<Value, Failure> {
        let _ = how;
        let message = format!("there is nothing here that renders {}", path.display());
        Err(Failure::new(FailureKind::Internal, message))
    }

    /// Writes a file of the granted folders, whole or not at all, for the owner only.
    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure>;

    /// The `environment` of the task, for commands that run elsewhere; [`Ground::run`] sets it by itself.
    fn environment(&self) -> Vec<(String, Secret)> {
        Vec::new()
    }

    /// As whom the task's commands run, where not as the account logged in.
    fn becoming(&self) -> Option<Become> {
        None
    }

    /// Whether the task's command is to go on by itself; only of modules that can ([`Module::detaches`]).
    ///
    /// [`Module::detaches`]: crate::Module::detaches
    fn background(&self) -> Option<Background> {
        None
    }

    /// Asks the person at the terminal; `None` where there is nobody.
    /// Fails as stopped where the run is asked to stop meanwhile.
    async fn ask(&self, prompt: &str, echo: bool) -> Result<Option<Secret>, Failure> {
        let _ = (prompt, echo);
        Ok(None)
    }

    /// Runs a process on this machine: argv, no shell. One that cannot be begun fails as
    /// [`Failure::not_begun`].
    async fn run(&self, argv: &[String], folder: Option<&Path>, command: &Exec) -> Result<Executed, Failure>;

    /// The folder of the state (local CAs and the like).
    fn state(&self) -> &Path;

    /// Random bytes for names and numbers that everybody may know: the journal tells them.
    fn random(&self, count: usize) -> Result<Vec<u8>, Failure>;

    /// Waits without taking a place in `forks`.
    async fn wait(&self, duration: Duration);

    /// The same while nothing is under way: fails as stopped as soon as the run is asked to stop.
    async fn rest(&self, duration: Duration) -> Result<(), Failure> {
        self.wait(duration).await;
        Ok(())
    }

    /// Whether an earlier step of this run made it (or, in a check run, would make it).
    fn made(&self, what: &Made) -> Option<Later>;

    /// Whether this is a check run or a plan: what earlier steps would make is not there, and
    /// waiting for it would be in vain.
    fn checking(&self) -> bool {
        false
    }

    /// What `key` was when this run first asked; the first caller's `now` is kept.
    fn at_start(&self, key: &str, now: &str) -> String;

    /// Whether `-e rotate=always` was given.
    fn rotate_always(&self) -> bool;
}

impl<A> Reach<A> {
    /// The hand over this ground.
    pub fn new(ground: Arc<dyn Ground>) -> Self {
        Self {
            ground,
            access: PhantomData,
        }
    }

    /// The host this task works on.
    pub fn host(&self) -> &Host {
        self.ground.host()
    }

    /// The hosts a collective task stands for.
    pub fn hosts(&self) -> Vec<String> {
        self.ground.hosts()
    }

    /// Every host that takes part in the play.
    pub fn play_hosts(&self) -> &BTreeSet<String> {
        self.ground.play_hosts()
    }

    /// The typed inventory.
    pub fn estate(&self) -> &Estate {
        self.ground.estate()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.ground.clock()
    }

    /// Tells something.
    pub fn note(&self, note: Note) {
        self.ground.notes().note(note);
    }

    /// A reader of any host of the inventory.
    pub async fn reader<C: Conversation>(&self, host: &str) -> Result<C::Reader, Failure> {
        let connection = connection::<C>(&*self.ground, host).await?;
        Ok(C::reader(connection, self.terms(host)))
    }

    fn terms(&self, host: &str) -> Terms {
        let own = host == self.host().name;
        Terms {
            notes: self.ground.notes(),
            becoming: self.becoming().filter(|_| own),
            environment: if own {
                self.ground.environment()
            } else {
                Vec::new()
            },
        }
    }

    /// As whom the task's commands run, where not as the account logged in.
    pub fn becoming(&self) -> Option<Become> {
        self.ground.becoming()
    }

    /// Shakes hands with the listener of `host` on `port`.
    pub async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError> {
        self.ground.handshake(host, port, offer).await
    }

    /// The content of a file.
    pub fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        self.ground.read(path)
    }

    /// The names of the files in a folder, sorted.
    pub fn list(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        self.ground.list(folder)
    }

    /// Folders beside which the files that the task names are looked for, nearest first.
    pub fn beside(&self) -> Vec<PathBuf> {
        self.ground.beside()
    }

    /// What is in a content that Ansible Vault encrypted as a whole; `None` where it is not encrypted.
    pub fn unsealed(&self, content: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        self.ground.unsealed(content)
    }

    /// The text of a template file of this machine with the task's variables: text, a secret, or
    /// known later.
    pub fn render(&self, path: &Path, how: &Rendering) -> Result<Value, Failure> {
        self.ground.render(path, how)
    }

    /// The folder of the state.
    pub fn state(&self) -> &Path {
        self.ground.state()
    }

    /// Waits without taking a place in `forks`.
    pub async fn wait(&self, duration: Duration) {
        self.ground.wait(duration).await;
    }

    /// The same while nothing is under way: fails as stopped as soon as the run is asked to stop.
    pub async fn rest(&self, duration: Duration) -> Result<(), Failure> {
        self.ground.rest(duration).await
    }

    /// Whether an earlier step of this run made it, or would make it.
    pub fn made(&self, what: &Made) -> Option<Later> {
        self.ground.made(what)
    }

    /// Whether this is a check run or a plan: what earlier steps would make is not there, and
    /// waiting for it would be in vain.
    pub fn checking(&self) -> bool {
        self.ground.checking()
    }

    /// What an earlier step of a check run or plan would make, and that is not there for it. `None`
    /// in a run, where it was made or was not.
    pub fn promised(&self, what: &Made) -> Option<Later> {
        self.ground.checking().then(|| self.made(what)).flatten()
    }

    /// What `key` was when this run first asked.
    pub fn at_start(&self, key: &str, now: &str) -> String {
        self.ground.at_start(key, now)
    }

    /// Whether `-e rotate=always` was given.
    pub fn rotate_always(&self) -> bool {
        self.ground.rotate_always()
    }
}

/// A reading hand may be shared, so that many hosts are read side by side.
impl Clone for Reach<Read> {
    fn clone(&self) -> Self {
        Self::new(self.ground.clone())
    }
}

impl Reach<Write> {
    /// A writer of the task's own host.
    pub async fn writer<C: Conversation>(&self) -> Result<C::Writer, Failure> {
        let connection = connection::<C>(&*self.ground, &self.host().name).await?;
        Ok(C::writer(connection, self.terms(&self.host().name)))
    }

    /// Writes a file, whole or not at all, for the owner only.
    pub fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        self.ground.write(path, content)
    }

    /// Runs a process on this machine: argv, no shell. One that cannot be begun fails as
    /// [`Failure::not_begun`].
    pub async fn run(
        &self,
        argv: &[String],
        folder: Option<&Path>,
        command: &Exec,
    ) -> Result<Executed, Failure> {
        self.ground.run(argv, folder, command).await
    }

    /// Asks the person at the terminal; `None` where there is nobody.
    /// Fails as stopped where the run is asked to stop meanwhile.
    pub async fn ask(&self, prompt: &str, echo: bool) -> Result<Option<Secret>, Failure> {
        self.ground.ask(prompt, echo).await
    }

    /// Whether the task's command is to go on by itself.
    pub fn background(&self) -> Option<Background> {
        self.ground.background()
    }

    /// Random bytes for names and numbers that everybody may know: the journal tells them, so
    /// no secret may be made of them. Fails where the operating system has none.
    pub fn random(&self, count: usize) -> Result<Vec<u8>, Failure> {
        self.ground.random(count)
    }

    /// The same hand, reading only.
    pub fn reading(&self) -> Reach<Read> {
        Reach::new(self.ground.clone())
    }
}

async fn connection<C: Conversation>(ground: &dyn Ground, host: &str) -> Result<Arc<C::Connection>, Failure> {
    let shared = ground.connection(host).await?;
    shared.downcast::<C::Connection>().map_err(|_| {
        let platform = ground
            .estate()
            .host(host)
            .map_or("unknown", |host| host.platform.name());
        Failure::new(
            FailureKind::Arguments,
            format!("{host} is a {platform} host, and this module speaks to another platform"),
        )
    })
}
