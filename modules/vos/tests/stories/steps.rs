//! The steps of the playbooks: modules and the arguments they are given.

use cutover_kit::{AnyModule, Failure, Map, Value};
use cutover_vos::{
    VosCommand, VosCop, VosCsr, VosDelete, VosFacts, VosIdentity, VosInService, VosRegenerate, VosRestart,
    VosService, VosTrust, VosTrustReplicated,
};
use cutover_x509::Certificate;

use crate::support::{CSR, Done, Lab, SIGNED};

pub(crate) static VOS_CSR: VosCsr = VosCsr;
pub(crate) static TRUST: VosTrust = VosTrust;
pub(crate) static REPLICATED: VosTrustReplicated = VosTrustReplicated;
pub(crate) static IDENTITY: VosIdentity = VosIdentity;
pub(crate) static RESTART: VosRestart = VosRestart;
pub(crate) static IN_SERVICE: VosInService = VosInService;
pub(crate) static SERVICE: VosService = VosService;
pub(crate) static REGENERATE: VosRegenerate = VosRegenerate;
pub(crate) static DELETE: VosDelete = VosDelete;
pub(crate) static COMMAND: VosCommand = VosCommand;
pub(crate) static COP: VosCop = VosCop;
pub(crate) static FACTS: VosFacts = VosFacts;

pub(crate) fn csr(host: &str) -> Value {
    Value::map([("dest", format!("{CSR}/{host}.csr"))])
}

pub(crate) fn signed() -> Value {
    Value::map([("signed_dir", SIGNED)])
}

pub(crate) fn cert(host: &str) -> Value {
    Value::map([("cert", format!("{SIGNED}/{host}.pem"))])
}

pub(crate) fn none() -> Value {
    Value::Map(Map::new())
}

/// A step that has to succeed.
pub(crate) async fn go(lab: &Lab, module: &'static dyn AnyModule, host: &str, args: Value) -> Done {
    match lab.run(module, host, &args).await {
        Ok(done) => done,
        Err(failure) => panic!("{} on {host}: {failure:#?}", module.name()),
    }
}

/// A step that has to fail.
pub(crate) async fn fails(lab: &Lab, module: &'static dyn AnyModule, host: &str, args: Value) -> Failure {
    match lab.run(module, host, &args).await {
        Ok(done) => panic!("{} on {host} succeeded: {done:?}", module.name()),
        Err(failure) => failure,
    }
}

/// Request and signature for `host`.
pub(crate) async fn request_and_sign(lab: &Lab, host: &str) -> Certificate {
    go(lab, &VOS_CSR, host, csr(host)).await;
    lab.sign(host)
}

/// All that comes before the identity of `host`.
pub(crate) async fn up_to_trust(lab: &Lab, host: &str) -> Certificate {
    let leaf = request_and_sign(lab, host).await;
    go(lab, &TRUST, host, own_trust()).await;
    leaf
}

pub(crate) fn own_trust() -> Value {
    Value::map([
        ("signed_dir", Value::from(SIGNED)),
        ("of", Value::from(vec!["self"])),
    ])
}

pub(crate) fn always() -> Value {
    Value::map([("always", true)])
}
