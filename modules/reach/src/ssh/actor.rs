//! The task that owns a session and its channels. Nobody else touches them:
//! libssh2 frees a channel without its session's lock.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cutover_kit::clock::within;
use cutover_kit::session::LinkError;
use libssh2_sys::LIBSSH2_ERROR_SOCKET_DISCONNECT;
use tokio::sync::{Notify, mpsc, oneshot};

use super::talk::{BACKLOG, Output, Sent, Start, Talk};
use super::wire::{Fault, Wire};

/// How long saying goodbye may take.
const PARTING: Duration = Duration::from_secs(1);

/// What handles ask of the task.
pub(crate) enum Order {
    /// A new channel.
    Open {
        start: Start,
        opened: oneshot::Sender<Result<Opened, LinkError>>,
    },
    /// Bytes for a channel.
    Write { id: u64, bytes: Vec<u8>, done: Sent },
    /// No more bytes for a channel.
    Finish { id: u64 },
    /// Goodbye.
    Quit { done: oneshot::Sender<Infallible> },
}

/// A channel, as its handle sees it.
pub(crate) struct Opened {
    pub(crate) id: u64,
    pub(crate) output: mpsc::Receiver<Output>,
}

/// What all handles of one connection share.
#[derive(Clone)]
pub(crate) struct Handle {
    orders: mpsc::UnboundedSender<Order>,
    /// Told when a reader has made room, or has gone.
    pub(crate) wake: Arc<Notify>,
    reason: Arc<OnceLock<String>>,
}

impl Handle {
    pub(crate) fn send(&self, order: Order) -> Result<(), LinkError> {
        self.orders.send(order).map_err(|_| self.lost())
    }

    pub(crate) fn alive(&self) -> bool {
        !self.orders.is_closed()
    }

    /// Why nothing comes back any more.
    pub(crate) fn lost(&self) -> LinkError {
        let reason = self.reason.get().map_or("it was closed", String::as_str);
        LinkError::Lost(reason.to_owned())
    }
}

/// Starts the task for a logged-in session, with a keepalive every `keepalive`.
pub(crate) fn spawn(wire: Wire, keepalive: Duration) -> Handle {
    let (orders, inbox) = mpsc::unbounded_channel();
    let handle = Handle {
        orders,
        wake: Arc::new(Notify::new()),
        reason: Arc::new(OnceLock::new()),
    };
    let actor = Actor {
        inbox,
        wake: Arc::clone(&handle.wake),
        keepalive: Keepalive::new(&wire, keepalive),
        connection: Connection {
            talks: Vec::new(),
            wire,
        },
        opened: 0,
    };
    let reason = Arc::clone(&handle.reason);
    tokio::spawn(async move { actor.run(&reason).await });
    handle
}

/// The session and its channels, which end in this order: socket, channels,
/// session. With the socket shut nothing below can wait.
struct Connection {
    talks: Vec<Talk>,
    wire: Wire,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.wire.socket.shutdown();
    }
}

struct Actor {
    connection: Connection,
    inbox: mpsc::UnboundedReceiver<Order>,
    wake: Arc<Notify>,
    keepalive: Keepalive,
    opened: u64,
}

/// What the task was woken by.
enum News {
    /// Somebody wants something.
    Order(Order),
    /// A channel may have something to move.
    Channels,
    /// No handle is left.
    Forgotten,
}

impl Actor {
    async fn run(mut self, reason: &OnceLock<String>) {
        match self.serve().await {
            // Whoever asked hears of it when all is over.
            Ok(_done) => self.part().await,
            Err(fault) => {
                // Set once, here; before the handles hear of it.
                let _ = reason.set(fault.to_string());
            }
        }
    }

    /// Serves until somebody says goodbye, or no handle is left to say it.
    async fn serve(&mut self) -> Result<Option<oneshot::Sender<Infallible>>, Fault> {
        loop {
            let order = if self.pump().await? {
                // However much arrives, orders are heard, and other tasks run.
                tokio::task::yield_now().await;
                self.inbox.try_recv().ok()
            } else {
                match self.next().await? {
                    News::Order(order) => Some(order),
                    News::Channels => None,
                    News::Forgotten => return Ok(None),
                }
            };
            match order {
                Some(Order::Quit { done }) => return Ok(Some(done)),
                Some(order) => self.obey(order).await?,
                None => {}
            }
        }
    }

