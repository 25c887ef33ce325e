//! A small ground for this crate's tests: an estate, folders of its own, listeners that a test
//! sets up or twins in memory, real processes, and the runtime's clock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::estate::{Ca, Decisions, Node};
use cutover_kit::reach::Made;
use cutover_kit::registry::Described;
use cutover_kit::secret::{Origin, Secret};
use cutover_kit::session::{Credential, Handshake, HandshakeError, HostKeyPolicy, Offer, SshSettings};
use cutover_kit::{
    AnyModule, Clock, Estate, Failure, FailureKind, Host, Map, Note, Notes, Plan, Platform, Reach, Value,
};
use cutover_memory_twins::{MemoryTwins, RuntimeClock};
use cutover_twins::{Account, DeviceSpec, EstateSpec, TwinOptions};
use cutover_vos::VosConnection;
use jiff::Timestamp;
use tempfile::TempDir;

mod ground;
mod hosts;

use ground::TestGround;
pub(crate) use hosts::{host, vos, with_local_ca};

/// When every test begins.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

/// What a listener does when somebody shakes hands with it.
pub(crate) type Listener = dyn Fn(&Offer, Duration) -> Result<Handshake, HandshakeError> + Send + Sync;

/// An estate and everything around it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    hosts: Vec<Host>,
    play: BTreeSet<String>,
    collective: Vec<String>,
    check: bool,
    shared: Arc<Shared>,
}

