//! A small estate of twins in memory, and the ground that modules stand on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cutover_kit::estate::{Decisions, Deployment};
use cutover_kit::reach::Ground;
use cutover_kit::registry::Described;
use cutover_kit::secret::{Origin, Secret};
use cutover_kit::session::{Credential, Endpoint, HostKeyPolicy, SshSettings};
use cutover_kit::timing::Timing;
use cutover_kit::value::Later;
use cutover_kit::{
    AnyModule, Clock, Estate, Failure, FailureKind, Host, Made, Map, Node, Note, Notes, Plan, Platform,
    Product, Reach, Value,
};
use cutover_memory_twins::{MemoryTwins, RuntimeClock};
use cutover_twins::{Account, DeviceSpec, EstateSpec, TwinOptions, What};
use cutover_vos::VosConnection;
use cutover_x509::authority::{self, Authority, Profile, Spec};
use cutover_x509::{Certificate, Chain, read_certificates, read_request};

use crate::ground::TaskGround;
use crate::wire::{Cut, Wire};

/// The moment every story begins.
pub(crate) const EPOCH: &str = "2026-10-19T20:00:00Z";

/// The site whose link brings one byte at a time.
pub(crate) const DRIPPING: &str = "at the end of a thin line";

/// Where requests and answers lie.
pub(crate) const CSR: &str = "/work/csr";
pub(crate) const SIGNED: &str = "/work/signed";

/// A host and its twin.
pub(crate) fn host(name: &str, product: Product, cluster: &str, node: Node) -> Host {
    Host {
        name: name.to_owned(),
        fqdn: format!("{name}.example.com"),
        platform: Platform::Vos,
        products: vec![product],
        version: Some("12.6.2".to_owned()),
        cluster: cluster.to_owned(),
        node,
        pool: None,
        site: None,
        ssh: Endpoint::new(name, 22),
        tls_ports: product.tls_ports().to_vec(),
        units: vec!["tomcat".to_owned()],
        talks_to: product.talks_to().iter().map(|it| (*it).to_owned()).collect(),
        ca: None,
        ca_command: None,
        renew_before: None,
        work: PathBuf::from("/work"),
        deployment: Deployment::Ucce,
        decisions: Decisions::default(),
        timing: Timing::real(),
    }
}

/// A VVB, alone in its cluster.
pub(crate) fn single() -> Vec<Host> {
    vec![host("vvb", Product::Vvb, "vvb", Node::Primary)]
}

/// A Finesse pair.
pub(crate) fn finesse_pair() -> Vec<Host> {
    vec![
        host("fin-a", Product::Finesse, "fin", Node::Primary),
        host("fin-b", Product::Finesse, "fin", Node::Secondary),
    ]
}

/// What notes, files and steps the modules left.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) notes: Mutex<Vec<Note>>,
    pub(crate) files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    pub(crate) later: Mutex<BTreeMap<PathBuf, Later>>,
    pub(crate) made: Mutex<BTreeSet<Made>>,
    pub(crate) at_start: Mutex<HashMap<String, String>>,
    pub(crate) waited: Mutex<Duration>,
}

impl Notes for Trace {
    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }
}

/// An estate whose devices are twins in memory.
#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) twins: MemoryTwins,
    pub(crate) estate: Arc<Estate>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) rotate_always: bool,
    pub(crate) checking: bool,
    cut: Arc<Mutex<Option<Cut>>>,
    pub(crate) connections: Arc<BTreeMap<String, Arc<VosConnection>>>,
    ca: Arc<Authority>,
}

impl Lab {
    /// Healthy twins of these hosts.
    pub(crate) fn new(hosts: Vec<Host>) -> Self {
        Self::with(hosts, |_, _| {})
    }

    /// Twins of these hosts, each with its own options.
    pub(crate) fn with(hosts: Vec<Host>, options: impl Fn(&str, &mut TwinOptions)) -> Self {
        Self::timed(hosts, cutover_twins::Timing::real(), options)
    }