    /// Moves what can be moved on every channel. Says whether anything did.
    async fn pump(&mut self) -> Result<bool, Fault> {
        let Connection { talks, wire } = &mut self.connection;
        let mut moved = false;
        for talk in talks.iter_mut() {
            moved |= talk.pump(wire).await?;
        }
        let over: Vec<Talk> = talks.extract_if(.., |talk| talk.is_over()).collect();
        for talk in over {
            talk.close(wire).await?;
        }
        Ok(moved)
    }

    /// Waits for something to do.
    async fn next(&mut self) -> Result<News, Fault> {
        let Connection { talks, wire } = &self.connection;
        let listening = talks.iter().any(Talk::wants_more);
        tokio::select! {
            order = self.inbox.recv() => return Ok(order.map_or(News::Forgotten, News::Order)),
            () = self.wake.notified() => {}
            news = wire.readable(), if listening => news?,
            gone = wire.closed(), if talks.is_empty() => {
                gone?;
                return Err(Fault::Said(LIBSSH2_ERROR_SOCKET_DISCONNECT, String::new()));
            }
            () = self.keepalive.due(wire) => self.keepalive.send(wire).await?,
        }
        Ok(News::Channels)
    }

    async fn obey(&mut self, order: Order) -> Result<(), Fault> {
        let Connection { talks, wire } = &mut self.connection;
        match order {
            Order::Open { start, opened } => {
                self.opened += 1;
                let (sender, output) = mpsc::channel(BACKLOG);
                let talk = Talk::open(wire, self.opened, &start, sender).await?;
                let answer = talk.map(|talk| {
                    talks.push(talk);
                    Opened {
                        id: self.opened,
                        output,
                    }
                });
                // Nobody waits for it any more: then its output is closed, too.
                let _ = opened.send(answer);
            }
            Order::Write { id, bytes, done } => match find(talks, id) {
                Some(talk) => talk.feed(bytes, done),
                None => {
                    // Who asked may have gone.
                    let _ = done.send(Err(LinkError::Refused("the channel has ended".into())));
                }
            },
            Order::Finish { id } => {
                if let Some(talk) = find(talks, id) {
                    talk.finish();
                }
            }
            Order::Quit { .. } => {}
        }
        Ok(())
    }

    /// Says goodbye, as far as the far side listens.
    async fn part(&mut self) {
        let Connection { talks, wire } = &mut self.connection;
        let goodbye = async {
            for talk in talks.drain(..) {
                talk.close(wire).await?;
            }
            wire.attempt(|| wire.session.disconnect(None, "done", None)).await
        };
        // Whatever comes of it, the connection ends here.
        let _ = within(&*wire.clock, PARTING, goodbye).await;
    }
}

/// Keeps firewalls, and servers that ask after idle clients, from hanging up.
/// No answer is asked for: libssh2 reads only while it works on a channel. That
/// the far side has gone is the socket's to notice.
struct Keepalive {
    every: Duration,
    next: Duration,
}

impl Keepalive {
    fn new(wire: &Wire, every: Duration) -> Self {
        // libssh2 sends one when asked, unless it did within these two seconds.
        wire.session.set_keepalive(false, 2);
        wire.socket.notice_dead_peer(every);
        Self {
            every,
            next: wire.clock.elapsed() + every,
        }
    }

    async fn due(&self, wire: &Wire) {
        if self.every.is_zero() {
            std::future::pending::<()>().await;
        }
        wire.clock
            .sleep(self.next.saturating_sub(wire.clock.elapsed()))
            .await;
    }

    async fn send(&mut self, wire: &Wire) -> Result<(), Fault> {
        self.next = wire.clock.elapsed() + self.every;
        wire.attempt(|| wire.session.keepalive_send()).await.map(|_| ())
    }
}

fn find(talks: &mut [Talk], id: u64) -> Option<&mut Talk> {
    talks.iter_mut().find(|talk| talk.id == id)
}
