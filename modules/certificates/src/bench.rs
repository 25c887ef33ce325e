//! A small ground for this crate's tests: an estate, folders of its own, listeners that a test
//! sets up, real processes, and the runtime's clock.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::estate::{Ca, CaKey, Decisions, Deployment, Node};
use cutover_kit::reach::{Ground, Known, Made};
use cutover_kit::registry::Described;
use cutover_kit::session::{Endpoint, Exec, Executed, Handshake, HandshakeError, Offer};
use cutover_kit::timing::Timing;
use cutover_kit::{
    AnyModule, Clock, Estate, Failure, FailureKind, Host, Later, Map, Module, Note, Notes, Plan, Platform,
    Reach, Value,
};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;

/// When every test begins.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

/// What a listener does when somebody shakes hands with it.
pub(crate) type Listener = dyn Fn(&Offer, Duration) -> Result<Handshake, HandshakeError> + Send + Sync;

/// The listeners of the estate, by host and port.
type Listeners = Mutex<BTreeMap<(String, u16), Box<Listener>>>;

/// An estate and everything around it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    hosts: Vec<Host>,
    listeners: Arc<Listeners>,
    told: Arc<Told>,
    made: Vec<Made>,
    check: bool,
    collective: Vec<String>,
    begun: Instant,
}

/// How a call went.
#[derive(Debug, Default)]
pub(crate) struct Went {
    pub(crate) changes: Vec<String>,
    pub(crate) why: String,
    pub(crate) fields: Map,
    pub(crate) hosts: BTreeMap<String, Failure>,
}

impl Went {
    /// The hosts that failed, with the kind and the text of each failure.
    pub(crate) fn failed(&self) -> Vec<(&str, FailureKind)> {
        self.hosts
            .iter()
            .map(|(host, failure)| (host.as_str(), failure.kind))
            .collect()
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<Note>>);

impl Notes for Told {
    fn note(&self, note: Note) {
        self.0.lock().unwrap().push(note);
    }
}

/// A host that no reader speaks to: only its name and its CA count.
pub(crate) fn host(name: &str) -> Host {
    Host {
        name: name.to_owned(),
        fqdn: format!("{name}.example.com"),
        platform: Platform::Posix,
        products: Vec::new(),
        version: None,
        cluster: name.to_owned(),
        node: Node::Primary,
        pool: None,
        site: None,
        ssh: Endpoint::new(name, 22),
        tls_ports: vec![8443],
        units: vec!["tomcat".to_owned()],
        talks_to: Vec::new(),
        ca: None,
        ca_command: None,
        renew_before: None,
        work: "/work".into(),
        deployment: Deployment::default(),
        decisions: Decisions::default(),
        timing: Timing::fast(),
    }
}

/// A host whose certificates a CA of ours signs.
pub(crate) fn with_local_ca(name: &str, ca: &str) -> Host {
    Host {
        ca: Some(Ca::Local {
            name: ca.to_owned(),
            intermediates: 1,
            key: CaKey::Ec384,
        }),
        ..host(name)
    }
}

impl Bench {
    /// An estate of these hosts; a collective task stands for all of them.
    pub(crate) fn new(hosts: impl IntoIterator<Item = Host>) -> Self {
        let hosts: Vec<_> = hosts.into_iter().collect();
        let folder = tempfile::tempdir().unwrap();
        for name in ["csr", "signed", "state"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self {
            collective: hosts.iter().map(|host| host.name.clone()).collect(),
            folder,
            hosts,
            listeners: Arc::default(),
            told: Arc::default(),
            made: Vec::new(),
            check: false,
            begun: Instant::now(),
        }
    }

    /// A real CA signs for every host, and this is its chain.
    pub(crate) fn under(mut self, chain: &str) -> Self {
        self.put("ca.pem", chain);
        let path = self.path("ca.pem");
        for host in &mut self.hosts {
            host.ca = Some(Ca::Chain(path.clone()));
        }
        self
    }

    /// A check run.
    pub(crate) fn checking(mut self) -> Self {
        self.check = true;
        self
    }

    /// An earlier step made this; in a check run, would make it.
    pub(crate) fn making(mut self, made: Made) -> Self {
        self.made.push(made);
        self
    }

    /// A collective task stands for these only.
    pub(crate) fn standing_for(mut self, hosts: &[&str]) -> Self {
        self.collective = hosts.iter().map(|&host| host.to_owned()).collect();
        self
    }

    /// Something listens there from now on.
    pub(crate) fn listen(&self, host: &str, port: u16, listener: Box<Listener>) {
        self.listeners
            .lock()
            .unwrap()
            .insert((host.to_owned(), port), listener);
    }

    /// The absolute path of something in the bench's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn get(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of the files in a folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let told = self.told.0.lock().unwrap();
        let warning = |note: &Note| match note {
            Note::Warning { message } => Some(message.clone()),
            _ => None,
        };
        told.iter().filter_map(warning).collect()
    }

    /// Looks and plans as the first host.
    pub(crate) async fn plan<M: Module>(
        &self,
        module: &'static M,
        args: Value,
    ) -> Result<Plan<Described>, Failure> {
        let mut task = AnyModule::call(module, &args).map_err(internal)?;
        task.look(&self.reach()).await?;
        task.plan()
    }

