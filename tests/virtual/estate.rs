//! An estate, a playbook and what became of them, in the words of the tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use cutover::bus::Sink;
use cutover::devices::Platforms;
use cutover::event::{Event, EventKind, Options, Status};
use cutover::exit::Exit;
use cutover::journal::State;
use cutover::policy::Policy;
use cutover::run::{Modules, Request, Run, Stop};
use cutover_kit::Secrets;
use cutover_language::Source;
use cutover_language::yaml::{self, Mapping};
use cutover_memory_twins::{MemoryTwins, RuntimeClock};
use cutover_twins::{Account, DeviceSpec, Entry, EstateSpec, Timing, TwinOptions, What};
use tempfile::TempDir;

/// The moment at which every story begins.
pub(crate) const BEGINNING: &str = "2026-11-21T22:00:00Z";

/// One node of a story.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub name: String,
    pub cluster: String,
    pub primary: bool,
    pub products: Vec<String>,
    pub pool: Option<String>,
    /// Further lines of its inventory entry.
    pub variables: String,
    pub twin: TwinOptions,
}

/// A cluster of `nodes` nodes, the first of which is the primary.
pub(crate) fn cluster(name: &str, products: &[&str], nodes: usize) -> Vec<Node> {
    let node = |index: usize| Node {
        name: format!("{name}-{}", index + 1),
        cluster: name.to_owned(),
        primary: index == 0,
        products: products.iter().map(|product| (*product).to_owned()).collect(),
        pool: None,
        variables: String::new(),
        twin: TwinOptions::default(),
    };
    (0..nodes).map(node).collect()
}

/// What a story is made of.
pub(crate) struct Story {
    pub nodes: Vec<Node>,
    pub playbook: String,
    pub check: bool,
    pub limit: Option<String>,
    pub extra: serde_json::Value,
    pub accept: BTreeMap<String, String>,
    folder: TempDir,
    twins: Option<MemoryTwins>,
}

/// How a run of it ended.
pub(crate) struct Told {
    pub exit: Exit,
    pub events: Vec<Event>,
    /// What the twins saw, since the run began.
    pub log: Vec<Entry>,
}

#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<Event>>>);

impl Sink for Collected {
    fn take(&mut self, event: &Event, _: &str) -> std::io::Result<()> {
        self.0.lock().unwrap().push(event.clone());
        Ok(())
    }
}

impl Story {
    /// The rotation of these clusters by the playbook that cutover ships.
    pub(crate) fn of(clusters: impl IntoIterator<Item = Vec<Node>>) -> Self {
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../playbooks/vos-tomcat.yml");
        Self {
            nodes: clusters.into_iter().flatten().collect(),
            playbook: std::fs::read_to_string(shipped).unwrap(),
            check: false,
            limit: None,
            extra: serde_json::json!({}),
            accept: BTreeMap::new(),
            folder: tempfile::tempdir().unwrap(),
            twins: None,
        }
    }

    /// The node of this name, to be changed before the first run.
    pub(crate) fn node(&mut self, name: &str) -> &mut Node {
        self.nodes.iter_mut().find(|node| node.name == name).unwrap()
    }

    /// The twins, made on the first run.
    pub(crate) fn twins(&mut self) -> MemoryTwins {
        if self.twins.is_none() {
            let clock = Arc::new(RuntimeClock::new(BEGINNING.parse().unwrap()));
            self.twins = Some(MemoryTwins::new(&self.spec(), Timing::real(), clock).unwrap());
        }
        self.twins.clone().unwrap()
    }

    fn spec(&self) -> EstateSpec {
        let devices = self.nodes.iter().enumerate().map(|(index, node)| DeviceSpec {
            name: node.name.clone(),
            fqdn: format!("{}.example.com", node.name),
            address: format!("10.1.{}.{}", index / 200, index % 200 + 10),
            products: node.products.clone(),
            version: "12.6.2".into(),
            cluster: node.cluster.clone(),
            primary: node.primary,
            accounts: vec![Account {
                name: "admin".into(),
                password: Some("night-shift".into()),
            }],
            ports: None,
            twin: node.twin.clone(),
        });
        EstateSpec {
            devices: devices.collect(),
            seed: 7,
        }
    }