    /// Twins that take their time as given.
    pub(crate) fn timed(
        hosts: Vec<Host>,
        timing: cutover_twins::Timing,
        options: impl Fn(&str, &mut TwinOptions),
    ) -> Self {
        let clock = Arc::new(RuntimeClock::new(EPOCH.parse().unwrap()));
        let devices = hosts.iter().enumerate().map(|(index, host)| {
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
        let twins = MemoryTwins::new(&spec, timing, clock.clone()).unwrap();
        let cut = Arc::<Mutex<Option<Cut>>>::default();
        let connection = |host: &Host| {
            let settings = SshSettings {
                name: host.name.clone(),
                endpoint: host.ssh.clone(),
                user: "admin".into(),
                credential: Credential::Password(Secret::new("good-pw", Origin::environment("VOS_PASSWORD"))),
                host_keys: HostKeyPolicy::Strict,
                legacy: false,
                timing: host.timing.clone(),
            };
            let wire = Wire {
                twins: twins.clone(),
                cut: cut.clone(),
                drips: host.site.as_deref() == Some(DRIPPING),
            };
            let connection = VosConnection::new(settings, Arc::new(wire), clock.clone());
            (host.name.clone(), Arc::new(connection))
        };
        let ca = authority(authority::KeyKind::Rsa2048, clock.now());
        Self {
            connections: Arc::new(hosts.iter().map(connection).collect()),
            estate: Arc::new(Estate::new(hosts)),
            twins,
            trace: Arc::default(),
            cut: cut.clone(),
            rotate_always: false,
            checking: false,
            ca: Arc::new(ca),
        }
    }

    /// The chain of the lab's CA, root first.
    pub(crate) fn ca(&self) -> Vec<Certificate> {
        self.ca.chain().to_vec()
    }

    /// The lab's CA signs with another kind of key.
    pub(crate) fn signed_by(mut self, key: authority::KeyKind) -> Self {
        self.ca = Arc::new(authority(key, self.twins.clock().now()));
        self
    }

    /// The root of a CA of the same name that begins later.
    pub(crate) fn another_ca(&self, seconds: i64) -> Certificate {
        let later = self.twins.clock().now() + jiff::SignedDuration::from_secs(seconds);
        authority(authority::KeyKind::Rsa2048, later).chain()[0].clone()
    }

    /// Signs the request of `host` as the signing step does: leaf, then the chain up to the root.
    pub(crate) fn sign(&self, host: &str) -> Certificate {
        self.sign_as(host)
    }

    /// Signs the request in the file of this stem.
    pub(crate) fn sign_as(&self, host: &str) -> Certificate {
        let request = read_request(&self.file(&format!("{CSR}/{host}.csr"))).unwrap();
        let mut random = |bytes: &mut [u8]| {
            bytes.fill(host.bytes().fold(0x11, |a, b| a ^ b) | 1);
            Ok(())
        };
        let leaf = self
            .ca
            .sign(
                &request,
                &Profile::default(),
                self.twins.clock().now(),
                &mut random,
            )
            .unwrap();
        let chain = Chain::build(&leaf, &self.ca(), &[], self.twins.clock().now()).unwrap();
        self.put(&format!("{SIGNED}/{host}.pem"), chain.to_pem().as_bytes());
        leaf
    }

    pub(crate) fn put(&self, path: &str, content: &[u8]) {
        let mut files = self.trace.files.lock().unwrap();
        files.insert(PathBuf::from(path), content.to_vec());
    }

    pub(crate) fn file(&self, path: &str) -> Vec<u8> {
        self.trace.files.lock().unwrap()[Path::new(path)].clone()
    }

    pub(crate) fn certificates(&self, path: &str) -> Vec<Certificate> {
        read_certificates(&self.file(path)).unwrap()
    }

    /// The link breaks when this text is sent the next time.
    pub(crate) fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = Some(cut);
    }

    /// The ground of a task on `host`.
    pub(crate) fn ground(&self, host: &str) -> Arc<dyn Ground> {
        Arc::new(TaskGround {
            lab: self.clone(),
            host: self.estate.host(host).unwrap().clone(),
            play: self.estate.hosts().map(|host| host.name.clone()).collect(),
            clock: self.twins.clock(),
        })
    }

    /// A module's call on a host, from look to prove, as the engine makes it.
    pub(crate) async fn run(
        &self,
        module: &'static dyn AnyModule,
        host: &str,
        args: &Value,
    ) -> Result<Done, Failure> {
        let (plan, task) = self.look(module, host, args).await?;
        if let Some(later) = plan.later {
            let message = format!("{} ({})", plan.why, later.after);
            return Err(Failure::new(FailureKind::Preflight, message));
        }
        let write = Reach::new(self.ground(host));
        let mut result = plan.result;
        for index in 0..plan.changes.len() {
            let applied = task.apply(index, &write).await?;
            result.extend(applied.fields);
            if let Some(message) = applied.failed {
                return Err(Failure::new(FailureKind::Task, message));
            }
        }
        self.trace.made.lock().unwrap().extend(plan.makes);
        if !plan.changes.is_empty() {
            result.extend(task.prove(&Reach::new(self.ground(host))).await?.fields);
        }
        Ok(Done {
            changes: plan.changes.into_iter().map(|it| it.text).collect(),
            why: plan.why,
            result,
        })
    }

    /// Look and plan only, as in check mode.
    pub(crate) async fn look(
        &self,
        module: &'static dyn AnyModule,
        host: &str,
        args: &Value,
    ) -> Result<(Plan<Described>, Box<dyn cutover_kit::AnyTask>), Failure> {
        let mut task = module
            .call(args)
            .map_err(|error| Failure::new(FailureKind::Arguments, error.to_string()))?;
        task.look(&Reach::new(self.ground(host))).await?;
        Ok((task.plan()?, task))
    }

    /// What was sent to devices, in order: `host: command`.
    pub(crate) fn sent(&self) -> Vec<String> {
        let notes = self.trace.notes.lock().unwrap();
        notes
            .iter()
            .filter_map(|note| match note {
                Note::Sent { host, command } => Some(format!("{host}: {command}")),
                _ => None,
            })
            .collect()
    }

    /// Questions and answers, in order.
    pub(crate) fn asked(&self) -> Vec<(String, String)> {
        let notes = self.trace.notes.lock().unwrap();
        notes
            .iter()
            .filter_map(|note| match note {
                Note::Asked { question, answer, .. } => Some((question.clone(), answer.clone())),
                _ => None,
            })
            .collect()
    }

    /// What happened on the twins, short: only what changes something.
    pub(crate) fn happened(&self) -> Vec<String> {
        let log = self.twins.estate().log();
        log.iter()
            .filter_map(|entry| {
                let what = match &entry.what {
                    What::RequestMade { unit } => format!("request {unit}"),
                    What::Imported { store, .. } => format!("import {store}"),
                    What::ImportRefused { store, .. } => format!("refused {store}"),
                    What::Arrived { store, .. } => format!("arrived {store}"),
                    What::Regenerated { unit, .. } => format!("regenerated {unit}"),
                    What::Deleted { file, .. } => format!("deleted {file}"),
                    What::Service { service, action } => format!("{action} {service}"),
                    What::Restart => "restart".to_owned(),
                    What::NodeDown => "down".to_owned(),
                    What::NodeUp => "up".to_owned(),
                    _ => return None,
                };
                Some(format!("{}: {what}", entry.host))
            })
            .collect()
    }

    /// How many changes the twins carried out.
    pub(crate) fn writes(&self) -> usize {
        self.twins.estate().writes()
    }

    /// Time since the story began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.twins.clock().elapsed()
    }

