//! Every host, typed, and how to log in to it. What files say of that is settled before
//! the run; where keywords or variables of the run say otherwise, it is made anew for a task.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, RwLock};

use cutover_kit::session::{Endpoint, SshSettings};
use cutover_kit::{Estate, Failure, FailureKind, Host, Platform, Value};
use cutover_language::playbook::Directives;
use cutover_language::scope::{Layer, Rank, Variable};
use cutover_language::{Diagnostic, Place};

use super::request::Chosen;
use super::scope::Terms;
use super::variables::Variables;
use crate::estate::{
    Defaults, Found, LoginDefaults, Variables as HostVariables, host, settings, ssh_args_faults,
};
use crate::policy::Policy;
use crate::sync::{read, write};

/// Variables that decide how a host is reached. They may rest on what only a play or the run
/// knows, so that one of them which is undefined before is no mistake yet.
const REACHING: [&str; 21] = [
    "ansible_connection",
    "ansible_host",
    "ansible_ssh_host",
    "ansible_port",
    "ansible_ssh_port",
    "ansible_user",
    "ansible_ssh_user",
    "ansible_password",
    "ansible_ssh_pass",
    "ansible_ssh_password",
    "ansible_ssh_private_key_file",
    "ansible_private_key_file",
    "ansible_ssh_private_key_passphrase",
    "ansible_host_key_checking",
    "ansible_timeout",
    "ansible_ssh_timeout",
    "ansible_ssh_args",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ssh_legacy",
    "platform",
];

/// A host and how to log in to it.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// The host.
    pub host: Host,
    /// How to log in; a host that cannot be logged in to for want of a secret may still be listed.
    pub settings: Result<SshSettings, Failure>,
}

