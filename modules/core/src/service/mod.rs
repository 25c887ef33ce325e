//! `service`, `systemd`, `systemd_service`: services of a host, under whatever manages them there.

mod manager;

use std::marker::PhantomData;

use cutover_kit::estate::Host;
use cutover_kit::module::Standing;
use cutover_kit::{
    Applied, Failure, FailureKind, Map, Module, Plan, Platform, Reach, Read, Traits, Value, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::posix::Posix;
use crate::steps::{CHANGES, Step, ask, misfit};
use manager::{Found, Manager};

/// A module that manages services.
#[derive(Clone, Copy, Debug)]
pub struct Services<A>(PhantomData<fn() -> A>);

/// The `service` module.
pub type Service = Services<ServiceArgs>;
/// The `systemd` module.
pub type Systemd = Services<SystemdArgs>;
/// The `systemd_service` module.
pub type SystemdService = Services<SystemdServiceArgs>;

impl<A> Services<A> {
    /// The module.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A> Default for Services<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Starts, stops, restarts, enables or disables a service, under systemd, OpenRC or System V's scripts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceArgs {
    /// The service.
    name: String,
    /// `started`, `stopped`, `restarted`, or `reloaded` (started where it does not run).
    state: Option<State>,
    /// Whether it starts when the host boots.
    enabled: Option<bool>,
    /// With `restarted` under System V: seconds between stop and start.
    sleep: Option<u64>,
    /// Where System V's script cannot tell: it runs when this text is in the process list.
    pattern: Option<String>,
    /// Accepted for the sake of existing playbooks: the manager is found out.
    #[serde(rename = "use")]
    using: Option<String>,
}

/// Manages a unit of systemd.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SystemdArgs {
    /// The unit; `.service` is meant where it has no suffix.
    #[schemars(extend("aliases" = ["service", "unit"]))]
    name: Option<String>,
    /// `started`, `stopped`, `restarted`, or `reloaded` (started where it does not run).
    state: Option<State>,
    /// Whether it starts when the host boots.
    enabled: Option<bool>,
    /// Whether it can be started at all.
    masked: Option<bool>,
    /// Have systemd read its files again, first.
    #[schemars(extend("aliases" = ["daemon-reload"]))]
    daemon_reload: Option<bool>,
    /// Have systemd start itself again, first.
    #[schemars(extend("aliases" = ["daemon-reexec"]))]
    daemon_reexec: Option<bool>,
    /// Whether links of other units may be replaced.
    force: Option<bool>,
    /// Whether not to wait until it has happened.
    no_block: Option<bool>,
    /// `system` (default), `user` or `global`.
    scope: Option<Scope>,
}

/// Manages a unit of systemd; another name of `systemd`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SystemdServiceArgs(SystemdArgs);

/// What is wanted of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It runs.
    Started,
    /// It does not run.
    Stopped,
    /// It runs, and was started now.
    Restarted,
    /// It runs, and has read its files again.
    Reloaded,
}

/// Whose units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// The host's.
    System,
    /// The account's.
    User,
    /// All accounts'.
    Global,
}

/// What is asked for, whichever module asks.
#[derive(Clone, Debug, Default)]
pub struct Order {
    name: Option<String>,
    state: Option<State>,
    enabled: Option<bool>,
    masked: Option<bool>,
    reload_manager: bool,
    restart_manager: bool,
    /// Options for `systemctl`.
    options: String,
    sleep: Option<u64>,
    pattern: Option<String>,
    systemd_only: bool,
}

/// Arguments that come down to an order.
pub trait Asks: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The module's name.
    const NAME: &'static str;

    /// What exactly is wanted.
    fn order(&self) -> Order;
}

impl Asks for ServiceArgs {
    const NAME: &'static str = "service";

    fn order(&self) -> Order {
        Order {
            name: Some(self.name.clone()).filter(|name| !name.is_empty()),
            state: self.state,
            enabled: self.enabled,
            sleep: self.sleep,
            pattern: self.pattern.clone(),
            ..Order::default()
        }
    }
}

impl Asks for SystemdArgs {
    const NAME: &'static str = "systemd";

    fn order(&self) -> Order {
        let option = |on: Option<bool>, text: &'static str| on.unwrap_or(false).then_some(text);
        let scope = match self.scope {
            Some(Scope::User) => Some("--user"),
            Some(Scope::Global) => Some("--global"),
            Some(Scope::System) | None => None,
        };
        let options = [
            scope,
            option(self.force, "--force"),
            option(self.no_block, "--no-block"),
        ];
        Order {
            name: self.name.clone(),
            state: self.state,
            enabled: self.enabled,
            masked: self.masked,
            reload_manager: self.daemon_reload.unwrap_or(false),
            restart_manager: self.daemon_reexec.unwrap_or(false),
            options: options.into_iter().flatten().collect::<Vec<_>>().join(" "),
            systemd_only: true,
            ..Order::default()
        }
    }
}

