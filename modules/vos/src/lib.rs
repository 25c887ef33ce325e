//! Cisco VOS: the conversation with its command line, and the modules built on it.
//!
//! [`VosConnection`] is what is kept of a host; modules speak through [`Vos`]. A [`Reader`] has no
//! way to change anything. [`Slot`] judges a certificate slot, and [`standing`] tells whether a node
//! is in service.

mod bundle;
mod ca;
mod command;
mod cop;
mod csr;
mod delete;
mod device;
mod facts;
mod fields;
mod identity;
mod in_service;
mod nothing;
mod presence;
pub mod read;
mod regenerate;
mod restart;
mod service;
mod slot;
pub mod trust;
mod unit;

use cutover_kit::AnyModule;

pub use command::VosCommand;
pub use cop::VosCop;
pub use csr::VosCsr;
pub use delete::VosDelete;
pub use device::{
    CertError, NotAFile, Reader, Refusal, RestartMethod, ServiceAction, Show, TrustFile, Vos, VosConnection,
    Writer,
};
pub use facts::VosFacts;
pub use identity::VosIdentity;
pub use in_service::VosInService;
pub use presence::{Standing, standing};
pub use regenerate::VosRegenerate;
pub use restart::VosRestart;
pub use service::VosService;
pub use slot::Slot;
pub use trust::{VosTrust, VosTrustReplicated};
pub use unit::{NotAUnit, Unit};

/// Every module of this crate.
#[must_use]
pub fn modules() -> Vec<&'static dyn AnyModule> {
    vec![
        &VosFacts,
        &VosCsr,
        &VosTrust,
        &VosTrustReplicated,
        &VosIdentity,
        &VosRestart,
        &VosInService,
        &VosService,
        &VosRegenerate,
        &VosDelete,
        &VosCop,
        &VosCommand,
    ]
}