/// What a task's keywords say of the way to its host; variables win over them.
#[derive(Clone, Debug, Default)]
pub(super) struct Keywords(HashMap<&'static str, Value>);

impl Keywords {
    /// Those of a task.
    pub(super) fn of(directives: &Directives, terms: &Terms) -> Result<Self, Failure> {
        let port = terms.setting(directives.port.as_ref())?;
        let port = port.map(|port| Value::Int(i64::try_from(port).unwrap_or(i64::MAX)));
        let given = [
            (
                "ansible_connection",
                terms.setting(directives.connection.as_ref())?.map(Value::from),
            ),
            (
                "ansible_user",
                terms.setting(directives.remote_user.as_ref())?.map(Value::from),
            ),
            ("ansible_port", port),
        ];
        Ok(Self(
            given
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        ))
    }
}

/// Every host and the way to it.
pub(super) struct Roster {
    defaults: Defaults,
    login: LoginDefaults,
    policy: Policy,
    settled: RwLock<HashMap<String, Route>>,
    estate: RwLock<Arc<Estate>>,
}

impl Roster {
    /// Nobody yet.
    pub(super) fn new(defaults: Defaults, login: LoginDefaults, policy: Policy) -> Self {
        Self {
            defaults,
            login,
            policy,
            settled: RwLock::default(),
            estate: RwLock::default(),
        }
    }

    /// All hosts of the inventory as they are now.
    pub(super) fn estate(&self) -> Arc<Estate> {
        read(&self.estate).clone()
    }

    /// Where `name` is dialled, as far as files tell; none for this machine.
    pub(super) fn endpoint(&self, name: &str) -> Option<Endpoint> {
        let settled = read(&self.settled);
        let way = settled
            .get(name)
            .filter(|way| way.host.platform != Platform::Local)?;
        Some(way.settings.as_ref().ok()?.endpoint.clone())
    }

    /// Makes these the hosts of the inventory.
    pub(super) fn settle(&self, ways: Vec<Route>) {
        let hosts = ways.iter().map(|way| way.host.clone());
        let estate = Arc::new(Estate::new(hosts));
        *write(&self.estate) = estate;
        let ways = ways.into_iter().map(|way| (way.host.name.clone(), way));
        *write(&self.settled) = ways.collect();
    }

    /// Adds a host to those of the inventory, or makes it another.
    pub(super) fn add(&self, way: Route) {
        let mut settled = write(&self.settled);
        let mut estate = write(&self.estate);
        if estate.host(&way.host.name) != Some(&way.host) {
            Arc::make_mut(&mut estate).put(way.host.clone());
        }
        settled.insert(way.host.name.clone(), way);
    }

    /// The way to a host before any play, and the mistakes in its variables.
    pub(super) fn read(&self, name: &str, terms: &Terms) -> Result<Route, Vec<Diagnostic>> {
        let lookup = |variable: &str| self.look_up(variable, terms);
        self.build(
            name,
            &HostVariables {
                host: name,
                lookup: &lookup,
            },
        )
    }

    /// The way to `name` in these terms, which are those of that host.
    pub(super) fn way(&self, name: &str, terms: &Terms, keywords: &Keywords) -> Result<Route, Failure> {
        if keywords.0.is_empty() && !varies(terms) {
            let settled = read(&self.settled);
            if let Some(way) = settled.get(name) {
                return Ok(way.clone());
            }
        }
        let lookup = |variable: &str| Ok(found(variable, terms, keywords)?.or_else(|| self.asked(variable)));
        let vars = HostVariables {
            host: name,
            lookup: &lookup,
        };
        self.build(name, &vars).map_err(|faults| {
            let mut said = faults.into_iter().map(|fault| fault.message);
            let first = said.next().unwrap_or_default();
            Failure::new(FailureKind::Arguments, first).seen_all(said)
        })
    }

    /// Words for `ssh` that cannot be done, on hosts that these plays log in to. Other hosts of the
    /// inventory may well be for somebody else's tools.
    pub(super) fn misled(&self, plays: &[Chosen], variables: &Variables) -> Vec<Diagnostic> {
        let estate = self.estate();
        let names: BTreeSet<&String> = plays.iter().flat_map(|play| &play.hosts).collect();
        let dialled = names.into_iter().filter(|name| {
            let host = estate.host(name);
            host.is_some_and(|host| host.platform != Platform::Local)
        });
        let mut faults = Vec::new();
        for name in dialled {
            let terms = variables.terms(name, &[], None);
            let lookup = |variable: &str| self.look_up(variable, &terms);
            let vars = HostVariables {
                host: name,
                lookup: &lookup,
            };
            ssh_args_faults(&vars, &mut faults);
        }
        faults
    }

    /// A variable as far as files tell it.
    fn look_up(&self, variable: &str, terms: &Terms) -> Looked {
        match terms.variable(variable) {
            Err(fault) if fault.code == "undefined" && REACHING.contains(&variable) => Ok(None),
            Err(fault) => Err(fault),
            Ok(found) => Ok(found
                .map(|(value, place)| Found { value, place })
                .or_else(|| self.asked(variable))),
        }
    }

    /// `--connection`, `--ssh-common-args` and its kin.
    fn asked(&self, variable: &str) -> Option<Found> {
        let word = match variable {
            "ansible_connection" => self.login.connection.as_ref(),
            other => self.login.ssh_args.get(other),
        }?;
        let value = Value::from(word.as_str());
        Some(Found { value, place: None })
    }

    fn build(&self, name: &str, vars: &HostVariables<'_>) -> Result<Route, Vec<Diagnostic>> {
        let host = host(name, vars, &self.defaults, &self.policy)?;
        let mut faults = Vec::new();
        let settings = settings(&host, vars, &self.login, &mut faults);
        if faults.is_empty() {
            Ok(Route { host, settings })
        } else {
            Err(faults)
        }
    }
}

/// Whether anything but a plain word of the files decides how the host is reached.
fn varies(terms: &Terms) -> bool {
    let of_files = |layer: &Layer| {
        layer.rank <= Rank::PlaybookHostVars || layer.rank == Rank::Extra || layer.rank == Rank::Magic
    };
    let plain = |variable: &Variable| match variable {
        Variable::Template(node) => !node.holds_template(),
        Variable::Data(_) => true,
    };
    let found = |name: &&str| {
        terms
            .scope()
            .get(name)
            .is_some_and(|(it, layer)| !(of_files(layer) && plain(it)))
    };
    REACHING.iter().any(found)
}

type Looked = Result<Option<Found>, Box<Diagnostic>>;

/// A variable of the host, else the keyword that stands for it. What was filled in is not asked:
/// it is filled in again.
fn found(name: &str, terms: &Terms, keywords: &Keywords) -> Looked {
    if terms.is_written(name) {
        let value: Option<(Value, Option<Place>)> = terms.variable(name)?;
        return Ok(value.map(|(value, place)| Found { value, place }));
    }
    let named_otherwise = match name {
        "ansible_user" => terms.scope().get("ansible_ssh_user").is_some(),
        "ansible_port" => terms.scope().get("ansible_ssh_port").is_some(),
        _ => false,
    };
    let keyword = keywords.0.get(name).filter(|_| !named_otherwise).cloned();
    Ok(keyword.map(|value| Found { value, place: None }))
}
