//! The estate as a caller sees it.

use crate::log::Entry;
use crate::pki::KeyKind;
use crate::spec::{EstateSpec, SpecError};
use crate::state::node::{Phase, ServiceState};
use crate::state::sessions::{Admission, Method};
use crate::state::world::{KeptWorld, NodeId, World};
use crate::terminal::Terminal;
use crate::timing::Timing;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, watch};

/// A simulated estate: a handle that is cheap to clone, to the same nodes.
///
/// Time is handed in: every `now` is the time since the estate was started, and the wall clock is
/// `epoch + now` plus the node's own offset. Time never goes backwards; an earlier `now` is taken for
/// the latest one. Calls that name a host that is not there behave as if nothing listened there.
#[derive(Clone, Debug)]
pub struct Estate {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    /// Something may happen sooner than it looked before, or listeners moved.
    changed: Notify,
    /// Counts the times that a node was told to go down.
    going_down: watch::Sender<usize>,
}

/// What became of a login.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once for a login and taken apart at once"
)]
pub enum Login {
    /// A session; the terminal begins with the start-up text.
    Accepted(Terminal),
    /// Wrong password or method, unknown or locked account: indistinguishable.
    Refused,
    /// No session is to be had: the node is down, or has as many as it allows.
    Closed,
}

/// A certificate that a listener presents, with its issuers and its key.
pub(crate) struct Presented {
    pub(crate) leaf: openssl::x509::X509,
    pub(crate) chain: Vec<openssl::x509::X509>,
    pub(crate) key: openssl::pkey::PKey<openssl::pkey::Private>,
}

impl Estate {
    /// A fresh estate.
    ///
    /// # Errors
    /// [`SpecError`] where the specification contradicts itself or names what no twin plays.
    pub fn new(spec: &EstateSpec, timing: Timing, epoch: SystemTime) -> Result<Self, SpecError> {
        Ok(Estate::of(World::new(spec, timing, unix(epoch), None)?))
    }

    /// An estate that goes on from [`save`](Estate::save): devices that are new in the specification
    /// are made fresh, those that are gone from it are dropped. Sessions and the log are not kept.
    ///
    /// # Errors
    /// [`SpecError`] as for [`new`](Estate::new), and where the kept state cannot be read.
    pub fn load(kept: &str, spec: &EstateSpec, timing: Timing, epoch: SystemTime) -> Result<Self, SpecError> {
        let kept: KeptWorld = serde_json::from_str(kept).map_err(|e| SpecError::Kept(e.to_string()))?;
        Ok(Estate::of(World::new(spec, timing, unix(epoch), Some(kept))?))
    }

    fn of(world: World) -> Self {
        Estate {
            shared: Arc::new(Shared {
                world: Mutex::new(world),
                changed: Notify::new(),
                going_down: watch::Sender::new(0),
            }),
        }
    }

    /// The state as JSON, private keys included: whoever keeps it keeps it to himself.
    #[must_use]
    pub fn save(&self) -> String {
        // Only strings and numbers are keys of the maps in it, so it can always be written.
        self.at_rest(|world| world.keep()).unwrap_or_default()
    }

    /// A login over SSH.
    #[must_use]
    pub fn login(&self, host: &str, now: Duration, method: Method, user: &str, password: &str) -> Login {
        let admission = self.on(host, now, |world, id| {
            (id, world.admit(id, method, user, password))
        });
        match admission {
            Some((id, Admission::Session(session))) => {
                Login::Accepted(Terminal::new(self.clone(), id, session, now))
            }
            Some((_, Admission::Refused)) => Login::Refused,
            Some((_, Admission::Closed)) | None => Login::Closed,
        }
    }

    /// The methods that SSH offers, the preferred one first.
    #[must_use]
    pub fn methods(&self, host: &str) -> Vec<Method> {
        self.at_rest(|world| world.place(host).map(|id| world.methods(id)))
            .unwrap_or_default()
    }

    /// Whether something listens on a device port: 22, or a TLS port whose service is started.
    #[must_use]
    pub fn port_open(&self, host: &str, port: u16, now: Duration) -> bool {
        self.on(host, now, |world, id| is_open(world, id, port))
            .unwrap_or(false)
    }

