//! `vos_regenerate`: a new self-signed certificate.

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Made, Module, Plan, Platform, Proved, Reach, Read, Write,
};
use cutover_x509::Certificate;
use cutover_x509::due::due_from;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::Vos;
use crate::fields::{fields, value};
use crate::slot::installed;
use crate::unit::Unit;

/// Makes a new self-signed certificate in a slot, in place of what is there.
///
/// Nothing is done where a self-signed certificate is there that is not near its end. A point of no
/// return: a certificate that a CA signed goes away with its key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot.
    unit: Unit,
    /// Make one whatever is there.
    #[serde(default)]
    always: bool,
}

/// The module.
pub struct VosRegenerate;

/// What there is.
pub struct Facts {
    host: String,
    installed: Option<Certificate>,
    renew_before: Option<SignedDuration>,
    now: Timestamp,
}

/// The new certificate.
pub struct Regenerate {
    host: String,
    unit: Unit,
}

impl Change for Regenerate {
    fn describe(&self) -> String {
        format!("make a new self-signed certificate in {}", self.unit)
    }

    fn no_return(&self) -> Option<String> {
        Some(format!(
            "today's certificate in {} of {} goes away with its private key",
            self.unit, self.host
        ))
    }
}

impl Module for VosRegenerate {
    const NAME: &'static str = "vos_regenerate";
    type Args = Args;
    type Facts = Facts;
    type Change = Regenerate;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Probe,
            effects: Effects::Device,
            free_form: None,
            usual: "30 s",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let reader = reach.reader::<Vos>(&host.name).await?;
        Ok(Facts {
            host: host.name.clone(),
            installed: installed(reach, &reader, host, &args.unit).await?,
            renew_before: host.renew_before.and_then(|it| SignedDuration::try_from(it).ok()),
            now: reach.clock().now(),
        })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Regenerate>, Failure> {
        let good = facts
            .installed
            .as_ref()
            .filter(|it| it.is_self_signed() && facts.now < due_from(it, facts.renew_before));
        if let Some(good) = good.filter(|_| !args.always) {
            let why = format!("{} is self-signed and valid until {}", args.unit, good.not_after);
            return Ok(Plan::nothing(why));
        }
        let change = Regenerate {
            host: facts.host.clone(),
            unit: args.unit.clone(),
        };
        let made = Made::Identity {
            host: facts.host.clone(),
            unit: args.unit.to_string(),
        };
        Ok(Plan::of(vec![change], "asked for").making([made]))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        _: &Regenerate,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        reach.writer::<Vos>().await?.regenerate(&args.unit).await?;
        Ok(Applied::default())
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let reader = reach.reader::<Vos>(&facts.host).await?;
        let shown = reader.own_certificate(&args.unit).await?;
        let renewed = shown
            .as_ref()
            .is_some_and(|shown| facts.installed.as_ref().is_none_or(|before| !shown.is(before)));
        if renewed {
            let certificate = shown.as_ref().and_then(|shown| shown.whole());
            return Ok(Proved {
                fields: fields([("certificate", value(&certificate))]),
                ..Proved::default()
            });
        }
        let message = format!(
            "{} of {} still holds the certificate it held",
            args.unit, facts.host
        );
        Err(Failure::new(FailureKind::NotProved, message))
    }
}
