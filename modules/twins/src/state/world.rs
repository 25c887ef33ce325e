//! All nodes, one clock, and what is going to happen.

use super::agenda::{Agenda, Event, Planned};
use super::identity::Authorities;
use super::node::{Node, Setup, State};
use super::sessions::Sessions;
use crate::log::{Entry, What};
use crate::pki::primes::RsaKeys;
use crate::spec::{EstateSpec, SpecError};
use crate::timing::Timing;
use openssl::error::ErrorStack;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The place of a node in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

/// A fresh estate has been up for this long.
const UP_BEFORE: Duration = Duration::from_secs(46 * 86_400 + 13 * 3600 + 57 * 60);

/// The whole estate. Its own time goes on from start to start, so that kept state stays true; `base`
/// is where it stood when this start began.
#[derive(Debug)]
pub(crate) struct World {
    nodes: Vec<Node>,
    places: BTreeMap<String, NodeId>,
    clusters: BTreeMap<String, Vec<NodeId>>,
    timing: Timing,
    base: Duration,
    now: Duration,
    /// Wall clock at `base`, seconds since 1970.
    epoch: i64,
    agenda: Agenda,
    log: Vec<Entry>,
    writes: usize,
    /// Nodes whose listeners may have opened or closed since the last look.
    moved: BTreeSet<NodeId>,
    going_down: usize,
    random: fastrand::Rng,
    pub(crate) sessions: Sessions,
    pub(crate) rsa_keys: RsaKeys,
    pub(crate) authorities: Option<Authorities>,
    /// Which node of a Live Data cluster is the active one.
    pub(crate) live: BTreeMap<String, String>,
}

/// What is kept of a world.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptWorld {
    now: Duration,
    agenda: Agenda,
    authorities: Option<Authorities>,
    live: BTreeMap<String, String>,
    nodes: BTreeMap<String, State>,
}

impl World {
    /// A world in which every node is fresh, or as it was kept.
    pub(crate) fn new(
        spec: &EstateSpec,
        timing: Timing,
        epoch: i64,
        kept: Option<KeptWorld>,
    ) -> Result<World, SpecError> {
        spec.check()?;
        let base = kept.as_ref().map_or(UP_BEFORE, |k| k.now);
        let mut world = World {
            nodes: Vec::new(),
            places: BTreeMap::new(),
            clusters: BTreeMap::new(),
            timing,
            base,
            now: base,
            epoch,
            agenda: Agenda::default(),
            log: Vec::new(),
            writes: 0,
            moved: BTreeSet::new(),
            going_down: 0,
            random: fastrand::Rng::with_seed(spec.seed),
            sessions: Sessions::default(),
            rsa_keys: RsaKeys::default(),
            authorities: None,
            live: BTreeMap::new(),
        };
        let mut states = BTreeMap::new();
        if let Some(kept) = kept {
            world.agenda = kept.agenda;
            world.authorities = kept.authorities;
            world.live = kept.live;
            states = kept.nodes;
        }
        world.fill(spec, states)?;
        Ok(world)
    }

    fn fill(&mut self, spec: &EstateSpec, mut states: BTreeMap<String, State>) -> Result<(), SpecError> {
        let crypto = |error: ErrorStack| SpecError::Crypto(error.to_string());
        if self.authorities.is_none() && spec.devices.iter().any(|d| d.twin.certificate.signed) {
            self.authorities = Some(Authorities::new(self.epoch).map_err(crypto)?);
        }
        for device in &spec.devices {
            let setup = Setup::new(device)?;
            let state = match states.remove(&device.name) {
                Some(state) => state.fitting(&setup),
                None => self.fresh(&setup).map_err(crypto)?,
            };
            let id = NodeId(self.nodes.len());
            self.places.insert(device.name.clone(), id);
            let cluster = self.clusters.entry(device.cluster.clone()).or_default();
            cluster.push(id);
            self.nodes.push(Node { setup, state });
        }
        let places = &self.places;
        self.agenda.keep(|name| places.contains_key(name));
        for id in self.ids() {
            self.activate_missing(id);
        }
        Ok(())
    }

