//! Clusters, pools and phases by chance, and as the files that a person would write.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value as Json, json};

/// Clusters and the phases they go through.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub clusters: Vec<Cluster>,
    pub phases: Vec<Phase>,
    pub forks: usize,
}

/// A primary and its secondaries.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub name: String,
    pub hosts: Vec<String>,
    pub pool: Option<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub name: String,
    pub nodes: Nodes,
    pub barrier: bool,
    /// Lanes in a wave.
    pub serial: Option<usize>,
    pub tasks: Vec<Task>,
    pub gate: Vec<Task>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nodes {
    All,
    PrimaryFirst,
    SecondaryFirst,
    Primary,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// Its own in the whole scene.
    pub name: String,
    /// Whether it takes the node out of service.
    pub restarts: bool,
    pub seconds: u64,
    /// Where it does not work, by host.
    pub bad: Vec<(String, Bad)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    Fails,
    IsLost,
}

impl Scene {
    pub(crate) fn cluster_of(&self, host: &str) -> &Cluster {
        let mut clusters = self.clusters.iter();
        let of = |cluster: &&Cluster| cluster.hosts.iter().any(|name| name == host);
        clusters.find(of).expect("every host is of a cluster")
    }

    /// Whether these two back each other up.
    pub(crate) fn are_partners(&self, one: &Cluster, other: &Cluster) -> bool {
        one.name == other.name || one.pool.is_some() && one.pool == other.pool
    }

    pub(crate) fn inventory(&self) -> String {
        let mut text = String::from("all:\n  hosts:\n");
        for cluster in &self.clusters {
            for (place, host) in cluster.hosts.iter().enumerate() {
                let node = if place == 0 { "primary" } else { "secondary" };
                let name = &cluster.name;
                writeln!(text, "    {host}:\n      cluster: {name}\n      node: {node}").unwrap();
                if let Some(pool) = cluster.pool {
                    writeln!(text, "      pool: p{pool}").unwrap();
                }
            }
        }
        text
    }

    /// JSON, which is YAML.
    pub(crate) fn playbook(&self) -> String {
        let phases: Vec<Json> = self.phases.iter().map(Phase::written).collect();
        let play = json!([{"hosts": "all", "gather_facts": false, "phases": phases}]);
        serde_json::to_string_pretty(&play).unwrap()
    }
}

impl Phase {
    fn written(&self) -> Json {
        let nodes = match self.nodes {
            Nodes::All => json!("all"),
            Nodes::PrimaryFirst => json!(["primary", "secondary"]),
            Nodes::SecondaryFirst => json!(["secondary", "primary"]),
            Nodes::Primary => json!("primary"),
        };
        let tasks = |tasks: &[Task]| tasks.iter().map(Task::written).collect::<Vec<_>>();
        let mut phase = json!({
            "name": self.name,
            "nodes": nodes,
            "barrier": self.barrier,
            "tasks": tasks(&self.tasks),
            "gate": tasks(&self.gate),
        });
        if let Some(serial) = self.serial {
            phase["serial"] = serial.into();
        }
        phase
    }

    /// Those of a cluster that take part, in order.
    pub(crate) fn hosts_of<'a>(&self, cluster: &'a Cluster) -> Vec<&'a String> {
        let (primary, secondaries) = cluster.hosts.split_at(1);
        match self.nodes {
            Nodes::All | Nodes::PrimaryFirst => cluster.hosts.iter().collect(),
            Nodes::SecondaryFirst => secondaries.iter().chain(primary).collect(),
            Nodes::Primary => primary.iter().collect(),
        }
    }
}

impl Task {
    pub(crate) fn on(&self, host: &str) -> Option<Bad> {
        let found = self.bad.iter().find(|(name, _)| name == host);
        found.map(|(_, bad)| *bad)
    }

    fn written(&self) -> Json {
        let mut said: Map<String, Json> = self
            .bad
            .iter()
            .map(|(host, bad)| {
                let what = match bad {
                    Bad::Fails => "fails",
                    Bad::IsLost => "is lost",
                };
                (host.clone(), format!("{what} after {}", self.seconds).into())
            })
            .collect();
        said.insert("others".into(), format!("works after {}", self.seconds).into());
        let module = if self.restarts { "restart" } else { "act" };
        json!({"name": self.name, module: said})
    }
}

/// Any scene of a size at which a person can still follow what went wrong.
pub(crate) fn scene() -> impl Strategy<Value = Scene> {
    let clusters = vec((1..4_usize, of(0..2_u8)), 1..5);
    (clusters, vec(phase(), 1..4), 1..5_usize).prop_map(|(sizes, phases, forks)| {
        let clusters: Vec<Cluster> = sizes
            .into_iter()
            .enumerate()
            .map(|(number, (size, pool))| Cluster {
                name: format!("c{number}"),
                hosts: (0..size).map(|place| format!("c{number}n{place}")).collect(),
                pool,
            })
            .collect();
        let hosts: Vec<String> = clusters
            .iter()
            .flat_map(|cluster| cluster.hosts.clone())
            .collect();
        let phases = phases.into_iter().enumerate();
        Scene {
            phases: phases
                .map(|(number, make)| make.settled(number, &hosts))
                .collect(),
            clusters,
            forks,
        }
    })
}

/// A phase before anybody knows which hosts there are.
#[derive(Clone, Debug)]
struct Sketch {
    nodes: Nodes,
    barrier: bool,
    serial: Option<usize>,
    tasks: Vec<Drafted>,
    gate: Vec<Drafted>,
}

type Drafted = (bool, u64, Vec<(Index, Bad)>);

impl Sketch {
    fn settled(self, number: usize, hosts: &[String]) -> Phase {
        let tasks = |what: &str, drafts: Vec<Drafted>, may_restart: bool| {
            let task = |(place, (restarts, seconds, bad)): (usize, Drafted)| Task {
                name: format!("{what} {number}.{place}"),
                restarts: restarts && may_restart,
                seconds,
                bad: bad
                    .into_iter()
                    .map(|(host, bad)| (host.get(hosts).clone(), bad))
                    .collect(),
            };
            drafts.into_iter().enumerate().map(task).collect()
        };
        Phase {
            name: format!("phase {number}"),
            nodes: self.nodes,
            barrier: self.barrier,
            serial: self.serial,
            tasks: tasks("task", self.tasks, true),
            gate: tasks("gate", self.gate, false),
        }
    }
}

fn phase() -> impl Strategy<Value = Sketch> {
    let nodes = prop_oneof![
        Just(Nodes::All),
        Just(Nodes::PrimaryFirst),
        Just(Nodes::SecondaryFirst),
        Just(Nodes::Primary),
    ];
    let tasks = (vec(task(), 1..4), vec(task(), 0..2));
    (nodes, any::<bool>(), weighted(0.2, 1..4_usize), tasks).prop_map(|(nodes, barrier, serial, tasks)| {
        Sketch {
            nodes,
            barrier,
            serial,
            tasks: tasks.0,
            gate: tasks.1,
        }
    })
}

fn task() -> impl Strategy<Value = Drafted> {
    let bad = prop_oneof![2 => Just(Bad::Fails), 1 => Just(Bad::IsLost)];
    let bad = prop_oneof![
        5 => Just(Vec::new()),
        1 => (any::<Index>(), bad).prop_map(|it| vec![it]),
    ];
    (prop::bool::weighted(0.4), 1..9_u64, bad)
}
