//! `vos_restart`: a restart of the node, and the wait for its return.

mod back;

use std::time::Duration;

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::session::{HandshakeError, Offer};
use cutover_kit::value::Later;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Host, Made, Module, Note, Plan, Platform, Product, Proved, Reach,
    Read, Write,
};
use cutover_x509::Certificate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{RestartMethod, Restarting, Vos};
use crate::fields::{fields, value};
use crate::slot::installed;
use crate::unit::Unit;

/// Restarts the node and waits until it is in service again.
///
/// Only where it has to be: where a listener still serves another certificate than the one that
/// is installed. The wait is for the port, the prompt, the services twice in a row, replication
/// and the product's own word. The proof is that the node's uptime went down, and that every
/// listener serves what is installed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// How. `graceful` and `forceful` exist on VVB only.
    #[serde(default)]
    method: RestartMethod,
    /// Restart even where every listener serves what is installed.
    #[serde(default)]
    always: bool,
}

/// The module.
pub struct VosRestart;

/// What there is.
pub struct Facts {
    host: String,
    vvb: bool,
    ports: Vec<Port>,
    /// How long the node has been up.
    uptime: Duration,
    /// Why a restart now would harm.
    harm: Option<String>,
    /// An earlier step of this check run would install a certificate.
    later: Option<Later>,
    now: Duration,
}

/// What a listener serves, measured by what is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Port {
    port: u16,
    unit: Unit,
    state: PortState,
}

/// See [`Port`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PortState {
    /// The certificate that is installed.
    Installed,
    /// Another one.
    Stale,
    /// None of this kind of key.
    OtherKey,
    /// It does not answer.
    Silent(String),
}

/// A restart.
pub struct Restart {
    host: String,
    method: RestartMethod,
}

impl Change for Restart {
    fn describe(&self) -> String {
        format!(
            "restart {} (`{}`) and wait for its return",
            self.host,
            self.method.line()
        )
    }
}

impl Module for VosRestart {
    const NAME: &'static str = "vos_restart";
    type Args = Args;
    type Facts = Facts;
    type Change = Restart;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Probe,
            effects: Effects::Device,
            free_form: None,
            usual: "20 min",
        }
    }

    fn disruptive(&self, _: &Args, _: &Host) -> bool {
        true
    }

    async fn look(&self, _: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let reader = reach.reader::<Vos>(&host.name).await?;
        let status = reader.status().await?;
        let now = reach.clock().elapsed();
        Ok(Facts {
            host: host.name.clone(),
            vvb: host.runs(Product::Vvb),
            ports: ports(reach, host).await?,
            uptime: status.uptime,
            harm: back::replicating(reach, host, &reader).await?,
            later: identity_later(reach, host)?,
            now,
        })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Restart>, Failure> {
        let result = fields([("ports", value(&facts.ports))]);
        if args.method != RestartMethod::Restart && !facts.vvb {
            let message = format!("`{}` exists on VVB only", args.method.line());
            return Err(Failure::new(FailureKind::Arguments, message));
        }
        if let Some(later) = &facts.later {
            let why = "a new certificate is in force only after a restart";
            return Ok(Plan::later(later.clone(), why).with(result));
        }
        let Some(why) = why(args, facts)? else {
            return Ok(Plan::nothing("every listener serves the certificate that is installed").with(result));
        };
        if let Some(harm) = &facts.harm {
            let message = format!("a restart of {} now would harm: {harm}", facts.host);
            return Err(Failure::new(FailureKind::Preflight, message).hint(
                "a restart while replication is being set up may leave it unable to complete; mend it first",
            ));
        }
        let restart = Restart {
            host: facts.host.clone(),
            method: args.method,
        };
        Ok(Plan::of(vec![restart], why).with(result))
    }

    async fn apply(
        &self,
        _: &Args,
        facts: &Facts,
        change: &Restart,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let writer = reach.writer::<Vos>().await?;
        let sent = reach.clock().elapsed();
        let before = facts.uptime + sent.saturating_sub(facts.now);
        let accepted = match writer.restart(change.method).await {
            Ok(Restarting::Accepted) => true,
            Ok(Restarting::Declined(lines)) => {
                let message = format!("{} did not accept `{}`", facts.host, change.method.line());
                return Err(Failure::new(FailureKind::Refused, message).seen_all(lines));
            }
            // Whether it was accepted shows in the uptime; it is not said a second time.
            Err(failure) if failure.kind == FailureKind::Unknown => {
                reach.note(Note::Warning {
                    message: format!("{failure}; its uptime will tell"),
                });
                false
            }
            Err(failure) => return Err(failure),
        };
        let wait = back::Wait {
            host: reach.host(),
            sent,
            before,
            accepted,
        };
        wait.until_back(&reach.reading()).await?;
        let took = reach.clock().elapsed().saturating_sub(sent).as_secs();
        Ok(Applied {
            fields: fields([("seconds", value(&took))]),
            ..Applied::default()
        })
    }

    async fn prove(&self, _: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let now = ports(reach, reach.host()).await?;
        let spoke = |port: &Port| {
            let before = facts
                .ports
                .iter()
                .find(|it| it.port == port.port && it.unit == port.unit);
            before.is_none_or(|it| !matches!(it.state, PortState::Silent(_)))
        };
        let wrong: Vec<String> = now
            .iter()
            .filter(|port| match port.state {
                PortState::Stale => true,
                PortState::Silent(_) => spoke(port),
                PortState::Installed | PortState::OtherKey => false,
            })
            .map(Port::tell)
            .collect();
        if wrong.is_empty() {
            return Ok(Proved {
                fields: fields([("ports", value(&now))]),
                ..Proved::default()
            });
        }
        let message = format!("{} is back, and does not serve what is installed", facts.host);
        Err(Failure::new(FailureKind::NotProved, message).seen_all(wrong))
    }
}

