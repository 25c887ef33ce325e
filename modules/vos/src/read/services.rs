//! The list of services (`vos-cli.md` §4.1).

use std::fmt;

use serde::{Serialize, Serializer};

use super::{ReadError, pattern};

/// All services of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Services {
    /// In the list's order.
    pub services: Vec<Service>,
    /// Whether the node calls itself the primary, where it says so.
    pub primary: Option<bool>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: ServiceState,
    /// Why it is in this state, where that is said.
    pub reason: String,
}

/// States of services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// It runs.
    Started,
    /// It does not run.
    Stopped,
    /// It will run soon.
    Starting,
    /// It will have stopped soon.
    Stopping,
    /// Another word.
    Other(String),
}

impl Services {
    /// The service of this name, case aside.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.name.eq_ignore_ascii_case(name))
    }
}

impl Service {
    /// Whether it does not run because nobody activated it.
    #[must_use]
    pub fn is_not_activated(&self) -> bool {
        self.reason.to_ascii_lowercase().contains("not activated")
    }

    /// Whether it does not run because somebody, or its node's role, said so.
    #[must_use]
    pub fn is_commanded_out(&self) -> bool {
        self.reason
            .to_ascii_lowercase()
            .contains("commanded out of service")
    }
}

impl From<&str> for ServiceState {
    fn from(word: &str) -> Self {
        match word {
            "STARTED" => Self::Started,
            "STOPPED" => Self::Stopped,
            "STARTING" => Self::Starting,
            "STOPPING" => Self::Stopping,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for ServiceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Started => "STARTED",
            Self::Stopped => "STOPPED",
            Self::Starting => "STARTING",
            Self::Stopping => "STOPPING",
            Self::Other(word) => word,
        })
    }
}

impl Serialize for ServiceState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The lines `Name[STATE]  Reason`. A service that a restart shows several times has its last state.
pub(crate) fn services(lines: &[String]) -> Result<Services, ReadError> {
    let line = pattern!(r"^\s*(\S.*?)\s*\[\s*([A-Z][A-Z ]*?)\s*\]\s*(.*?)\s*$");
    let role = pattern!(r"(?i)^\s*Primary Node\s*=\s*(true|false)\b");
    let mut services: Vec<Service> = Vec::new();
    let mut primary = None;
    for text in lines {
        if let Some(parts) = line.captures(text) {
            let service = Service {
                name: parts[1].to_owned(),
                state: ServiceState::from(&parts[2]),
                reason: parts[3].to_owned(),
            };
            match services.iter_mut().find(|known| known.name == service.name) {
                Some(known) => *known = service,
                None => services.push(service),
            }
        } else if let Some(parts) = role.captures(text) {
            primary = Some(parts[1].eq_ignore_ascii_case("true"));
        }
    }
    if services.is_empty() {
        return Err(ReadError::missing("service"));
    }
    Ok(Services { services, primary })
}