    /// What the next start needs to go on from here.
    pub(crate) fn keep(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Keeping<'a> {
            now: Duration,
            agenda: &'a Agenda,
            authorities: &'a Option<Authorities>,
            live: &'a BTreeMap<String, String>,
            nodes: BTreeMap<&'a str, &'a State>,
        }
        let nodes = self.nodes.iter().map(|n| (n.setup.spec.name.as_str(), &n.state));
        serde_json::to_string(&Keeping {
            now: self.now,
            agenda: &self.agenda,
            authorities: &self.authorities,
            live: &self.live,
            nodes: nodes.collect(),
        })
    }

    /// Lets everything happen that is due by `now`, the time since this start.
    pub(crate) fn advance(&mut self, now: Duration) {
        let now = self.now.max(self.base + now);
        while let Some(planned) = self.agenda.due(now) {
            self.now = self.now.max(planned.at);
            if let Some(id) = self.place(&planned.node) {
                self.happen(id, planned.event);
            }
        }
        self.now = now;
    }

    fn happen(&mut self, id: NodeId, event: Event) {
        match event {
            Event::Service { service, turn, state } => self.service_becomes(id, &service, turn, state),
            Event::Power { turn, phase } => self.power_becomes(id, turn, phase),
            Event::Replication { turn, code } => self.replication_becomes(id, turn, code),
            Event::Trust { store, change } => self.trust_arrives(id, store, change),
        }
    }

    /// The world's own time.
    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// A time of the world as time since this start.
    pub(crate) fn since_start(&self, at: Duration) -> Duration {
        at.saturating_sub(self.base)
    }

    /// A node's clock, seconds since 1970.
    pub(crate) fn wall(&self, id: NodeId) -> i64 {
        self.true_wall() + self.node(id).setup.spec.twin.clock_offset
    }

    /// The world's wall clock, seconds since 1970.
    pub(crate) fn true_wall(&self) -> i64 {
        let passed = self.now.saturating_sub(self.base).as_secs();
        self.epoch.saturating_add_unsigned(passed)
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.timing
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0]
    }

    pub(crate) fn ids(&self) -> Vec<NodeId> {
        (0..self.nodes.len()).map(NodeId).collect()
    }

    pub(crate) fn place(&self, name: &str) -> Option<NodeId> {
        self.places.get(name).copied()
    }

    /// All nodes of a node's cluster, itself included.
    pub(crate) fn cluster(&self, id: NodeId) -> &[NodeId] {
        let cluster = self.clusters.get(&self.node(id).setup.spec.cluster);
        cluster.map_or(&[], Vec::as_slice)
    }

    /// The other nodes of its cluster.
    pub(crate) fn peers(&self, id: NodeId) -> Vec<NodeId> {
        let all = self.cluster(id).iter();
        all.copied().filter(|other| *other != id).collect()
    }

    pub(crate) fn plan(&mut self, planned: Planned) {
        self.agenda.plan(planned);
    }

    /// Plans an event of one node.
    pub(crate) fn plan_after(&mut self, id: NodeId, after: Duration, event: Event) {
        let planned = Planned {
            at: self.now + after,
            node: self.node(id).setup.spec.name.clone(),
            event,
        };
        self.plan(planned);
    }

    /// When something happens by itself next.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.agenda.next()
    }

    pub(crate) fn record(&mut self, id: NodeId, what: What) {
        self.log.push(Entry {
            at: self.since_start(self.now),
            host: self.node(id).setup.spec.name.clone(),
            what,
        });
    }

    /// Records something that a command changed.
    pub(crate) fn write(&mut self, id: NodeId, what: What) {
        self.writes += 1;
        self.record(id, what);
    }

    pub(crate) fn log(&self) -> &[Entry] {
        &self.log
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes
    }

    /// A node's listeners may have opened or closed.
    pub(crate) fn moved(&mut self, id: NodeId) {
        self.moved.insert(id);
    }

    /// Whether any did since the last look.
    pub(crate) fn has_moved(&self) -> bool {
        !self.moved.is_empty()
    }

    /// How often a node was told to go down.
    pub(crate) fn going_down(&self) -> usize {
        self.going_down
    }

    /// One more time.
    pub(crate) fn one_goes_down(&mut self) {
        self.going_down += 1;
    }

    /// The nodes that moved since the last call.
    pub(crate) fn take_moved(&mut self) -> BTreeSet<NodeId> {
        std::mem::take(&mut self.moved)
    }

    /// Sixteen bytes for a serial number: positive, never zero.
    pub(crate) fn serial(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        bytes[0] = bytes[0] & 0x7f | 0x40;
        bytes
    }
}
