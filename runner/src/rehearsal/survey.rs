//! What an inventory says that its twins need: typed hosts, accounts, and how
//! each twin starts.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Host, Platform, Secret, Secrets, Value};
use cutover_language::vault::Vault;
use cutover_language::yaml::Mapping;
use cutover_language::{Diagnostic, Place};
use cutover_reach::Reacher;
use cutover_twins::TwinOptions;

use crate::catalog;
use crate::clock::RealClock;
use crate::devices::Platforms;
use crate::event::Options;
use crate::exit::Exit;
use crate::journal::State;
use crate::policy::Policy;
use crate::run::{Refusal, Request, Run, Stop, Terms};

/// The hosts of an inventory that have a twin, and the names of those that have none.
pub struct Survey {
    /// Hosts with a twin, in the inventory's order.
    pub hosts: Vec<Surveyed>,
    /// Hosts that no twin plays.
    pub without: Vec<String>,
}

/// A host with a twin.
pub struct Surveyed {
    /// The typed host.
    pub host: Host,
    /// The account of the inventory.
    pub user: String,
    /// Its password; any is accepted where it cannot be had.
    pub password: Option<Secret>,
    /// `tls_ports`, where the inventory names them itself.
    pub ports: Option<Vec<u16>>,
    /// `twin`.
    pub twin: TwinOptions,
}

impl Survey {
    /// Reads the inventory of `options`, where `vault` opens what is encrypted; `scratch` is a state folder that may go away.
    pub fn of(
        options: &Options,
        extra: Mapping,
        scratch: State,
        secrets: &Secrets,
        vault: Arc<dyn Vault>,
    ) -> Result<Self, Refusal> {
        let clock = Arc::new(RealClock::system());
        let run = Run::look(Request {
            options: Options {
                playbooks: Vec::new(),
                limit: None,
                ..options.clone()
            },
            extra,
            policy: Policy::default(),
            sinks: Vec::new(),
            state: scratch,
            clock: clock.clone(),
            dialer: Arc::new(Reacher::new(clock)),
            devices: Arc::new(Platforms),
            modules: catalog::built_in(),
            roles_path: Vec::new(),
            terminal: Arc::new(crate::run::Nobody),
            secrets: secrets.clone(),
            stop: Stop::default(),
            vault,
            password: Some(any_password()),
            become_password: None,
            steps: None,
            key_file: None,
            given: Vec::new(),
            strict: false,
        })?;
        let mut survey = Self {
            hosts: Vec::new(),
            without: Vec::new(),
        };
        let mut faults = Vec::new();
        for host in run.estate().hosts() {
            if host.platform == Platform::Vos && !host.products.is_empty() {
                let terms = run.variables().terms(&host.name, &[], None);
                let surveyed = Reader {
                    terms: &terms,
                    options,
                }
                .host(host, &mut faults);
                survey.hosts.push(surveyed);
            } else {
                survey.without.push(host.name.clone());
            }
        }
        if faults.is_empty() {
            Ok(survey)
        } else {
            Err(Refusal {
                diagnostics: faults,
                exit: Exit::INVALID,
            })
        }
    }
}

/// What is typed for a host whose inventory has no password: its twin takes any.
pub fn any_password() -> Secret {
    Secret::new("rehearsal", Origin::Argument)
}

struct Reader<'a> {
    terms: &'a Terms,
    options: &'a Options,
}

impl Reader<'_> {
    fn host(&self, host: &Host, faults: &mut Vec<Diagnostic>) -> Surveyed {
        let user = ["ansible_user", "ansible_ssh_user"].map(|name| self.text(name, faults));
        let user = user.into_iter().flatten().next();
        let user = user.or_else(|| self.options.user.clone());
        let password = ["ansible_password", "ansible_ssh_pass"].map(|name| self.secret(name, faults));
        let named = self.value("tls_ports", faults).is_some();
        Surveyed {
            user: user.unwrap_or_else(account),
            password: password.into_iter().flatten().next(),
            ports: named.then(|| host.tls_ports.clone()),
            twin: self.twin(&host.name, faults),
            host: host.clone(),
        }
    }

    fn value(&self, name: &str, faults: &mut Vec<Diagnostic>) -> Option<(Value, Option<Place>)> {
        match self.terms.variable(name) {
            Ok(found) => found.filter(|(value, _)| *value != Value::Null),
            Err(fault) => {
                faults.push(*fault);
                None
            }
        }
    }

    fn text(&self, name: &str, faults: &mut Vec<Diagnostic>) -> Option<String> {
        let (value, _) = self.value(name, faults)?;
        value.as_str().map(str::to_owned)
    }

    fn secret(&self, name: &str, faults: &mut Vec<Diagnostic>) -> Option<Secret> {
        match self.value(name, faults)?.0 {
            Value::Secret(secret) if !secret.expose().is_empty() => Some(secret),
            _ => None,
        }
    }

    fn twin(&self, host: &str, faults: &mut Vec<Diagnostic>) -> TwinOptions {
        let Some((value, place)) = self.value("twin", faults) else {
            return TwinOptions::default();
        };
        serde_json::from_value(value.reveal()).unwrap_or_else(|error| {
            let message = format!("`twin` of {host}: {error}");
            faults.push(match &place {
                Some(place) => Diagnostic::error("bad-twin", place, message),
                None => Diagnostic::nowhere("bad-twin", message),
            });
            TwinOptions::default()
        })
    }
}

/// The account that runs cutover.
fn account() -> String {
    std::env::var("USER").unwrap_or_else(|_| "root".into())
}