    /// What a listener presents to a client that takes only this kind of key: DER, the leaf first.
    #[must_use]
    pub fn served(&self, host: &str, port: u16, key: KeyKind, now: Duration) -> Option<Vec<Vec<u8>>> {
        let wanted = self.presented_of(host, port, now, |kind| kind == key).pop()?;
        let chain = std::iter::once(wanted.leaf).chain(wanted.chain);
        chain.map(|c| c.to_der().ok()).collect()
    }

    /// Everything that a listener can present.
    pub(crate) fn presented(&self, host: &str, port: u16, now: Duration) -> Vec<Presented> {
        self.presented_of(host, port, now, |_| true)
    }

    fn presented_of(
        &self,
        host: &str,
        port: u16,
        now: Duration,
        wanted: impl Fn(KeyKind) -> bool,
    ) -> Vec<Presented> {
        let all = self.on(host, now, |world, id| {
            if !is_open(world, id, port) {
                return Vec::new();
            }
            let active = world.node(id).state.active.get(&port).cloned();
            let active = active.unwrap_or_default().into_iter();
            active
                .filter(|a| wanted(a.unit.key()))
                .filter_map(|a| {
                    let made = world.pair(id, a.pair).ok().flatten()?;
                    let chain = a.chain.iter().filter_map(|c| c.open().ok()).collect();
                    Some(Presented {
                        leaf: made.certificate.open().ok()?,
                        chain,
                        key: made.key.open().ok()?,
                    })
                })
                .collect()
        });
        all.unwrap_or_default()
    }

    /// Answers an HTTP/1.1 request that came over TLS: Finesse's `/finesse/api/SystemInfo` on 8445,
    /// and 404 for everything else. An open port is the caller's to see to.
    #[must_use]
    pub fn http(&self, host: &str, port: u16, request: &[u8], now: Duration) -> Vec<u8> {
        self.on(host, now, |world, id| {
            crate::http::answer(world, id, port, request)
        })
        .unwrap_or_default()
    }

    /// The wire log since this start.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.at_rest(|world| world.log().to_vec())
    }

    /// How many commands that change something were carried out since this start.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.at_rest(|world| world.writes())
    }

    /// The truth about a node: it is up, all its services are started, its database replication is
    /// good, and Live Data is paired where it has another side.
    #[must_use]
    pub fn in_service(&self, host: &str, now: Duration) -> bool {
        self.on(host, now, |world, id| world.in_service(id))
            .unwrap_or(false)
    }

    /// When something happens next without anybody's doing, as time since the start.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        self.at_rest(|world| world.next().map(|at| world.since_start(at)))
    }

    /// The time since the start as far as the estate knows it: that of the latest call.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.at_rest(|world| world.since_start(world.now()))
    }

    /// Lets everything happen that is due by `now`. Every other call with a time does so first.
    pub fn advance(&self, now: Duration) {
        self.at(now, |_| ());
    }

    /// Runs on the world as it is at a time.
    pub(crate) fn at<R>(&self, now: Duration, run: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.lock();
        let before = world.next();
        world.advance(now);
        let result = run(&mut world);
        let changed = world.next() != before || world.has_moved();
        let going_down = world.going_down();
        drop(world);
        if changed {
            self.shared.changed.notify_one();
        }
        self.shared.going_down.send_if_modified(|seen| {
            let more = *seen != going_down;
            *seen = going_down;
            more
        });
        result
    }

    /// Runs on the world as it was left.
    pub(crate) fn at_rest<R>(&self, run: impl FnOnce(&mut World) -> R) -> R {
        run(&mut self.lock())
    }

    fn on<R>(&self, host: &str, now: Duration, run: impl FnOnce(&mut World, NodeId) -> R) -> Option<R> {
        self.at(now, |world| {
            let id = world.place(host)?;
            Some(run(world, id))
        })
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere leaves a world that is still worth looking at.
        let world = self.shared.world.lock();
        world.unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when something is planned or listeners have moved since the last call.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Sees every time that a node is told to go down.
    pub(crate) fn going_down(&self) -> watch::Receiver<usize> {
        self.shared.going_down.subscribe()
    }
}

/// Whether a node listens on a device port.
pub(crate) fn is_open(world: &World, id: NodeId, port: u16) -> bool {
    let node = world.node(id);
    if port == 22 {
        return node.reachable();
    }
    let known = node.setup.ports.contains(&port);
    let service = node.setup.service_of(port);
    known && node.state.power.phase != Phase::Down && node.service(service) == ServiceState::Started
}

fn unix(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    }
}
