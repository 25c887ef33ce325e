//! `vos_delete`: a certificate out of a trust store.

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Module, Plan, Platform, Proved, Reach, Read, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::{TrustFile, Vos};
use crate::fields::{fields, value};
use crate::read::{Listed, Shown};
use crate::unit::Unit;

/// Takes a certificate out of a trust store.
///
/// The certificate is kept in the result (`pem`), so that it can be imported again. A node's own
/// certificates are never deleted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot whose trust store it is.
    #[serde(default = "Unit::tomcat")]
    unit: Unit,
    /// The file, as `show cert list trust` names it: `Lab_Root_0a1b2c3d4e5f6071.pem`.
    name: String,
}

/// The module.
pub struct VosDelete;

/// What there is.
pub struct Facts {
    host: String,
    file: TrustFile,
    there: Option<Shown>,
}

/// The deletion.
pub struct Delete(TrustFile);

impl Change for Delete {
    fn describe(&self) -> String {
        format!("delete {}", self.0)
    }
}

impl Module for VosDelete {
    const NAME: &'static str = "vos_delete";
    type Args = Args;
    type Facts = Facts;
    type Change = Delete;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Safe,
            effects: Effects::Device,
            free_form: None,
            usual: "30 s",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let store = args.unit.trust_store();
        let file = TrustFile::new(&store, &args.name)
            .map_err(|error| Failure::new(FailureKind::Arguments, error.to_string()))?;
        let host = reach.host().name.clone();
        let reader = reach.reader::<Vos>(&host).await?;
        let there = match listed(&reader.trust_certificates().await?, &file) {
            Some(listed) => reader.trust_certificate(listed, false).await?,
            None => None,
        };
        Ok(Facts { host, file, there })
    }

    fn plan(&self, _: &Args, facts: &Facts) -> Result<Plan<Delete>, Failure> {
        let Some(there) = &facts.there else {
            return Ok(Plan::nothing(format!("there is no {}", facts.file)));
        };
        let pem = there.whole().map(cutover_x509::Certificate::to_pem);
        let result = fields([("certificate", value(&there.whole())), ("pem", pem.into())]);
        Ok(Plan::of(vec![Delete(facts.file.clone())], "asked for").with(result))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Facts,
        change: &Delete,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        reach.writer::<Vos>().await?.delete(&change.0).await?;
        Ok(Applied::default())
    }

    async fn prove(&self, _: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let reader = reach.reader::<Vos>(&facts.host).await?;
        if listed(&reader.trust_certificates().await?, &facts.file).is_none() {
            return Ok(Proved::default());
        }
        let message = format!("{} of {} is still there", facts.file, facts.host);
        Err(Failure::new(FailureKind::NotProved, message).hint(
            "before release 11 another node brings it back: stop Cisco Certificate Change Notification everywhere first",
        ))
    }
}

fn listed<'a>(list: &'a [Listed], file: &TrustFile) -> Option<&'a Listed> {
    list.iter()
        .find(|one| one.store == file.store() && one.file == file.file())
}