/// What outlives a call.
struct Shared {
    clock: Arc<RuntimeClock>,
    listeners: Mutex<BTreeMap<(String, u16), Box<Listener>>>,
    told: Arc<Told>,
    made: Mutex<Vec<Made>>,
    at_start: Mutex<HashMap<String, String>>,
    drawn: Mutex<u8>,
    twins: Mutex<Option<MemoryTwins>>,
    connections: Mutex<BTreeMap<String, Arc<VosConnection>>>,
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
    /// The hosts that failed, with the kind of each failure.
    pub(crate) fn failed(&self) -> Vec<(&str, FailureKind)> {
        let hosts = self.hosts.iter();
        hosts
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

impl Bench {
    /// An estate of these hosts; a collective task stands for all of them.
    pub(crate) fn new(hosts: impl IntoIterator<Item = Host>) -> Self {
        let hosts: Vec<_> = hosts.into_iter().collect();
        let folder = tempfile::tempdir().unwrap();
        for name in ["csr", "signed", "state"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let names = hosts.iter().map(|host| host.name.clone());
        Self {
            play: names.clone().collect(),
            collective: names.collect(),
            folder,
            hosts,
            check: false,
            shared: Arc::new(Shared {
                clock: Arc::new(RuntimeClock::new(NOW)),
                listeners: Mutex::default(),
                told: Arc::default(),
                made: Mutex::default(),
                at_start: Mutex::default(),
                drawn: Mutex::default(),
                twins: Mutex::default(),
                connections: Mutex::default(),
            }),
        }
    }

    /// An estate whose VOS nodes are twins in memory.
    pub(crate) fn twins(
        hosts: impl IntoIterator<Item = Host>,
        options: impl Fn(&str, &mut TwinOptions),
    ) -> Self {
        let bench = Self::new(hosts);
        let nodes = bench.hosts.iter().filter(|host| host.platform == Platform::Vos);
        let devices = nodes.enumerate().map(|(index, host)| {
            let mut twin = TwinOptions::default();
            options(&host.name, &mut twin);
            DeviceSpec {
                name: host.name.clone(),
                fqdn: host.fqdn.clone(),
                address: format!("10.1.1.{}", index + 1),
                products: host.products.iter().map(|it| it.name().to_owned()).collect(),
                version: host.version.clone().unwrap(),
                cluster: host.cluster.clone(),
                primary: host.node == Node::Primary,
                accounts: vec![Account {
                    name: "admin".into(),
                    password: Some("good-pw".into()),
                }],
                ports: Some(host.tls_ports.clone()),
                twin,
            }
        });
        let spec = EstateSpec {
            devices: devices.collect(),
            seed: 7,
        };
        let timing = cutover_twins::Timing::real();
        let twins = MemoryTwins::new(&spec, timing, bench.shared.clock.clone()).unwrap();
        *bench.shared.twins.lock().unwrap() = Some(twins);
        bench
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

    /// The site names no CA, so that any issuer will do.
    pub(crate) fn without_ca(mut self) -> Self {
        self.hosts.iter_mut().for_each(|host| host.ca = None);
        self
    }

    /// Nothing answers at this host's address any more.
    pub(crate) fn cut_off(mut self, name: &str) -> Self {
        self.shared.connections.lock().unwrap().remove(name);
        for host in self.hosts.iter_mut().filter(|host| host.name == name) {
            host.ssh.host = "nowhere".to_owned();
        }
        self
    }

    /// The site has decided something for every host.
    pub(crate) fn deciding(mut self, decide: impl Fn(&mut Decisions)) -> Self {
        self.hosts.iter_mut().for_each(|host| decide(&mut host.decisions));
        self
    }

    /// A check run.
    pub(crate) fn checking(mut self) -> Self {
        self.check = true;
        self
    }

    /// An earlier step made this; in a check run, would make it.
    pub(crate) fn making(self, made: Made) -> Self {
        self.shared.made.lock().unwrap().push(made);
        self
    }

    /// Only these take part in the play, and collective tasks stand for them.
    pub(crate) fn playing(mut self, hosts: &[&str]) -> Self {
        self.play = hosts.iter().map(|&host| host.to_owned()).collect();
        self.standing_for(hosts)
    }

    /// A collective task stands for these only.
    pub(crate) fn standing_for(mut self, hosts: &[&str]) -> Self {
        self.collective = hosts.iter().map(|&host| host.to_owned()).collect();
        self
    }

    /// Something listens there from now on.
    pub(crate) fn listen(&self, host: &str, port: u16, listener: Box<Listener>) {
        let mut listeners = self.shared.listeners.lock().unwrap();
        listeners.insert((host.to_owned(), port), listener);
    }

    /// The absolute path of something in the bench's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text, as a playbook has it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
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
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        BTreeSet::from_iter(names).into_iter().collect()
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let told = self.shared.told.0.lock().unwrap();
        let warning = |note: &Note| match note {
            Note::Warning { message } => Some(message.clone()),
            _ => None,
        };
        told.iter().filter_map(warning).collect()
    }

    /// The time that has passed.
    pub(crate) fn elapsed(&self) -> Duration {
        self.shared.clock.elapsed()
    }

    /// Looks and plans on the first host.
    pub(crate) async fn plan(
        &self,
        module: &'static dyn AnyModule,
        args: Value,
    ) -> Result<Plan<Described>, Failure> {
        self.plan_on(&self.hosts[0].name, module, args).await
    }

    /// Looks and plans.
    pub(crate) async fn plan_on(
        &self,
        host: &str,
        module: &'static dyn AnyModule,
        args: Value,
    ) -> Result<Plan<Described>, Failure> {
        let mut task = module.call(&args).map_err(internal)?;
        task.look(&self.reach(host)).await?;
        task.plan()
    }

    /// Looks, plans, makes every change, and proves, on the first host.
    pub(crate) async fn run(&self, module: &'static dyn AnyModule, args: Value) -> Result<Went, Failure> {
        self.run_on(&self.hosts[0].name, module, args).await
    }

    /// Looks, plans, makes every change, and proves.
    pub(crate) async fn run_on(
        &self,
        host: &str,
        module: &'static dyn AnyModule,
        args: Value,
    ) -> Result<Went, Failure> {
        let mut task = module.call(&args).map_err(internal)?;
        task.look(&self.reach(host)).await?;
        let plan = task.plan()?;
        assert_eq!(plan.later, None, "nothing is known later in a run");
        let mut went = Went {
            changes: plan.changes.iter().map(|change| change.text.clone()).collect(),
            why: plan.why,
            fields: plan.result,
            hosts: BTreeMap::new(),
        };
        for index in 0..plan.changes.len() {
            task.apply(index, &self.reach(host)).await?;
        }
        if !plan.changes.is_empty() || module.traits().collective {
            let proved = task.prove(&self.reach(host)).await?;
            went.fields.extend(proved.fields);
            went.hosts = proved.hosts;
        }
        if !plan.changes.is_empty() {
            self.shared.made.lock().unwrap().extend(plan.makes);
        }
        Ok(went)
    }

    fn reach<A>(&self, host: &str) -> Reach<A> {
        Reach::new(Arc::new(TestGround {
            host: host.to_owned(),
            folder: self.folder.path().to_owned(),
            state: self.folder.path().join("state"),
            estate: Estate::new(self.hosts.clone()),
            play: self.play.clone(),
            collective: self.collective.clone(),
            check: self.check,
            shared: self.shared.clone(),
        }))
    }
}

impl Shared {
    /// The connection to a twin, kept from call to call.
    fn connection(&self, host: &Host) -> Option<Arc<VosConnection>> {
        let twins = self.twins.lock().unwrap().clone()?;
        let mut connections = self.connections.lock().unwrap();
        let settings = || SshSettings {
            name: host.name.clone(),
            endpoint: host.ssh.clone(),
            user: "admin".into(),
            credential: Credential::Password(Secret::new("good-pw", Origin::environment("VOS_PASSWORD"))),
            host_keys: HostKeyPolicy::Strict,
            legacy: false,
            timing: host.timing.clone(),
        };
        let fresh = || {
            Arc::new(VosConnection::new(
                settings(),
                Arc::new(twins),
                self.clock.clone(),
            ))
        };
        Some(connections.entry(host.name.clone()).or_insert_with(fresh).clone())
    }
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Internal, error.to_string())
}