    fn inventory(&self) -> String {
        let mut text = String::from(
            "all:\n  vars:\n    platform: vos\n    ansible_user: admin\n    ansible_password: night-shift\n    \
             backup_confirmed: true\n    ca: {local: lab, intermediates: 1}\n  hosts:\n",
        );
        for node in &self.nodes {
            let role = if node.primary { "primary" } else { "secondary" };
            let products = node.products.join(", ");
            write!(
                text,
                "    {0}:\n      fqdn: {0}.example.com\n      product: [{products}]\n      cluster: {1}\n      node: {role}\n",
                node.name, node.cluster
            )
            .unwrap();
            if let Some(pool) = &node.pool {
                writeln!(text, "      pool: {pool}").unwrap();
            }
            for line in node.variables.lines() {
                writeln!(text, "      {line}").unwrap();
            }
        }
        text
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Where requests and signed certificates are.
    pub(crate) fn work(&self) -> PathBuf {
        let inventories = [self.folder.path().join("inventory.yml").display().to_string()];
        State::at(self.folder.path().join("state"))
            .unwrap()
            .of_inventory("work", &inventories)
    }

    /// Runs it; a second time goes on with the same twins and the same state.
    pub(crate) async fn run(&mut self) -> Told {
        self.run_until(Stop::default()).await
    }

    /// Runs it until somebody stops it.
    pub(crate) async fn run_until(&mut self, stop: Stop) -> Told {
        let twins = self.twins();
        let before = twins.estate().log().len();
        let collected = Collected::default();
        let modules = [
            cutover_core::modules(),
            cutover_certificates::modules(),
            cutover_vos::modules(),
        ];
        let request = Request {
            options: Options {
                verb: "run".into(),
                playbooks: vec![self.write("playbook.yml", &self.playbook)],
                inventories: vec![self.write("inventory.yml", &self.inventory())],
                limit: self.limit.clone(),
                extra_vars: self.extra.clone(),
                check: self.check,
                forks: 50,
                accept_outage: self.accept.clone(),
                ..Options::default()
            },
            extra: written(&self.extra),
            policy: Policy::default(),
            sinks: vec![Box::new(collected.clone())],
            state: State::at(self.folder.path().join("state")).unwrap(),
            clock: twins.clock(),
            dialer: Arc::new(twins.clone()),
            devices: Arc::new(Platforms),
            modules: Modules::new(modules.into_iter().flatten()),
            roles_path: Vec::new(),
            terminal: Arc::new(cutover::run::Nobody),
            secrets: Secrets::default(),
            stop,
            vault: Arc::new(cutover_language::vault::NoVault),
            password: None,
            become_password: None,
            steps: None,
            key_file: None,
            given: Vec::new(),
            strict: false,
        };
        let run = match Run::prepare(request) {
            Ok(run) => run,
            Err(refusal) => panic!("{:#?}", refusal.diagnostics),
        };
        let exit = run.execute().await;
        let events = collected.0.lock().unwrap().clone();
        let log = twins.estate().log().split_off(before);
        Told { exit, events, log }
    }
}

impl Told {
    /// The wire log of what changed something, one line each: `finesse-1 import tomcat-trust`.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.log
            .iter()
            .filter_map(|entry| change(entry).map(|what| format!("{} {what}", entry.host)))
            .collect()
    }

    /// Places in the wire log where `wanted` holds.
    pub(crate) fn find(&self, host: &str, wanted: impl Fn(&What) -> bool) -> Vec<usize> {
        let here =
            |(index, entry): (usize, &Entry)| (entry.host == host && wanted(&entry.what)).then_some(index);
        self.log.iter().enumerate().filter_map(here).collect()
    }

    /// The failures, one line each, with what was seen.
    pub(crate) fn failures(&self) -> Vec<String> {
        let of = |event: &Event| match &event.kind {
            EventKind::TaskFinished {
                task,
                host,
                status,
                failure: Some(failure),
                ..
            } if *status != Status::Ignored => {
                let mut text = format!("{host} {}: {}", task.module, failure.message);
                for line in &failure.seen {
                    write!(text, "\n  {line}").unwrap();
                }
                Some(text)
            }
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// How each task ended, one line each: `finesse-1 debug ok`.
    pub(crate) fn results(&self) -> Vec<String> {
        let of = |event: &Event| match &event.kind {
            EventKind::TaskFinished {
                task, host, status, ..
            } => {
                let status = format!("{status:?}").to_lowercase();
                Some(format!("{host} {} {status}", task.name))
            }
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// How many hosts were ever out of service at the same time, of those that match.
    pub(crate) fn most_down(&self, hosts: &[&str]) -> usize {
        let mut down = Vec::new();
        let mut most = 0;
        for entry in self
            .log
            .iter()
            .filter(|entry| hosts.contains(&entry.host.as_str()))
        {
            match entry.what {
                What::Restart => down.push(entry.host.clone()),
                What::NodeUp => down.retain(|host| *host != entry.host),
                _ => {}
            }
            most = most.max(down.len());
        }
        most
    }
}

fn change(entry: &Entry) -> Option<String> {
    Some(match &entry.what {
        What::RequestMade { unit } => format!("request {unit}"),
        What::Imported { store, .. } => format!("import {store}"),
        What::Restart => "restart".into(),
        What::NodeUp => "up".into(),
        What::Regenerated { unit, .. } => format!("regenerate {unit}"),
        What::Deleted { store, .. } => format!("delete {store}"),
        _ => return None,
    })
}

/// Variables as `-e` gives them.
fn written(extra: &serde_json::Value) -> Mapping {
    let node = yaml::parse(&Source::new("--extra-vars", extra.to_string())).unwrap();
    node.as_map().cloned().unwrap_or_default()
}
