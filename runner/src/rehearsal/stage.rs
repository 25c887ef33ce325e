//! Twins that are up: either started here from the state kept, or those that
//! somebody keeps up with `cutover twins`.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use cutover_kit::Clock;
use cutover_twins::{Estate, Servers, SpecError, Timing};
use serde::{Deserialize, Serialize};

use super::home::{Held, Home, Up};
use super::spec::spec;
use super::survey::Survey;

/// How often the twins' state is kept while they are up.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// How fast twins are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// A restart takes seconds.
    Fast,
    /// As long as a real device takes.
    Real,
}

/// Where one port of a twin is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    /// The host's name in the inventory.
    pub host: String,
    /// The device's port.
    pub port: u16,
    /// Where it is on loopback.
    pub at: SocketAddr,
}

/// Why there are no twins.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The inventory asks for what no twin plays.
    #[error("{0}")]
    Spec(#[from] SpecError),
    /// Files or sockets.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Somebody else uses these twins.
    #[error("another rehearsal of this inventory is running")]
    Taken,
    /// `--fresh` while they are up.
    #[error("`cutover twins` keeps the twins of this inventory up (process {pid})")]
    Up {
        /// The process.
        pid: u32,
    },
}

/// Twins that are up.
pub struct Stage {
    pace: Pace,
    addresses: BTreeSet<Address>,
    own: Option<Own>,
}

/// Twins that were started here.
struct Own {
    home: Home,
    held: Held,
    estate: Estate,
    servers: Servers,
}

impl Stage {
    /// Uses the twins that are up, else starts them. Must be called within the runtime.
    pub async fn set(
        survey: &Survey,
        home: &Home,
        pace: Pace,
        fresh: bool,
        clock: &dyn Clock,
    ) -> Result<Self, StageError> {
        let Some(held) = home.hold()? else {
            let up = home.up()?.ok_or(StageError::Taken)?;
            return if fresh {
                Err(StageError::Up { pid: up.pid })
            } else {
                Ok(Self::borrowed(up))
            };
        };
        home.tell_down(&held)?;
        if fresh {
            home.forget(&held)?;
        }
        let estate = estate(survey, home, pace, clock)?;
        let servers = Servers::start(estate.clone()).await?;
        let addresses: BTreeSet<Address> = servers
            .addresses()
            .iter()
            .map(|((host, port), at)| Address {
                host: host.clone(),
                port: *port,
                at: *at,
            })
            .collect();
        home.write_known_hosts(&known_hosts(survey, &servers, &addresses), &held)?;
        let own = Own {
            home: home.clone(),
            held,
            estate,
            servers,
        };
        own.keep()?;
        Ok(Self {
            pace,
            addresses,
            own: Some(own),
        })
    }

    fn borrowed(up: Up) -> Self {
        Self {
            pace: up.pace,
            addresses: up.addresses,
            own: None,
        }
    }

    /// How fast they are, whatever was asked for.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Where to reach what.
    pub fn addresses(&self) -> &BTreeSet<Address> {
        &self.addresses
    }

    /// Whether they were started here, rather than found.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Tells others where they are.
    pub fn announce(&self) -> io::Result<()> {
        let Some(own) = &self.own else { return Ok(()) };
        let up = Up {
            pid: std::process::id(),
            pace: self.pace,
            addresses: self.addresses.clone(),
        };
        own.home.tell_up(&up, &own.held)
    }

    /// Keeps the twins' state from time to time, until dropped or until it cannot be kept.
    pub async fn keep_keeping(&self, clock: &dyn Clock) -> io::Error {
        loop {
            clock.sleep(KEEP_EVERY).await;
            if let Some(Err(error)) = self.own.as_ref().map(Own::keep) {
                return error;
            }
        }
    }

    /// Keeps their state and stops those that were started here.
    pub async fn strike(self) -> io::Result<()> {
        let Some(own) = self.own else { return Ok(()) };
        own.servers.stop().await;
        own.home.keep(&own.estate.save(), &own.held)?;
        own.home.tell_down(&own.held)
    }
}

impl Own {
    fn keep(&self) -> io::Result<()> {
        self.home.keep(&self.estate.save(), &self.held)
    }
}

fn estate(survey: &Survey, home: &Home, pace: Pace, clock: &dyn Clock) -> Result<Estate, StageError> {
    let spec = spec(survey);
    let timing = match pace {
        Pace::Fast => Timing::fast(),
        Pace::Real => Timing::real(),
    };
    let epoch = clock.now().into();
    Ok(match home.kept()? {
        Some(kept) => Estate::load(&kept, &spec, timing, epoch)?,
        None => Estate::new(&spec, timing, epoch)?,
    })
}

/// Each twin's key under the name cutover dials and under the loopback address
/// that a person types.
fn known_hosts(survey: &Survey, servers: &Servers, addresses: &BTreeSet<Address>) -> String {
    let mut lines = String::new();
    for surveyed in &survey.hosts {
        let name = &surveyed.host.name;
        let key = servers.host_key(name);
        let ssh = &surveyed.host.ssh;
        lines.push_str(&format!("{} {key}\n", place(&ssh.host, ssh.port)));
        for address in addresses.iter().filter(|it| it.host == *name && it.port == 22) {
            let place = place(&address.at.ip().to_string(), address.at.port());
            lines.push_str(&format!("{place} {key}\n"));
        }
    }
    lines
}

/// How known_hosts spells a place (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
fn place(host: &str, port: u16) -> String {
    match port {
        22 => host.to_owned(),
        port => format!("[{host}]:{port}"),
    }
}
