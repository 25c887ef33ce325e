//! `vos_service`: one service started, stopped or restarted.

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Host, Module, Note, Plan, Platform, Proved, Reach, Read, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::{ServiceAction, Vos};
use crate::fields::{fields, value};
use crate::read::{Service, ServiceState, Services};

/// Starts, stops or restarts a service and waits until it is so.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The service's name, as `utils service list` spells it; blanks are part of it.
    name: String,
    /// What it is to be. `restarted` is done whatever its state is.
    state: State,
}

/// What a service is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Running.
    Started,
    /// Not running.
    Stopped,
    /// Stopped and started again.
    Restarted,
}

/// The module.
pub struct VosService;

/// What there is.
pub struct Facts {
    host: String,
    services: Services,
}

/// What is done.
pub struct Act {
    action: ServiceAction,
    name: String,
}

impl Change for Act {
    fn describe(&self) -> String {
        format!("{} {}", self.action.verb(), self.name)
    }
}

impl Module for VosService {
    const NAME: &'static str = "vos_service";
    type Args = Args;
    type Facts = Facts;
    type Change = Act;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Safe,
            effects: Effects::Device,
            free_form: None,
            usual: "3 min",
        }
    }

    fn disruptive(&self, args: &Args, _: &Host) -> bool {
        args.state != State::Started
    }

    async fn look(&self, _: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host().name.clone();
        let services = reach.reader::<Vos>(&host).await?.services().await?;
        Ok(Facts { host, services })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Act>, Failure> {
        let service = known(args, facts)?;
        let action = match (args.state, &service.state) {
            (State::Started, ServiceState::Started | ServiceState::Starting)
            | (State::Stopped, ServiceState::Stopped | ServiceState::Stopping) => {
                return Ok(Plan::nothing(format!("{} is {}", service.name, service.state)));
            }
            (State::Started, _) => ServiceAction::Start,
            (State::Stopped, _) => ServiceAction::Stop,
            (State::Restarted, _) => ServiceAction::Restart,
        };
        let why = format!("{} is {}", service.name, service.state);
        let name = service.name.clone();
        Ok(Plan::of(vec![Act { action, name }], why))
    }

    async fn apply(
        &self,
        _: &Args,
        facts: &Facts,
        change: &Act,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let writer = reach.writer::<Vos>().await?;
        writer.service(change.action, &change.name).await?;
        if change.action != ServiceAction::Stop {
            let reader = writer.reading();
            let service = reader.services().await?.find(&change.name).cloned();
            // The device's own advice where it did not come up: the same command again, once.
            if service.is_some_and(|it| it.state == ServiceState::Stopped) {
                reach.note(Note::Warning {
                    message: format!("{} of {} did not start; once more", change.name, facts.host),
                });
                writer.service(change.action, &change.name).await?;
            }
        }
        Ok(Applied::default())
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let wanted = match args.state {
            State::Stopped => ServiceState::Stopped,
            State::Started | State::Restarted => ServiceState::Started,
        };
        let timing = &reach.host().timing;
        let reader = reach.reader::<Vos>(&facts.host).await?;
        let deadline = reach.clock().elapsed() + timing.service;
        loop {
            let services = reader.services().await?;
            let service = services.find(&args.name);
            if let Some(service) = service.filter(|it| it.state == wanted) {
                return Ok(Proved {
                    fields: fields([("service", value(service))]),
                    ..Proved::default()
                });
            }
            if reach.clock().elapsed() + timing.poll > deadline {
                let is = service.map_or_else(|| "gone".to_owned(), |it| it.state.to_string());
                let message = format!(
                    "{} of {} is {is} and not {wanted} after {:?}",
                    args.name, facts.host, timing.service
                );
                return Err(Failure::new(FailureKind::Late, message));
            }
            reach.wait(timing.poll).await;
        }
    }
}

/// The service that is meant; it must be there and activated.
fn known<'a>(args: &Args, facts: &'a Facts) -> Result<&'a Service, Failure> {
    let Some(service) = facts.services.find(&args.name) else {
        let wanted = args.name.to_ascii_lowercase();
        let alike = facts.services.services.iter().map(|it| &it.name).filter(|name| {
            let name = name.to_ascii_lowercase();
            name.contains(&wanted) || wanted.contains(&name)
        });
        let message = format!("{} has no service {}", facts.host, args.name);
        return Err(
            Failure::new(FailureKind::Arguments, message).seen_all(alike.map(|it| format!("there is {it}")))
        );
    };
    if service.is_not_activated() && args.state != State::Stopped {
        let message = format!("{} of {} is not activated", service.name, facts.host);
        return Err(Failure::new(FailureKind::Preflight, message));
    }
    Ok(service)
}
