//! `vos_facts`: what a node says of itself.

use cutover_kit::{
    Applied, Failure, FailureKind, Host, Map, Module, Plan, Platform, Reach, Read, Traits, Value, Write,
};
use cutover_x509::Request;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::{Reader, Vos};
use crate::fields::{fields, value};
use crate::nothing::Nothing;
use crate::read::{Listed, Shown};
use crate::unit::Unit;

/// Reads a node: release, status, cluster, services, replication, clock, the certificates of all
/// units, the files of all trust stores, and requests that wait. The result is in `vos`.
///
/// Only looks. A part that the node does not show is null, and why is in `vos.unread`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {}

/// The module.
pub struct VosFacts;

impl Module for VosFacts {
    const NAME: &'static str = "vos_facts";
    type Args = Args;
    type Facts = Map;
    type Change = Nothing;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            usual: "1 min",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, _: &Args, reach: &Reach<Read>) -> Result<Map, Failure> {
        let host = reach.host();
        let reader = reach.reader::<Vos>(&host.name).await?;
        read(&reader, host).await
    }

    fn plan(&self, _: &Args, facts: &Map) -> Result<Plan<Nothing>, Failure> {
        let vos = Value::Map(facts.clone());
        Ok(Plan::nothing("read").with(fields([("vos", vos)])))
    }

    async fn apply(&self, _: &Args, _: &Map, change: &Nothing, _: &Reach<Write>) -> Result<Applied, Failure> {
        change.never()
    }
}

/// The parts as they are read.
#[derive(Default)]
struct Parts {
    map: Map,
    unread: Map,
}

impl Parts {
    /// Takes a part, or why it could not be read; a node that cannot be reached has no parts.
    fn add<T: serde::Serialize>(&mut self, name: &str, part: Result<T, Failure>) -> Result<(), Failure> {
        let part = match part {
            Ok(part) => value(&part),
            Err(failure) if failure.kind == FailureKind::Unreachable => return Err(failure),
            Err(failure) => {
                self.unread.insert(name.to_owned(), failure.message.into());
                Value::Null
            }
        };
        self.map.insert(name.to_owned(), part);
        Ok(())
    }
}

async fn read(reader: &Reader, host: &Host) -> Result<Map, Failure> {
    let mut parts = Parts::default();
    parts.add("version", reader.version().await)?;
    parts.add("status", reader.status().await)?;
    parts.add("cluster", reader.cluster().await.map(|it| it.members))?;
    parts.add("services", reader.services().await)?;
    parts.add("replication", reader.replication().await)?;
    parts.add("ntp", reader.ntp().await)?;
    parts.add("account_locking", reader.locking().await)?;
    if host.runs(cutover_kit::Product::Livedata) {
        parts.add("live_data", reader.live_data().await)?;
    }
    let own = reader.own_certificates().await?;
    parts.add("certificates", certificates(reader, &own).await)?;
    parts.add("requests", requests(reader, &own).await)?;
    parts.add("trust", reader.trust_certificates().await)?;
    parts.map.insert("unread".to_owned(), Value::Map(parts.unread));
    Ok(parts.map)
}

/// The certificate of each unit, by its name.
async fn certificates(reader: &Reader, own: &[Listed]) -> Result<serde_json::Value, Failure> {
    let mut all = serde_json::Map::new();
    for unit in own.iter().filter_map(unit) {
        let shown = reader.own_certificate(&unit).await?;
        let certificate = match &shown {
            None => serde_json::Value::Null,
            Some(Shown::Whole(whole)) => json(&**whole),
            Some(Shown::Decoded(decoded)) => json(decoded),
        };
        all.insert(unit.to_string(), certificate);
    }
    Ok(all.into())
}

/// The request that waits in each unit, by its name.
async fn requests(reader: &Reader, own: &[Listed]) -> Result<serde_json::Value, Failure> {
    let mut all = serde_json::Map::new();
    for unit in own.iter().filter_map(unit) {
        let request: Option<Request> = reader.request(&unit).await?;
        if let Some(request) = request {
            all.insert(unit.to_string(), json(&request));
        }
    }
    Ok(all.into())
}

fn unit(listed: &Listed) -> Option<Unit> {
    listed.store.parse().ok()
}

fn json(it: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(it).unwrap_or_default()
}
