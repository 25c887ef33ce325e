//! SSH: one terminal per connection.

use super::Clock;
use crate::estate::{Estate, Login};
use crate::state::sessions::Method;
use crate::state::world::NodeId;
use crate::terminal::{Terminal, greeting};
use russh::keys::PrivateKey;
use russh::keys::ssh_key::Algorithm;
use russh::server::{self, Auth, ChannelOpenHandle, Config, Handle, Msg, Response, Session};
use russh::{
    Channel, ChannelId, ChannelMsg, ChannelOpenFailure, MethodKind, MethodSet, Preferred, SshId, cipher,
    compression, kex, mac,
};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// What lies between a socket and the SSH library.
const BUFFER: usize = 64 * 1024;
const TRIES_PER_CONNECTION: usize = 6;

/// The SSH server of one node.
#[derive(Debug)]
pub(crate) struct Server {
    estate: Estate,
    host: String,
    clock: Clock,
    exec_hangs: bool,
    config: Arc<Config>,
}

impl Server {
    pub(crate) fn new(estate: &Estate, id: NodeId, host: &str, clock: Clock, key: PrivateKey) -> Server {
        let old = estate.speaks_old_ssh(id);
        let config = Config {
            server_id: SshId::Standard(Cow::Borrowed(estate.ssh_banner(id))),
            methods: offered(&estate.methods(host)),
            auth_rejection_time: Duration::from_millis(1),
            keys: vec![key],
            preferred: if old { old_algorithms() } else { algorithms() },
            max_auth_attempts: TRIES_PER_CONNECTION,
            inactivity_timeout: None,
            nodelay: true,
            ..Config::default()
        };
        Server {
            estate: estate.clone(),
            host: host.to_owned(),
            clock,
            exec_hangs: estate.exec_hangs(id),
            config: Arc::new(config),
        }
    }

    /// Serves one connection to its end. The library works on one end of a pipe: when this is dropped,
    /// the pipe breaks, and the connection is gone as if the machine were.
    pub(crate) async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let (mut near, far) = tokio::io::duplex(BUFFER);
        let handler = Connection {
            server: self.clone(),
            terminal: None,
        };
        let library = async {
            if let Ok(session) = server::run_stream(self.config.clone(), far, handler).await {
                // How a client leaves is its own affair.
                let _ = session.await;
            }
        };
        tokio::join!(library, async {
            // Either side may break it off at any time.
            let _ = copy_bidirectional(&mut stream, &mut near).await;
            drop(near);
            drop(stream);
        });
    }
}

/// A client that connects, and perhaps logs in.
struct Connection {
    server: Arc<Server>,
    terminal: Option<Terminal>,
}

impl Connection {
    fn login(&mut self, method: Method, user: &str, password: &str) -> Result<Auth, russh::Error> {
        let server = &self.server;
        let now = server.clock.now();
        match server.estate.login(&server.host, now, method, user, password) {
            Login::Accepted(terminal) => {
                self.terminal = Some(terminal);
                Ok(Auth::Accept)
            }
            Login::Refused => Ok(Auth::reject()),
            Login::Closed => Err(russh::Error::Disconnect),
        }
    }
}

impl server::Handler for Connection {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        self.login(Method::Password, user, password)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let Some(mut response) = response else {
            return Ok(Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Borrowed(""),
                prompts: Cow::Borrowed(&[(Cow::Borrowed("Password: "), false)]),
            });
        };
        let answer = response.next().unwrap_or_default();
        let password = String::from_utf8_lossy(&answer).into_owned();
        self.login(Method::KeyboardInteractive, user, &password)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.terminal.take() {
            Some(terminal) => {
                reply.accept().await;
                let talk = Talk {
                    server: self.server.clone(),
                    terminal,
                    handle: session.handle(),
                    id: channel.id(),
                };
                tokio::spawn(talk.run(channel));
            }
            None => reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await,
        }
        Ok(())
    }
}

/// A channel with the terminal behind it.
struct Talk {
    server: Arc<Server>,
    terminal: Terminal,
    handle: Handle,
    id: ChannelId,
}