    /// Looks, plans, makes every change, and proves.
    pub(crate) async fn run<M: Module>(&self, module: &'static M, args: Value) -> Result<Went, Failure> {
        let mut task = AnyModule::call(module, &args).map_err(internal)?;
        task.look(&self.reach()).await?;
        let plan = task.plan()?;
        assert_eq!(plan.later, None, "nothing is known later in a run");
        let mut went = Went {
            changes: plan.changes.iter().map(|change| change.text.clone()).collect(),
            why: plan.why,
            fields: plan.result,
            hosts: BTreeMap::new(),
        };
        for index in 0..plan.changes.len() {
            task.apply(index, &self.reach()).await?;
        }
        let proved = task.prove(&self.reach()).await?;
        went.fields.extend(proved.fields);
        went.hosts = proved.hosts;
        Ok(went)
    }

    fn reach<A>(&self) -> Reach<A> {
        Reach::new(Arc::new(TestGround {
            folder: self.folder.path().to_owned(),
            estate: Estate::new(self.hosts.clone()),
            play: self.hosts.iter().map(|host| host.name.clone()).collect(),
            state: self.folder.path().join("state"),
            collective: self.collective.clone(),
            told: self.told.clone(),
            made: self.made.clone(),
            check: self.check,
            listeners: self.listeners.clone(),
            begun: self.begun,
            drawn: Mutex::new(0),
        }))
    }
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Internal, error.to_string())
}

struct TestGround {
    folder: PathBuf,
    estate: Estate,
    play: BTreeSet<String>,
    state: PathBuf,
    collective: Vec<String>,
    told: Arc<Told>,
    made: Vec<Made>,
    check: bool,
    listeners: Arc<Listeners>,
    begun: Instant,
    drawn: Mutex<u8>,
}

#[async_trait]
impl Clock for TestGround {
    fn now(&self) -> Timestamp {
        NOW + self.begun.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[async_trait]
impl Ground for TestGround {
    fn host(&self) -> &Host {
        self.estate.hosts().next().unwrap()
    }

    fn hosts(&self) -> Vec<String> {
        self.collective.clone()
    }

    fn play_hosts(&self) -> &BTreeSet<String> {
        &self.play
    }

    fn estate(&self) -> &Estate {
        &self.estate
    }

    fn clock(&self) -> &dyn Clock {
        self
    }

    fn notes(&self) -> Arc<dyn Notes> {
        self.told.clone()
    }

    async fn connection(&self, host: &str) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        Err(Failure::new(
            FailureKind::Unreachable,
            format!("{host} does not answer"),
        ))
    }

    async fn handshake(&self, host: &str, port: u16, offer: &Offer) -> Result<Handshake, HandshakeError> {
        let listeners = self.listeners.lock().unwrap();
        match listeners.get(&(host.to_owned(), port)) {
            Some(listener) => listener(offer, self.begun.elapsed()),
            None => Err(HandshakeError::Unreachable {
                endpoint: Endpoint::new(host, port),
                reason: "connection refused".to_owned(),
            }),
        }
    }

    fn read(&self, path: &Path) -> Result<Known<Vec<u8>>, Failure> {
        let made = Made::File(path.to_owned());
        if self.check && self.made.contains(&made) {
            return Ok(Known::Later(later()));
        }
        match std::fs::read(path) {
            Ok(bytes) => Ok(Known::Now(bytes)),
            Err(_) => Ok(Known::Absent),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut names: Vec<_> = entries
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        Ok(names)
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), Failure> {
        assert!(
            path.starts_with(&self.folder),
            "{} is not granted",
            path.display()
        );
        std::fs::write(path, content).map_err(internal)
    }

    async fn run(&self, argv: &[String], folder: Option<&Path>, command: &Exec) -> Result<Executed, Failure> {
        let mut process = tokio::process::Command::new(&argv[0]);
        process
            .args(&argv[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process.current_dir(folder.unwrap_or(&self.folder));
        let mut child = process.spawn().map_err(internal)?;
        let mut stdin = child.stdin.take().unwrap();
        if let Some(text) = &command.stdin {
            // A command that does not read may be gone already.
            let _ = stdin.write_all(text.expose().as_bytes()).await;
        }
        drop(stdin);
        let output = child.wait_with_output().await.map_err(internal)?;
        Ok(Executed {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn state(&self) -> &Path {
        &self.state
    }

    fn random(&self, count: usize) -> Vec<u8> {
        let mut drawn = self.drawn.lock().unwrap();
        (0..count)
            .map(|_| {
                *drawn = drawn.wrapping_add(1);
                *drawn
            })
            .collect()
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn made(&self, what: &Made) -> Option<Later> {
        self.made.contains(what).then(later)
    }

    fn checking(&self) -> bool {
        self.check
    }

    fn at_start(&self, _key: &str, now: &str) -> String {
        now.to_owned()
    }

    fn rotate_always(&self) -> bool {
        false
    }
}

fn later() -> Later {
    Later {
        after: "an earlier step".into(),
    }
}