impl Port {
    fn tell(&self) -> String {
        let Self { port, unit, state } = self;
        match state {
            PortState::Installed => format!("port {port} serves the certificate of {unit}"),
            PortState::Stale => format!("port {port} serves another certificate than {unit} holds"),
            PortState::OtherKey => format!("port {port} serves no certificate of the kind of {unit}"),
            PortState::Silent(why) => format!("port {port}: {why}"),
        }
    }
}

/// Why to restart, where there is a reason.
fn why(args: &Args, facts: &Facts) -> Result<Option<String>, Failure> {
    let stale: Vec<String> = facts
        .ports
        .iter()
        .filter(|port| port.state == PortState::Stale)
        .map(Port::tell)
        .collect();
    if args.always {
        return Ok(Some("asked for".to_owned()));
    }
    if !stale.is_empty() {
        return Ok(Some(stale.join("; ")));
    }
    let silent = |port: &Port| matches!(port.state, PortState::Silent(_));
    if !facts.ports.is_empty() && facts.ports.iter().all(silent) {
        let message = format!(
            "no listener of {} answers: whether it must restart cannot be seen",
            facts.host
        );
        return Err(Failure::new(FailureKind::NotProved, message)
            .seen_all(facts.ports.iter().map(Port::tell))
            .hint("`always: true` restarts it all the same"));
    }
    Ok(None)
}

/// What each listener serves, for each unit that the inventory rotates.
async fn ports(reach: &Reach<Read>, host: &Host) -> Result<Vec<Port>, Failure> {
    let reader = reach.reader::<Vos>(&host.name).await?;
    let mut ports = Vec::new();
    for unit in units(host)? {
        let Some(installed) = installed(reach, &reader, host, &unit).await? else {
            continue;
        };
        for port in &host.tls_ports {
            ports.push(Port {
                port: *port,
                unit: unit.clone(),
                state: port_state(reach, host, *port, &unit, &installed).await,
            });
        }
    }
    Ok(ports)
}

async fn port_state(
    reach: &Reach<Read>,
    host: &Host,
    port: u16,
    unit: &Unit,
    installed: &Certificate,
) -> PortState {
    let offer = Offer {
        server_name: Some(host.fqdn.clone()),
        key: Some(unit.key()),
        request: None,
        limit: host.timing.tls,
    };
    match reach.handshake(&host.name, port, &offer).await {
        Ok(shaken) if shaken.chain.first().is_some_and(|leaf| leaf == installed.der()) => {
            PortState::Installed
        }
        Ok(_) => PortState::Stale,
        Err(HandshakeError::NoSuchKey { .. }) => PortState::OtherKey,
        Err(error) => PortState::Silent(error.to_string()),
    }
}

fn units(host: &Host) -> Result<Vec<Unit>, Failure> {
    let parse = |name: &String| {
        name.parse().map_err(|error| {
            Failure::new(
                FailureKind::Arguments,
                format!("`units` of {}: {error}", host.name),
            )
        })
    };
    host.units.iter().map(parse).collect()
}

/// The step of a check run that would install a certificate.
fn identity_later(reach: &Reach<Read>, host: &Host) -> Result<Option<Later>, Failure> {
    let made = units(host)?.into_iter().map(|unit| Made::Identity {
        host: host.name.clone(),
        unit: unit.to_string(),
    });
    Ok(made.into_iter().find_map(|made| reach.promised(&made)))
}