/// The client went away.
struct Gone;

impl Talk {
    async fn run(mut self, mut channel: Channel<Msg>) {
        while let Some(message) = channel.wait().await {
            let went_on = match message {
                ChannelMsg::RequestShell { .. } => {
                    let accepted = self.handle.channel_success(self.id).await;
                    if accepted.is_ok() {
                        // A client that is gone needs no farewell.
                        let _ = self.shell(&mut channel).await;
                    }
                    return;
                }
                ChannelMsg::Exec { .. } => self.exec().await,
                ChannelMsg::RequestPty {
                    col_width,
                    row_height,
                    ..
                } => {
                    self.terminal.resize(col_width, row_height);
                    self.handle.channel_success(self.id).await
                }
                ChannelMsg::RequestSubsystem { .. } => self.handle.channel_failure(self.id).await,
                _ => Ok(()),
            };
            if went_on.is_err() {
                return;
            }
        }
    }

    /// There is no exec on these machines: it ends with nothing, or says that it starts and hangs.
    async fn exec(&self) -> Result<(), ()> {
        self.handle.channel_success(self.id).await?;
        if self.server.exec_hangs {
            let text = greeting::STARTING.replace('\n', "\r\n");
            return self.handle.data(self.id, text).await.map_err(|_| ());
        }
        self.handle.eof(self.id).await?;
        self.handle.close(self.id).await
    }

    async fn shell(&mut self, channel: &mut Channel<Msg>) -> Result<(), Gone> {
        let clock = self.server.clock;
        let mut going_down = self.server.estate.going_down();
        loop {
            let now = clock.now();
            let shown = self.terminal.output(now);
            if !shown.is_empty() {
                self.handle.data(self.id, shown).await.map_err(|_| Gone)?;
            }
            if self.terminal.ended(now) {
                return self.leave().await.map_err(|()| Gone);
            }
            tokio::select! {
                message = channel.wait() => match message {
                    Some(ChannelMsg::Data { data }) => self.terminal.input(clock.now(), &data),
                    Some(ChannelMsg::WindowChange { col_width, row_height, .. }) => {
                        self.terminal.resize(col_width, row_height);
                    }
                    Some(ChannelMsg::Close) | None => return Err(Gone),
                    Some(_) => {}
                },
                () = clock.until(self.terminal.next()) => {}
                // Its end may have become near; the sender lives as long as the estate.
                _ = going_down.changed() => {}
            }
        }
    }

    async fn leave(&self) -> Result<(), ()> {
        self.handle.exit_status_request(self.id, 0).await?;
        self.handle.eof(self.id).await?;
        self.handle.close(self.id).await
    }
}

fn offered(methods: &[Method]) -> MethodSet {
    let kinds: Vec<MethodKind> = methods
        .iter()
        .map(|method| match method {
            Method::Password => MethodKind::Password,
            Method::KeyboardInteractive => MethodKind::KeyboardInteractive,
        })
        .collect();
    MethodSet::from(&kinds[..])
}

fn algorithms() -> Preferred {
    Preferred {
        compression: Cow::Borrowed(&[compression::NONE]),
        ..Preferred::DEFAULT
    }
}

/// What OpenSSH 5.3 had, without what is broken beyond use.
fn old_algorithms() -> Preferred {
    Preferred {
        kex: Cow::Borrowed(&[
            kex::DH_GEX_SHA256,
            kex::DH_GEX_SHA1,
            kex::DH_G14_SHA1,
            kex::DH_G1_SHA1,
        ]),
        host_key_certificates: Cow::Borrowed(&[]),
        key: Cow::Borrowed(&[Algorithm::Rsa { hash: None }]),
        cipher: Cow::Borrowed(&[
            cipher::AES_128_CTR,
            cipher::AES_192_CTR,
            cipher::AES_256_CTR,
            cipher::AES_128_CBC,
            cipher::AES_192_CBC,
            cipher::AES_256_CBC,
        ]),
        mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
        compression: Cow::Borrowed(&[compression::NONE]),
    }
}
