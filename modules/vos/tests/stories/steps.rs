//! The steps of the playbooks: modules and the arguments they are given.

use cutover_kit::{AnyModule, Map, Value};
use cutover_vos::{VosCsr, VosIdentity, VosInService, VosRestart, VosTrust, VosTrustReplicated};

use crate::support::{CSR, Done, Lab, SIGNED};

pub(crate) static VOS_CSR: VosCsr = VosCsr;
pub(crate) static TRUST: VosTrust = VosTrust;
pub(crate) static REPLICATED: VosTrustReplicated = VosTrustReplicated;
pub(crate) static IDENTITY: VosIdentity = VosIdentity;
pub(crate) static RESTART: VosRestart = VosRestart;
pub(crate) static IN_SERVICE: VosInService = VosInService;

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