impl Asks for SystemdServiceArgs {
    const NAME: &'static str = "systemd_service";

    fn order(&self) -> Order {
        self.0.order()
    }
}

/// What look found: who manages services, and how this one stands.
#[derive(Debug)]
pub struct Facts {
    order: Order,
    manager: Manager,
    found: Option<Found>,
}

impl<A: Asks> Module for Services<A> {
    const NAME: &'static str = A::NAME;
    type Args = A;
    type Facts = Facts;
    type Change = Step;

    fn traits(&self) -> Traits {
        Traits {
            usual: "a few seconds",
            ..CHANGES
        }
    }

    fn disruptive(&self, args: &A, _host: &Host) -> bool {
        matches!(args.order().state, Some(State::Stopped | State::Restarted))
    }

    async fn standing(
        &self,
        args: &A,
        member: &Host,
        reach: &Reach<Read>,
    ) -> Result<Option<Standing>, Failure> {
        let order = args.order();
        order.check()?;
        match &order.name {
            Some(name) if member.platform == Platform::Posix => {
                let reader = reach.reader::<Posix>(&member.name).await?;
                let executed = reader.look(&manager::question(&order), None).await?;
                let (_, found) = manager::read(&order, &String::from_utf8_lossy(&executed.stdout))?;
                Ok(found.map(|found| standing(name, &found)))
            }
            _ => Ok(None),
        }
    }

    async fn look(&self, args: &A, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let order = args.order();
        order.check()?;
        let executed = ask(&manager::question(&order), reach).await?;
        let (manager, found) = manager::read(&order, &String::from_utf8_lossy(&executed.stdout))?;
        Ok(Facts {
            order,
            manager,
            found,
        })
    }

    fn plan(&self, _args: &A, facts: &Facts) -> Result<Plan<Step>, Failure> {
        let order = &facts.order;
        let mut steps = manager::of_manager(order);
        let mut result = Map::new();
        result.insert("name".into(), order.name.clone().map_or(Value::Null, Value::from));
        if let (Some(name), Some(found)) = (&order.name, &facts.found) {
            if !found.exists {
                let message = format!("Could not find the requested service {name}: host");
                return Err(Failure::new(FailureKind::Preflight, message).seen_all(found.said.clone()));
            }
            steps.extend(manager::steps(facts.manager, order, name, found));
            result.extend(after(order, found));
        }
        let why = if steps.is_empty() {
            "it stands as it should"
        } else {
            "it stands otherwise"
        };
        Ok(Plan::of(steps, why).with(result))
    }

    async fn apply(
        &self,
        _args: &A,
        _facts: &Facts,
        change: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        change.make(reach).await
    }

    /// What was started is stopped again.
    fn undo_disrupts(&self, args: &A, host: &Host) -> bool {
        self.disruptive(args, host) || args.order().state == Some(State::Started)
    }

    fn undo(&self, _: &A, _: &Facts, change: &Step) -> Option<Step> {
        change.undo()
    }
}

impl Order {
    fn check(&self) -> Result<(), Failure> {
        let of_unit = self.state.is_some() || self.enabled.is_some() || self.masked.is_some();
        if self.name.is_none() && (of_unit || !self.systemd_only) {
            return Err(misfit("missing required arguments: name"));
        }
        if self
            .name
            .as_deref()
            .is_some_and(|name| name.starts_with('-') || name.contains(['/', '\n']))
        {
            return Err(misfit("name: this cannot be the name of a service"));
        }
        Ok(())
    }
}

/// A member backs the others up where the same service runs on it.
fn standing(name: &str, found: &Found) -> Standing {
    match (found.exists, found.running) {
        (true, true) if found.starts() => Standing::Out(vec![format!("{name} is still starting")]),
        (true, true) => Standing::InService,
        (true, false) => Standing::Out(vec![format!("{name} does not run")]),
        (false, _) => Standing::Out(vec![format!("there is no service {name}")]),
    }
}

/// How it stands afterwards, as results tell it.
fn after(order: &Order, found: &Found) -> Map {
    let running = match order.state {
        None => found.running,
        Some(State::Stopped) => false,
        Some(_) => true,
    };
    let mut result = Map::new();
    if order.state.is_some() {
        let state = if running { "started" } else { "stopped" };
        result.insert("state".into(), state.into());
    }
    if let Some(enabled) = order.enabled {
        result.insert("enabled".into(), enabled.into());
    }
    if !found.properties.is_empty() {
        result.insert("status".into(), Value::map(found.properties.clone()));
    }
    result
}

#[cfg(test)]
mod tests;
