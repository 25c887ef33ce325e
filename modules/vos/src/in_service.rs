//! `vos_in_service`: a gate that waits until the node is in service.

use cutover_kit::{Applied, Failure, Module, Plan, Platform, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::nothing::Nothing;
use crate::presence::settle;

/// Waits until the node is in service: its services, its prompt, its replication and the product's
/// own word, twice in a row.
///
/// Only looks, and never at certificates: a node whose certificate has ended is in service.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {}

/// The module.
pub struct VosInService;

impl Module for VosInService {
    const NAME: &'static str = "vos_in_service";
    type Args = Args;
    type Facts = ();
    type Change = Nothing;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            usual: "30 s",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, _: &Args, reach: &Reach<Read>) -> Result<(), Failure> {
        let host = reach.host();
        settle(reach, host, reach.clock().elapsed(), host.timing.restart).await
    }

    fn plan(&self, _: &Args, (): &()) -> Result<Plan<Nothing>, Failure> {
        Ok(Plan::nothing("in service"))
    }

    async fn apply(&self, _: &Args, (): &(), change: &Nothing, _: &Reach<Write>) -> Result<Applied, Failure> {
        change.never()
    }
}