    /// The truth about a node.
    pub(crate) fn in_service(&self, host: &str) -> bool {
        self.twins.estate().in_service(host, self.elapsed())
    }

    /// The RSA leaf that a listener shows.
    pub(crate) fn served(&self, host: &str, port: u16) -> Option<Certificate> {
        self.shown(host, port, cutover_twins::KeyKind::Rsa)
    }

    /// The ECDSA leaf that a listener shows.
    pub(crate) fn served_ec(&self, host: &str, port: u16) -> Option<Certificate> {
        self.shown(host, port, cutover_twins::KeyKind::Ec)
    }

    fn shown(&self, host: &str, port: u16, key: cutover_twins::KeyKind) -> Option<Certificate> {
        let chain = self.twins.estate().served(host, port, key, self.elapsed())?;
        Certificate::from_der(&chain[0]).ok()
    }
}

/// How a module's call went.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) changes: Vec<String>,
    pub(crate) why: String,
    pub(crate) result: Map,
}

/// A CA with one intermediate.
fn authority(key: authority::KeyKind, now: jiff::Timestamp) -> Authority {
    let mut seed = 0_u8;
    let mut random = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            seed = seed.wrapping_add(1) & 0x7f;
            seed.max(1)
        });
        Ok(())
    };
    let spec = Spec {
        key,
        ..Spec::new("Lab")
    };
    Authority::create(&spec, now, &mut random).unwrap()
}
